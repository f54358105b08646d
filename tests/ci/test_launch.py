"""Ctrl-C at the worst moment, while the command is still imported, shows nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = """
import os, sys
from ci.launch import main

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "ci.main":
            os.kill(os.getpid(), 2)

sys.meta_path.insert(0, Finder())
main()
"""


def test_an_interrupted_import_ends_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_it_runs_the_command_and_leaves_ctrl_c_to_it() -> None:
    code = (
        "import signal, sys; from ci.launch import main; sys.argv = ['interlock', '--version']; code = main();"
        "assert signal.getsignal(2) is signal.default_int_handler; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "interlock", "")


def test_ctrl_c_that_was_ignored_stays_ignored() -> None:
    code = f"import signal; signal.signal(2, signal.SIG_IGN)\n{INTERRUPTED}"
    words = [sys.executable, "-c", code.replace("main()", "sys.argv = ['interlock', '--version']; main()", 1)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "interlock", "")
