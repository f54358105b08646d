"""One environment of a very large tree judged by itself: its keys and what rules have against it, as plain values.

What is found so needs no other environment and no clock, so another process may find it, and it may be kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NoReturn

from config.desired import DesiredState
from config.document import Document, KeyPath
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading.kept import KeptEnvironments
from config.record import record
from policies.columns import Columns, Shape, kinds_of, shape_of
from policies.inputs import Also, Files, Hit, Spot, State, state_of
from policies.rule import Rule, Scope
from policies.watch import RuleError, Watch


@record
class Part:
    """What one environment is and what it broke.

    cells: its values in the order of the shape, as JSON carries them.  hits: by the rule's id.  left: ids of rules that
    must judge it again with everything at hand, because they ask for more than the environment, or failed.
    """

    shape: Shape
    cells: Sequence[Any]
    hits: Mapping[str, tuple[Hit, ...]]
    left: tuple[str, ...]


class _NoClock:
    """Stands where the instant stands: whatever is asked of it fails, and the rule that asked is left for later."""

    def _refuse(self, *_: object) -> NoReturn:
        raise LookupError("a part is judged without a clock")

    __getattr__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __bool__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __str__ = __repr__ = __format__ = _refuse


NO_CLOCK: Final[Any] = _NoClock()


class Judge:
    """Judges environments by themselves, all on one catalogue."""

    def __init__(self, rules: Sequence[Rule], catalogue: Catalogue, watch: Watch) -> None:
        twice = {rule_id for rule_id, count in Counter(rule.META.id for rule in rules).items() if count > 1}
        self._twice = tuple(twice)
        self._of_state, self._of_files = (
            [rule for rule in rules if rule.META.scope is scope and rule.META.id not in twice]
            for scope in (Scope.STATE, Scope.FILES)
        )
        self._catalogue = catalogue
        self._watch = watch
        self._shapes: dict[tuple[Any, ...], Shape] = {}
        self._known: dict[str, str] = {}

    def parts(self, documents: Mapping[str, Document[Environment]]) -> dict[str, Part]:
        """The parts of these environments by name; some dozens at once are quicker than one by one."""
        states = {
            name: state_of(name, document.value, self._catalogue, NO_CLOCK)
            for name, document in documents.items()
        }
        texts = {name: Files({document.file: document.text}) for name, document in documents.items()}
        hits: dict[str, dict[str, tuple[Hit, ...]]] = {name: {} for name in documents}
        left = {name: list(self._twice) for name in documents}
        for rule in self._of_state:
            here = {name: state for name, state in states.items() if state.tier in rule.META.tiers}
            self._add(rule, here, documents, hits, left)
        for rule in self._of_files:
            self._add(rule, texts, documents, hits, left)
        return {
            name: Part(*self._shape_and_cells(state), hits[name], tuple(left[name]))
            for name, state in states.items()
        }

    def _add(
        self,
        rule: Rule,
        subjects: Mapping[str, object],
        documents: Mapping[str, Document[Environment]],
        hits: Mapping[str, dict[str, tuple[Hit, ...]]],
        left: Mapping[str, list[str]],
    ) -> None:
        """What one rule has against each of its subjects; where it fails, it is left for later."""
        try:
            found = self._watch.all_hits(rule, list(subjects.values()))
        except RuleError:
            if len(subjects) == 1:
                left[next(iter(subjects))].append(rule.META.id)
            else:
                for name, subject in subjects.items():
                    self._add(rule, {name: subject}, documents, hits, left)
            return
        for name, some in zip(subjects, found, strict=True):
            placed = [_placed(hit, documents[name]) for hit in some]
            if None in placed or len(some) == self._watch.MOST_HITS:
                left[name].append(rule.META.id)
            elif some:
                hits[name][rule.META.id] = tuple(hit for hit in placed if hit is not None)

    def _shape_and_cells(self, state: State) -> tuple[Shape, Sequence[Any]]:
        """Texts and shapes that many environments have are held once."""
        values, known = state.leaves.values(), self._known
        cells = [
            known.setdefault(one, one) if type(one) is str else plain(one) if type(one) in _ODD else one
            for one in values
        ]
        form = (tuple(state.leaves), kinds_of(values))
        shape = self._shapes.get(form)
        if shape is None:
            shape = self._shapes[form] = shape_of(state)
        return shape, cells


_ODD = (Decimal, tuple)


def _placed(hit: Hit, document: Document[Environment]) -> Hit | None:
    """The hit with its place in its own file, while the file is at hand; None when it points elsewhere."""
    if hit.spot is not None:
        return hit
    if not hit.path or hit.environment or not hasattr(document.value, str(hit.path[0])):
        return None
    place = document.places.at(hit.path)
    spot = Spot(place.file, place.line, place.column, place.end_column)
    return Hit(hit.path, hit.message, hit.help, hit.related, hit.environment, spot)


def plain(value: object) -> Any:
    """A value as JSON carries it; its shape says what it was."""
    if isinstance(value, tuple):
        return tuple([("decimal", str(one)) if isinstance(one, Decimal) else one for one in value])
    return str(value) if isinstance(value, Decimal) else value


def _list(cell: Any) -> object:
    return tuple([Decimal(one[1]) if isinstance(one, tuple) else one for one in cell])


_TYPED: Mapping[str, Callable[[Any], object]] = {"d": Decimal, "t": _list}
"""How a cell of such a kind becomes the value again; all other kinds are what they are."""


def flat(hits: Mapping[str, tuple[Hit, ...]]) -> dict[str, Any]:
    """Hits as JSON carries them."""
    return {rule: [_flat(hit) for hit in found] for rule, found in hits.items()}


def _flat(hit: Hit) -> list[Any]:
    return [hit.path, hit.message, hit.help, hit.related, hit.environment, hit.spot]


def revived(told: Mapping[str, Any]) -> dict[str, tuple[Hit, ...]]:
    """The hits again; raises whatever it likes for what `flat` did not make."""
    return {rule: tuple(map(_hit, found)) for rule, found in told.items()}


def _hit(told: Sequence[Any]) -> Hit:
    path, message, help_, related, environment, spot = told
    also = tuple([Also(tuple(where), *rest) for where, *rest in related])
    return Hit(tuple(path), message, help_, also, environment, None if spot is None else Spot(*spot))


class PartEnvironments(KeptEnvironments):
    """The environments of a very large tree, with the part of each."""

    def __init__(self, documents: Mapping[str, Document[Any]], parts: Mapping[str, Part]) -> None:
        super().__init__(documents, tuple(parts))
        self.parts = parts


def parts_of(desired: DesiredState) -> Mapping[str, Part]:
    """The parts of a very large tree; none of any other."""
    found = desired.environments
    return found.parts if isinstance(found, PartEnvironments) else {}


class Parts:
    """What was found part by part, asked by rule."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._is_empty = not parts
        self._hits: dict[str, list[tuple[str, Part]]] = {}
        self._left: dict[str, list[str]] = {}
        for name, part in parts.items():
            for rule_id in part.hits:
                self._hits.setdefault(rule_id, []).append((name, part))
            for rule_id in part.left:
                self._left.setdefault(rule_id, []).append(name)

    def hits(self, rule: Rule) -> Iterator[tuple[str, tuple[Hit, ...]]]:
        """What a rule has against environments judged by themselves: by name, or for rules about files without one."""
        is_of_state = rule.META.scope is Scope.STATE
        for name, part in self._hits.get(rule.META.id, ()):
            if is_of_state:
                yield name, part.hits[rule.META.id]
            elif not part.left:  # otherwise the whole file is judged again
                yield "", part.hits[rule.META.id]

    def left(self, rule: Rule, judged: Iterable[str]) -> Iterable[str]:
        """The environments that the rule has yet to judge."""
        return judged if self._is_empty else self._left.get(rule.META.id, ())


class PartStates(Columns, Mapping[str, State]):
    """The states of a very large tree: by key from their parts; one whole state is made only when asked for."""

    def __init__(self, parts: Mapping[str, Part], make: Callable[[str], State]) -> None:
        self._parts = parts
        self._make = make
        self._rows = [part.cells for part in parts.values()]
        shapes = {id(part.shape): part.shape for part in parts.values()}
        numbers = {identity: number for number, identity in enumerate(shapes)}
        self._shapes = tuple(shapes.values())
        self._forms = [numbers[id(part.shape)] for part in parts.values()]
        self._columns: dict[KeyPath, Sequence[object]] = {}

    def __getitem__(self, name: str) -> State:
        if name not in self._parts:
            raise KeyError(name)
        return self._make(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def paths(self) -> Iterable[KeyPath]:
        return dict.fromkeys(path for shape in self._shapes for path in shape.paths)

    def patterns(self) -> set[tuple[str, ...]]:
        return {pattern for shape in self._shapes for pattern in shape.patterns}

    def shape(self, name: str) -> Shape:
        return self._parts[name].shape

    def tier(self, name: str) -> str:
        part = self._parts[name]
        return str(part.cells[part.shape.paths.index(("tier",))])

    def column(self, path: KeyPath, missing: object) -> Sequence[object]:
        column = self._columns.get(path)
        if column is None:
            column = self._columns[path] = self._cells(path, missing)
        return column

    def _cells(self, path: KeyPath, missing: object) -> Sequence[object]:
        places = [shape.paths.index(path) if path in shape.paths else -1 for shape in self._shapes]
        if len(set(places)) == 1 and places[0] >= 0:
            raw = [row[places[0]] for row in self._rows]
        else:
            both = zip(self._rows, [places[form] for form in self._forms], strict=True)
            raw = [missing if place < 0 else row[place] for row, place in both]
        kinds = [
            "" if place < 0 else shape.kinds[place] for shape, place in zip(self._shapes, places, strict=True)
        ]
        if not set(kinds) & set(_TYPED):
            return raw
        if len(set(kinds)) == 1:
            values = {cell: _TYPED[kinds[0]](cell) for cell in set(raw)}
            return [values[cell] for cell in raw]
        pairs = list(zip([kinds[form] for form in self._forms], raw, strict=True))
        known = {pair: _TYPED[pair[0]](pair[1]) if pair[0] in _TYPED else pair[1] for pair in set(pairs)}
        return [known[pair] for pair in pairs]
