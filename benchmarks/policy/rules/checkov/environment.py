"""Three custom checks for checkov's `yaml` framework; each answers with the mapping it judged, so that it is shown."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.yaml_doc.base_yaml_check import BaseYamlCheck
from checkov.yaml_doc.enums import BlockType

Answer = tuple[CheckResult, dict[str, Any]]


class DocumentCheck(BaseYamlCheck):
    def __init__(self, name: str, id: str) -> None:
        super().__init__(name, id, [CheckCategories.GENERAL_SECURITY], ["*"], BlockType.DOCUMENT)


class LiveTradingOffInDev(DocumentCheck):
    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> Answer:
        flag = conf["flags"]["live_trading_enabled"]
        if conf["tier"] == "dev" and flag["enabled"]:
            return CheckResult.FAILED, flag
        return CheckResult.PASSED, flag


class PositionWithinFivePercent(DocumentCheck):
    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> Answer:
        limits = conf["limits"]
        if limits["max_position_percent"] > 5:
            return CheckResult.FAILED, limits
        return CheckResult.PASSED, limits


class AlertsOnAboveDev(DocumentCheck):
    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> Answer:
        alerting = conf["alerting"]
        if conf["tier"] in ("staging", "production") and not alerting["enabled"]:
            return CheckResult.FAILED, alerting
        return CheckResult.PASSED, alerting


checks = (
    LiveTradingOffInDev("live trading off in dev", "CKV_ENV_1"),
    PositionWithinFivePercent("position within 5 %", "CKV_ENV_2"),
    AlertsOnAboveDev("alerts on above dev", "CKV_ENV_3"),
)
