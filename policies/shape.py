"""The shape of a policy pack: values only, as strict as a form.

A pack holds conditions and no expression language, so whoever owns the policy can read every line of it.
What adds labels can only add: clauses and raising rules ask for *any of* some labels, lowering rules and
ceilings ask for *nothing but* some labels. That is what keeps a verdict from growing milder or losing a
reader when the text turns out to be worse.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, LABELS
from policies.clauses import (
    AuthorRole,
    Clause,
    Grade,
    Guard,
    Handling,
    Kind,
    Label,
    LawId,
    Platform,
    Role,
    RouteId,
    Tag,
    Value,
    When,
    Words,
    distinct,
    not_empty,
)
from policies.guards import GRAVE

__all__ = [
    "Ceiling",
    "Clause",
    "Doubt",
    "Example",
    "Expect",
    "Given",
    "Handling",
    "Lower",
    "Offence",
    "Pack",
    "Raise",
    "Unread",
    "When",
]


def _not_grave(label: str) -> str:
    """What may be somebody's life or safety no rule of a pack makes milder."""
    if label in GRAVE:
        raise ValueError(f"no rule lowers or bounds '{label}': it stands above every pack")
    return label


SomeLabels = Annotated[tuple[Label, ...], AfterValidator(not_empty)]
MildLabels = Annotated[tuple[Annotated[Label, AfterValidator(_not_grave)], ...], AfterValidator(not_empty)]
SomeAuthors = Annotated[tuple[AuthorRole, ...], AfterValidator(not_empty)]


class Raise(Value):
    """One step up, to ``at_most``, for a text that bears any of the labels; several rules make one step."""

    id: Words
    why: Words
    labels: SomeLabels
    when: When = When()
    at_most: Grade = Severity.high


class Lower(Value):
    """One step down, never below low, for a text that bears nothing but ``only_labels``, none of them grave.

    ``maximum_severity`` is compared with the severity that the model itself gave.
    """

    id: Words
    why: Words
    only_labels: MildLabels
    author_roles: SomeAuthors
    maximum_severity: Grade = Severity.critical


class Ceiling(Value):
    """No graver than ``at_most`` for a text that bears nothing but ``only_labels``, none of them grave."""

    id: Words
    why: Words
    only_labels: MildLabels
    at_most: Grade


class Doubt(Value):
    """How grave a label in doubt, or a tag without a label, may be.

    ``grave_at_most`` is for threats and safeguarding, ``critical_at_most`` for those of a text that the model
    itself calls critical. None is graver than the model finds the text as a whole: doubts told at once drown
    the certainties.
    """

    at_most: Grade = Severity.low
    grave_at_most: Grade = Severity.medium
    critical_at_most: Grade = Severity.high


class Unread(Value):
    """Who reads what the machine cannot, and how grave such a case is until then."""

    severity: Grade = Severity.low
    recipients: Annotated[tuple[Role, ...], AfterValidator(not_empty)] = ("safeguarding",)


class Offence(Value):
    """A crime that the policy itself lists: what it ``said`` of the penalty, beside the ``law`` of today."""

    law: LawId
    said: Words
    note: str = ""


class Given(Value):
    """What an example supposes of a text: no text of its own, only what was found in one."""

    labels: tuple[Label, ...] = ()
    ask: tuple[Label, ...] = ()
    tags: tuple[Tag, ...] = ()
    author_role: AuthorRole = "unknown"
    severity: Grade = Severity.none
    relevant: bool = True
    platform: Platform = "facebook"
    findings: tuple[Kind, ...] = ()


class Expect(Value):
    """What the verdict on an example must be, in full; ``routes`` and ``guards`` are looked at where given.

    Where not ``exact``, no more is promised than that what is flagged here is flagged, and that no clause and no
    recipient named here is missing. That is what an inherited example says of the pack that extends its own.
    """

    flagged: bool
    severity: Grade = Severity.none
    clauses: tuple[str, ...] = ()
    recipients: tuple[Role, ...] = ()
    routes: tuple[RouteId, ...] | None = None
    guards: tuple[Guard, ...] | None = None
    exact: bool = True


class Example(Value):
    """A promise of the pack, and a test of it."""

    case: Words
    given: Given
    expect: Expect


class Pack(Value):
    """A policy as data; every label has somebody to tell, whoever wrote the text."""

    id: Words
    title: Words
    version: Words
    reviewed_on: date
    review_by: date
    notes: tuple[Words, ...] = ()
    clauses: Annotated[tuple[Clause, ...], distinct("clause")]
    raises: tuple[Raise, ...] = ()
    lowers: tuple[Lower, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    doubt: Doubt = Doubt()
    unread: Unread = Unread()
    offences: tuple[Offence, ...] = ()
    examples: Annotated[tuple[Example, ...], AfterValidator(not_empty)]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.review_by <= self.reviewed_on:
            raise ValueError("'review_by' must be later than 'reviewed_on'")
        sure = [clause for clause in self.detected if clause.when.author_only]
        for label in LABELS:
            for author_role in AUTHOR_ROLES:
                if not any(label in c.labels and c.when.covers_author(author_role) for c in sure):
                    raise ValueError(
                        f"no clause says who is told of '{label}' by author role '{author_role}'"
                    )
        return self

    @property
    def detected(self) -> tuple[Clause, ...]:
        """The clauses that a public text can touch."""
        return self.handled(Handling.detected)

    def handled(self, how: Handling) -> tuple[Clause, ...]:
        """The clauses of one kind, in the pack's order."""
        return tuple(clause for clause in self.clauses if clause.handling is how)

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of that id, or None where the pack has none."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)
