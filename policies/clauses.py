"""The shape of a clause, and the words that every part of a pack is written in.

A clause is one of three kinds: *detected* (public text can show it), *routed* (Redshank does something about it
that is no finding: an intake form, a rule of who is told, an order of routes) or *not visible*, with the reason.
So nothing of a policy is passed over silently.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Protocol, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, GUARDS, LABELS, PLATFORMS, ROLES, TAGS


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item")
Entry = TypeVar("Entry", bound=_Named)


def _one_of(what: str, allowed: Iterable[str]) -> AfterValidator:
    known = tuple(allowed)

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"unknown {what} '{value}': one of {', '.join(known)}")
        return value

    return AfterValidator(check)


def _in_book(what: str) -> AfterValidator:
    """Refuses an id that the book does not hold; ``policies.pack`` hands the ids in as the context."""

    def check(value: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get(what)
        if known is not None and value not in known:
            raise ValueError(f"unknown {what} '{value}': one of {', '.join(known)}")
        return value

    return AfterValidator(check)


def _severity(value: object) -> object:
    if isinstance(value, Severity):
        return value
    if not isinstance(value, str) or value not in Severity.__members__:
        raise ValueError(f"unknown severity '{value}': one of {', '.join(Severity.__members__)}")
    return Severity[value]


def not_empty(values: tuple[Item, ...]) -> tuple[Item, ...]:
    """At least one; not Field(min_length=1), which complains of an empty list where only its item is wrong."""
    if not values:
        raise ValueError("at least one is needed")
    return values


def distinct(what: str) -> AfterValidator:
    """Refuses two entries of the same id, on the line of the second."""

    def check(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            if entry.id in seen:
                # "at" takes the error to the entry's own line: a field's validator knows only its field.
                raise PydanticCustomError(
                    "duplicate_id",
                    "{what} id '{id}' is used twice",
                    {"what": what, "id": entry.id, "at": index},
                )
            seen.add(entry.id)
        return entries

    return AfterValidator(check)


Label = Annotated[str, _one_of("label", LABELS)]
Tag = Annotated[str, _one_of("tag", TAGS)]
Guard = Annotated[str, _one_of("guard", GUARDS)]
AuthorRole = Annotated[str, _one_of("author role", AUTHOR_ROLES)]
Platform = Annotated[str, _one_of("platform", PLATFORMS)]
Role = Annotated[str, _one_of("role", ROLES)]
RouteId = Annotated[str, _in_book("route")]
LawId = Annotated[str, _in_book("law")]
Grade = Annotated[Severity, BeforeValidator(_severity)]
Kind = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$")]
Words = Annotated[str, Field(min_length=1)]


class Value(BaseModel):
    """Every part of a pack: as strict as a form, and never changed once it is filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Handling(StrEnum):
    """What Redshank makes of a clause."""

    detected = "detected"
    routed = "routed"
    not_visible = "not visible"


class When(Value):
    """Conditions besides the labels; each that is given must hold, an absent one always does.

    ``findings`` are kinds of personal data of which the text holds at least one, ``tags`` are tags of which it
    bears at least one, ``minimum_severity`` is compared with the severity that the model itself gave.
    """

    author_roles: tuple[AuthorRole, ...] = ()
    not_author_roles: tuple[AuthorRole, ...] = ()
    platforms: tuple[Platform, ...] = ()
    findings: tuple[Kind, ...] = ()
    tags: tuple[Tag, ...] = ()
    minimum_severity: Grade = Severity.none

    def covers_author(self, author_role: str) -> bool:
        """Whether a text by such an author is meant."""
        return author_role not in self.not_author_roles and (
            not self.author_roles or author_role in self.author_roles
        )

    @property
    def author_only(self) -> bool:
        """Whether nothing but the author is asked about."""
        return not (self.platforms or self.findings or self.tags or self.minimum_severity)


class Clause(Value):
    """One clause of the policy, in our own words.

    A detected clause is touched by a text that bears any of its ``labels`` or ``tags``; ``severity`` is its
    default, ``recipients`` are the roles that are told, ``routes`` the lawful ways to act in the order in which
    to try them, ``law`` what the text may break. A routed one says in ``does`` what Redshank does instead, one
    that public text can never show says why in ``reason``.
    """

    id: Words
    paraphrase: Words
    visible: bool = True
    reason: str = ""
    does: str = ""
    labels: tuple[Label, ...] = ()
    tags: tuple[Tag, ...] = ()
    severity: Grade = Severity.none
    recipients: tuple[Role, ...] = ()
    routes: tuple[RouteId, ...] = ()
    law: tuple[LawId, ...] = ()
    when: When = When()

    @property
    def handling(self) -> Handling:
        """Which of the three kinds it is."""
        if not self.visible:
            return Handling.not_visible
        return Handling.routed if self.does else Handling.detected

    def touched_by(self, labels: Iterable[str], tags: Iterable[str] = ()) -> bool:
        """Whether any of ``labels`` or ``tags`` is one that this clause speaks of."""
        return not set(labels).isdisjoint(self.labels) or not set(tags).isdisjoint(self.tags)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        looks_for = bool(self.labels or self.tags or self.severity or self.law) or self.when != When()
        match self.handling:
            case Handling.detected if not ((self.labels or self.tags) and self.severity and self.recipients):
                raise ValueError(
                    f"visible clause '{self.id}' needs labels, a severity above none and recipients "
                    "(tags may stand for labels), or else 'does'"
                )
            case Handling.routed if looks_for:
                raise ValueError(
                    f"clause '{self.id}' has 'does': it takes recipients and routes, nothing to look for"
                )
            case Handling.not_visible if looks_for or self.does or self.recipients or self.routes:
                raise ValueError(f"clause '{self.id}' is not visible: it takes a reason and no conditions")
        if self.visible == bool(self.reason):
            raise ValueError(
                f"clause '{self.id}': a reason belongs to a clause with 'visible: false', and only there"
            )
        return self
