"""A small, clean world in which every rule proves itself: the samples of the rules are edits of it.

Never read by a judgement of a real tree; it only shows that a rule still bites.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from config.models import catalogue as c
from config.models import environment as e
from config.models import rollouts as r
from config.models.limits import Limits
from config.schema_walk import fields_of
from policies.inputs import MISSING, State
from policies.paths import parsed
from policies.sample_infrastructure import infrastructure

D = Decimal
_REFERENCE = "aws-sm:interlock/{}/paper-database"


@cache
def environment(tier: str) -> e.Environment:
    """A clean environment of a tier: phase 1, paper venue, everything bounded."""
    is_dev = tier == "dev"
    host = "localhost" if is_dev else f"db.{tier}.example.com"
    return e.Environment(
        schema=1,
        environment=tier,
        tier=tier,  # type: ignore[arg-type]
        phase=1,
        trading_halted=False,
        auto_resume_if_clean=is_dev,
        debug_mode=is_dev,
        url=f"https://{tier}.example.com",
        infrastructure=infrastructure(tier),
        venue=e.VenueChoice(
            name="paper",
            mode="paper",
            rest_at_venue=False,
            limit_gap="limit",
            touch_fills=False,
            credentials=e.Credentials(scope="none", key=None, secret=None),
        ),
        flags=_flag_states(f"ACCT-{tier.upper()}"),
        limits=_limits(),
        account=e.Account(
            id=f"ACCT-{tier.upper()}", currency="USD", start_cash=D("100000.0"), allow_short=False
        ),
        sizing=e.Sizing(risk_percent=D("0.5"), fixed_quantity=None),
        strategy=e.Strategy(name="moving_average_cross", parameters={"fast": 10, "slow": 30}),
        database=_database(tier, host),
        redis=e.Redis(host=host.replace("db.", "cache."), port=6379, tls=not is_dev),
        service=e.Service(
            compute="local" if is_dev else "vps", replicas=1, cpu_milli=500, memory_mib=512, image=None
        ),
        monitoring=e.Monitoring(
            log_level={"dev": "DEBUG", "staging": "INFO"}.get(tier, "WARNING"),  # type: ignore[arg-type]
            heartbeat_seconds=5,
            metrics_port=19108,
        ),
        alerting=_alerting(tier),
        secrets={
            "paper_database": e.Secret(
                reference="file:paper_dev_app" if is_dev else _REFERENCE.format(tier), rotate_days=90
            )
        },
    )


def _database(tier: str, host: str) -> e.Database:
    return e.Database(
        host=host,
        port=5432,
        name=f"traider_{tier}",
        tls=tier != "dev",
        paper_schema=f"paper_trading_{tier}",
        live_schema=None if tier == "dev" else f"live_trading_{tier}",
    )


def _alerting(tier: str) -> e.Alerting:
    critical = {"dev": (), "staging": ("slack",)}.get(tier, ("pagerduty", "slack"))
    return e.Alerting(
        enabled=tier != "dev",
        pagerduty=tier == "production",
        critical=critical,
        warning=() if tier == "dev" else ("slack",),
    )


def _flag_states(account: str) -> dict[str, e.FlagState]:
    on = e.FlagState(enabled=True, accounts=(), percent=D("100.0"))
    off = e.FlagState(enabled=False, accounts=(), percent=D("0.0"))
    return {
        "paper_trading_enabled": e.FlagState(enabled=True, accounts=(account,), percent=D("100.0")),
        "live_trading_enabled": off,
        "mode_switching_enabled": off,
        "simulation_accuracy_monitoring": on,
        "emergency_stop_enabled": on,
    }


def _limits() -> Limits:
    """Every limit at its cap, but for those whose rules need room; a new one needs no line here."""
    caps = {each.name: each.nature.cap for each in fields_of(Limits) if each.nature.cap is not None}
    stated: dict[str, Any] = {
        "max_order_value": D("5000.0"),
        "max_order_quantity": 1000,
        "max_gross_percent": D("50.0"),
        "max_open_positions": 5,
        "min_reward_risk": D("1.5"),
        "flatten_on_trip": False,
    }
    return Limits(**{**caps, **stated})


def _flag(key: str, risk: str, safe: bool, ceiling: tuple[str, str, str], *needs: str) -> c.Flag:
    return c.Flag(
        says=f"what {key} lets in",
        owner="trading",
        risk=risk,  # type: ignore[arg-type]
        safe=safe,
        ceiling=c.Ceilings(dev=ceiling[0], staging=ceiling[1], production=ceiling[2]),  # type: ignore[arg-type]
        unit="account_id",
        bucketing="flagd-v3",
        salt=key,
        prerequisites=needs,
        review_by="2027-06-30",
    )


def _flags() -> c.Flags:
    always = ("on", "on", "on")
    stop = "emergency_stop_enabled"
    return c.Flags(
        schema=1,
        flags={
            "paper_trading_enabled": _flag("paper_trading_enabled", "mode", False, always, stop),
            "live_trading_enabled": _flag(
                "live_trading_enabled",
                "live_money",
                False,
                ("off", "sandbox", "on"),
                stop,
                "paper_trading_enabled",
            ),
            "mode_switching_enabled": _flag("mode_switching_enabled", "mode", False, always, stop),
            "simulation_accuracy_monitoring": _flag(
                "simulation_accuracy_monitoring", "monitoring", True, always
            ),
            stop: _flag(stop, "live_money", True, always),
        },
        retired={"power_peg_enabled": c.Retired(since="2005-01-01", reason="re-used once")},
    )


def _alert(metric: str, threshold: str, severity: str = "critical") -> c.Alert:
    return c.Alert(
        says=f"{metric} is out of bounds",
        metric=metric,
        fires_when="above",
        threshold=D(threshold),
        for_seconds=60,
        severity=severity,  # type: ignore[arg-type]
        missing="fires",
        actions=("page",),
        source="sample",
    )


def _bound(metric: str, must_be: str, value: str) -> r.Bound:
    return r.Bound(metric=metric, must_be=must_be, value=D(value))  # type: ignore[arg-type]


def _step(name: str, percent: str, on: tuple[str, ...]) -> r.Step:
    return r.Step(
        name=name,
        accounts=0,
        percent=D(percent),
        soak_hours=35,
        min_samples=300,
        flags_on=on,
        pass_when=(
            _bound("simulation_accuracy", "at_least", "0.95"),
            _bound("error_rate", "at_most", "0.001"),
        ),
        roll_back_when_not=(
            _bound("error_rate", "at_most", "0.01"),
            _bound("response_time_p99_ms", "at_most", "1000.0"),
            _bound("simulation_accuracy", "at_least", "0.90"),
            _bound("mode_validation_failures", "at_most", "0.0"),
        ),
    )


def _rollouts() -> r.Rollouts:
    live, switch = "live_trading_enabled", "mode_switching_enabled"
    base = ("paper_trading_enabled", "simulation_accuracy_monitoring", "emergency_stop_enabled")
    phases = r.Ladder(
        says="phases",
        applies_to="phase",
        steps=(
            _step("paper_only", "100.0", base),
            _step("mode_switching_beta", "10.0", (*base, switch)),
            _step("live_beta", "5.0", (*base, switch, live)),
            _step("general_availability", "100.0", (*base, switch, live)),
        ),
    )
    canary = r.Ladder(
        says="canary",
        applies_to="flag",
        steps=(
            _step("ten_percent", "10.0", ()),
            _step("half", "50.0", ()),
            _step("all", "100.0", ()),
        ),
    )
    return r.Rollouts(schema=1, ladders={"phases": phases, "canary": canary})


def _venue(kind: str, host: str | None, *tiers: str) -> c.Venue:
    return c.Venue(says=kind, kind=kind, host=host, tiers=tiers)  # type: ignore[arg-type]


@cache
def catalogue() -> c.Catalogue:
    """The catalogue the sample environments stand on."""
    return c.Catalogue(
        flags=_flags(),
        venues=c.Venues(
            schema=1,
            venues={
                "paper": _venue("paper", None, "dev", "staging", "production"),
                "broker-sandbox": _venue("sandbox", "paper-api.example.com", "staging"),
                "broker-live": _venue("live", "api.example.com", "production"),
            },
        ),
        instruments=c.Instruments(schema=1, instruments={"AAPL": _instrument()}),
        alerts=c.Alerts(
            schema=1,
            channels=("email", "pagerduty", "slack"),
            alerts={
                "daily_loss": _alert("daily_loss_percent", "3.0"),
                "heartbeat_missing": _alert("heartbeat_age_seconds", "15.0"),
            },
        ),
        rollouts=_rollouts(),
        calendar=c.Calendar(
            schema=1,
            zone="America/New_York",
            opens="10:00",
            closes="14:00",
            friday_closes="14:00",
            tiers=("staging", "production"),
            freezes=(c.Freeze(first="12-20", last="01-02", reason="holidays"),),
            exchanges={},
        ),
        corporate_actions=c.CorporateActions(schema=1, actions=()),
        parity=c.Parity(schema=1, differences=()),
        keyring=c.Keyring(schema=1, protected_branch="main"),
    )


def _instrument() -> c.Instrument:
    return c.Instrument(
        kind="equity",
        currency="USD",
        tick=D("0.01"),
        lot=1,
        multiplier=1,
        calendar="XNYS",
        expires_on=None,
        fee=c.Fee(percent_per_side=D("0.01"), minimum=D("0.0")),
        slippage=c.Slippage(ticks=1, bps=D("2.0")),
    )


def edited(state: State, edits: Mapping[str, object]) -> State:
    """The state with dotted keys changed; `catalogue.` leads into the catalogue, MISSING leaves a map entry out."""
    for key, value in edits.items():
        path = parsed(key)
        state = state.without(path) if value is MISSING else state.with_leaf(path, value)
    return state
