"""Small hostile files cost little and never take the process down: each is judged in a child with hard limits."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys, time
from config.models.environment import Environment
from config.reading import read_document
from config.tree import Blob
text = json.loads(sys.stdin.readline())
resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 2, 10))
begun = resource.getrusage(resource.RUSAGE_SELF)
answer = read_document("config/environments/dev.yaml", Blob(text.encode(), "100644", "0" * 40), Environment)
ended = resource.getrusage(resource.RUSAGE_SELF)
seconds = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
grown = (ended.ru_maxrss - begun.ru_maxrss) / (1024 if sys.platform == "linux" else 1024 * 1024)
print(json.dumps([[found.rule for found in answer.findings], seconds, grown]))
"""

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join(['*' + there] * 9)}]\n"
    for there, here in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param("[" * 60_000, {"YAML005"}, id="brackets"),
        pytest.param("{" * 60_000, {"YAML005", "YAML011"}, id="braces"),
        pytest.param("[{" * 30_000, {"YAML005", "YAML011"}, id="brackets-and-braces"),
        pytest.param("[\n" * 60_000, {"YAML005"}, id="brackets-on-lines"),
        pytest.param("{a: " * 60_000, {"YAML005"}, id="mappings"),
        pytest.param("- " * 60_000, {"YAML005"}, id="dashes"),
        pytest.param("? " * 60_000, {"YAML005"}, id="question-marks"),
        pytest.param("".join(f"{' ' * at}a:\n" for at in range(700)), {"YAML005"}, id="indents"),
        pytest.param("a: " * 60_000, {"YAML004"}, id="colons"),
        pytest.param("a: 'x" + "\n" * 200_000, {"YAML004"}, id="open-quote"),
        pytest.param("&a " * 60_000, {"YAML004", "YAML007"}, id="anchors"),
        pytest.param("!a " * 60_000, {"YAML004", "YAML008"}, id="tags"),
        pytest.param("!<" + "a" * 200_000 + "> b", {"YAML008", "CFG003"}, id="long-tag"),
        pytest.param("&" + "a" * 200_000 + " b", {"YAML007", "CFG003"}, id="long-anchor"),
        pytest.param("%" + "a" * 200_000, {"YAML004"}, id="long-directive"),
        pytest.param("%TAG !a! b\n" * 20_000, {"YAML004"}, id="many-directives"),
        pytest.param("---\n" * 60_000, {"YAML009", "YAML006"}, id="documents"),
        pytest.param("#" * 262_144, {"YAML014"}, id="comment"),
        pytest.param("\n" * 262_144, {"YAML014"}, id="blank-lines"),
        pytest.param("x" * 262_144, {"CFG003"}, id="one-word"),
        pytest.param('"' + "\\\\" * 100_000 + '"', {"CFG003"}, id="backslashes"),
        pytest.param("[" + "a, " * 80_000 + "]", {"YAML006"}, id="long-list"),
        pytest.param("a: 1\n" * 9_000, {"YAML013"}, id="one-key-many-times"),
        pytest.param(
            "".join(f"k{at}: 1\n" for at in range(9_000)), {"CFG001", "CFG002"}, id="many-unknown-keys"
        ),
        pytest.param(
            "".join(f"k{at}: [[[]]]\n" for at in range(2_000)), {"CFG001", "CFG002"}, id="many-lists"
        ),
        pytest.param(LAUGHS, {"YAML007"}, id="laughs"),
        pytest.param("a: !!python/object/apply:os.system [id]\n", {"YAML008"}, id="python-object"),
    ],
)
def test_hostile_file_is_refused_cheaply(text: str, rules: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(text),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-400:]
    found, seconds, grown = json.loads(done.stdout)
    assert set(found) <= rules
    assert found
    assert seconds < 1
    assert grown < 100
