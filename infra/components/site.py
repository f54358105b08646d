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
    approved: frozenset[str] = frozenset()
    """Stores (by name) that people allowed to replace or delete: their protection is lifted."""

    @property
    def holds_records(self) -> bool:
        """Whether losing what is stored here loses something nobody can make again."""
        return self.environment.tier != "dev"

    def component(self) -> pulumi.ResourceOptions:
        """Options of a component: our provider and no default one."""
        return pulumi.ResourceOptions(providers=[self.provider])

    def protects(self, name: str) -> bool:
        """Whether this store may be neither replaced nor deleted."""
        return self.holds_records and name not in self.approved

    def keeper(self, parent: pulumi.Resource, name: str) -> pulumi.ResourceOptions:
        """Options of what holds records: replaced or deleted only after two people have approved it by name."""
        return pulumi.ResourceOptions(parent=parent, protect=self.protects(name))

    def vessel(self, parent: pulumi.Resource, name: str) -> pulumi.ResourceOptions:
        """Options of what outlives even its own code: keys and vaults."""
        return pulumi.ResourceOptions(
            parent=parent, protect=self.protects(name), retain_on_delete=self.protects(name)
        )


def child(parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options of a part of a component."""
    return pulumi.ResourceOptions(parent=parent)
