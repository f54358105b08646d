"""The files for Prometheus and Alertmanager, per environment; JSON, which both read, because it has one spelling."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config.models.catalogue import Alerts
from config.models.environment import Environment
from infra.monitoring.routing import alertmanager_config
from infra.monitoring.rules import prometheus_rules


def rendered(environments: Mapping[str, Environment], alerts: Alerts) -> dict[str, str]:
    """File name to text."""
    files: dict[str, str] = {}
    for name, environment in sorted(environments.items()):
        files[f"{name}.rules.json"] = _text(prometheus_rules(name, alerts))
        files[f"{name}.alertmanager.json"] = _text(alertmanager_config(environment))
    return files


def _text(plain: dict[str, Any]) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
