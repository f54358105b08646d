"""Every rule, once, in the order of its id; a test compares this with the folder, so that none is left out.

Ids are never used again; those of rules that are gone stand in RETIRED.
"""

from __future__ import annotations

from policies.rule import Rule
from policies.rules import (
    account_of_another_environment,
    account_shared,
    address_shared,
    alert_later_than_its_limit,
    alert_loosened,
    alert_route_removed,
    alert_that_cannot_fire,
    alert_without_channel,
    alerts_off,
    bucketing_changed,
    ceiling_too_high,
    credentials_do_not_fit_venue,
    currency_nothing_is_priced_in,
    debug_outside_dev,
    debug_with_live,
    emergency_stop_disarmed,
    engine_of_odd_size,
    environment_removed,
    file_secret_outside_dev,
    flag_above_ceiling,
    flag_identity_changed,
    guard_flag_off,
    limit_above_cap,
    limit_not_positive,
    limit_raised_too_fast,
    limits_contradict,
    live_credentials_in_dev,
    live_schema_in_dev,
    live_trading_in_dev,
    live_venue_in_dev,
    live_without_its_parts,
    log_louder_than_tier,
    loopback_from_afar,
    missing_flag,
    mode_does_not_fit_venue,
    paging_off,
    percent_too_fine,
    port_out_of_range,
    prerequisite_not_satisfied,
    prerequisites_do_not_resolve,
    production_live_before_phase_3,
    required_alert_missing,
    resumes_by_itself,
    retired_flag,
    schema_shared,
    schemas_swapped,
    secret_missing,
    secret_shared,
    short_selling_allowed,
    staging_above_sandbox,
    stop_not_a_prerequisite,
    store_shared,
    tier_changed,
    tls_off_outside_loopback,
    unexplained_difference,
    unknown_flag,
    unknown_venue,
    venue_outside_its_tiers,
    venue_reachable_from_a_lower_tier,
    venue_relabelled,
)

RULES: tuple[Rule, ...] = (
    alerts_off,  # ALR001
    paging_off,  # ALR002
    alert_without_channel,  # ALR003
    alert_route_removed,  # ALR004
    alert_loosened,  # ALR005
    required_alert_missing,  # ALR006
    alert_that_cannot_fire,  # ALR007
    alert_later_than_its_limit,  # ALR008
    unknown_flag,  # FLG001
    retired_flag,  # FLG002
    missing_flag,  # FLG003
    flag_above_ceiling,  # FLG004
    emergency_stop_disarmed,  # FLG005
    prerequisite_not_satisfied,  # FLG006
    guard_flag_off,  # FLG007
    account_of_another_environment,  # FLG008
    account_shared,  # FLG009
    percent_too_fine,  # FLG010
    ceiling_too_high,  # FLG011
    flag_identity_changed,  # FLG012
    bucketing_changed,  # FLG013
    prerequisites_do_not_resolve,  # FLG014
    stop_not_a_prerequisite,  # FLG015
    tls_off_outside_loopback,  # INF001
    address_shared,  # INF002
    store_shared,  # INF003
    loopback_from_afar,  # INF004
    port_out_of_range,  # INF005
    engine_of_odd_size,  # INF006
    limit_raised_too_fast,  # LIM001
    limit_above_cap,  # LIM002
    limit_not_positive,  # LIM003
    limits_contradict,  # LIM004
    short_selling_allowed,  # LIM005
    currency_nothing_is_priced_in,  # LIM006
    unexplained_difference,  # PAR001
    secret_shared,  # SEC002
    file_secret_outside_dev,  # SEC003
    secret_missing,  # SEC004
    live_trading_in_dev,  # VEN001
    live_schema_in_dev,  # VEN002
    live_venue_in_dev,  # VEN003
    live_credentials_in_dev,  # VEN004
    staging_above_sandbox,  # VEN005
    production_live_before_phase_3,  # VEN006
    live_without_its_parts,  # VEN007
    schemas_swapped,  # VEN008
    schema_shared,  # VEN009
    unknown_venue,  # VEN010
    venue_outside_its_tiers,  # VEN011
    mode_does_not_fit_venue,  # VEN012
    credentials_do_not_fit_venue,  # VEN013
    debug_with_live,  # VEN014
    debug_outside_dev,  # VEN015
    log_louder_than_tier,  # VEN016
    resumes_by_itself,  # VEN017
    tier_changed,  # VEN018
    environment_removed,  # VEN019
    venue_relabelled,  # VEN020
    venue_reachable_from_a_lower_tier,  # VEN021
)
RETIRED: tuple[str, ...] = ()


def rule_by_name(name: str) -> Rule | None:
    """The rule with this id or slug."""
    return next((rule for rule in RULES if name.upper() == rule.META.id or name == rule.META.slug), None)
