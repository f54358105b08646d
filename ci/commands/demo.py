"""`interlock demo`: the whole story with real parts, in a throwaway repository; fails when any step did not happen."""

from __future__ import annotations

import argparse
import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from ci.context import Context
from ci.demo.cast import INFRASTRUCTURE, STORY
from ci.demo.infrastructure import Building, wait_for_toolchain
from ci.demo.story import Stage, StepError, play
from ci.demo.terminal import interlock
from ci.demo.workshop import build
from ci.errors import UsageError
from ci.output.document import Document
from ci.output.narrative import Narrative, to_terminal

GENERATED = "generator:30000"  # bars a symbol: more than the story lasts
NAME = "demo"
HELP = "Play the whole story on this machine: refused, merged, reconciled, obeyed, killed, forged, explained."
EXAMPLES = ("interlock demo", "interlock demo --feed generator", "interlock demo --keep /tmp/story")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the demo."""
    parser.add_argument(
        "--feed",
        choices=("auto", "bokeh", "generator"),
        default="auto",
        help="market data (auto: real)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the repository and state of the story here"
    )


def run(chosen: argparse.Namespace, context: Context) -> Document:
    """Play; exit code 0 only when every step happened."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # ended as by Ctrl-C: what it started goes with it
        signal.signal(number, signal.default_int_handler)
    voice = to_terminal(colour=context.is_terminal)
    folder = _folder(chosen.keep)
    started = perf_counter()
    voice.chapter("", "Interlock, the story of one change. Everything below is real but the money.")
    try:
        return _play(voice, folder, _feed(chosen.feed), context, started, chosen.keep is not None)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _play(
    voice: Narrative, folder: Path, feed: str, context: Context, started: float, keeps: bool
) -> Document:
    workshop = build(context.tool_root, folder)
    voice.note(f"a throwaway Git repository made from this tree, in {perf_counter() - started:.1f} s")
    with ThreadPoolExecutor(max_workers=1) as beside:
        parts = beside.submit(
            interlock, ["local", "up", "--env", "dev"], workshop.repository.root, workshop.state
        )
        building = Building()
        stage = Stage(workshop, voice, parts, feed)
        try:
            stage.measured["story_seconds"] = round(play(stage, STORY), 1)
            wait_for_toolchain(stage, building)
            stage.measured["infrastructure_seconds"] = round(play(stage, INFRASTRUCTURE), 1)
        except StepError as failed:
            voice.failure(str(failed))
            return _document(stage, perf_counter() - started, str(failed).splitlines()[0])
        finally:
            building.end()
            _end(stage, keeps)
    return _document(stage, perf_counter() - started, "")


def _end(stage: Stage, keeps: bool) -> None:
    if stage.engine is not None:
        stage.engine.stop()
    stage.parts.exception(timeout=120)
    discard = [] if keeps else ["--discard"]
    words = ["local", "down", "--env", "dev", *discard]
    interlock(words, stage.workshop.repository.root, stage.workshop.state)


def _document(stage: Stage, seconds: float, failed: str) -> Document:
    facts = {**stage.measured, "feed": stage.feed, "seconds": round(seconds, 1)}
    summary = f"the story failed: {failed}" if failed else f"every step happened, in {seconds:.1f} s"
    return Document("interlock.demo/1", "", 1 if failed else 0, summary=summary, facts=facts)


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="interlock-demo-"))
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise UsageError(f"`{keep}` is not empty", "name a new folder: the story keeps its repository there")
    return keep.absolute()


def _feed(asked: str) -> str:
    if asked == "generator":
        return GENERATED
    if asked != "auto":
        return asked
    from importlib.util import find_spec

    return "bokeh" if find_spec("bokeh_sampledata") else GENERATED
