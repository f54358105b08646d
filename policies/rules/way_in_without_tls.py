"""A load balancer would take signals in clear, or with a cipher that is broken.

A signal is an order in the making; its secret must not be readable.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, Resources
from policies.planned import LISTENER, must_be, name, needs, of, one_of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF122",
    slug="way_in_without_tls",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="way in without TLS",
    fix="use HTTPS with a TLS 1.2 or 1.3 policy and a certificate",
    reads=("resources.aws:lb/listener:Listener.protocol", "resources.aws:lb/listener:Listener.sslPolicy"),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="TLS",
        resources=(
            plan(
                LISTENER,
                {
                    "port": 443,
                    "protocol": "HTTPS",
                    "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                    "certificateArn": "arn:x",
                },
            ),
        ),
    ),
)
INVALID = (
    Sample(says="clear", resources=(plan(LISTENER, {"protocol": "HTTP"}),)),
    Sample(
        says="an old policy",
        resources=(
            plan(
                LISTENER,
                {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08", "certificateArn": "arn:x"},
            ),
        ),
    ),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, LISTENER):
        yield from must_be(one, "protocol", "HTTPS", "signals come over TLS only")
        yield from needs(one, ("port",), one_of(443), "signals come in at 443 only")
        policy = value(one, "sslPolicy")
        if not isinstance(policy, str) or "TLS13" not in policy:
            yield Hit(
                urn_path(one, "sslPolicy"), f"{name(one)}: TLS 1.2 or 1.3 only; `sslPolicy` is {says(policy)}"
            )
        if value(one, "certificateArn") is MISSING:
            yield Hit(("infrastructure", "host", "certificate"), f"{name(one)}: no certificate is named")
