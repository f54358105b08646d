"""How resource rules look at a planned graph: by type, by property, with MISSING and UNKNOWN told apart.

Never guesses: what must be literal and is not known yet is reported as such.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from policies.inputs import MISSING, UNKNOWN, Hit, Path, Resource, Resources

DATABASE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
FILES = "aws:efs/fileSystem:FileSystem"
KEY = "aws:kms/key:Key"
VAULT = "aws:backup/vault:Vault"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105
MACHINE = "aws:ec2/instance:Instance"
SUBNET = "aws:ec2/subnet:Subnet"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LISTENER = "aws:lb/listener:Listener"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
CACHE_PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
ROLE = "aws:iam/role:Role"
PLAN = "aws:backup/plan:Plan"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
LOG = "aws:cloudwatch/logGroup:LogGroup"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
EVENTS = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
SELECTION = "aws:backup/selection:Selection"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SLACK = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ISSUER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
APPLICATION = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
MOUNT = "aws:efs/mountTarget:MountTarget"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
POLICIES = ("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy")
PROVIDER = "pulumi:providers:aws"
HOLDS_RECORDS = (DATABASE, CACHE, FILES, KEY, VAULT, SECRET, MACHINE)
"""The machine among them: its disk holds the journal."""


def urn_path(resource: Resource, *keys: str) -> Path:
    """The path of a property that no key of config stands for."""
    return ("resources", resource.urn, *keys)


def of(graph: Resources, *types: str) -> Iterator[Resource]:
    """The planned resources of these types that will exist."""
    return (one for one in graph.planned if one.type in types and one.op != "delete")


def value(resource: Resource, *keys: str) -> Any:
    """A property, MISSING when absent, UNKNOWN when the cloud decides it (or it is a secret)."""
    found: Any = resource.properties
    for key in keys:
        if found is UNKNOWN or found is MISSING:
            return found
        found = found.get(key, MISSING) if isinstance(found, Mapping) else MISSING
        found = MISSING if found is None else found
    return found


def says(found: object) -> str:
    """A property as people read it."""
    if found is MISSING:
        return "not set"
    if found is UNKNOWN:
        return "not known before it is made"
    return f"`{json.dumps(found, default=str)}`"


def must_be(resource: Resource, key: str, wanted: object, message: str, path: Path = ()) -> Iterator[Hit]:
    """A hit unless the property is literally what it must be; unknown is not."""
    found = value(resource, key)
    if found != wanted or isinstance(found, bool) is not isinstance(wanted, bool):
        yield Hit(path or urn_path(resource, key), f"{name(resource)}: {message}; `{key}` is {says(found)}")


def needs(
    resource: Resource, keys: Sequence[str], holds: Callable[[Any], bool], message: str, path: Path = ()
) -> Iterator[Hit]:
    """A hit unless what stands at these keys holds; MISSING and UNKNOWN are shown to `holds` as they are."""
    found = value(resource, *keys)
    if not holds(found):
        dotted = ".".join(keys)
        yield Hit(
            path or urn_path(resource, keys[0]), f"{name(resource)}: {message}; `{dotted}` is {says(found)}"
        )


def given(found: object) -> bool:
    """Whether anything stands there, be it not known yet."""
    return found is not MISSING and found not in ("", [], ())


def at_least(least: float) -> Callable[[Any], bool]:
    """Holds for literal numbers from `least` on."""
    return lambda found: _is_number(found) and found >= least


def at_most(most: float, least: float = 1) -> Callable[[Any], bool]:
    """Holds for literal numbers up to `most`; zero and less switch things off."""
    return lambda found: _is_number(found) and least <= found <= most


def _is_number(found: object) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def one_of(*wanted: object) -> Callable[[Any], bool]:
    """Holds for exactly these literal values."""
    return lambda found: any(found == one and type(found) is type(one) for one in wanted)


def name(resource: Resource) -> str:
    """The resource as people call it."""
    return resource.urn.rsplit("::", 1)[-1]


def document(resource: Resource, key: str) -> Any:
    """A JSON document in a property, parsed; UNKNOWN when it isn't there to read."""
    text = value(resource, key)
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return UNKNOWN


def items(found: object) -> Sequence[Any]:
    """A value that AWS allows as one or as a list, as a list."""
    if found is MISSING:
        return ()
    return found if isinstance(found, list | tuple) else (found,)


def plan(
    type_: str,
    properties: Mapping[str, object],
    *,
    op: Literal["create", "update", "replace", "delete", "same"] = "create",
    protect: bool = False,
    called: str = "sample",
) -> Resource:
    """A planned resource for the samples of rules."""
    return Resource(f"urn:pulumi:s::interlock::{type_}::{called}", type_, op, properties, protect)
