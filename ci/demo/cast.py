"""The chapters of the story, in their order."""

from __future__ import annotations

from ci.demo.aftermath import auditor_gets_an_answer, forged_redis_moves_nothing, merged_record_ends_the_kill
from ci.demo.infrastructure import bigger_database_is_previewed, public_database_is_refused
from ci.demo.story import (
    dangerous_change_is_refused,
    first_reconcile_brings_the_world_up,
    good_change_reaches_the_engine,
    invisible_change_is_refused,
    kill_stops_every_order,
)

STORY = (
    dangerous_change_is_refused,
    invisible_change_is_refused,
    first_reconcile_brings_the_world_up,
    good_change_reaches_the_engine,
    kill_stops_every_order,
    merged_record_ends_the_kill,
    forged_redis_moves_nothing,
    auditor_gets_an_answer,
)
INFRASTRUCTURE = (public_database_is_refused, bigger_database_is_previewed)
