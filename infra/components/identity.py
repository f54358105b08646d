"""What CI may do here: a preview role that reads, a deploy role inside a boundary; no key anybody could leak."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.site import Site, child
from infra.permissions import DEPLOY, NEVER, READ


class CiIdentity(pulumi.ComponentResource):
    """The OIDC provider and one role per kind of job of this environment."""

    def __init__(self, site: Site) -> None:
        super().__init__("interlock:ci:CiIdentity", site.names.of("ci"), None, site.component())
        self._site, names = site, site.names
        aws.iam.OpenIdConnectProvider(
            names.of("ci-issuer"),
            url=f"https://{iam.OIDC_HOST}",
            client_id_lists=["sts.amazonaws.com"],
            opts=child(self),
        )
        boundary = aws.iam.Policy(
            names.of("ci-boundary"),
            name=names.of("ci-boundary"),
            description="the most any CI role may ever do",
            policy=iam.document(*self._may_read(), *self._may_deploy(), iam.deny(NEVER, ["*"])),
            opts=child(self),
        )
        self._role(
            "ci-preview", f"environment:{site.environment.environment}-preview", boundary, self._may_read()
        )
        self._role(
            "ci-deploy",
            f"environment:{site.environment.environment}",
            boundary,
            (*self._may_read(), *self._may_deploy()),
        )
        self.register_outputs({})

    def _role(
        self, part: str, subject: str, boundary: aws.iam.Policy, statements: tuple[iam.Statement, ...]
    ) -> None:
        names = self._site.names
        role = aws.iam.Role(
            names.of(part),
            name=names.of(part),
            assume_role_policy=iam.trust_job(
                names, self._site.environment.infrastructure.repository, subject
            ),
            permissions_boundary=boundary.arn,
            max_session_duration=3600,
            opts=child(self),
        )
        aws.iam.RolePolicy(
            names.of(f"{part}-may"), role=role.name, policy=iam.document(*statements), opts=child(self)
        )

    def _conditions(self) -> dict[str, object]:
        return {"StringEquals": {"aws:RequestedRegion": [self._site.names.region, "us-east-1"]}}

    def _may_read(self) -> tuple[iam.Statement, ...]:
        names = self._site.names
        state = f"arn:aws:s3:::{names.of('state')}-{names.account}"
        alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{names.of('state')}"}}
        return (
            iam.allow(READ, ["*"], self._conditions()),
            iam.allow(["s3:GetObject", "s3:ListBucket"], [state, f"{state}/*"]),
            iam.allow(["kms:Decrypt"], [names.arn("kms", "key/*")], alias),
        )

    def _may_deploy(self) -> tuple[iam.Statement, ...]:
        names = self._site.names
        state = f"arn:aws:s3:::{names.of('state')}-{names.account}"
        own = [names.arn("iam", f"role/interlock-{names.environment}-*", is_global=True)]
        return (
            iam.allow(DEPLOY, ["*"], self._conditions()),
            iam.allow(["s3:DeleteObject", "s3:PutObject"], [f"{state}/*"]),
            iam.allow(["iam:PassRole"], own, {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}),
        )
