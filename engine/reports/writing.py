"""A run into a file: a picture for `.png`, an offline page for `.html`; written whole or not at all.

Never guesses a format.
"""

from __future__ import annotations

from pathlib import Path

from engine.durable import write_durably
from engine.reports.facts import Run
from engine.reports.page import render_page
from engine.reports.plot import write_plot


class UnknownFormatError(ValueError):
    """A file name that says neither picture nor page."""


def write_run(run: Run, path: Path) -> None:
    """Write `run` to `path`; PlotUnavailableError where the optional extra is missing."""
    if path.suffix == ".png":
        write_plot(run, path)
    elif path.suffix in (".html", ".htm"):
        write_durably(path, render_page(run).encode())
    else:
        raise UnknownFormatError(f"{path.name}: give a name that ends in .png or .html")
