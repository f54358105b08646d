"""The whole of one environment's infrastructure, built from its facts; makes resources and looks nothing up.

Never reads a file, a clock or an environment variable: see __main__.py for where the facts come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from config.models.catalogue import Alerts
from config.models.environment import Environment
from infra.components.alerts import AlertTier
from infra.components.backup import Backup
from infra.components.cache import Cache
from infra.components.compute_ecs import EcsEngine
from infra.components.compute_vps import VpsEngine
from infra.components.database import Database
from infra.components.identity import CiIdentity
from infra.components.keys import Keys
from infra.components.network import Network
from infra.components.secrets import Secrets
from infra.components.site import Site
from infra.components.walls import Walls
from infra.naming import Names, tags

PLACEHOLDER_SECRET = "interlock-placeholder-not-a-secret"  # noqa: S105


class MissingFactError(Exception):
    """The environment lacks what its own choices need; the message names the key."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the stack's own file says: the region and what only the engine may decrypt."""

    region: str
    is_offline: bool
    auth_token: pulumi.Output[str] | None
    pagerduty: pulumi.Output[str] | None
    approved: frozenset[str] = frozenset()


def build(environment: Environment, alerts: Alerts, settings: Settings) -> None:
    """Register every resource of the environment."""
    check_facts(environment, settings)
    names = Names(environment.environment, environment.infrastructure.account_id, settings.region)
    site = Site(environment, names, _provider(environment, names, settings), settings.approved)
    CiIdentity(site)
    if environment.service.compute != "local":
        _build_engine(site, alerts, settings)


def _build_engine(site: Site, alerts: Alerts, settings: Settings) -> None:
    keys = Keys(site)
    network = Network(site)
    walls = Walls(site, network)
    Database(site, network, walls, keys)
    Cache(site, network, walls, keys, settings.auth_token or pulumi.Output.secret(PLACEHOLDER_SECRET))
    Secrets(site, network, walls, keys)
    engine = EcsEngine if site.environment.service.compute == "ecs" else VpsEngine
    engine(site, network, walls, keys)
    told = AlertTier(site, keys, alerts, _pagerduty(settings))
    Backup(site, keys, told.topics["critical"])
    walls.seal()


def _pagerduty(settings: Settings) -> pulumi.Output[str] | None:
    if settings.pagerduty is not None:
        return settings.pagerduty
    return pulumi.Output.secret(f"https://{PLACEHOLDER_SECRET}.invalid/") if settings.is_offline else None


def _provider(environment: Environment, names: Names, settings: Settings) -> aws.Provider:
    return aws.Provider(
        names.of("aws"),
        region=settings.region,
        allowed_account_ids=[environment.infrastructure.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=tags(environment)),
    )


def check_facts(environment: Environment, settings: Settings) -> None:
    """Refuse, before the first resource, what would fail half way."""
    facts, compute = environment.infrastructure, environment.service.compute
    zones = facts.network.availability_zones
    _need(bool(zones), "infrastructure.network.availability_zones", "at least one zone")
    for zone in zones:
        _need(
            zone.startswith(settings.region),
            "infrastructure.network.availability_zones",
            f"zones of region {settings.region}, not `{zone}`",
        )
    for key in ("public_subnets", "private_subnets"):
        _need(
            len(getattr(facts.network, key)) == len(zones),
            f"infrastructure.network.{key}",
            f"one block per zone, {len(zones)} in all",
        )
    if compute == "vps":
        _need(
            facts.host.image_id is not None, "infrastructure.host.image_id", "a machine image for compute vps"
        )
        _need(
            facts.host.instance_type is not None,
            "infrastructure.host.instance_type",
            "a machine size for compute vps",
        )
    if facts.host.deployment == "blue_green" and compute == "ecs":
        _need(
            facts.host.certificate is not None,
            "infrastructure.host.certificate",
            "a certificate: blue/green needs a load balancer",
        )
    _check_placeholders(environment, settings)


def _check_placeholders(environment: Environment, settings: Settings) -> None:
    if settings.is_offline or environment.service.compute == "local":
        return
    if environment.service.compute == "ecs":
        _need(
            environment.service.image is not None,
            "service.image",
            "an image by digest before real AWS is asked",
        )
    _need(settings.auth_token is not None, "stack setting interlock:cacheAuthToken", "a secret value")
    if "pagerduty" in (*environment.alerting.critical, *environment.alerting.warning):
        _need(settings.pagerduty is not None, "stack setting interlock:pagerdutyEndpoint", "a secret value")


def _need(holds: bool, key: str, what: str) -> None:
    if not holds:
        raise MissingFactError(f"{key} needs {what}")
