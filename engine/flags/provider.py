"""OpenFeature on top of the flags in force: callers keep their API, and lose the power to choose a default.

Never raises and never returns an error code for a boolean flag: the SDK would answer either with the caller's
default, which may be the dangerous one. Trading itself asks `LiveFlags`, not this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NoReturn, Protocol

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.provider import AbstractProvider, Metadata

from engine.flags import keys
from engine.flags.compile import Snapshot
from engine.flags.view import Answer

_NAME: Final = Metadata(name="interlock")
_MOST_TOLD: Final = 100_000
Many = Sequence[FlagValueType] | Mapping[str, FlagValueType]


class Flags(Protocol):
    """What answers: `LiveFlags` in an engine."""

    def decide(self, flag_key: str, account: str | None) -> Answer:
        """The decision of one flag for one account."""


class InterlockProvider(AbstractProvider):
    """All flags are booleans; the targeting key is the account."""

    def __init__(self, flags: Flags) -> None:
        super().__init__()
        self._flags = flags
        self._known: Snapshot | None = None
        self._told: dict[tuple[str, str | None], tuple[Answer, FlagResolutionDetails[bool]]] = {}

    def get_metadata(self) -> Metadata:
        """Its name."""
        return _NAME

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """The flag's value for the account; whatever fails gives the flag's own safe value."""
        try:
            account = evaluation_context.targeting_key if evaluation_context else None
            answer = self._flags.decide(flag_key, account)
        except Exception as error:  # a raised error would become the caller's default
            said = f"{type(error).__name__}: {error}"
            safe = keys.SAFE.get(flag_key, False)
            return FlagResolutionDetails(safe, reason="FAIL_SAFE", flag_metadata={"failure": said})
        known = self._told.get((flag_key, account))
        if known is not None and known[0] == answer:
            return known[1]
        details = _details(answer)
        if len(self._told) < _MOST_TOLD:
            self._told[flag_key, account] = (answer, details)
        return details

    def changed(self, snapshot: Snapshot) -> None:
        """Tell the SDK's listeners which flags another snapshot changed."""
        before = self._known.flags if self._known else {}
        names = [key for key in {*before, *snapshot.flags} if before.get(key) != snapshot.flags.get(key)]
        self._known = snapshot
        self._told.clear()
        if names:
            self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=sorted(names)))

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """No flag is a text."""
        _no_such(flag_key)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """No flag is a number."""
        _no_such(flag_key)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """No flag is a number."""
        _no_such(flag_key)

    def resolve_object_details(
        self, flag_key: str, default_value: Many, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Many]:
        """No flag is an object."""
        _no_such(flag_key)


def _details(answer: Answer) -> FlagResolutionDetails[bool]:
    metadata: dict[str, bool | int | float | str] = {
        "rule": answer.reason,
        "commit": answer.commit,
        "digest": answer.snapshot_digest,
        "generation": answer.generation,
        "bucket": -1 if answer.bucket is None else answer.bucket,
    }
    return FlagResolutionDetails(
        answer.value,
        reason="STALE" if answer.is_stale else answer.reason,
        variant="on" if answer.value else "off",
        flag_metadata=MappingProxyType(metadata),
    )


def _no_such(flag_key: str) -> NoReturn:
    raise TypeMismatchError(f"flag `{flag_key}` is a boolean")
