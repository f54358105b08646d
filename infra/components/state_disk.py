"""The journal's disk: encrypted, shared by zones so that a task can move, reachable by the engine alone."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.components.keys import Keys
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.walls import Walls

NFS_PORT = 2049
ENGINE_USER = 10001


class StateDisk(pulumi.ComponentResource):
    """An EFS file system with one access point, mountable from every private subnet."""

    def __init__(self, site: Site, network: Network, walls: Walls, keys: Keys) -> None:
        super().__init__("interlock:compute:StateDisk", site.names.of("state-disk"), None, site.component())
        names = site.names
        self._files = aws.efs.FileSystem(
            names.of("state"),
            encrypted=True,
            kms_key_id=keys.records.arn,
            tags={"backup": "daily", "Name": names.of("state")},
            opts=site.keeper(self, names.of("state")),
        )
        group = walls.reachable("state", "the journal's disk", NFS_PORT)
        self._mounts = [
            aws.efs.MountTarget(
                names.of(f"state-{index}"),
                file_system_id=self._files.id,
                subnet_id=subnet,
                security_groups=[group.id],
                opts=child(self),
            )
            for index, subnet in enumerate(network.private_subnet_ids)
        ]
        self._point = aws.efs.AccessPoint(
            names.of("state-point"),
            file_system_id=self._files.id,
            posix_user=aws.efs.AccessPointPosixUserArgs(uid=ENGINE_USER, gid=ENGINE_USER),
            root_directory=aws.efs.AccessPointRootDirectoryArgs(
                path="/engine",
                creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                    owner_uid=ENGINE_USER, owner_gid=ENGINE_USER, permissions="0700"
                ),
            ),
            opts=child(self),
        )
        self.register_outputs({})

    def volume(self) -> aws.ecs.TaskDefinitionVolumeArgs:
        """The disk as a task mounts it."""
        return aws.ecs.TaskDefinitionVolumeArgs(
            name="state",
            efs_volume_configuration=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
                file_system_id=self._files.id,
                transit_encryption="ENABLED",
                authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
                    access_point_id=self._point.id, iam="DISABLED"
                ),
            ),
        )
