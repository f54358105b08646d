"""The page about signals for people who send them, made from what the engine checks.

Never says anything the code does not do: keys and reasons are read from it.
"""

from __future__ import annotations

from engine.intake.signal_form import LARGEST_SIGNAL, READERS, SCHEMA
from engine.intake.signal_reasons import MEANINGS, SignalReason

_FORMS = {
    "schema": f"the number {SCHEMA}",
    "id": "1 to 128 of letters, digits, `.`, `_`, `:`, `-`; never used before",
    "account_id": "the account the engine writes for",
    "strategy": "lower-case name",
    "mode": "`backtest`, `paper`, `shadow` or `live`: that of the engine",
    "symbol": "an instrument of `config/instruments.yaml`",
    "side": "`LONG` or `SHORT`",
    "entry_type": "`market`, `limit` or `stop`",
    "entry": "price above zero, on a tick",
    "stop_loss": "price on the losing side of the entry",
    "take_profit_1": "price on the winning side of the entry",
    "take_profit_2": "price not nearer than the first, or null",
    "quantity": "what is asked for (text, or a whole number), or null: by risk alone; floored to a lot",
    "confidence": "0 to 1",
    "created_at": "when it was made",
    "expires_at": "until when it may wait; after `created_at`",
}
_HEAD = f"""# Signals

A signal is one JSON object of at most {LARGEST_SIGNAL // 1024} KiB with exactly the keys below; version {SCHEMA}.
Decimals are texts, times are RFC 3339 ending in `Z`. A signal that fails is refused with every reason at once, kept as
a dead letter, and never retried (`interlock dead-letters`). Its `mode` decides where it goes; its age never does.

"""


def page() -> str:
    """Markdown: the keys, then every reason and what it means."""
    keys = [f"| `{key}` | {_FORMS[key]} |" for key in READERS]
    reasons = [f"| `{reason.value}` | {MEANINGS[reason]} |" for reason in SignalReason]
    return "\n".join(
        [
            _HEAD + "| key | form |\n|--|--|",
            *keys,
            "\n## Reasons\n\n| code | meaning |\n|--|--|",
            *reasons,
            "",
        ]
    )
