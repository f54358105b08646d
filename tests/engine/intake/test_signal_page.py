"""The page for senders names every key and every reason."""

from __future__ import annotations

from engine.intake.signal_form import READERS
from engine.intake.signal_page import page
from engine.intake.signal_reasons import SignalReason


def test_the_page_names_all_keys_and_reasons() -> None:
    text = page()
    assert all(f"| `{key}` |" in text for key in READERS)
    assert all(f"| `{reason.value}` | " in text for reason in SignalReason)
    assert "at most 64 KiB" in text
