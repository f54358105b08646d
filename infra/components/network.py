"""A private network: engines and data have no public address, and reach AWS through endpoints of their own."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.components.site import Site, child

INTERFACES = {
    "ecs": ("ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager"),
    "vps": ("ec2messages", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages"),
}


class Network(pulumi.ComponentResource):
    """VPC, subnets, routes and endpoints."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]

    def __init__(self, site: Site) -> None:
        super().__init__("interlock:network:Network", site.names.of("network"), None, site.component())
        self._site = site
        facts = site.environment.infrastructure.network
        self._vpc = aws.ec2.Vpc(
            site.names.of("vpc"),
            cidr_block=facts.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": site.names.of("vpc")},
            opts=child(self),
        )
        self.vpc_id = self._vpc.id
        aws.ec2.DefaultSecurityGroup(site.names.of("vpc-default"), vpc_id=self.vpc_id, opts=child(self))
        public = self._subnets("public", facts.public_subnets)
        private = self._subnets("private", facts.private_subnets)
        self.public_subnet_ids = [one.id for one in public]
        self.private_subnet_ids = [one.id for one in private]
        tables = self._routes(public, private)
        self._gateway_endpoint(tables)
        self.register_outputs({"vpc_id": self.vpc_id})

    def _subnets(self, kind: str, blocks: Sequence[str]) -> list[aws.ec2.Subnet]:
        zones = self._site.environment.infrastructure.network.availability_zones
        return [
            aws.ec2.Subnet(
                self._site.names.of(f"{kind}-{zone[-1]}"),
                vpc_id=self.vpc_id,
                cidr_block=block,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags={"Name": self._site.names.of(f"{kind}-{zone[-1]}")},
                opts=child(self),
            )
            for zone, block in zip(zones, blocks, strict=True)
        ]

    def _routes(
        self, public: Sequence[aws.ec2.Subnet], private: Sequence[aws.ec2.Subnet]
    ) -> list[aws.ec2.RouteTable]:
        names = self._site.names
        gateway = aws.ec2.InternetGateway(names.of("gateway"), vpc_id=self.vpc_id, opts=child(self))
        outward = self._table("public", list(public))
        aws.ec2.Route(
            names.of("public-out"),
            route_table_id=outward.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=child(self),
        )
        per_zone = self._site.environment.tier == "production"
        groups = [[subnet] for subnet in private] if per_zone else [list(private)]
        return [
            self._private_table(index, group, public[index], gateway) for index, group in enumerate(groups)
        ]

    def _private_table(
        self,
        index: int,
        group: list[aws.ec2.Subnet],
        public: aws.ec2.Subnet,
        gateway: aws.ec2.InternetGateway,
    ) -> aws.ec2.RouteTable:
        names = self._site.names
        address = aws.ec2.Eip(names.of(f"nat-address-{index}"), domain="vpc", opts=child(self))
        nat = aws.ec2.NatGateway(
            names.of(f"nat-{index}"),
            allocation_id=address.id,
            subnet_id=public.id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )
        table = self._table(f"private-{index}", group)
        aws.ec2.Route(
            names.of(f"private-out-{index}"),
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
            opts=child(self),
        )
        return table

    def _table(self, name: str, subnets: list[aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            self._site.names.of(f"routes-{name}"), vpc_id=self.vpc_id, opts=child(self)
        )
        for index, subnet in enumerate(subnets):
            aws.ec2.RouteTableAssociation(
                self._site.names.of(f"routes-{name}-{index}"),
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=child(self),
            )
        return table

    def _gateway_endpoint(self, tables: Sequence[aws.ec2.RouteTable]) -> None:
        aws.ec2.VpcEndpoint(
            self._site.names.of("endpoint-s3"),
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._site.names.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            opts=child(self),
        )
