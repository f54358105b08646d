"""PostgreSQL on RDS: encrypted, private, restorable to any second; its password is known to AWS alone."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.components.keys import Keys
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.walls import Walls


class Database(pulumi.ComponentResource):
    """The server, its subnets and parameters."""

    server: aws.rds.Instance

    def __init__(self, site: Site, network: Network, walls: Walls, keys: Keys) -> None:
        super().__init__("interlock:data:Database", site.names.of("database"), None, site.component())
        subnets = aws.rds.SubnetGroup(
            site.names.of("database-subnets"), subnet_ids=network.private_subnet_ids, opts=child(self)
        )
        parameters = self._parameters(site)
        facts, names = site.environment.infrastructure.database, site.names
        self.server = aws.rds.Instance(
            names.of("postgres"),
            identifier=names.of("postgres"),
            engine="postgres",
            engine_version=facts.engine_version,
            auto_minor_version_upgrade=True,
            instance_class=facts.instance_class,
            allocated_storage=facts.storage_gib,
            max_allocated_storage=facts.max_storage_gib,
            storage_type="gp3",
            storage_encrypted=facts.encrypted,
            kms_key_id=keys.records.arn,
            db_name=site.environment.database.name,
            port=site.environment.database.port,
            username="interlock_admin",
            manage_master_user_password=True,
            master_user_secret_kms_key_id=keys.records.arn,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[walls.database.id],
            parameter_group_name=parameters.name,
            publicly_accessible=facts.publicly_accessible,
            multi_az=facts.multi_az,
            backup_retention_period=facts.backup_days,
            delete_automated_backups=False,
            copy_tags_to_snapshot=True,
            deletion_protection=facts.deletion_protection and names.of("postgres") not in site.approved,
            skip_final_snapshot=False,
            final_snapshot_identifier=names.of("postgres-final"),
            enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=keys.records.arn,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            apply_immediately=False,
            tags={"backup": "daily"},
            opts=site.keeper(self, names.of("postgres")),
        )
        self._rotate(site)
        self.register_outputs({"endpoint": self.server.endpoint})

    def _parameters(self, site: Site) -> aws.rds.ParameterGroup:
        """TLS is forced by the server, not asked of its clients."""
        return aws.rds.ParameterGroup(
            site.names.of("postgres-parameters"),
            family=f"postgres{site.environment.infrastructure.database.engine_version}",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(name="rds.force_ssl", value="1"),
                aws.rds.ParameterGroupParameterArgs(name="log_connections", value="1"),
            ],
            opts=child(self),
        )

    def _rotate(self, site: Site) -> None:
        aws.secretsmanager.SecretRotation(
            site.names.of("postgres-rotation"),
            secret_id=self.server.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn),
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=30),
            opts=child(self),
        )
