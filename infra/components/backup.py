"""Copies in a locked vault of their own, every day, and an alert when one fails."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.keys import Keys
from infra.components.site import Site, child

MAY_BACK_UP = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
GRACE_DAYS = 3
SCHEDULE = "cron(0 22 * * ? *)"
ZONE = "America/New_York"


class Backup(pulumi.ComponentResource):
    """Vault, lock, plan, selection and the rule that watches the jobs."""

    def __init__(self, site: Site, keys: Keys, topic: aws.sns.Topic) -> None:
        super().__init__("interlock:backup:Backup", site.names.of("backup"), None, site.component())
        self._site = site
        vault = self._vault(keys)
        self._selection(self._plan(vault))
        self._watch(topic)
        self.register_outputs({})

    def _vault(self, keys: Keys) -> aws.backup.Vault:
        names, facts = self._site.names, self._site.environment.infrastructure.backups
        vault = aws.backup.Vault(
            names.of("vault"),
            name=names.of("vault"),
            kms_key_arn=keys.records.arn,
            force_destroy=False,
            opts=self._site.vessel(self, names.of("vault")),
        )
        aws.backup.VaultLockConfiguration(
            names.of("vault-lock"),
            backup_vault_name=vault.name,
            min_retention_days=facts.minimum_days,
            changeable_for_days=GRACE_DAYS,
            opts=child(self),
        )
        return vault

    def _plan(self, vault: aws.backup.Vault) -> aws.backup.Plan:
        facts = self._site.environment.infrastructure.backups
        return aws.backup.Plan(
            self._site.names.of("plan"),
            name=self._site.names.of("daily"),
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name="daily",
                    target_vault_name=vault.name,
                    schedule=SCHEDULE,
                    schedule_expression_timezone=ZONE,
                    start_window=60,
                    completion_window=480,
                    lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=facts.retention_days),
                )
            ],
            opts=child(self),
        )

    def _selection(self, plan: aws.backup.Plan) -> None:
        names = self._site.names
        role = aws.iam.Role(
            names.of("backup-role"),
            name=names.of("backup"),
            assume_role_policy=iam.trust_service("backup.amazonaws.com", account=names.account),
            opts=child(self),
        )
        aws.iam.RolePolicyAttachment(
            names.of("backup-may"), role=role.name, policy_arn=MAY_BACK_UP, opts=child(self)
        )
        aws.backup.Selection(
            names.of("backup-selection"),
            name=names.of("daily"),
            plan_id=plan.id,
            iam_role_arn=role.arn,
            selection_tags=[
                aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key="backup", value="daily")
            ],
            opts=child(self),
        )

    def _watch(self, topic: aws.sns.Topic) -> None:
        names = self._site.names
        rule = aws.cloudwatch.EventRule(
            names.of("backup-failed"),
            description="a backup job did not complete",
            event_pattern=json.dumps(
                {
                    "source": ["aws.backup"],
                    "detail-type": ["Backup Job State Change"],
                    "detail": {"state": ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]},
                },
                sort_keys=True,
            ),
            opts=child(self),
        )
        aws.cloudwatch.EventTarget(
            names.of("backup-failed-told"), rule=rule.name, arn=topic.arn, opts=child(self)
        )
