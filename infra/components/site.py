"""What every component is handed: names, the provider, the tier; and how its children are parented and protected."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from config.models.environment import Environment
from infra.naming import Names


@dataclass(frozen=True, slots=True)
class Site:
    """One environment's place in AWS."""

    environment: Environment
    names: Names
    provider: aws.Provider

    @property
    def holds_records(self) -> bool:
        """Whether losing what is stored here loses something nobody can make again."""
        return self.environment.tier != "dev"

    def component(self) -> pulumi.ResourceOptions:
        """Options of a component: our provider and no default one."""
        return pulumi.ResourceOptions(providers=[self.provider])

    def keeper(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of what holds records: deleted or replaced only after a person has unprotected it."""
        return pulumi.ResourceOptions(parent=parent, protect=self.holds_records)

    def vessel(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of what outlives even its own code: keys and vaults."""
        return pulumi.ResourceOptions(
            parent=parent, protect=self.holds_records, retain_on_delete=self.holds_records
        )


def child(parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options of a part of a component."""
    return pulumi.ResourceOptions(parent=parent)
