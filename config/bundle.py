"""What a commit means for one environment, as canonical bytes that a digest names.

Never decides anything: the policy record says what was proven, the engine decides what it accepts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.desired import DesiredState
from config.digest import canonical, plain, sha256_hex
from config.findings import Finding, Refused, Severity, whole_file

FORMAT: Final = "interlock.bundle/1"
_KEYS: Final = frozenset(
    {"format", "environment", "commit", "tree_id", "config", "catalogue", "releases", "policy"}
)
MAX_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """What was proven about the commit: rules that ran and bite, the digest of their code, findings, waived ones."""

    rules: tuple[str, ...]
    code_digest: str
    findings: int
    waived: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """One environment at one commit; `config`, `catalogue`, `releases` and `policy` are plain values."""

    environment: str
    commit: str
    tree_id: str
    config: Mapping[str, Any]
    catalogue: Mapping[str, Any]
    releases: Sequence[Mapping[str, Any]]
    policy: Mapping[str, Any]

    def payload(self) -> bytes:
        """The canonical bytes of everything."""
        return canonical({**self._meaning(), "commit": self.commit, "tree_id": self.tree_id})

    @property
    def digest(self) -> str:
        """Names this bundle, commit included."""
        return sha256_hex(self.payload())

    @property
    def semantic_digest(self) -> str:
        """Names what the bundle means: equal for two commits that want the same."""
        return sha256_hex(canonical(self._meaning()))

    def _meaning(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "environment": self.environment,
            "config": self.config,
            "catalogue": self.catalogue,
            "releases": list(self.releases),
            "policy": self.policy,
        }


def compile_bundle(
    desired: DesiredState, environment: str, commit: str, tree_id: str, policy: PolicyRecord
) -> Bundle:
    """The bundle of one environment of the desired state; KeyError when it has no such environment."""
    releases = [release for release in desired.releases if release.environment == environment]
    return Bundle(
        environment=environment,
        commit=commit,
        tree_id=tree_id,
        config=plain(desired.environments[environment]),
        catalogue=plain(desired.catalogue),
        releases=[plain(release) for release in releases],
        policy=plain(policy),
    )


def parse_bundle(data: bytes) -> Bundle | Refused:
    """The bundle in these bytes; anything but the canonical bytes of a bundle is refused."""
    try:
        found = _parsed(data)
    except (ValueError, TypeError, RecursionError) as error:
        return _refused(f"bundle is not what was compiled: {error}")
    if isinstance(found, Bundle) and found.payload() == data:
        return found
    return _refused("bundle is not in canonical form" if isinstance(found, Bundle) else found)


def _parsed(data: bytes) -> Bundle | str:
    if len(data) > MAX_BYTES:
        return f"bundle has {len(data)} bytes, at most {MAX_BYTES} are read"
    value = json.loads(data.decode("utf-8"), parse_float=_no_number, parse_constant=_no_number)
    if not isinstance(value, dict) or value.keys() != _KEYS or value.pop("format") != FORMAT:
        return f"bundle does not have the keys of `{FORMAT}`"
    texts = (value["environment"], value["commit"], value["tree_id"])
    objects = (value["config"], value["catalogue"], value["policy"])
    if not (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(part, dict) for part in objects)
        and isinstance(value["releases"], list)
        and all(isinstance(release, dict) for release in value["releases"])
    ):
        return f"bundle does not have the types of `{FORMAT}`"
    return Bundle(**value)


def _no_number(text: str) -> Any:
    raise ValueError(f"`{text[:24]}` is not a whole number")


def _refused(message: str) -> Refused:
    way_out = "compile the bundle again from its commit"
    return Refused((Finding("CFG017", Severity.ERROR, whole_file("bundle"), message, way_out),))
