"""A machine would hand its credentials to any process, keep its disk in clear, or boot without its firewall.

Instance metadata version 1 answers a forged request of a web server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import MACHINE, at_most, name, needs, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF118",
    slug="machine_not_sealed",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="machine that is not sealed",
    fix="require metadata tokens, encrypt the disk, and leave the first boot as infra/components/machine.py writes it",
    reads=(
        "resources.aws:ec2/instance:Instance.userData",
        "resources.aws:ec2/instance:Instance.metadataOptions",
        "resources.aws:ec2/instance:Instance.rootBlockDevice",
    ),
    source="seed 002, paper 05 6 VPS",
)
TOKENS = {"httpTokens": "required", "httpPutResponseHopLimit": 1}
BOOT = {
    "ssh_pwauth": False,
    "packages": ["fail2ban", "logrotate", "ufw", "unattended-upgrades"],
    "runcmd": [["ufw", "default", "deny", "incoming"], ["ufw", "--force", "enable"]],
    "users": [{"name": "interlock", "lock_passwd": True}],
}
HEAD = "#cloud-config\n"
SEALED = {
    "metadataOptions": TOKENS,
    "rootBlockDevice": {"encrypted": True},
    "userData": HEAD + json.dumps(BOOT),
}
VALID = (Sample(says="sealed", resources=(plan(MACHINE, SEALED),)),)
INVALID = (
    Sample(says="no first boot", resources=(plan(MACHINE, {**SEALED, "userData": ""}),)),
    Sample(
        says="no firewall",
        resources=(plan(MACHINE, {**SEALED, "userData": HEAD + json.dumps({**BOOT, "runcmd": []})}),),
    ),
    Sample(
        says="a key to it",
        resources=(
            plan(MACHINE, {**SEALED, "userData": HEAD + json.dumps({**BOOT, "ssh_authorized_keys": ["k"]})}),
        ),
    ),
    Sample(
        says="a password",
        resources=(plan(MACHINE, {**SEALED, "userData": HEAD + json.dumps({**BOOT, "ssh_pwauth": True})}),),
    ),
    Sample(
        says="version 1",
        resources=(plan(MACHINE, {**SEALED, "metadataOptions": {**TOKENS, "httpTokens": "optional"}}),),
    ),
    Sample(
        says="answers from afar",
        resources=(plan(MACHINE, {**SEALED, "metadataOptions": {**TOKENS, "httpPutResponseHopLimit": 64}}),),
    ),
    Sample(says="disk in clear", resources=(plan(MACHINE, {**SEALED, "rootBlockDevice": {}}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, MACHINE):
        tokens = value(one, "metadataOptions", "httpTokens")
        if tokens != "required":
            yield Hit(
                urn_path(one, "metadataOptions"),
                f"{name(one)}: metadata must ask for a token, `httpTokens` is {says(tokens)}",
            )
        hops = ("metadataOptions", "httpPutResponseHopLimit")
        yield from needs(one, hops, at_most(1), "metadata must not be handed on")
        for reason in _doors(value(one, "userData")):
            yield Hit(urn_path(one, "userData"), f"{name(one)}: {reason}")
        encrypted = value(one, "rootBlockDevice", "encrypted")
        if encrypted is not True:
            yield Hit(
                urn_path(one, "rootBlockDevice"),
                f"{name(one)}: its disk must be encrypted, it is {says(encrypted)}",
            )


PACKAGES = {"fail2ban", "logrotate", "ufw", "unattended-upgrades"}
WALL = (["ufw", "default", "deny", "incoming"], ["ufw", "--force", "enable"])


def _doors(text: object) -> Iterator[str]:
    """What the first boot leaves open."""
    try:
        boot = (
            json.loads(text.removeprefix(HEAD)) if isinstance(text, str) and text.startswith(HEAD) else None
        )
    except ValueError:
        boot = None
    if not isinstance(boot, dict):
        yield f"its first boot is {says(text)}, no document of ours"
        return
    missing = sorted(PACKAGES - set(boot.get("packages") or ()))
    if missing:
        yield f"its first boot leaves out {', '.join(missing)}"
    if any(step not in (boot.get("runcmd") or ()) for step in WALL):
        yield "its first boot raises no firewall"
    users = [one for one in boot.get("users") or () if isinstance(one, dict)]
    if boot.get("ssh_pwauth") is not False or any(one.get("lock_passwd") is not True for one in users):
        yield "its first boot lets passwords in"
    if any("ssh_authorized_keys" in one or "sudo" in one for one in (boot, *users)):
        yield "its first boot gives somebody a key or all rights"
