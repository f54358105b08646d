"""The three faults of rules, written for each tool where its own idiom would have them.

`misspelt`: the constant the rule about alerts compares with. `unasked`: the rule stands in a package, folder or
selector that nothing asks. `crashes`: the rule fails while it judges.
"""

from __future__ import annotations

from benchmarks.policy.edits import Edit

_JSON = "environment.json"
_YAML = "environment.yaml"
_REGO = "environment.rego"
_CUE = "environment.cue"
_JSONNET = "environment.libsonnet"
_SPECTRAL = "ruleset.yaml"
_OURS = "policies/rules/alerts_off.py"
_SEMGREP_RULE = "    message: alerts on above dev\n"
_SPECTRAL_RULE = '  alerts-on-above-dev:\n    message: "{{error}}"\n    severity: error\n    given: $'

RULE_FAULTS: dict[str, dict[str, Edit]] = {
    "misspelt": {
        "interlock": Edit(_OURS, '"production",\n    )', '"prodution",\n    )'),
        "check-jsonschema": Edit(
            _JSON, '"enum": ["staging", "production"] }', '"enum": ["staging", "prodution"] }'
        ),
        "semgrep": Edit(_YAML, "(staging|production)", "(staging|prodution)"),
        "checkov": Edit("environment.py", '("staging", "production")', '("staging", "prodution")'),
        "conftest": Edit(_REGO, '{"staging", "production"}', '{"staging", "prodution"}'),
        "opa": Edit(_REGO, '{"staging", "production"}', '{"staging", "prodution"}'),
        "cue": Edit(_CUE, '|| tier == "production"', '|| tier == "prodution"'),
        "jsonnet": Edit(_JSONNET, "['staging', 'production']", "['staging', 'prodution']"),
        "spectral": Edit(_SPECTRAL, "[staging, production]", "[staging, prodution]"),
    },
    "unasked": {
        "interlock": Edit("policies/registry.py", "    alerts_off,  # ALR001\n", ""),
        "check-jsonschema": Edit(_JSON, '"allOf":', '"allof":'),
        "semgrep": Edit(
            _YAML, _SEMGREP_RULE, f"{_SEMGREP_RULE}    paths: {{include: [config/enviroments]}}\n"
        ),
        "checkov": Edit("__init__.py", "", None),
        "conftest": Edit(_REGO, "package main", "package mian"),
        "opa": Edit(_REGO, "package main", "package mian"),
        "cue": Edit(_CUE, "environments: [string]:", "enviroments: [string]:"),
        "jsonnet": Edit("check.jsonnet", "'environment.libsonnet'", "'enviroment.libsonnet'"),
        "spectral": Edit(_SPECTRAL, _SPECTRAL_RULE, f"{_SPECTRAL_RULE}.enviroment"),
    },
    "crashes": {
        "interlock": Edit(_OURS, "environment.alerting.enabled", "environment.alerts.enabled"),
        "check-jsonschema": Edit(_JSON, '"enum": ["staging", "production"] }', '"pattern": "(" }'),
        "semgrep": Edit(_YAML, "^(staging|production)$", "^(staging|production$"),
        "checkov": Edit("environment.py", 'conf["alerting"]', 'conf["alerts"]'),
        "conftest": Edit(_REGO, "not input.alerting.enabled", "to_number(input.environment) > 0"),
        "opa": Edit(_REGO, "not input.alerting.enabled", "to_number(input.environment) > 0"),
        "cue": Edit(_CUE, "\t\talerting: enabled: true", "\t\talerting: enabled: 1/0 > 0"),
        "jsonnet": Edit(_JSONNET, "environment.alerting.enabled", "environment.alerts.enabled"),
        "spectral": Edit(_SPECTRAL, "enum: [staging, production]", 'pattern: "("'),
    },
}
