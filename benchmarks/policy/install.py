"""Installs the peers at pinned versions into the user's cache, each apart; nothing of ours or the system is touched.

Run `python -m benchmarks.policy.install [NAME ...]`. What is there already stays; what cannot be installed is named
with its reason, and the benchmark then leaves it out. Go tools are built from their modules, one after the other.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, where it comes from, its version, and the program it leaves in its folder."""

    name: str
    kind: str
    package: str
    version: str
    program: str


PEERS = (
    Peer("check-jsonschema", "pypi", "check-jsonschema", "0.39.0", "bin/check-jsonschema"),
    Peer("semgrep", "pypi", "semgrep", "1.182.0", "bin/semgrep"),
    Peer("checkov", "pypi", "checkov", "3.3.30", "bin/checkov"),
    Peer("conftest", "go", "github.com/open-policy-agent/conftest", "0.71.1", "bin/conftest"),
    Peer("opa", "go", "github.com/open-policy-agent/opa", "1.22.0", "bin/opa"),
    Peer("cue", "go", "cuelang.org/go/cmd/cue", "0.17.1", "bin/cue"),
    Peer("jsonnet", "go", "github.com/google/go-jsonnet/cmd/jsonnet", "0.22.0", "bin/jsonnet"),
    Peer("spectral", "npm", "@stoplight/spectral-cli", "6.16.3", "node_modules/.bin/spectral"),
)


def home() -> Path:
    """Where the peers live."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "interlock" / "policy-peers"


def folder(peer: Peer) -> Path:
    """One folder per tool and version, so that a new pin never meets an old tool."""
    return home() / f"{peer.name}-{peer.version}"


def program(peer: Peer) -> Path | None:
    """The installed program, if it is there."""
    found = folder(peer) / peer.program
    return found if found.exists() else None


def commands(peer: Peer, target: Path) -> list[list[str]]:
    """What installs it."""
    if peer.kind == "pypi":
        named = f"{peer.package}=={peer.version}"
        return [
            [sys.executable, "-m", "venv", str(target)],
            [str(target / "bin/python"), "-m", "pip", "install", "--quiet", named],
        ]
    if peer.kind == "npm":
        named = f"{peer.package}@{peer.version}"
        quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        return [["npm", "install", *quiet, "--prefix", str(target), named]]
    return [["go", "install", "-p", "1", "-trimpath", f"{peer.package}@v{peer.version}"]]


def install(peer: Peer) -> str:
    """Install it unless it is there; says what happened."""
    if program(peer) is not None:
        return "there already"
    target = folder(peer)
    target.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"GOBIN": str(target / "bin"), "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
    for command in commands(peer, target):
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=target,
                capture_output=True,
                text=True,
                check=False,
                timeout=3_600,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return f"NOT installed: {problem}"
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
            return f"NOT installed: {said[:200]}"
    return "installed" if program(peer) else f"NOT installed: {peer.program} is not in {target}"


def main(names: list[str]) -> int:
    """Install the named peers, or all; 1 if one is missing at the end."""
    unknown = sorted(set(names) - {peer.name for peer in PEERS})
    if unknown:
        print(f"no such peer: {', '.join(unknown)}; known: {', '.join(peer.name for peer in PEERS)}")
        return 2
    for peer in PEERS:
        if not names or peer.name in names:
            print(f"{peer.name} {peer.version} ({peer.kind}): {install(peer)}", flush=True)
    return int(any(program(peer) is None for peer in PEERS if not names or peer.name in names))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
