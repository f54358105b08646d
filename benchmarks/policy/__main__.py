"""One run, side by side: `interlock check` and eight policy tools on the same rules, the same trees, the same traps.

Every tool gets the same bytes: environments that are valid for Interlock (it judges whole files, so anything less would
be refused), 59 lines each, with known faults. What is not equal, and in whose favour:
- Interlock always judges all its rules, reads with places, and proves by mutants that each rule still bites; the others
  judge the three rules. Its findings of other rules at the planted places are counted apart.
- Peers run with their own machine-readable output and defaults, from their own cache of compiled code; each writes its
  rules in its own idiom. cue gets a copy of the tree in its module, jsonnet a list of the files, neither timed.
- Seconds are those of whole processes, warm page cache, medians; memory is that of the largest process.
Peers come from `python -m benchmarks.policy.install`; one that is missing is named, and no figure is made up.

Run `python -m benchmarks.policy [--sizes 1,100,1000] [--runs 5] [--no-traps] [--format markdown|json]`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.policy.bars import bars
from benchmarks.policy.measure import SIZES, installed, table
from benchmarks.policy.report import machine, markdown
from benchmarks.policy.tools import contestants
from benchmarks.policy.traps import lay_all


def main(words: list[str] | None = None) -> int:
    """Measure, lay the traps, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policy", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="environments per tier")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of a fast tool")
    parser.add_argument("--tools", default="", help="only these, by name")
    parser.add_argument("--no-traps", action="store_true")
    parser.add_argument("--no-bars", action="store_true")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")
    chosen = parser.parse_args(words)
    sizes = [int(size) for size in chosen.sizes.split(",")]
    names = chosen.tools.split(",") if chosen.tools else [tool.name for tool in contestants()]
    unknown = sorted(set(names) - {tool.name for tool in contestants()})
    if unknown:
        parser.error(f"no such tool: {', '.join(unknown)}")
    there, missing = installed()
    tools = [tool for tool in there if tool.name in names]
    with tempfile.TemporaryDirectory(prefix="interlock-policy-") as folder:
        work = Path(folder).resolve()
        figures, trees = table(tools, sizes, chosen.runs, work)
        found = {
            "machine": machine(),
            "runs": chosen.runs,
            "trees": [
                {
                    "files": len(tree.files),
                    "lines": tree.lines,
                    "keys": tree.keys,
                    "bytes": tree.size,
                    "faults": len(tree.faults),
                }
                for tree in trees
            ],
            "figures": [asdict(figure) for figure in figures],
            "bars": []
            if chosen.no_bars
            else [{"what": what, **asdict(one)} for what, one in bars(sizes, chosen.runs, work)],
            "traps": [] if chosen.no_traps else [asdict(answer) for answer in lay_all(tools, work)],
            "missing": [f"{tool.name} {tool.version}" for tool in missing if tool.name in names],
        }
    print(json.dumps(found, indent=1) if chosen.format == "json" else markdown(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
