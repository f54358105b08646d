"""What the CI roles may do, action by action on the resources of one environment: preview reads, deploy changes.

Named resources by their prefix, those whose ids AWS chooses by their `environment` tag; `*` only where AWS knows no
resource (policies/aws_actions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from infra import iam
from infra.naming import Names
from policies.aws_actions import NO_RESOURCE

NAMED: Mapping[str, tuple[str, ...]] = {
    "backup": ("backup-vault:{p}*",),
    "cloudformation": ("stack/serverlessrepo-{p}*/*",),
    "cloudwatch": ("alarm:{p}*",),
    "ecs": ("cluster/{p}*", "service/{p}*", "task-definition/{p}*"),
    "elasticache": ("cluster:{p}*", "parametergroup:{p}*", "replicationgroup:{p}*", "subnetgroup:{p}*"),
    "elasticloadbalancing": (
        "listener-rule/app/{e}/*",
        "listener/app/{e}/*",
        "loadbalancer/app/{e}/*",
        "targetgroup/il-*/*",
    ),
    "events": ("rule/{p}*",),
    "iam": ("instance-profile/{p}*", "policy/{p}*", "role/{p}*"),
    "logs": ("log-group:/{s}/*",),
    "rds": ("db:{p}*", "pg:{p}*", "subgrp:{p}*"),
    "secretsmanager": ("secret:{s}/*", "secret:rds!db-*"),
    "sns": ("{p}*",),
}
"""The resources of a service by name: {p} is `interlock-ENV-`, {e} `interlock-ENV`, {s} `interlock/ENV`."""
TAGGED: Mapping[str, tuple[str, ...]] = {
    "backup": ("backup-plan:*",),
    "ec2": (
        "instance/*",
        "route-table/*",
        "security-group/*",
        "subnet/*",
        "volume/*",
        "vpc-endpoint/*",
        "vpc/*",
    ),
    "elasticfilesystem": ("access-point/*", "file-system/*"),
    "kms": ("key/*",),
}
"""The resources of a service that only a tag tells apart."""
BY_TAG = frozenset({"backup:GetBackupPlan", "backup:GetBackupSelection", "backup:UpdateBackupPlan"})
"""Actions on the tagged resources of a service that has named ones as well."""
READ: tuple[str, ...] = (
    "backup:DescribeBackupVault",
    "backup:GetBackupPlan",
    "backup:GetBackupSelection",
    "backup:ListTags",
    "chatbot:DescribeSlackChannelConfigurations",
    "cloudformation:DescribeStacks",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "ec2:DescribeAddresses",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVolumes",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecs:DescribeClusters",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTagsForResource",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeCacheParameterGroups",
    "elasticache:DescribeCacheParameters",
    "elasticache:DescribeCacheSubnetGroups",
    "elasticache:DescribeReplicationGroups",
    "elasticache:ListTagsForResource",
    "elasticfilesystem:DescribeAccessPoints",
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:DescribeLifecycleConfiguration",
    "elasticfilesystem:DescribeMountTargets",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "iam:GetInstanceProfile",
    "iam:GetOpenIDConnectProvider",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListResourceTags",
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "rds:DescribeDBInstances",
    "rds:DescribeDBParameterGroups",
    "rds:DescribeDBParameters",
    "rds:DescribeDBSubnetGroups",
    "rds:ListTagsForResource",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "serverlessrepo:GetApplication",
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
)
DEPLOY: tuple[str, ...] = (
    "backup:UpdateBackupPlan",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:PutCompositeAlarm",
    "cloudwatch:PutMetricAlarm",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateRoute",
    "ec2:CreateSecurityGroup",
    "ec2:CreateVpcEndpoint",
    "ec2:DeleteRoute",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteVpcEndpoints",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyVpcEndpoint",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:RunInstances",
    "ecs:CreateService",
    "ecs:DeregisterTaskDefinition",
    "ecs:RegisterTaskDefinition",
    "ecs:UpdateService",
    "elasticache:ModifyCacheParameterGroup",
    "elasticache:ModifyReplicationGroup",
    "elasticloadbalancing:CreateRule",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:ModifyTargetGroup",
    "events:PutRule",
    "events:PutTargets",
    "logs:CreateLogGroup",
    "logs:PutRetentionPolicy",
    "rds:ModifyDBInstance",
    "rds:ModifyDBParameterGroup",
    "secretsmanager:CreateSecret",
    "secretsmanager:RotateSecret",
    "sns:CreateTopic",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:Unsubscribe",
)
"""Changes in place and what is made anew beside it; networks, stores and roles are made by a person, once."""
MADE: Mapping[str, tuple[str, ...]] = {
    "backup:CreateBackupPlan": ("backup-plan:*",),
    "ec2:AuthorizeSecurityGroupEgress": ("security-group-rule/*",),
    "ec2:AuthorizeSecurityGroupIngress": ("security-group-rule/*",),
    "ec2:CreateSecurityGroup": ("security-group/*",),
    "ec2:CreateVpcEndpoint": ("vpc-endpoint/*",),
    "ec2:RunInstances": ("instance/*", "network-interface/*", "volume/*"),
}
"""Actions that make something whose id AWS chooses: only with the environment's tag in the request."""
UNTAGGED = ("network-interface/*", "volume/*")
"""Made beside a machine; the program gives them no tags in the request."""
NEVER = (
    "backup:DeleteBackupVault",
    "backup:DeleteRecoveryPoint",
    "ec2:CreateKeyPair",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "rds:DeleteDBInstance",
)


def may_read(names: Names) -> tuple[iam.Statement, ...]:
    """What a preview asks of AWS, besides its state."""
    oidc = names.arn("iam", f"oidc-provider/{iam.OIDC_HOST}", is_global=True)
    return (
        *_statements(names, [one for one in READ if one not in ELSEWHERE]),
        iam.allow(["iam:GetOpenIDConnectProvider"], [oidc]),
        iam.allow(["serverlessrepo:GetApplication"], [ROTATION]),
    )


def may_deploy(names: Names, image: str | None) -> tuple[iam.Statement, ...]:
    """What a deployment changes, besides its state; a machine is made from the environment's own image alone."""
    within = {"StringEquals": {"aws:RequestTag/environment": names.environment}}
    for_new = {"StringEquals": {**within["StringEquals"], "ec2:CreateAction": _creating()}}
    images = [f"arn:aws:ec2:{names.region}::image/{image}"] if image is not None else []
    return (
        *_statements(names, DEPLOY),
        *(iam.allow(actions, _arns(names, kinds), within) for kinds, actions in _makers()),
        iam.allow(["ec2:CreateTags"], _arns(names, [f"ec2:{kind}" for kind in _new_kinds()]), for_new),
        iam.allow(
            ["ec2:RunInstances"],
            [*_arns(names, [f"ec2:{kind}" for kind in UNTAGGED]), *images],
            {"StringEquals": {"aws:RequestedRegion": names.region}},
        ),
    )


def boundary(names: Names) -> tuple[iam.Statement, ...]:
    """The most any CI role may ever do: these actions in this account and region; policies narrow them to names."""
    actions = sorted({*READ, *DEPLOY, *MADE, "ec2:CreateTags", "iam:PassRole", "kms:Decrypt"})
    free = [one for one in actions if one in NO_RESOURCE]
    bound = [one for one in actions if one not in NO_RESOURCE]
    services = sorted({one.split(":")[0] for one in bound} - {"serverlessrepo"})
    arns = [names.arn(service, "*", is_global=service == "iam") for service in services]
    images = f"arn:aws:ec2:{names.region}::image/*"
    region = {"StringEquals": {"aws:RequestedRegion": sorted({names.region, "us-east-1"})}}
    return (
        iam.allow(free, ["*"], region),
        iam.allow(bound, [*arns, images, ROTATION], region),
        iam.deny(NEVER, ["*"]),
    )


ELSEWHERE = ("iam:GetOpenIDConnectProvider", "serverlessrepo:GetApplication")
ROTATION = (
    "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
)


def _statements(names: Names, actions: Sequence[str]) -> list[iam.Statement]:
    """One statement per kind of resources: named ones, tagged ones, and what AWS knows no resource for."""
    region = {"StringEquals": {"aws:RequestedRegion": sorted({names.region, "us-east-1"})}}
    tagged = {"StringEquals": {"aws:ResourceTag/environment": names.environment}}
    free = [one for one in actions if one in NO_RESOURCE]
    made = [iam.allow(free, ["*"], region)]
    bound = [one for one in actions if one not in NO_RESOURCE]
    by_tag = [one for one in bound if one in BY_TAG or one.split(":")[0] not in NAMED]
    for service, group in groupby(by_tag, lambda one: one.split(":")[0]):
        made.append(iam.allow(list(group), _arns(names, _kinds(TAGGED, service)), tagged))
    named = [one for one in bound if one not in by_tag]
    for service, group in groupby(named, lambda one: one.split(":")[0]):
        made.append(iam.allow(list(group), _arns(names, _kinds(NAMED, service))))
    return made


def _kinds(table: Mapping[str, tuple[str, ...]], service: str) -> list[str]:
    return [f"{service}:{kind}" for kind in table[service]]


def _arns(names: Names, kinds: Sequence[str]) -> list[str]:
    """ARNs of these kinds in this account and region."""
    words = {
        "p": f"interlock-{names.environment}-",
        "e": f"interlock-{names.environment}",
        "s": f"interlock/{names.environment}",
    }
    made = []
    for kind in kinds:
        service, _, resource = kind.partition(":")
        made.append(names.arn(service, resource.format(**words), is_global=service == "iam"))
    return made


def _makers() -> list[tuple[list[str], list[str]]]:
    """Kinds of new resources with the actions that make them."""
    made: dict[tuple[str, ...], list[str]] = {}
    for action, kinds in MADE.items():
        service = action.split(":")[0]
        of = tuple(f"{service}:{kind}" for kind in kinds if kind not in UNTAGGED)
        made.setdefault(of, []).append(action)
    return [(list(kinds), actions) for kinds, actions in made.items()]


def _creating() -> list[str]:
    return [action.split(":")[1] for action in MADE if action.startswith("ec2:")]


def _new_kinds() -> list[str]:
    kinds = [kind for action, listed in MADE.items() if action.startswith("ec2:") for kind in listed]
    return sorted({kind for kind in kinds if kind not in UNTAGGED})
