"""An operator's file that builds on other packs: changes some clauses, switches some off, adds its own.

    the packs it extends -> their clauses together -> override -> switch_off -> its own clauses, rules, examples

Nothing it can write reaches what stands above every pack (see ``policies.guards`` and ``policies.judge``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import ConfigError
from core.types import Severity
from policies._yaml import Document, Known
from policies.clauses import Clause, Value, Words, distinct, not_empty
from policies.shape import Ceiling, Doubt, Example, Lower, Offence, Pack, Raise, Unread


class _Rule(Protocol):
    @property
    def id(self) -> str: ...


_GUARDIAN = "safeguarding"
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
        "doubt": _doubt(own, bases, document),
        "unread": _unread(own, bases, document),
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


def _doubt(own: Extension, bases: Sequence[Pack], document: Document) -> Doubt:
    """The gravest of the packs', raised where the file asks for it; lowering it would hide a child at risk."""
    gravest = {name: max(getattr(pack.doubt, name) for pack in bases) for name in Doubt.model_fields}
    asked = _given(own.doubt)
    for name, severity in asked.items():
        _not_lower(severity, gravest[name], ("doubt", name), document)
    return Doubt(**gravest | asked)


def _unread(own: Extension, bases: Sequence[Pack], document: Document) -> Unread:
    """The gravest of the packs' and all their readers, or those of the file: never milder, and never unsafeguarded."""
    gravest = max(pack.unread.severity for pack in bases)
    readers = tuple(dict.fromkeys(role for pack in bases for role in pack.unread.recipients))
    asked = _given(own.unread)
    _not_lower(asked.get("severity", gravest), gravest, ("unread", "severity"), document)
    if _GUARDIAN in readers and _GUARDIAN not in asked.get("recipients", readers):
        raise document.error(
            f"what the machine cannot read goes to {_GUARDIAN} too: that role stays", ("unread", "recipients")
        )
    return Unread(severity=gravest, recipients=readers).model_copy(update=asked)


def _given(value: Doubt | Unread | None) -> dict[str, Any]:
    """The keys that the file itself holds."""
    return {name: getattr(value, name) for name in value.model_fields_set} if value else {}


def _not_lower(asked: Severity, inherited: Severity, place: tuple[str, str], document: Document) -> None:
    if asked < inherited:
        raise document.error(
            f"'{place[1]}' of '{place[0]}' may be raised and not lowered: what it extends says {inherited}",
            place,
        )


def _inherited(bases: Sequence[Pack], changed: dict[str, Clause]) -> Iterator[Example]:
    for pack in bases:
        for example in pack.examples:
            if changed.keys().isdisjoint(example.expect.clauses):
                promise = example.expect.model_copy(update={"exact": False, "routes": None})
                yield example.model_copy(update={"expect": promise})
