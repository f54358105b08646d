"""The grammar of single values: each text has one meaning, chosen by the schema and never guessed.

Never rounds and never goes through a float; a refusal says what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from config.models.nature import Nature
from config.reading.gate import first_unseen, name_of
from config.reading.nodes import Mapping, Node, Scalar, Sequence, is_plain_text
from config.reading.problem import Problem, clip

Reader = Callable[[Node, list[Problem]], Any]
"""Reads one node; a refusal is added to the problems and the answer is then without meaning."""

INTEGER: Final = re.compile("0|-?[1-9][0-9]{0,14}")
"""At most 15 digits: exact in JSON and in every language that reads a bundle."""
DECIMAL: Final = re.compile(r"(?!-0\.0+$)-?(0|[1-9][0-9]{0,14})\.[0-9]{1,13}")
"""At most 28 digits together: exact in Python's decimal arithmetic."""
_ZERO: Final = re.compile(r"-0(\.0+)?")
_SHOWN: Final = 24


def shown(node: Node) -> str:
    """What stands in the file, in a few words."""
    if type(node) is Mapping:
        return "a mapping"
    if type(node) is Sequence:
        return "a list"
    if not node.value:
        return "an empty text" if node.style else "nothing"
    text = clip(node.value, _SHOWN)
    return f"the text `{text}`" if node.style else f"`{text}`"


def refuse(rule: str, node: Node, message: str, way_out: str, problems: list[Problem]) -> None:
    """Add a problem with the value at `node`."""
    problems.append(Problem(rule, node.start_mark, node.end_mark, message, way_out, id(node)))


def _wrong(node: Node, name: str, wanted: str, way_out: str, problems: list[Problem]) -> None:
    refuse("CFG003", node, f"`{name}` must be {wanted}, found {shown(node)}", way_out, problems)


def read_bool(name: str) -> Reader:
    """`true` or `false`, without quotes."""

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar and not node.style:
            if node.value == "true":
                return True
            if node.value == "false":
                return False
        return _wrong(node, name, "true or false", "write `true` or `false`, without quotes", problems)

    return read


def read_int(name: str) -> Reader:
    """A whole number."""

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar and not node.style and INTEGER.fullmatch(node.value):
            return int(node.value)
        way_out = "write digits only, such as `5`: no quotes, no leading zero, at most 15 digits"
        return _wrong(node, name, "a whole number", way_out, problems)

    return read


def read_decimal(name: str) -> Reader:
    """A number with a decimal point."""

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar and not node.style and DECIMAL.fullmatch(node.value):
            return Decimal(node.value)
        return _wrong(node, name, "a decimal number", _decimal_way_out(node), problems)

    return read


def _decimal_way_out(node: Node) -> str:
    if type(node) is Scalar and INTEGER.fullmatch(node.value):
        return f"write `{node.value}.0`"
    if type(node) is Scalar and DECIMAL.fullmatch(node.value):
        return "remove the quotes"
    if type(node) is Scalar and _ZERO.fullmatch(node.value):
        return "write `0.0`; zero has no sign"
    return "write digits with a point, such as `5.0`: at most 15 digits before it and 13 after"


def read_number(name: str) -> Reader:
    """A whole number or a decimal number; which one, the point decides."""

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar and not node.style:
            if INTEGER.fullmatch(node.value):
                return int(node.value)
            if DECIMAL.fullmatch(node.value):
                return Decimal(node.value)
        return _wrong(node, name, "a number", "write `5` or `5.0`, without quotes", problems)

    return read


def read_choice(name: str, words: tuple[str, ...]) -> Reader:
    """One word of a list."""
    quoted = {word: word for word in words}
    plain = {word: word for word in words if is_plain_text(word)}
    wanted = "one of " + ", ".join(f"`{word}`" for word in words)

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar:
            word = (quoted if node.style else plain).get(node.value)
            if word is not None:
                return word
            if node.value in quoted:
                return _quote(node, name, problems)
        refuse(
            "CFG004",
            node,
            f"`{name}` must be {wanted}, found {shown(node)}",
            "take a word of the list",
            problems,
        )
        return None

    return read


def read_text(name: str, nature: Nature) -> Reader:
    """A text: people's words in any script, everything else printable ASCII that fits its grammar."""
    fits = re.compile(nature.grammar or ".+").fullmatch
    free = nature.free_text

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar and (node.style or is_plain_text(node.value)):
            text = node.value
            if fits(text) and text.isprintable() and (text.isascii() or (free and _is_composed(text))):
                return text
        return _judge_text(node, name, nature, problems)

    return read


def _is_composed(text: str) -> bool:
    return first_unseen(text) is None and unicodedata.is_normalized("NFC", text)


def _judge_text(node: Node, name: str, nature: Nature, problems: list[Problem]) -> None:
    if type(node) is not Scalar or not node.value:
        way_out = "write words in double quotes" if nature.free_text else "write the text"
        return _wrong(node, name, "a text", way_out, problems)
    if not node.style and not is_plain_text(node.value):
        return _quote(node, name, problems)
    return _judge_characters(node, name, nature, problems)


def _judge_characters(node: Scalar, name: str, nature: Nature, problems: list[Problem]) -> None:
    unseen = first_unseen(node.value)
    if unseen is not None or not node.value.isprintable():
        what = name_of(unseen.group()) if unseen else "a character that does not print"
        return refuse("YAML003", node, f"`{name}` contains {what}", "remove it", problems)
    if not nature.free_text and not node.value.isascii():
        strange = next(letter for letter in node.value if letter > "\x7f")
        message = f"`{name}` contains `{strange}` (U+{ord(strange):04X}), which is not ASCII"
        return refuse(
            "CFG013", node, message, "write it in ASCII; look-alike letters pass for others", problems
        )
    if not node.value.isascii() and not unicodedata.is_normalized("NFC", node.value):
        return refuse(
            "CFG013", node, f"`{name}` is not in normal form NFC", "type the letters composed", problems
        )
    message = f"`{name}` does not fit its grammar, found {shown(node)}"
    return refuse("CFG004", node, message, f"{nature.says}: must match `{nature.grammar}`", problems)


def _quote(node: Scalar, name: str, problems: list[Problem]) -> None:
    message = f"`{clip(node.value, _SHOWN)}` must be quoted to be the text of `{name}`"
    way_out = "put it in double quotes; YAML readers type it as something else than text"
    refuse("YAML016", node, message, way_out, problems)
