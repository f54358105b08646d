"""The rules and routes that are written, asked of promtool and amtool themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from config.desired import DesiredState
from config.findings import Refused
from config.models.catalogue import Alert, Alerts
from config.reading import load
from config.tree import FolderTree
from infra.monitoring import rendered
from infra.monitoring.routing import alertmanager_config
from infra.monitoring.rules import expression, prometheus_rules

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENTS = ("dev", "staging", "production")


@pytest.fixture(scope="session")
def desired() -> DesiredState:
    found = load(FolderTree(ROOT))
    assert not isinstance(found, Refused), found
    return found


@pytest.fixture(scope="session")
def alerts(desired: DesiredState) -> Alerts:
    return desired.catalogue.alerts


def _tool(name: str) -> str:
    unpacked = platformdirs.user_cache_path("interlock") / "alert-tools" / "usr" / "bin"
    path = shutil.which(name, path=f"{unpacked}{os.pathsep}{os.environ['PATH']}")
    if path is None and os.environ.get("CI"):
        pytest.fail(f"{name} is needed in CI: `make alert-tools`")
    if path is None:
        pytest.skip(f"{name} is not installed: `make alert-tools`")
    return path


def _run(*argv: str | Path) -> tuple[int, str]:
    answer = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def test_promtool_accepts_every_rule(desired: DesiredState, alerts: Alerts, tmp_path: Path) -> None:
    for name, text in rendered(desired.environments, alerts).items():
        (tmp_path / name).write_text(text)
    files = sorted(tmp_path.glob("*.rules.json"))
    assert len(files) == len(desired.environments)
    code, said = _run(_tool("promtool"), "check", "rules", "--lint=all", "--lint-fatal", *files)
    assert code == 0, said
    assert said.count(f"SUCCESS: {len(alerts.alerts)} rules found") == len(files)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_amtool_accepts_every_configuration(desired: DesiredState, name: str, tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.json"
    file.write_text(json.dumps(alertmanager_config(desired.environments[name])))
    code, said = _run(_tool("amtool"), "check-config", file)
    assert code == 0, said
    assert " - 3 receivers" in said


ROUTED = [
    ("production", "critical", "critical"),
    ("production", "warning", "warning"),
    ("staging", "critical", "critical"),
    ("dev", "critical", "nobody"),
]


@pytest.mark.parametrize(("name", "severity", "receiver"), ROUTED)
def test_each_severity_reaches_its_people(
    desired: DesiredState, name: str, severity: str, receiver: str, tmp_path: Path
) -> None:
    file = tmp_path / "alertmanager.json"
    file.write_text(json.dumps(alertmanager_config(desired.environments[name])))
    labels = (f"environment={name}", f"severity={severity}", "alertname=any")
    code, said = _run(_tool("amtool"), "config", "routes", "test", f"--config.file={file}", *labels)
    assert (code, said.splitlines()[0]) == (0, receiver)


def test_channels_and_secrets_are_references(desired: DesiredState) -> None:
    critical = alertmanager_config(desired.environments["production"])["receivers"][1]
    assert critical["pagerduty_configs"][0]["routing_key_file"] == "/etc/alertmanager/secrets/pagerduty_key"
    assert critical["slack_configs"][0]["api_url_file"] == "/etc/alertmanager/secrets/slack_url"
    assert (
        critical["email_configs"][0]["to"] == desired.environments["production"].infrastructure.routes.email
    )
    staging = alertmanager_config(desired.environments["staging"])["receivers"][1]
    assert set(staging) == {"name", "email_configs", "slack_configs"}


def _beyond(alert: Alert, *, crossed: bool) -> Decimal:
    up = (alert.fires_when == "above") == crossed
    return alert.threshold + Decimal("0.001") * (1 if up else -1)


def _case(name: str, alert: Alert, values: str, fires: bool, at: int) -> dict[str, Any]:
    series = f'interlock_{alert.metric}{{environment="production",instance="a"}}'
    labels = {"severity": alert.severity, "environment": "production"}
    return {
        "name": f"{name} {values}",
        "interval": "60s",
        "input_series": [{"series": series, "values": values}] if values else [],
        "alert_rule_test": [
            {
                "eval_time": f"{at}s",
                "alertname": name,
                "exp_alerts": [{"exp_labels": labels}] if fires else [],
            }
        ],
    }


def _cases(name: str, alert: Alert) -> list[dict[str, Any]]:
    last = alert.for_seconds
    steps = last // 60 + 20
    good, bad = _beyond(alert, crossed=False), _beyond(alert, crossed=True)
    edge = _case(name, alert, f"{alert.threshold}x{steps}", False, last + 120)
    early = [_case(name, alert, f"{bad}x{steps}", False, last - 60)] if last >= 60 else []
    holds = alert.missing == "holds"
    return [
        edge,
        *early,
        _case(name, alert, f"{good}x{steps}", False, last + 120),
        _case(name, alert, f"{bad}x{steps}", True, last + 120),
        _case(name, alert, "", not holds, last + 120),
        _case(name, alert, f"{bad}x{steps} stale", True, (steps + 5) * 60),
    ]


def _without_annotations(rules: dict[str, Any]) -> dict[str, Any]:
    """Promtool compares annotations too; what they say is for people and tested apart."""
    for rule in rules["groups"][0]["rules"]:
        del rule["annotations"]
    return rules


def _tested(rules: dict[str, Any], alerts: Alerts, folder: Path) -> tuple[int, str]:
    (folder / "rules.json").write_text(json.dumps(_without_annotations(rules)))
    cases = [case for name, alert in alerts.alerts.items() for case in _cases(name, alert)]
    test = {"rule_files": ["rules.json"], "evaluation_interval": "60s", "tests": cases}
    (folder / "test.json").write_text(json.dumps(test))
    return _run(_tool("promtool"), "test", "rules", folder / "test.json")


def test_rules_fire_exactly_when_defined(alerts: Alerts, tmp_path: Path) -> None:
    code, said = _tested(prometheus_rules("production", alerts), alerts, tmp_path)
    assert code == 0, said


MUTANTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "silence passes": lambda rule: rule | {"expr": rule["expr"].split(" or absent")[0]},
    "threshold moved": lambda rule: rule | {"expr": rule["expr"].replace("> ", "> 1").replace("< ", "< -1")},
    "side turned": lambda rule: rule | {"expr": rule["expr"].replace(">", "<")},
    "duration dropped": lambda rule: rule | {"for": "0s"},
    "severity lowered": lambda rule: rule | {"labels": rule["labels"] | {"severity": "info"}},
    "hold dropped": lambda rule: (
        rule | {"expr": rule["expr"].replace("last_over_time", "max_over_time").replace("[1d]", "[1m]")}
    ),
}


@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_each_broken_rule_is_noticed(alerts: Alerts, mutant: str, tmp_path: Path) -> None:
    rules = prometheus_rules("production", alerts)
    group = rules["groups"][0]
    group["rules"] = [MUTANTS[mutant](rule) for rule in group["rules"]]
    code, said = _tested(rules, alerts, tmp_path)
    assert code != 0, said


def test_expression_reads_like_its_definition(alerts: Alerts) -> None:
    assert expression("dev", alerts.alerts["simulation_accuracy_low"]) == (
        'min by (environment) (interlock_simulation_accuracy{environment="dev"}) < 0.90'
        ' or absent(interlock_simulation_accuracy{environment="dev"})'
    )
    memory = replace(alerts.alerts["memory_high"], threshold=Decimal("700.0"))
    assert expression("dev", memory) == (
        'max by (environment) (last_over_time(interlock_memory_mib{environment="dev"}[1d])) > 700.0'
    )


def test_every_alert_becomes_one_rule_with_words(desired: DesiredState, alerts: Alerts) -> None:
    rules = prometheus_rules("production", alerts)["groups"][0]["rules"]
    assert [rule["alert"] for rule in rules] == list(alerts.alerts)
    assert rules[0]["annotations"]["summary"] == "production: orders fail more often than they may"
    assert all(rule["annotations"]["source"] for rule in rules)
    assert alerts.alerts.keys() >= {"heartbeat_missing"}, "the routes name it"


def test_committed_files_are_what_the_definitions_give(desired: DesiredState, alerts: Alerts) -> None:
    folder = ROOT / "infra" / "monitoring" / "files"
    present = {file.name: file.read_text() for file in folder.iterdir()}
    assert present == rendered(desired.environments, alerts), "run `make generate`"
