"""The command's door: Ctrl-C while Python still imports ends in silence; from then on `ci.main` answers for it."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` takes milliseconds, in which Ctrl-C shows a traceback


def main() -> int:
    """What the installed `interlock` runs."""
    usual = _signal.getsignal(_signal.SIGINT)
    if usual != _signal.SIG_IGN:  # who started us in the background wants no Ctrl-C here
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from ci.main import main as run

    _signal.signal(_signal.SIGINT, usual)
    return run()
