"""Rules only judge: each forbidden thing tried, every rule held to the list, system calls caught while a rule runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci.judging.deadline import ImpureRuleError, TimedWatch
from policies import registry
from policies.declared import Declared
from policies.purity import impurities
from policies.registry import RULES
from policies.rule import Rule

FORBIDDEN = {
    "clock": "from datetime import datetime\ndef judge(state):\n    return datetime.now()",
    "today": "from datetime import date\ndef judge(state):\n    return date.today()",
    "time": "import time",
    "environment": "import os",
    "environ": "def judge(state):\n    return state.environ",
    "random": "import random",
    "secrets": "from secrets import token_hex",
    "file": "def judge(state):\n    open('/etc/passwd')",
    "path": "from pathlib import Path",
    "network": "import socket",
    "process": "import subprocess",
    "thread": "import threading",
    "wait": "async def judge(state):\n    pass",
    "import by name": "def judge(state):\n    __import__('os')",
    "importlib": "import importlib",
    "sibling rule": "from policies.rules import limit_above_cap",
    "reader": "from config.reading import load",
    "pulumi": "import pulumi",
    "relative import": "from . import live_trading_in_dev",
    "state between runs": "seen = []\ndef judge(state):\n    global seen",
    "eval": "def judge(state):\n    eval('1')",
    "set attribute": "def judge(state):\n    setattr(state, 'tier', 'dev')",
    "way out by class": "def judge(state):\n    return ().__class__",
    "hash": "def judge(state):\n    return hash(state.name)",
    "print": "def judge(state):\n    print(state)",
    "work at import": "for one in (1, 2):\n    pass",
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_each_forbidden_thing_is_seen(source: str) -> None:
    assert list(impurities(source))


MODULES = [rule for rule in RULES if not isinstance(rule, Declared)]


@pytest.mark.parametrize("rule", MODULES, ids=[rule.META.slug for rule in MODULES])
def test_every_rule_only_judges(rule: Rule) -> None:
    source = (Path(registry.__file__).parent / "rules" / f"{rule.META.slug}.py").read_text()
    assert list(impurities(source)) == []


@pytest.mark.parametrize(
    "act",
    [
        "open('/etc/hostname').read()",
        "__import__('socket').socket()",
        "__import__('subprocess').run(['true'])",
        "__import__('os').listdir('/')",
        "__import__('os').remove('/nonexistent')",
    ],
)
def test_a_system_call_of_a_running_rule_is_caught(fake_rule, act: str) -> None:  # type: ignore[no-untyped-def]
    rule = fake_rule(lambda state: eval(act))  # noqa: S307 - a rule that does what no rule may
    watch = TimedWatch()
    with watch.running_out(), pytest.raises(ImpureRuleError, match="LIM900"):
        list(watch.hits(rule, None))
    open("/etc/hostname").close()  # and nobody else is hindered
