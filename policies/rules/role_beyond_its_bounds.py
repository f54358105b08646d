"""A role would have no boundary, a long life, somebody else's permissions, or code of a stranger behind it.

A boundary is what keeps a stolen deploy token from making itself an administrator.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resource, Resources
from policies.planned import (
    APPLICATION,
    ATTACHMENT,
    ISSUER,
    PROVIDER,
    ROLE,
    SLACK,
    at_most,
    document,
    given,
    items,
    name,
    needs,
    of,
    one_of,
    plan,
    says,
    urn_path,
    value,
)
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF127",
    slug="role_beyond_its_bounds",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="role beyond its bounds",
    fix="give CI roles the boundary and an hour; write permissions as policies of this program",
    reads=(
        "resources.aws:iam/role:Role.permissionsBoundary",
        "resources.aws:iam/rolePolicyAttachment:RolePolicyAttachment.policyArn",
        "resources.aws:iam/openIdConnectProvider:OpenIdConnectProvider.url",
        "resources.aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration.guardrailPolicyArns",
        "resources.aws:serverlessrepository/cloudFormationStack:CloudFormationStack.applicationId",
        "resources.pulumi:providers:aws.allowedAccountIds",
    ),
    source="paper 05 6 CI identity, issue 5 (permission boundary)",
)
AWS = "arn:aws:iam::aws:policy/"
MANAGED = tuple(
    AWS + name_
    for name_ in (
        "AmazonECSInfrastructureRolePolicyForLoadBalancers",
        "AmazonSSMManagedInstanceCore",
        "service-role/AWSBackupServiceRolePolicyForBackup",
        "CloudWatchReadOnlyAccess",
    )
)
"""Policies of AWS that do one service's own work; all else is written in this program and judged as a policy."""
ROTATION_FUNCTIONS = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManager"
OURS = '{"Statement": [{"Principal": {"Federated": "arn:i"}}]}'
CI = {"assumeRolePolicy": OURS, "permissionsBoundary": UNKNOWN, "maxSessionDuration": 3600}
VALID = (
    Sample(
        says="Slack reads, AWS rotates, one account",
        resources=(
            plan(SLACK, {"guardrailPolicyArns": [AWS + "CloudWatchReadOnlyAccess"]}),
            plan(APPLICATION, {"applicationId": ROTATION_FUNCTIONS + "RDSPostgreSQLRotationSingleUser"}),
            plan(PROVIDER, {"allowedAccountIds": ["111111111111"], "region": "us-east-1"}),
        ),
    ),
    Sample(says="bounded", resources=(plan(ROLE, CI), plan(ATTACHMENT, {"policyArn": MANAGED[0]}))),
    Sample(says="a service's role needs none", resources=(plan(ROLE, {"assumeRolePolicy": "{}"}),)),
)
INVALID = (
    Sample(says="no boundary", resources=(plan(ROLE, {"assumeRolePolicy": OURS}),)),
    Sample(says="a whole day", resources=(plan(ROLE, {**CI, "maxSessionDuration": 43200}),)),
    Sample(says="administrator", resources=(plan(ATTACHMENT, {"policyArn": AWS + "AdministratorAccess"}),)),
    Sample(says="inline", resources=(plan(ROLE, {**CI, "inlinePolicies": [{}]}),)),
    Sample(says="a stranger's code", resources=(plan(APPLICATION, {"applicationId": "arn:x"}),)),
    Sample(says="Slack may do all", resources=(plan(SLACK, {}),)),
    Sample(says="any account", resources=(plan(PROVIDER, {}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, ROLE):
        yield from _role(one)
    account = graph.state.environment.infrastructure.account_id
    for one in of(graph, ATTACHMENT):
        written = value(one, "policyArn")
        ours = f"arn:aws:iam::{account}:policy/interlock-"
        if written not in (*MANAGED, UNKNOWN) and not str(written).startswith(ours):
            message = f"{name(one)}: it attaches what nobody here wrote, {says(written)}"
            yield Hit(urn_path(one, "policyArn"), message)
    for one in of(graph, ISSUER):
        is_forge = one_of("https://token.actions.githubusercontent.com")
        yield from needs(one, ("url",), is_forge, "tokens of another issuer would be believed")
        audience = one_of(["sts.amazonaws.com"])
        yield from needs(one, ("clientIdLists",), audience, "tokens for another audience would be believed")
    for one in of(graph, SLACK):
        reads_only = one_of([AWS + "CloudWatchReadOnlyAccess"])
        yield from needs(one, ("guardrailPolicyArns",), reads_only, "from Slack one may read only")
    for one in of(graph, APPLICATION):
        yield from needs(one, ("applicationId",), _is_rotation, "its code is not AWS's own rotation")
    for one in of(graph, PROVIDER):
        only = one_of([account], f'["{account}"]')
        place = ("infrastructure", "account_id")
        yield from needs(one, ("allowedAccountIds",), only, "it must refuse every other account", place)
        zones = graph.state.environment.infrastructure.network.availability_zones
        yield from needs(one, ("region",), one_of(zones[0][:-1]), "its zones lie in another region")


def _is_rotation(found: object) -> bool:
    return isinstance(found, str) and found.startswith(ROTATION_FUNCTIONS)


def _role(one: Resource) -> Iterator[Hit]:
    for key in ("inlinePolicies", "managedPolicyArns"):
        if value(one, key) not in (MISSING, []):
            yield Hit(urn_path(one, key), f"{name(one)}: `{key}` would hide permissions from review")
    trust = document(one, "assumeRolePolicy")
    statements = items(trust.get("Statement", MISSING)) if isinstance(trust, dict) else ()
    principals = [statement.get("Principal") for statement in statements]
    if any(isinstance(who, dict) and "Federated" in who for who in principals):
        yield from needs(one, ("permissionsBoundary",), given, "a job's role must have a boundary")
        hours = value(one, "maxSessionDuration")
        if hours is not MISSING and not at_most(3600)(hours):
            yield Hit(
                urn_path(one, "maxSessionDuration"), f"{name(one)}: a job gets an hour, not {says(hours)}"
            )
