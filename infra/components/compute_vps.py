"""The engine on one EC2 machine: private, no way in but SSM, metadata by token only, disk encrypted."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.engine_role import permissions
from infra.components.keys import Keys
from infra.components.machine import first_boot
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.walls import Walls

SSM_CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
LOG_DAYS = 180


class VpsEngine(pulumi.ComponentResource):
    """The machine, its role and its log."""

    def __init__(self, site: Site, network: Network, walls: Walls, keys: Keys) -> None:
        super().__init__("interlock:compute:VpsEngine", site.names.of("vps"), None, site.component())
        self._site, self._keys = site, keys
        log_group = f"/interlock/{site.environment.environment}/engine"
        aws.cloudwatch.LogGroup(
            site.names.of("engine-log"),
            name=log_group,
            retention_in_days=LOG_DAYS,
            kms_key_id=keys.records.arn,
            opts=child(self),
        )
        self._machine(network, walls, self._profile(log_group))
        self.register_outputs({})

    def _profile(self, log_group: str) -> aws.iam.InstanceProfile:
        names = self._site.names
        role = aws.iam.Role(
            names.of("engine"),
            name=names.of("engine"),
            assume_role_policy=iam.trust_machine(),
            opts=child(self),
        )
        aws.iam.RolePolicy(
            names.of("engine-may"),
            role=role.name,
            policy=iam.document(*permissions(self._site, log_group)),
            opts=child(self),
        )
        aws.iam.RolePolicyAttachment(
            names.of("engine-ssm"), role=role.name, policy_arn=SSM_CORE, opts=child(self)
        )
        return aws.iam.InstanceProfile(names.of("engine-profile"), role=role.name, opts=child(self))

    def _machine(self, network: Network, walls: Walls, profile: aws.iam.InstanceProfile) -> None:
        site = self._site
        host = site.environment.infrastructure.host
        aws.ec2.Instance(
            site.names.of("machine"),
            ami=host.image_id,
            instance_type=host.instance_type,
            subnet_id=network.private_subnet_ids[0],
            vpc_security_group_ids=[walls.engine.id],
            associate_public_ip_address=False,
            iam_instance_profile=profile.name,
            metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
                encrypted=True,
                kms_key_id=self._keys.records.arn,
                volume_size=host.volume_gib,
                volume_type="gp3",
                delete_on_termination=False,
            ),
            disable_api_termination=site.protects(site.names.of("machine")),
            monitoring=True,
            user_data=first_boot(site.environment),
            user_data_replace_on_change=True,
            tags={"Name": site.names.of("machine"), "backup": "daily"},
            opts=site.keeper(self, site.names.of("machine")),
        )
