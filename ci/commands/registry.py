"""Every verb, once: its module is imported only when it is called."""

from __future__ import annotations

VERBS: dict[str, tuple[str, str]] = {
    "check": ("ci.commands.check", "judge a change, the index, the worktree or a commit"),
    "parity": ("ci.commands.parity", "how environments differ, with the reason of each difference"),
    "explain": ("ci.commands.explain", "why a rule exists, or why an order was allowed"),
    "preview": ("ci.commands.preview", "show the planned resources on the real Pulumi engine"),
    "reconcile": ("ci.commands.reconcile", "show or remove what differs between Git and the world"),
    "engine": ("ci.commands.engine", "run the trading engine of one environment"),
    "report": ("ci.commands.report", "daily, ambiguity and paper-vs-live reports of a journal"),
    "dead-letters": ("ci.commands.dead_letters", "list refused signals, redrive one"),
    "kill": ("ci.commands.kill", "stop trading at once, by file and by Redis"),
    "supervise": ("ci.commands.supervise", "watch an engine from outside, and kill when it falls silent"),
    "flags": ("ci.commands.flags", "list, evaluate and explain flags"),
    "bundle": ("ci.commands.bundle", "show what a commit means for one environment"),
    "ledger": ("ci.commands.ledger", "show or verify the append-only record"),
    "audit": ("ci.commands.audit", "who changed a value, when, and since when it runs"),
    "promote": ("ci.commands.promote", "copy values one tier up, as a commit on a branch"),
    "rollback": ("ci.commands.rollback", "restore earlier values, as a commit on a branch"),
    "backtest": ("ci.commands.backtest", "replay bars and signals through the paper engine"),
    "suspend": ("ci.commands.suspend", "stop reconciling an environment"),
    "resume": ("ci.commands.resume", "start reconciling it again"),
    "local": ("ci.commands.local", "start, stop and look at the parts on this machine"),
    "doctor": ("ci.commands.doctor", "what is installed here, and whether versions fit"),
    "demo": ("ci.commands.demo", "play the whole story with real parts"),
}
