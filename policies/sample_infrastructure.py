"""The infrastructure part of the sample environments: clean, and at the least their tier allows.

Never read by a judgement of a real tree.
"""

from __future__ import annotations

from config.models import infrastructure as i


def infrastructure(tier: str) -> i.Infrastructure:
    """A clean infrastructure of a tier."""
    is_production = tier == "production"
    return i.Infrastructure(
        account_id="111111111111",
        network=i.Network(
            cidr="10.9.0.0/16",
            availability_zones=("us-east-1a", "us-east-1b", "us-east-1c"),
            public_subnets=("10.9.0.0/24", "10.9.1.0/24", "10.9.2.0/24"),
            private_subnets=("10.9.16.0/24", "10.9.17.0/24", "10.9.18.0/24"),
        ),
        database=i.DatabaseServer(
            instance_class="db.m7g.large",
            engine_version="17",
            storage_gib=100,
            max_storage_gib=500,
            encrypted=True,
            publicly_accessible=False,
            multi_az=is_production,
            deletion_protection=tier != "dev",
            backup_days=35 if is_production else 7,
        ),
        cache=i.CacheServer(
            node_type="cache.m7g.large",
            nodes=3 if is_production else 2,
            snapshot_days=7 if is_production else 1,
        ),
        host=_host(),
        backups=i.Backups(
            retention_days={"dev": 7, "staging": 14}.get(tier, 35), minimum_days=35 if is_production else 7
        ),
        routes=i.Routes(email="oncall@example.com", slack_workspace="T0ABCDEF1", slack_channel="C0ABCDEF1"),
        repository="example/interlock",
        required_tags=("environment", "managed-by", "owner", "service"),
    )


def _host() -> i.EngineHost:
    return i.EngineHost(
        deployment="stop_then_start",
        certificate="arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000000",
        image_id="ami-0a1b2c3d4e5f60718",
        instance_type="t4g.medium",
        volume_gib=40,
    )
