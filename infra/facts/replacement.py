"""Properties whose change makes AWS build the resource anew, per type, with the source of the fact.

Emulated by the offline provider and stated on its output; what is not listed here is taken as changed in place.
A source `schema: FILE` is the upstream provider's schema (hashicorp/terraform-provider-aws), where the property says
`ForceNew: true`; `api: …` is an AWS call that could not do it otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping


def _from_schema(file: str, *properties: str) -> dict[str, str]:
    return dict.fromkeys(properties, f"schema: internal/service/{file}")


REPLACES: Mapping[str, Mapping[str, str]] = {
    "aws:rds/instance:Instance": _from_schema(
        "rds/instance.go",
        "availabilityZone",
        "characterSetName",
        "dbName",
        "engine",
        "kmsKeyId",
        "restoreToPointInTime",
        "snapshotIdentifier",
        "storageEncrypted",
        "timezone",
        "username",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": _from_schema(
        "elasticache/replication_group.go",
        "atRestEncryptionEnabled",
        "dataTieringEnabled",
        "globalReplicationGroupId",
        "kmsKeyId",
        "networkType",
        "port",
        "replicationGroupId",
        "snapshotArns",
        "snapshotName",
        "subnetGroupName",
    ),
    "aws:efs/fileSystem:FileSystem": _from_schema(
        "efs/file_system.go",
        "availabilityZoneName",
        "creationToken",
        "encrypted",
        "kmsKeyId",
        "performanceMode",
    ),
    "aws:kms/key:Key": _from_schema(
        "kms/key.go", "customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"
    ),
    "aws:backup/vault:Vault": _from_schema("backup/vault.go", "kmsKeyArn", "name"),
    "aws:secretsmanager/secret:Secret": _from_schema("secretsmanager/secret.go", "name", "namePrefix"),
    "aws:ec2/vpc:Vpc": _from_schema("ec2/vpc_.go", "cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
    "aws:ec2/subnet:Subnet": _from_schema(
        "ec2/vpc_subnet.go",
        "availabilityZone",
        "availabilityZoneId",
        "cidrBlock",
        "ipv6Native",
        "outpostArn",
        "vpcId",
    ),
    "aws:ec2/securityGroup:SecurityGroup": _from_schema(
        "ec2/vpc_security_group.go", "description", "name", "namePrefix", "vpcId"
    ),
    "aws:lb/targetGroup:TargetGroup": _from_schema(
        "elbv2/target_group.go",
        "ipAddressType",
        "name",
        "namePrefix",
        "port",
        "protocol",
        "protocolVersion",
        "targetType",
        "vpcId",
    ),
    "aws:ecs/service:Service": _from_schema(
        "ecs/service.go", "cluster", "iamRole", "launchType", "name", "schedulingStrategy"
    ),
    "aws:ecs/taskDefinition:TaskDefinition": _from_schema(
        "ecs/task_definition.go",
        "containerDefinitions",
        "cpu",
        "ephemeralStorage",
        "executionRoleArn",
        "family",
        "ipcMode",
        "memory",
        "networkMode",
        "pidMode",
        "placementConstraints",
        "proxyConfiguration",
        "requiresCompatibilities",
        "runtimePlatform",
        "taskRoleArn",
        "volumes",
    ),
    "aws:ec2/instance:Instance": {
        **_from_schema(
            "ec2/ec2_instance.go",
            "ebsOptimized",
            "hibernation",
            "hostId",
            "keyName",
            "placementGroup",
            "privateIp",
            "rootBlockDevice.encrypted",
            "rootBlockDevice.kmsKeyId",
        ),
        "ami": "api: ModifyInstanceAttribute knows no image",
        "subnetId": "api: ModifyInstanceAttribute knows no subnet",
    },
}

ONLY_WHEN: Mapping[str, Mapping[str, str]] = {
    "aws:ec2/instance:Instance": {"userData": "userDataReplaceOnChange"},
}
"""Properties that force a replacement only while another one is true (pulumi_aws 7.51.1, ec2.Instance)."""


def forces_replacement(type_: str, path: str, after: Mapping[str, object]) -> bool:
    """Whether the change at this path builds the resource anew."""
    listed = REPLACES.get(type_, {})
    if any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in listed):
        return True
    switch = ONLY_WHEN.get(type_, {}).get(path.split(".", 1)[0].split("[", 1)[0])
    return switch is not None and after.get(switch) is True
