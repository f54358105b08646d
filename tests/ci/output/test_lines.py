"""One JSON object a line, in order, and never a program that waits for its reader."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from ci.output.document import Document
from ci.output.lines import LineLog, render


def now() -> datetime:
    return datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class GoneReader(io.StringIO):
    """A stream nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_lines_keep_their_order() -> None:
    stream = io.StringIO()
    say = LineLog(now, stream)
    for number in range(100):
        say("tick", {"number": number})
    say.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["number"] for line in lines] == list(range(100))
    assert lines[0] == {"at": "2026-11-20T09:30:00Z", "event": "tick", "number": 0}


def test_reader_that_left_is_no_failure() -> None:
    say = LineLog(now, GoneReader())
    say("tick", {})
    say.close()


def test_answer_is_the_last_line() -> None:
    document = Document("interlock.engine/1", "engine", 0, "the feed ended", {"bars": 3})
    (line,) = render(document, colour=False).splitlines()
    assert json.loads(line) == {
        "event": "stopped",
        "schema": "interlock.engine/1",
        "exit_code": 0,
        "reason": "the feed ended",
        "bars": 3,
    }
