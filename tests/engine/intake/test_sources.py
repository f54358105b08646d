"""Signals from a growing file or a pipe: whole lines, each with its place, none twice, none lost, giants bounded."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.intake.lines import LARGEST_KEPT, Lines
from engine.intake.sources import CHUNK, FileSource, PipeSource, SourceError


@given(st.lists(st.binary(max_size=12), max_size=8), st.lists(st.integers(0, 120), max_size=6))
def test_lines_do_not_depend_on_how_the_bytes_came(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"\n".join(parts)
    edges = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    lines = Lines()
    found = [line for a, b in pairwise(edges) for line in lines.feed(stream[a:b])]
    found += lines.last()
    assert [line.text for line in found] == [
        part.removesuffix(b"\r") for part in stream.split(b"\n") if part.strip()
    ]
    assert all(stream[line.start : line.end].rstrip(b"\n").removesuffix(b"\r") == line.text for line in found)


def test_a_giant_line_costs_a_bounded_memory_and_keeps_its_place() -> None:
    lines = Lines()
    for _ in range(40):
        assert lines.feed(b"x" * CHUNK) == []
    assert len(lines._rest) == LARGEST_KEPT
    (giant, small) = lines.feed(b"y\nsmall\n")
    assert (len(giant.text), giant.start, giant.end) == (LARGEST_KEPT, 0, 40 * CHUNK + 2)
    assert (small.text, small.place) == (b"small", f"{40 * CHUNK + 2}-{40 * CHUNK + 8}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "signals.jsonl"


def grow(file: Path, text: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(text)


def payloads(source: FileSource | PipeSource) -> list[bytes]:
    return [delivery.payload for delivery in source.receive()]


def test_a_file_may_come_later_and_half_a_line_waits(file: Path) -> None:
    source = FileSource(file)
    assert source.receive() == []
    grow(file, b"one\ntw")
    assert payloads(source) == [b"one"]
    grow(file, b"o\n\n  \nthree\n")
    assert payloads(source) == [b"two", b"three"]
    source.close()


def test_a_restart_goes_on_behind_what_is_durable(file: Path) -> None:
    grow(file, b"one\ntwo\nthree\n")
    first = FileSource(file)
    deliveries = first.receive()
    again = FileSource(file)
    again.resume(deliveries[1].offset)
    assert payloads(again) == [b"three"]
    first.close()
    again.close()


@pytest.mark.parametrize("place", ["", "nonsense", "1:0-4", "x:y", "0-4"])
def test_a_place_of_another_file_is_no_place(file: Path, place: str) -> None:
    grow(file, b"one\n")
    source = FileSource(file)
    source.resume(place)
    assert payloads(source) == [b"one"]
    source.close()


def test_a_file_that_was_cut_or_replaced_is_read_from_its_beginning(file: Path) -> None:
    grow(file, b"one\ntwo\n")
    source = FileSource(file)
    assert len(source.receive()) == 2
    file.write_bytes(b"new\n")
    assert payloads(source) == [b"new"]
    file.rename(file.with_suffix(".old"))
    grow(file, b"other\n")
    assert source.receive() == []
    assert payloads(source) == [b"other"]
    source.close()


def test_a_record_gives_its_signal_and_not_its_time(file: Path) -> None:
    grow(
        file, b'{"received_at": "2026-01-05T10:00:00Z", "signal": {"id": "a"}}\n{"id": "b"}\n{"signal": 1}\n'
    )
    source = FileSource(file)
    assert payloads(source) == [b'{"id": "a"}', b'{"id": "b"}', b'{"signal": 1}']
    source.close()


@pytest.mark.parametrize("kind", ["folder", "pipe", "nowhere"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = tmp_path / "nowhere" / "signals.jsonl"
    with pytest.raises(SourceError):
        FileSource(path)


def test_a_pipe_ends_with_its_last_line() -> None:
    reading, writing = os.pipe()
    source = PipeSource(reading, "stdin:1")
    assert source.receive() == []
    os.write(writing, b"one\nlast")
    assert payloads(source) == [b"one"]
    os.close(writing)
    assert payloads(source) == [b"last"]
    assert source.receive() == []
    os.close(reading)
