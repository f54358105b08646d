"""Secrets by reference: this program makes the boxes and their rotation, people and AWS put the values in."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from config.models.environment import Secret
from infra.components.keys import Keys
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.walls import Walls

ROTATOR = (
    "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
)
ROTATOR_VERSION = "1.1.618"
AWS_PREFIX = "aws-sm:"


def name_in_aws(secret: Secret) -> str | None:
    """The name in Secrets Manager, None when the reference leads elsewhere."""
    return secret.reference.removeprefix(AWS_PREFIX) if secret.reference.startswith(AWS_PREFIX) else None


class Secrets(pulumi.ComponentResource):
    """Every secret of the environment file that lives in Secrets Manager, rotated by AWS's own function."""

    def __init__(self, site: Site, network: Network, walls: Walls, keys: Keys) -> None:
        super().__init__("interlock:secrets:Secrets", site.names.of("secrets"), None, site.component())
        self._site, self._keys = site, keys
        rotator = self._rotator(network, walls)
        for key, secret in site.environment.secrets.items():
            name = name_in_aws(secret)
            if name is not None:
                self._secret(key.replace("_", "-"), name, secret.rotate_days, rotator)
        self.register_outputs({})

    def _secret(
        self, part: str, name: str, days: int, rotator: aws.serverlessrepository.CloudFormationStack
    ) -> None:
        site = self._site
        secret = aws.secretsmanager.Secret(
            site.names.of(part),
            name=name,
            description=f"interlock {site.environment.environment}: {part}",
            kms_key_id=self._keys.records.arn,
            recovery_window_in_days=30,
            opts=site.keeper(self, site.names.of(part)),
        )
        aws.secretsmanager.SecretRotation(
            site.names.of(f"{part}-rotation"),
            secret_id=secret.id,
            rotation_lambda_arn=rotator.outputs.apply(lambda made: made["RotationLambdaARN"]),
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=days),
            opts=child(self),
        )

    def _rotator(self, network: Network, walls: Walls) -> aws.serverlessrepository.CloudFormationStack:
        names = self._site.names
        return aws.serverlessrepository.CloudFormationStack(
            names.of("rotator"),
            application_id=ROTATOR,
            semantic_version=ROTATOR_VERSION,
            capabilities=["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            parameters={
                "endpoint": f"https://secretsmanager.{names.region}.amazonaws.com",
                "functionName": names.of("rotate"),
                "vpcSubnetIds": pulumi.Output.all(*network.private_subnet_ids).apply(",".join),
                "vpcSecurityGroupIds": walls.engine.id,
            },
            opts=child(self),
        )
