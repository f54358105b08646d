"""Every rule, once, in the order of its id; a test compares this with the folder, so that none is left out.

Ids are never used again; those of rules that are gone stand in RETIRED.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from config.findings import Finding, Refused, Severity, whole_file
from policies.declared import load_declared
from policies.rule import Rule
from policies.rules import (
    account_of_another_environment,
    account_shared,
    address_shared,
    alarm_hides_silence,
    alarm_unlike_its_alert,
    alert_later_than_its_limit,
    alert_loosened,
    alert_route_removed,
    alert_that_cannot_fire,
    alert_without_alarm,
    alert_without_channel,
    alerts_off,
    backups_too_short,
    bucketing_changed,
    cache_evicts,
    calendar_loosened,
    calendar_too_wide,
    ceiling_too_high,
    cloud_shared,
    container_not_sealed,
    copies_can_be_deleted,
    copies_kept_too_short,
    copies_not_taken,
    credentials_do_not_fit_venue,
    currency_nothing_is_priced_in,
    database_public,
    database_unencrypted,
    debug_outside_dev,
    debug_with_live,
    disk_of_odd_size,
    emergency_stop_disarmed,
    environment_named_otherwise,
    environment_removed,
    event_weeks_run_out,
    file_secret_outside_dev,
    flag_above_ceiling,
    flag_identity_changed,
    flag_on_before_its_phase,
    foundation_moved,
    freeze_malformed,
    guard_file_changed,
    guard_flag_off,
    halt_lifted,
    holidays_not_frozen,
    host_incomplete,
    key_not_ours,
    ladder_loosened,
    ladder_out_of_order,
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
    loosening_outside_window,
    machine_not_sealed,
    missing_flag,
    mode_does_not_fit_venue,
    network_malformed,
    one_zone_in_production,
    open_to_the_world,
    outside_aws_range,
    paging_off,
    percent_too_fine,
    phase_skipped,
    phase_unknown,
    phase_without_order,
    place_unknown,
    port_out_of_range,
    prerequisite_not_satisfied,
    prerequisites_do_not_resolve,
    production_live_before_phase_3,
    protected_branch_changed,
    protection_lowered,
    reason_for_nothing,
    records_can_be_deleted,
    records_replaced_or_deleted,
    required_alert_missing,
    resource_policy_too_wide,
    resumes_by_itself,
    retired_flag,
    role_beyond_its_bounds,
    route_without_address,
    rung_skipped,
    rung_soaks_too_little,
    rung_without_rollback,
    schema_shared,
    schemas_swapped,
    second_writer,
    secret_in_a_property,
    secret_in_clear,
    secret_missing,
    secret_never_rotated,
    secret_shared,
    server_in_the_default,
    short_selling_allowed,
    size_unknown,
    ssh_reachable,
    staging_above_sandbox,
    stop_not_a_prerequisite,
    store_moved,
    store_shared,
    store_unprotected,
    store_without_tls,
    tag_missing,
    tags_missing,
    tier_changed,
    tls_off_outside_loopback,
    trust_too_wide,
    type_nobody_judges,
    unexplained_difference,
    unknown_flag,
    unknown_venue,
    validation_too_weak,
    venue_outside_its_tiers,
    venue_reachable_from_a_lower_tier,
    venue_relabelled,
    way_in_without_tls,
    wildcard_permission,
)

_CODE: tuple[Rule, ...] = (
    alerts_off,  # ALR001
    paging_off,  # ALR002
    alert_without_channel,  # ALR003
    alert_route_removed,  # ALR004
    alert_loosened,  # ALR005
    required_alert_missing,  # ALR006
    alert_that_cannot_fire,  # ALR007
    alert_later_than_its_limit,  # ALR008
    route_without_address,  # ALR009
    loosening_outside_window,  # CAL001
    calendar_too_wide,  # CAL002
    holidays_not_frozen,  # CAL003
    freeze_malformed,  # CAL004
    calendar_loosened,  # CAL005
    event_weeks_run_out,  # CAL006
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
    guard_file_changed,  # GIT002
    protected_branch_changed,  # GIT003
    tls_off_outside_loopback,  # INF001
    address_shared,  # INF002
    store_shared,  # INF003
    loopback_from_afar,  # INF004
    port_out_of_range,  # INF005
    store_moved,  # INF007
    foundation_moved,  # INF008
    store_unprotected,  # INF009
    copies_kept_too_short,  # INF010
    network_malformed,  # INF011
    cloud_shared,  # INF012
    host_incomplete,  # INF013
    disk_of_odd_size,  # INF014
    tags_missing,  # INF015
    protection_lowered,  # INF016
    size_unknown,  # INF017
    place_unknown,  # INF018
    outside_aws_range,  # INF019
    database_unencrypted,  # INF101
    database_public,  # INF102
    store_without_tls,  # INF103
    open_to_the_world,  # INF104
    ssh_reachable,  # INF105
    records_can_be_deleted,  # INF106
    backups_too_short,  # INF107
    one_zone_in_production,  # INF108
    container_not_sealed,  # INF109
    wildcard_permission,  # INF110
    trust_too_wide,  # INF111
    secret_in_a_property,  # INF112
    secret_never_rotated,  # INF113
    tag_missing,  # INF114
    records_replaced_or_deleted,  # INF115
    alert_without_alarm,  # INF116
    alarm_hides_silence,  # INF117
    machine_not_sealed,  # INF118
    copies_can_be_deleted,  # INF119
    cache_evicts,  # INF120
    second_writer,  # INF121
    way_in_without_tls,  # INF122
    alarm_unlike_its_alert,  # INF123
    server_in_the_default,  # INF124
    key_not_ours,  # INF125
    resource_policy_too_wide,  # INF126
    role_beyond_its_bounds,  # INF127
    copies_not_taken,  # INF128
    type_nobody_judges,  # INF129
    limit_raised_too_fast,  # LIM001
    limit_above_cap,  # LIM002
    limit_not_positive,  # LIM003
    limits_contradict,  # LIM004
    short_selling_allowed,  # LIM005
    currency_nothing_is_priced_in,  # LIM006
    unexplained_difference,  # PAR001
    reason_for_nothing,  # PAR002
    flag_on_before_its_phase,  # ROL001
    phase_unknown,  # ROL002
    phase_skipped,  # ROL003
    rung_skipped,  # ROL004
    ladder_out_of_order,  # ROL005
    rung_without_rollback,  # ROL006
    rung_soaks_too_little,  # ROL007
    validation_too_weak,  # ROL008
    phase_without_order,  # ROL009
    ladder_loosened,  # ROL010
    secret_in_clear,  # SEC001
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
    environment_named_otherwise,  # VEN022
    halt_lifted,  # VEN023
)
_DECLARED: tuple[str, ...] = (
    "engine_of_odd_size",  # INF006
    "order_too_large_for_dev",  # LIM007
)
"""Rules that are files without code, by the name of the file."""


def _unlisted(rules: Sequence[Rule]) -> Iterator[Finding]:
    """Files of the folder that no line above names: they would judge nothing, and nobody would hear of it."""
    listed = {rule.META.slug for rule in rules} | {*_DECLARED, "__init__"}
    for file in sorted(Path(__file__).with_name("rules").iterdir()):
        if file.suffix in (".py", ".yaml") and file.stem not in listed:
            place = whole_file(f"policies/rules/{file.name}")
            message = f"no line of policies/registry.py names `{file.stem}`, so it judges nothing"
            yield Finding("PRF010", Severity.ERROR, place, message, "list it there, or remove the file")


def _all() -> tuple[tuple[Rule, ...], tuple[Finding, ...]]:
    """Every rule in the order of its id, and what is wrong with declarative ones."""
    rules, broken = list(_CODE), list[Finding]()
    for slug in _DECLARED:
        shown_as = f"policies/rules/{slug}.yaml"
        found = load_declared(Path(__file__).with_name("rules") / f"{slug}.yaml", shown_as)
        if isinstance(found, Refused):
            broken.extend(found.findings)
        else:
            rules.append(found)
    broken.extend(_unlisted(rules))
    return tuple(sorted(rules, key=lambda rule: rule.META.id)), tuple(broken)


RULES, BROKEN = _all()
RETIRED: tuple[str, ...] = ()


def rule_by_name(name: str) -> Rule | None:
    """The rule with this id or slug."""
    return next((rule for rule in RULES if name.upper() == rule.META.id or name == rule.META.slug), None)
