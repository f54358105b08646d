"""Valkey for flag snapshots and kills: TLS and a password, never evicts, survives the loss of a node."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.components.keys import Keys
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.walls import Walls

VERSION = "8.0"


class Cache(pulumi.ComponentResource):
    """The replication group, its subnets and parameters."""

    def __init__(
        self, site: Site, network: Network, walls: Walls, keys: Keys, auth_token: pulumi.Input[str]
    ) -> None:
        super().__init__("interlock:data:Cache", site.names.of("cache-tier"), None, site.component())
        facts, names = site.environment.infrastructure.cache, site.names
        subnets = aws.elasticache.SubnetGroup(
            names.of("cache-subnets"), subnet_ids=network.private_subnet_ids, opts=child(self)
        )
        parameters = aws.elasticache.ParameterGroup(
            names.of("cache-parameters"),
            family="valkey8",
            description="a flag or a kill is never evicted to make room",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="noeviction")
            ],
            opts=child(self),
        )
        self.group = aws.elasticache.ReplicationGroup(
            names.of("valkey"),
            description="flag snapshots, kills and latches",
            engine="valkey",
            engine_version=VERSION,
            node_type=facts.node_type,
            num_cache_clusters=facts.nodes,
            port=site.environment.redis.port,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            at_rest_encryption_enabled=True,
            kms_key_id=keys.records.arn,
            transit_encryption_enabled=site.environment.redis.tls,
            transit_encryption_mode="required",
            auth_token_wo=auth_token,
            auth_token_wo_version=1,
            auth_token_update_strategy="SET",  # noqa: S106
            parameter_group_name=parameters.name,
            subnet_group_name=subnets.name,
            security_group_ids=[walls.cache.id],
            snapshot_retention_limit=facts.snapshot_days,
            final_snapshot_identifier=names.of("valkey-final"),
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            opts=site.keeper(self, names.of("valkey")),
        )
        self.register_outputs({"endpoint": self.group.primary_endpoint_address})
