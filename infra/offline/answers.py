"""What AWS would plausibly answer when a resource is made: ids, ARNs, endpoints, so that every `apply` runs.

Never claims to be AWS: values are well-formed, stable per resource, and lead nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PREFIXES = {
    "aws:ec2/vpc:Vpc": "vpc-",
    "aws:ec2/subnet:Subnet": "subnet-",
    "aws:ec2/securityGroup:SecurityGroup": "sg-",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg-",
    "aws:ec2/internetGateway:InternetGateway": "igw-",
    "aws:ec2/natGateway:NatGateway": "nat-",
    "aws:ec2/eip:Eip": "eipalloc-",
    "aws:ec2/routeTable:RouteTable": "rtb-",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc-",
    "aws:ec2/route:Route": "r-",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce-",
    "aws:ec2/instance:Instance": "i-",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr-",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr-",
    "aws:efs/fileSystem:FileSystem": "fs-",
    "aws:efs/accessPoint:AccessPoint": "fsap-",
    "aws:efs/mountTarget:MountTarget": "fsmt-",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Account and region the provider was configured with."""

    account: str
    region: str


Answer = Callable[[str, Mapping[str, Any], Place], Mapping[str, Any]]


def outputs(type_: str, physical_id: str, inputs: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """All properties of the made resource: what was asked for, and what AWS adds."""
    service = type_.split(":")[1].split("/")[0]
    kind = type_.rsplit(":", 1)[1]
    added: dict[str, Any] = {
        "arn": f"arn:aws:{service}:{place.region}:{place.account}:{kind[:1].lower()}{kind[1:]}/{physical_id}",
        "name": physical_id,
    }
    if "tags" in inputs:
        added["tagsAll"] = inputs["tags"]
    answer = ANSWERS.get(type_)
    return {**added, **inputs, **(answer(physical_id, inputs, place) if answer else {})}


def _named(service: str, kind: str, *, is_global: bool = False) -> Answer:
    def answer(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        region = "" if is_global else place.region
        name = inputs.get("name", physical_id)
        return {"arn": f"arn:aws:{service}:{region}:{place.account}:{kind}{name}", "name": name}

    return answer


def _key(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    return {"keyId": physical_id, "arn": f"arn:aws:kms:{place.region}:{place.account}:key/{physical_id}"}


def _postgres(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    address = f"{inputs.get('identifier', physical_id)}.offline.{place.region}.rds.amazonaws.com"
    secret = f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:rds!db-{physical_id}"
    return {
        "address": address,
        "endpoint": f"{address}:{inputs.get('port', 5432)}",
        "status": "available",
        "resourceId": f"db-{physical_id.upper()}",
        "masterUserSecrets": [
            {
                "secretArn": secret,
                "secretStatus": "active",
                "kmsKeyId": inputs.get("masterUserSecretKmsKeyId"),
            }
        ],
    }


def _valkey(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    host = f"{physical_id}.offline.{place.region}.cache.amazonaws.com"
    return {"primaryEndpointAddress": f"master.{host}", "readerEndpointAddress": f"replica.{host}"}


def _balancer(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    return {"dnsName": f"{physical_id}.{place.region}.elb.amazonaws.com", "arnSuffix": f"app/{physical_id}"}


def _stack(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    function = f"arn:aws:lambda:{place.region}:{place.account}:function:{physical_id}"
    return {"outputs": {"RotationLambdaARN": function}}


def _task(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    arn = f"arn:aws:ecs:{place.region}:{place.account}:task-definition/{inputs.get('family', physical_id)}"
    return {"arn": f"{arn}:1", "arnWithoutRevision": arn, "revision": 1}


def _address(physical_id: str, inputs: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    return {"publicIp": "192.0.2.1", "allocationId": physical_id}


ANSWERS: Mapping[str, Answer] = {
    "aws:kms/key:Key": _key,
    "aws:rds/instance:Instance": _postgres,
    "aws:elasticache/replicationGroup:ReplicationGroup": _valkey,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": _stack,
    "aws:ecs/taskDefinition:TaskDefinition": _task,
    "aws:ec2/eip:Eip": _address,
    "aws:iam/role:Role": _named("iam", "role/", is_global=True),
    "aws:iam/policy:Policy": _named("iam", "policy/", is_global=True),
    "aws:sns/topic:Topic": _named("sns", ""),
    "aws:backup/vault:Vault": _named("backup", "backup-vault:"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _named("cloudwatch", "alarm:"),
    "aws:cloudwatch/logGroup:LogGroup": _named("logs", "log-group:"),
    "aws:ecs/cluster:Cluster": _named("ecs", "cluster/"),
    "aws:secretsmanager/secret:Secret": _named("secretsmanager", "secret:"),
}
