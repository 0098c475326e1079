"""The shape of a policy pack: values only, as strict as a form.

A pack holds conditions and no expression language, so whoever owns the policy can read every line of it.
What adds labels can only add: clauses and raising rules ask for *any of* some labels, lowering rules and
ceilings ask for *nothing but* some labels. That is what keeps a verdict from growing milder or losing a
reader when the text turns out to be worse.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, LABELS, PLATFORMS, ROLES

Item = TypeVar("Item")


def _one_of(what: str, allowed: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"unknown {what} '{value}': one of {', '.join(allowed)}")
        return value

    return AfterValidator(check)


def _severity(value: object) -> object:
    if isinstance(value, Severity):
        return value
    if not isinstance(value, str) or value not in Severity.__members__:
        raise ValueError(f"unknown severity '{value}': one of {', '.join(Severity.__members__)}")
    return Severity[value]


def _not_empty(values: tuple[Item, ...]) -> tuple[Item, ...]:
    # Not Field(min_length=1), which complains of an empty list where the only item of it is wrong.
    if not values:
        raise ValueError("at least one is needed")
    return values


Label = Annotated[str, _one_of("label", LABELS)]
AuthorRole = Annotated[str, _one_of("author role", AUTHOR_ROLES)]
Platform = Annotated[str, _one_of("platform", PLATFORMS)]
Role = Annotated[str, _one_of("role", ROLES)]
Grade = Annotated[Severity, BeforeValidator(_severity)]
Kind = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$")]
Words = Annotated[str, Field(min_length=1)]
SomeLabels = Annotated[tuple[Label, ...], AfterValidator(_not_empty)]
SomeAuthors = Annotated[tuple[AuthorRole, ...], AfterValidator(_not_empty)]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Value):
    """Conditions besides the labels; each that is given must hold, an absent one always does.

    ``findings`` are kinds of personal data of which the text holds at least one, ``minimum_severity`` is
    compared with the severity that the model itself gave.
    """

    author_roles: tuple[AuthorRole, ...] = ()
    not_author_roles: tuple[AuthorRole, ...] = ()
    platforms: tuple[Platform, ...] = ()
    findings: tuple[Kind, ...] = ()
    minimum_severity: Grade = Severity.none

    def covers_author(self, author_role: str) -> bool:
        """Whether a text by such an author is meant."""
        return author_role not in self.not_author_roles and (
            not self.author_roles or author_role in self.author_roles
        )

    @property
    def author_only(self) -> bool:
        """Whether nothing but the author is asked about."""
        return not self.platforms and not self.findings and self.minimum_severity is Severity.none


class Clause(_Value):
    """One clause of the policy, in our own words.

    A visible clause is touched by a text that bears any of its ``labels``; ``severity`` is its default and
    ``recipients`` are the roles that are told. One that public text can never show says why in ``reason``.
    """

    id: Words
    paraphrase: Words
    visible: bool = True
    reason: str = ""
    labels: tuple[Label, ...] = ()
    severity: Grade = Severity.none
    recipients: tuple[Role, ...] = ()
    when: When = When()

    def touched_by(self, labels: Iterable[str]) -> bool:
        """Whether any of ``labels`` is one that this clause speaks of."""
        return not set(labels).isdisjoint(self.labels)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.visible and not (self.labels and self.severity and self.recipients):
            raise ValueError(f"visible clause '{self.id}' needs labels, a severity above none and recipients")
        if not self.visible and (self.labels or self.severity or self.recipients or self.when != When()):
            raise ValueError(f"clause '{self.id}' is not visible: it takes a reason and no conditions")
        if self.visible == bool(self.reason):
            raise ValueError(
                f"clause '{self.id}': a reason belongs to a clause with 'visible: false', and only there"
            )
        return self


class Raise(_Value):
    """One step up, to ``at_most``, for a text that bears any of the labels; several rules make one step."""

    id: Words
    why: Words
    labels: SomeLabels
    when: When = When()
    at_most: Grade = Severity.high


class Lower(_Value):
    """One step down, never below low, for a text that bears nothing but ``only_labels``.

    ``maximum_severity`` is compared with the severity that the model itself gave.
    """

    id: Words
    why: Words
    only_labels: SomeLabels
    author_roles: SomeAuthors
    maximum_severity: Grade = Severity.critical


class Ceiling(_Value):
    """No graver than ``at_most`` for a text that bears nothing but ``only_labels``."""

    id: Words
    why: Words
    only_labels: SomeLabels
    at_most: Grade


class Doubt(_Value):
    """How grave a label in doubt may be.

    ``grave_at_most`` is for threats and safeguarding, ``critical_at_most`` for those of a text that the model
    itself calls critical. None is graver than the model finds the text as a whole: doubts told at once drown
    the certainties.
    """

    at_most: Grade = Severity.low
    grave_at_most: Grade = Severity.medium
    critical_at_most: Grade = Severity.high


class Unread(_Value):
    """Who reads what the machine cannot, and how grave such a case is until then."""

    severity: Grade = Severity.low
    recipients: Annotated[tuple[Role, ...], AfterValidator(_not_empty)] = ("safeguarding",)


class Given(_Value):
    """What an example supposes of a text: no text of its own, only what was found in one."""

    labels: tuple[Label, ...] = ()
    ask: tuple[Label, ...] = ()
    author_role: AuthorRole = "unknown"
    severity: Grade = Severity.none
    relevant: bool = True
    platform: Platform = "facebook"
    findings: tuple[Kind, ...] = ()


class Expect(_Value):
    """What the verdict on an example must be, in full."""

    flagged: bool
    severity: Grade = Severity.none
    clauses: tuple[str, ...] = ()
    recipients: tuple[Role, ...] = ()


class Example(_Value):
    """A promise of the pack, and a test of it."""

    case: Words
    given: Given
    expect: Expect


class Pack(_Value):
    """A policy as data; every label has somebody to tell, whoever wrote the text."""

    id: Words
    title: Words
    version: Words
    reviewed_on: date
    review_by: date
    notes: tuple[Words, ...] = ()
    clauses: tuple[Clause, ...]
    raises: tuple[Raise, ...] = ()
    lowers: tuple[Lower, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    doubt: Doubt = Doubt()
    unread: Unread = Unread()
    examples: Annotated[tuple[Example, ...], AfterValidator(_not_empty)]

    @field_validator("clauses")
    @classmethod
    def _ids_differ(cls, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        seen: set[str] = set()
        for index, clause in enumerate(clauses):
            if clause.id in seen:
                # "at" takes the error to the clause's own line: a field's validator knows only its field.
                raise PydanticCustomError(
                    "duplicate_id", "clause id '{id}' is used twice", {"id": clause.id, "at": index}
                )
            seen.add(clause.id)
        return clauses

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.review_by <= self.reviewed_on:
            raise ValueError("'review_by' must be later than 'reviewed_on'")
        sure = [clause for clause in self.visible if clause.when.author_only]
        for label in LABELS:
            for author_role in AUTHOR_ROLES:
                if not any(label in c.labels and c.when.covers_author(author_role) for c in sure):
                    raise ValueError(
                        f"no clause says who is told of '{label}' by author role '{author_role}'"
                    )
        return self

    @property
    def visible(self) -> tuple[Clause, ...]:
        """The clauses that a public text can touch."""
        return tuple(clause for clause in self.clauses if clause.visible)
