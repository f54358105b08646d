"""Who may speak to whom: one security group per part, one rule per resource, and a list that no other rule joins."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.components.network import INTERFACES, Network
from infra.components.site import Site, child

WORLD = "0.0.0.0/0"
ENGINE_PORT = 8080


class Walls(pulumi.ComponentResource):
    """Security groups of the engine, its data and its load balancer, and the endpoints into AWS."""

    def __init__(self, site: Site, network: Network) -> None:
        super().__init__("interlock:network:Walls", site.names.of("walls"), None, site.component())
        self._site, self._network = site, network
        self._groups: dict[str, aws.ec2.SecurityGroup] = {}
        self._rules: list[tuple[aws.ec2.SecurityGroup, str, pulumi.Output[str]]] = []
        self.engine = self._group("engine", "the trading engine")
        self.database = self._group("database", "the PostgreSQL server")
        self.cache = self._group("cache", "the Valkey nodes")
        self.endpoints = self._group("endpoints", "private ways into AWS")
        self._between("database", self.engine, self.database, site.environment.database.port)
        self._between("cache", self.engine, self.cache, site.environment.redis.port)
        self._between("endpoints", self.engine, self.endpoints, 443)
        self._outward()
        self._interfaces()
        self.register_outputs({})

    def _group(self, part: str, says: str) -> aws.ec2.SecurityGroup:
        self._groups[part] = aws.ec2.SecurityGroup(
            self._site.names.of(part),
            description=says,
            vpc_id=self._network.vpc_id,
            tags={"Name": self._site.names.of(part)},
            opts=child(self),
        )
        return self._groups[part]

    def _between(
        self, part: str, source: aws.ec2.SecurityGroup, target: aws.ec2.SecurityGroup, port: int
    ) -> None:
        """Both halves of one permission: out of the source and into the target."""
        into = aws.vpc.SecurityGroupIngressRule(
            self._site.names.of(f"into-{part}"),
            security_group_id=target.id,
            referenced_security_group_id=source.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=child(self),
        )
        out = aws.vpc.SecurityGroupEgressRule(
            self._site.names.of(f"out-to-{part}"),
            security_group_id=source.id,
            referenced_security_group_id=target.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=child(self),
        )
        self._rules += [(target, "in", into.id), (source, "out", out.id)]

    def _outward(self) -> None:
        """Brokers and market data are on the internet: TLS only."""
        out = aws.vpc.SecurityGroupEgressRule(
            self._site.names.of("out-to-brokers"),
            security_group_id=self.engine.id,
            cidr_ipv4=WORLD,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=child(self),
        )
        self._rules.append((self.engine, "out", out.id))

    def _interfaces(self) -> None:
        for service in INTERFACES[self._site.environment.service.compute]:
            aws.ec2.VpcEndpoint(
                self._site.names.of(f"endpoint-{service.replace('.', '-')}"),
                vpc_id=self._network.vpc_id,
                service_name=f"com.amazonaws.{self._site.names.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=self._network.private_subnet_ids,
                security_group_ids=[self.endpoints.id],
                opts=child(self),
            )

    def reachable(self, part: str, says: str, port: int) -> aws.ec2.SecurityGroup:
        """A group of its own that only the engine reaches."""
        group = self._group(part, says)
        self._between(part, self.engine, group, port)
        return group

    def open_to_signals(self) -> aws.ec2.SecurityGroup:
        """The load balancer's group: 443 from the internet, and only the engine behind it."""
        group = self._group("balancer", "the load balancer in front of the engine")
        into = aws.vpc.SecurityGroupIngressRule(
            self._site.names.of("into-balancer"),
            security_group_id=group.id,
            cidr_ipv4=WORLD,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="signals over TLS",
            opts=child(self),
        )
        self._rules.append((group, "in", into.id))
        self._between("engine", group, self.engine, ENGINE_PORT)
        return group

    def seal(self) -> None:
        """No rule but ours: one added by hand is drift, which the engine does not see in a group itself."""
        for part, group in self._groups.items():
            aws.ec2.VpcSecurityGroupRulesExclusive(
                self._site.names.of(f"only-{part}"),
                security_group_id=group.id,
                ingress_rule_ids=self._listed(group, "in"),
                egress_rule_ids=self._listed(group, "out"),
                opts=child(self),
            )

    def _listed(self, group: aws.ec2.SecurityGroup, way: str) -> list[pulumi.Output[str]]:
        return [rule for of, side, rule in self._rules if of is group and side == way]
