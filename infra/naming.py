"""Names of resources: one form for all, so that a JSON document knows a name before the cloud does.

Never names what AWS replaces by making the new one first: those keep Pulumi's random suffix.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.models.environment import Environment

MANAGED_BY = "pulumi"
OWNER = "trading"
SERVICE = "interlock"


@dataclass(frozen=True, slots=True)
class Names:
    """Names in one environment, account and region."""

    environment: str
    account: str
    region: str

    def of(self, part: str) -> str:
        """`interlock-production-engine`."""
        return f"interlock-{self.environment}-{part}"

    def arn(self, service: str, resource: str, *, is_global: bool = False) -> str:
        """The ARN of something in this account, known before it exists."""
        return f"arn:aws:{service}:{'' if is_global else self.region}:{self.account}:{resource}"

    def role_arn(self, part: str) -> str:
        """The ARN of a role of ours."""
        return self.arn("iam", f"role/{self.of(part)}", is_global=True)

    def secret_arn(self, name: str) -> str:
        """The ARN of a secret by its name; AWS adds six characters to it."""
        return self.arn("secretsmanager", f"secret:{name}-??????")


def tags(environment: Environment) -> dict[str, str]:
    """The tags every resource carries."""
    return {
        "environment": environment.environment,
        "managed-by": MANAGED_BY,
        "owner": OWNER,
        "service": SERVICE,
    }
