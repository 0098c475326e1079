"""Assessments, mentions and packs to judge: by hand for the rules, drawn for what holds of all of them."""

from datetime import date

from hypothesis import strategies as st

from core.types import Assessment, Finding, Mention, Reason, Severity
from core.vocabulary import AUTHOR_ROLES, LABELS, PLATFORMS, ROLES, TAGS
from policies.books import books
from policies.guards import GRAVE
from policies.pack import load
from policies.shape import Ceiling, Clause, Doubt, Example, Expect, Given, Lower, Pack, Raise, When

FOCUS = load("focus")
KINDS = ("nhs_number", "address", "room", "person")
ROUTES = books().known["route"]
MILD = tuple(label for label in LABELS if label not in GRAVE)
FLAGGED = [severity for severity in Severity if severity]


def mention(text: str = "", *, author: str = "", platform: str = "facebook") -> Mention:
    return Mention(
        source="s", key="k", url="https://example.org/1", text=text, author=author, platform=platform
    )


def assessment(
    *labels: str,
    ask: tuple[str, ...] = (),
    severity: Severity = Severity.medium,
    author_role: str = "public",
    relevant: bool = True,
    findings: tuple[str, ...] = (),
    language: str = "",
    reasons: tuple[Reason, ...] = (),
    tags: tuple[str, ...] = (),
) -> Assessment:
    return Assessment(
        scores={label: 0.876 if label in labels else 0.4 for label in LABELS},
        labels=labels,
        ask=(*labels, *ask),
        severity=severity,
        relevance=0.9 if relevant else 0.12,
        relevant=relevant,
        author_role=author_role,
        model="test",
        findings=tuple(Finding(kind=kind, start=0, end=1) for kind in findings),
        language=language,
        reasons=reasons,
        tags=tags,
    )


def some(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=4).map(tuple)


def few(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=3).map(tuple)


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    ask = draw(some(LABELS))
    return Assessment(
        scores=draw(st.dictionaries(st.sampled_from(LABELS), st.floats(0, 1))),
        labels=tuple(label for label in ask if draw(st.booleans())),
        ask=ask,
        severity=draw(st.sampled_from(Severity)),
        relevance=draw(st.floats(0, 1)),
        relevant=draw(st.integers(0, 9)) > 0,
        author_role=draw(st.sampled_from(AUTHOR_ROLES)),
        model="test",
        findings=tuple(Finding(kind=kind, start=0, end=1) for kind in draw(some(KINDS))),
        language=draw(st.sampled_from(("", "cy", "und"))),
        tags=draw(some(tuple(TAGS))),
    )


mentions = st.builds(mention, st.text(), author=st.text(), platform=st.sampled_from(PLATFORMS))
whens = st.builds(
    When,
    author_roles=some(AUTHOR_ROLES),
    not_author_roles=some(AUTHOR_ROLES),
    platforms=some(PLATFORMS),
    findings=some(KINDS),
    tags=some(tuple(TAGS)),
    minimum_severity=st.sampled_from(Severity),
)
grades = st.sampled_from(FLAGGED)
a_role = st.sampled_from(ROLES)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    every = [
        Clause(
            id=label, paraphrase="All.", labels=(label,), severity=draw(grades), recipients=draw(few(ROLES))
        )
        for label in LABELS
    ]
    clause = st.builds(
        Clause, id=st.uuids().map(str), paraphrase=st.just("Some."), labels=few(LABELS), tags=some(tuple(TAGS)),
        severity=grades, recipients=few(ROLES), routes=some(ROUTES), when=whens,
    )  # fmt: skip
    words = {"id": st.just("rule"), "why": st.just("Because.")}
    raises = st.builds(Raise, **words, labels=few(LABELS), when=whens, at_most=grades)
    lowers = st.builds(
        Lower, **words, only_labels=few(MILD), author_roles=few(AUTHOR_ROLES), maximum_severity=grades
    )
    ceilings = st.builds(Ceiling, **words, only_labels=few(MILD), at_most=grades)
    return Pack(
        id="p", title="P", version="1", reviewed_on=date(2026, 1, 1), review_by=date(2027, 1, 1),
        clauses=(*every, *draw(st.lists(clause, max_size=3, unique_by=lambda c: c.id))),
        raises=tuple(draw(st.lists(raises, max_size=2))),
        lowers=tuple(draw(st.lists(lowers, max_size=2))),
        ceilings=tuple(draw(st.lists(ceilings, max_size=2))),
        doubt=draw(st.builds(Doubt, at_most=grades, grave_at_most=grades, critical_at_most=grades)),
        examples=(Example(case="c", given=Given(), expect=Expect(flagged=False)),),
    )  # fmt: skip


any_pack = st.one_of(st.just(FOCUS), packs())
