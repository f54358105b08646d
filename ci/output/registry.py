"""Every format of an answer, once; `ci/output/<format>.py` is imported only when it is asked for."""

from __future__ import annotations

ANSWERS = ("text", "json")
"""Any answer has these forms."""
FINDINGS = (*ANSWERS, "sarif", "github", "markdown")
"""So have answers that judge: findings with places."""
STREAM = ("lines",)
"""So have verbs that go on: a line an event."""
