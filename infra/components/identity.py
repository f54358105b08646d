"""What CI may do here: a preview role that reads, a deploy role inside a boundary; no key anybody could leak."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.site import Site, child
from infra.permissions import boundary, may_deploy, may_read

PASSED_TO = ("backup.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "ecs.amazonaws.com")


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
        boundary_policy = aws.iam.Policy(
            names.of("ci-boundary"),
            name=names.of("ci-boundary"),
            description="the most any CI role may ever do",
            policy=iam.document(*boundary(names), *self._state("s3:DeleteObject", "s3:PutObject")),
            opts=child(self),
        )
        read = self._policies("ci-read", "what a preview reads", self._may_read())
        change = self._policies("ci-change", "what a deployment changes", self._may_deploy())
        name = site.environment.environment
        self._role("ci-preview", f"environment:{name}-preview", boundary_policy, read)
        self._role("ci-deploy", f"environment:{name}", boundary_policy, [*read, *change])
        self.register_outputs({})

    def _policies(self, part: str, says: str, statements: tuple[iam.Statement, ...]) -> list[aws.iam.Policy]:
        """Policies of their own: AWS takes 6,144 letters of one, and 10,240 of all that stands inside a role."""
        return [
            aws.iam.Policy(
                self._site.names.of(f"{part}-{at}"),
                name=self._site.names.of(f"{part}-{at}"),
                description=says,
                policy=iam.document(*packed),
                opts=child(self),
            )
            for at, packed in enumerate(iam.packed(statements))
        ]

    def _role(
        self, part: str, subject: str, boundary_policy: aws.iam.Policy, policies: list[aws.iam.Policy]
    ) -> None:
        names = self._site.names
        role = aws.iam.Role(
            names.of(part),
            name=names.of(part),
            assume_role_policy=iam.trust_job(
                names, self._site.environment.infrastructure.repository, subject
            ),
            permissions_boundary=boundary_policy.arn,
            max_session_duration=3600,
            opts=child(self),
        )
        for at, policy in enumerate(policies):
            aws.iam.RolePolicyAttachment(
                names.of(f"{part}-may-{at}"), role=role.name, policy_arn=policy.arn, opts=child(self)
            )

    def _state(self, *more: str) -> tuple[iam.Statement, ...]:
        """The stack's own state: its bucket, and the key it is encrypted with."""
        names = self._site.names
        state = f"arn:aws:s3:::{names.of('state')}-{names.account}"
        alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{names.of('state')}"}}
        return (
            iam.allow(["s3:GetObject", "s3:ListBucket", *more], [state, f"{state}/*"]),
            iam.allow(["kms:Decrypt"], [names.arn("kms", "key/*")], alias),
        )

    def _may_read(self) -> tuple[iam.Statement, ...]:
        return (*may_read(self._site.names), *self._state())

    def _may_deploy(self) -> tuple[iam.Statement, ...]:
        names = self._site.names
        own = [names.arn("iam", f"role/interlock-{names.environment}-*", is_global=True)]
        state = f"arn:aws:s3:::{names.of('state')}-{names.account}/*"
        return (
            *may_deploy(names, self._site.environment.infrastructure.host.image_id),
            iam.allow(["s3:DeleteObject", "s3:PutObject"], [state]),
            iam.allow(["iam:PassRole"], own, {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}),
        )
