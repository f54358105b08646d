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
    "a module behind a name": "from collections import os",
    "a module behind a module": "import json\ndef judge(s):\n    return json.codecs.open('x')",
    "two modules behind a module": "import re\ndef judge(s):\n    return re.enum.sys.modules",
    "a module behind dataclasses": "import dataclasses\ndef judge(s):\n    return dataclasses.sys",
    "the context of decimals": "import decimal\ndef judge(s):\n    decimal.getcontext().prec = 2",
    "a zone of the machine by timestamp": "from datetime import datetime\ndef judge(s):\n    return datetime.fromtimestamp(0)",  # noqa: E501
    "an attribute put together": "def judge(s):\n    return getattr(s, 'en'+'viron')",
    "a way out put together": "def judge(s):\n    return getattr((), '__cla'+'ss__')",
    "a way out by type": "def judge(s):\n    return type(s).__mro__",
    "a way out by bases": "def judge(s):\n    return s.__bases__",
    "a way out by its order": "def judge(s):\n    return s.__mro__",
    "every class there is": "def judge(s):\n    return type.__subclasses__(object)",
    "an import inside a function": "def judge(s):\n    import time\n    return time.time()",
    "state in a default": "def judge(s, seen=[]):\n    seen.append(1)\n    yield 1",
    "state in a list of the module": "SEEN = []\ndef judge(s):\n    SEEN.append(1)\n    yield 1",
    "state in a map of the module": "SEEN = {}\ndef judge(s):\n    SEEN[1] = 2\n    yield 1",
    "state on the function": "def judge(s):\n    judge.count = 1\n    yield 1",
    "state in a cache": "from functools import lru_cache\n@lru_cache\ndef judge(s):\n    return 1",
    "a change of its input": "def judge(s):\n    s.tier = 'dev'\n    yield 1",
    "a part taken from its input": "def judge(s):\n    del s.tier\n    yield 1",
    "a file at import": "X = open('/etc/passwd').read()\ndef judge(s):\n    yield 1",
    "a long loop at import": "X = sorted(range(10**9))\ndef judge(s):\n    yield 1",
    "a call as a decorator": "@print\ndef judge(s):\n    yield 1",
    "work in a class": "class A:\n    x = [i for i in range(10**9)]\ndef judge(s):\n    yield 1",
    "a call in a default": "def judge(s, x=open('/etc/passwd')):\n    yield 1",
    "an import inside an expression": "def judge(s):\n    (x := __import__('os'))",
    "an attribute read by format": "def judge(s):\n    return '{0.__class__}'.format(s)",
    "a frame": "def judge(s):\n    yield 1\n    (i for i in ()).gi_frame.f_globals",
    "a frame behind an error": "def judge(s):\n    try:\n        1/0\n    except Exception as e:\n        e.__traceback__.tb_frame.f_back.f_globals",  # noqa: E501
    "an interruption swallowed": "def judge(s):\n    try:\n        yield 1\n    except BaseException:\n        pass",
    "everything swallowed": "def judge(s):\n    try:\n        yield 1\n    except:\n        pass",
    "a way out by pickling": "def judge(s):\n    return s.__reduce_ex__(2)",
    "a module behind typing": "import typing\ndef judge(s):\n    return typing.sys.exit",
    "attributes by operator": "from operator import attrgetter",
    "the zone of the machine": "from datetime import datetime\ndef judge(s):\n    return datetime(2020,1,1).astimezone()",  # noqa: E501
    "an endless loop": "from itertools import count",
    "an import behind a semicolon": "x = 1; import os",
    "a hidden module": "import collections\ndef judge(s):\n    return collections._sys.modules",
    "a way out by pattern": "def judge(s):\n    match s:\n        case object(__class__=c):\n            yield c",
    "every name at once": "from policies.inputs import *",
    "eval by another name": "def judge(s):\n    x = eval\n    return x('1')",
    "raw memory": "def judge(s):\n    return memoryview(b'1')",
    "work at import": "for one in (1, 2):\n    pass",
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_each_forbidden_thing_is_seen_with_its_line(source: str) -> None:
    lines = {line for line, _ in impurities("\n\n" + source)}
    assert lines
    assert all(2 < line <= 2 + len(source.splitlines()) for line in lines)


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
