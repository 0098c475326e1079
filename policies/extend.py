"""An operator's file that builds on other packs: changes some clauses, switches some off, adds its own.

    the packs it extends -> their clauses together -> override -> switch_off -> its own clauses, rules, examples

Nothing it can write reaches what stands above every pack (see ``policies.guards`` and ``policies.judge``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import ConfigError
from policies._yaml import Document, Known
from policies.clauses import Clause, Value, Words, distinct, not_empty
from policies.shape import Ceiling, Doubt, Example, Lower, Offence, Pack, Raise, Unread


class _Rule(Protocol):
    @property
    def id(self) -> str: ...


RuleType = TypeVar("RuleType", bound=_Rule)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Extension(Value):
    """What such a file may hold; what it does not say comes from the first of the packs that it ``extends``."""

    extends: Annotated[tuple[Words, ...], BeforeValidator(_listed), AfterValidator(not_empty)]
    override: dict[str, dict[str, object]] = Field(default_factory=dict)
    switch_off: dict[str, Words] = Field(default_factory=dict)
    id: Words | None = None
    title: Words | None = None
    version: Words | None = None
    reviewed_on: date | None = None
    review_by: date | None = None
    notes: tuple[Words, ...] = ()
    clauses: Annotated[tuple[Clause, ...], distinct("clause")] = ()
    raises: tuple[Raise, ...] = ()
    lowers: tuple[Lower, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    doubt: Doubt | None = None
    unread: Unread | None = None
    offences: tuple[Offence, ...] = ()
    examples: tuple[Example, ...] = ()


def extend(document: Document, base: Callable[[str], Pack], known: Known) -> Pack:
    """The pack that ``document`` makes of the packs it extends, which ``base`` finds by name or path.

    A rule of its own replaces an inherited one of the same id. Inherited examples still promise that as much is
    flagged, and touches and tells no less, save those that reach a changed clause.

    Raises ConfigError, with the file and the line, for what does not fit.
    """
    own = document.check(Extension, document.data, known)
    bases = _bases(own.extends, base, document)
    clauses = _together(bases, document)
    changed = {
        **{name: _overridden(clauses, name, own, document, known) for name in own.override},
        **{name: _switched_off(clauses, name, why, document) for name, why in own.switch_off.items()},
    }
    for index, clause in enumerate(own.clauses):
        if clause.id in clauses:
            raise document.error(
                f"clause id '{clause.id}' is used by a pack that this one extends: change it under 'override'",
                ("clauses", index),
            )
    first = bases[0]
    data = {
        "id": own.id or "+".join(pack.id for pack in bases),
        "title": own.title or first.title,
        "version": own.version or first.version,
        "reviewed_on": own.reviewed_on or first.reviewed_on,
        "review_by": own.review_by or first.review_by,
        "notes": _once([note for pack in bases for note in pack.notes], own.notes),
        "clauses": (*(clauses | changed).values(), *own.clauses),
        "raises": _rules([rule for pack in bases for rule in pack.raises], own.raises),
        "lowers": _rules([rule for pack in bases for rule in pack.lowers], own.lowers),
        "ceilings": _rules([rule for pack in bases for rule in pack.ceilings], own.ceilings),
        "doubt": own.doubt or _gravest_doubt(bases),
        "unread": own.unread or _all_readers(bases),
        "offences": _once([one for pack in bases for one in pack.offences], own.offences),
        "examples": (*_inherited(bases, changed), *own.examples),
    }
    return document.check(Pack, data, known)


def _bases(names: Sequence[str], base: Callable[[str], Pack], document: Document) -> list[Pack]:
    found = []
    for index, name in enumerate(names):
        try:
            found.append(base(name))
        except ConfigError as error:
            if error.path:
                raise
            raise document.error(error.problem, ("extends", index)) from error
    return found


def _together(bases: Sequence[Pack], document: Document) -> dict[str, Clause]:
    clauses: dict[str, Clause] = {}
    for index, pack in enumerate(bases):
        for clause in pack.clauses:
            if clauses.setdefault(clause.id, clause) != clause:
                raise document.error(
                    f"two of the packs have a clause '{clause.id}', and they differ", ("extends", index)
                )
    return clauses


def _overridden(
    clauses: dict[str, Clause], name: str, own: Extension, document: Document, known: Known
) -> Clause:
    place = ("override", name)
    before = _clause(clauses, name, document, place)
    if "id" in own.override[name]:
        raise document.error("a clause keeps its id", (*place, "id"))
    changes = own.override[name]
    whole = {field: getattr(before, field) for field in before.model_fields_set}
    return document.check(Clause, {**whole, **changes}, known, place)


def _switched_off(clauses: dict[str, Clause], name: str, why: str, document: Document) -> Clause:
    before = _clause(clauses, name, document, ("switch_off", name))
    return Clause(
        id=name, paraphrase=before.paraphrase, visible=False, reason=f"Switched off by the operator: {why}"
    )


def _clause(clauses: dict[str, Clause], name: str, document: Document, place: tuple[str, ...]) -> Clause:
    if name not in clauses:
        raise document.error(f"no clause '{name}' in the packs that this one extends", place)
    return clauses[name]


def _once(inherited: Iterable[object], own: Iterable[object]) -> tuple[object, ...]:
    return tuple(dict.fromkeys((*inherited, *own)))


def _rules(inherited: Iterable[RuleType], own: Sequence[RuleType]) -> tuple[RuleType, ...]:
    replaced = {rule.id for rule in own}
    return tuple(dict.fromkeys((*(rule for rule in inherited if rule.id not in replaced), *own)))


def _gravest_doubt(bases: Sequence[Pack]) -> Doubt:
    return Doubt(**{name: max(getattr(pack.doubt, name) for pack in bases) for name in Doubt.model_fields})


def _all_readers(bases: Sequence[Pack]) -> Unread:
    return Unread(
        severity=max(pack.unread.severity for pack in bases),
        recipients=tuple(dict.fromkeys(role for pack in bases for role in pack.unread.recipients)),
    )


def _inherited(bases: Sequence[Pack], changed: dict[str, Clause]) -> Iterator[Example]:
    for pack in bases:
        for example in pack.examples:
            if changed.keys().isdisjoint(example.expect.clauses):
                promise = example.expect.model_copy(update={"exact": False, "routes": None})
                yield example.model_copy(update={"expect": promise})
