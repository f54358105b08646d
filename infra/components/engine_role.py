"""What the engine's process may ask of AWS, on ECS and on a VPS alike: its own secrets, logs and metrics."""

from __future__ import annotations

from infra import iam
from infra.components.secrets import name_in_aws
from infra.components.site import Site

METRICS = "Interlock"


def permissions(site: Site, log_group: str) -> tuple[iam.Statement, ...]:
    """The statements of the engine's role."""
    names = site.names
    return (
        *read_secrets(site),
        iam.allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"], [names.arn("logs", f"log-group:{log_group}:*")]
        ),
        # PutMetricData knows no resource; the namespace condition is what AWS offers instead
        iam.allow(["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": METRICS}}),
    )


def read_secrets(site: Site) -> tuple[iam.Statement, ...]:
    """Leave to read the secrets of this environment, and to use the key for nothing else."""
    held = [name_in_aws(secret) for secret in site.environment.secrets.values()]
    arns = [site.names.secret_arn(name) for name in held if name is not None]
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{site.names.region}.amazonaws.com"}}
    return (
        iam.allow(["secretsmanager:GetSecretValue"], arns),
        iam.allow(["kms:Decrypt"], [site.names.arn("kms", "key/*")], through),
    )
