"""Writes every generated file and normalises config/, or with `--check` refuses what is not as it would be written."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ci.main import overview
from config.desired import DesiredState
from config.findings import Refused
from config.reading import load
from config.tree import FolderTree

ROOT = Path(__file__).resolve().parent.parent
OWNED = (ROOT / "config" / "schema", ROOT / "docs" / "rules", ROOT / "infra" / "monitoring" / "files")
"""Folders in which every file is generated."""
BEGIN, END = "<!-- begin: interlock --help -->\n```text\n", "```\n<!-- end: interlock --help -->"


def generated() -> Mapping[Path, str]:
    """Every generated file with the text it must hold."""
    from config.schema_export import export
    from engine import denial_page
    from engine.intake import signal_page
    from infra.monitoring import rendered
    from policies.pages import pages

    desired = load(FolderTree(ROOT))
    if isinstance(desired, Refused):
        raise SystemExit(f"config/ is refused: {desired.findings[0].message}; see `interlock check`")
    alerts = rendered(desired.environments, desired.catalogue.alerts)
    files = {ROOT / "config" / "schema" / name: text for name, text in export().items()}
    files.update({ROOT / "docs" / "rules" / name: text for name, text in pages().items()})
    files[ROOT / "docs" / "signals.md"] = signal_page.page()
    files[ROOT / "docs" / "denials.md"] = denial_page.page()
    files.update({ROOT / "infra" / "monitoring" / "files" / name: text for name, text in alerts.items()})
    files[ROOT / "README.md"] = _readme()
    files.update(_normal(desired))
    return files


def _normal(desired: DesiredState) -> Iterator[tuple[Path, str]]:
    """Every file of the desired state in the writer's form, so that each later edit is one line."""
    from config.edit import normal_form

    for name, document in desired.documents.items():
        text = normal_form(name, document.text)
        yield ROOT / name, document.text if isinstance(text, Refused) else text


def _readme() -> str:
    text = (ROOT / "README.md").read_text()
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    return f"{before}{BEGIN}{overview()}{END}{after}" if found and closed else text


def main() -> int:
    """0 when all files are as they should be (now), 1 when `--check` found stale ones."""
    wanted = generated()
    stray = [path for folder in OWNED for path in folder.glob("*") if path not in wanted]
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in (*stale, *stray):
            sys.stderr.write(f"{path.relative_to(ROOT)}: stale, run `make generate`\n")
        return 1 if stale or stray else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    for path in stray:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
