"""The keys everything at rest is encrypted with: one for what is stored, one for what is said about it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.site import Site, child

DELETION_DAYS = 30


class Keys(pulumi.ComponentResource):
    """A key for records and a key for messages; both rotate."""

    def __init__(self, site: Site) -> None:
        super().__init__("interlock:keys:Keys", site.names.of("keys"), None, site.component())
        self._site = site
        account, region = site.names.account, site.names.region
        self.records = self._key(
            "records",
            "databases, disks, logs and backups",
            [
                "backup.amazonaws.com",
                "elasticache.amazonaws.com",
                f"logs.{region}.amazonaws.com",
                "rds.amazonaws.com",
            ],
            {"StringEquals": {"kms:CallerAccount": account}},
        )
        self.messages = self._key(
            "messages",
            "alarms on their way to people",
            ["cloudwatch.amazonaws.com", "events.amazonaws.com"],
            {"StringEquals": {"aws:SourceAccount": account}},
        )
        self.register_outputs({})

    def _key(self, part: str, says: str, services: list[str], condition: dict[str, object]) -> aws.kms.Key:
        site = self._site
        key = aws.kms.Key(
            site.names.of(f"key-{part}"),
            description=f"interlock {site.environment.environment}: {says}",
            enable_key_rotation=True,
            rotation_period_in_days=90,
            deletion_window_in_days=DELETION_DAYS,
            policy=iam.key_policy(site.names, services, condition),
            opts=site.vessel(self, site.names.of(f"key-{part}")),
        )
        aws.kms.Alias(
            site.names.of(f"alias-{part}"),
            name=f"alias/{site.names.of(part)}",
            target_key_id=key.key_id,
            opts=child(self),
        )
        return key
