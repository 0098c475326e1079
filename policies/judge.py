"""What a policy makes of an assessed mention: pure, and total over all assessments.

    clauses touched -> severity of the sure labels -> of the doubtful ones -> of the tags -> guards -> recipients,
    routes -> reasons

Severity: the model's own, held within one step of the gravest clause touched; one step up or down by the
pack's rules; a ceiling where the pack sets one. Nothing an added label does can lower it or remove a
recipient. Some rules stand above every pack, and so are written in code: a sure threat or safeguarding concern
that the model calls critical is critical; what may be a safeguarding concern reaches that role; what the machine
cannot read goes to a person; talk of sexual images of a child is always critical; and the guards of
``policies.guards``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from core.types import Assessment, Mention, Severity, Verdict
from core.vocabulary import DEFINITIONS, LABELS, ROLES, TAGS
from core.work import Member
from policies.books import books
from policies.grading import CHILD_IMAGES, Grading
from policies.guards import Over, guards, offered, reported, told
from policies.shape import Clause, Pack

# The tags that are something a policy may forbid; the others only grade and route what bears a label.
OTHERS = ("ip", "malware", "illegal", "contempt")

_PERHAPS_OTHERS = (
    "Perhaps not about the organisation: what the text says is sure, a person must judge whom it means."
)

HARMLESS = "No label reached a threshold."


def judge(mention: Mention, assessment: Assessment, pack: Pack, members: Sequence[Member] = ()) -> Verdict:
    """The verdict of ``pack``; its reasons name labels, clauses and rules and hold nothing of the mention.

    Clauses that a sure label touches stand first, then the gravest, then the most particular (fewest labels);
    labels, tags, guards and recipients stand in the order of ``core.vocabulary``, routes in the order to try
    them. ``members`` are the people of the house whom a text may name.
    """
    tags = _in_order(assessment.tags, TAGS)
    about_us = assessment.relevant or CHILD_IMAGES in tags
    if not about_us and not assessment.ask and not assessment.language:
        why = assessment.relevance_why or f"relevance {_per_cent(assessment.relevance)}"
        reason = f"Not about the organisation ({why})."
        return Verdict(flagged=False, severity=Severity.none, reasons=(reason,), relevant=False)
    seen = _Seen(Grading(mention, assessment, pack), assessment)
    if not (seen.sure or seen.doubtful or seen.alone or assessment.language):
        return Verdict(flagged=False, severity=Severity.none, reasons=tuple(seen.nothing()))
    over = guards(mention, assessment, (*seen.sure, *seen.doubtful), members)
    recipients, decides = told(seen.recipients(over), members, over.conflicts)
    opened = [route for clause in seen.clauses for route in clause.routes]
    return Verdict(
        flagged=True,
        severity=seen.severity,
        labels=seen.sure,
        ask=seen.doubtful,
        clauses=tuple(clause.id for clause in seen.clauses),
        recipients=recipients,
        reasons=(
            *seen.reasons(),
            *_guard_reasons(over, decides, press=reported(mention, assessment, (*seen.sure, *seen.doubtful))),
        ),
        tags=tags,
        routes=offered(opened, over.guards, books().route),
        guards=over.guards,
        conflicts=over.conflicts,
    )


def unread(why: str, pack: Pack) -> Verdict:
    """The verdict on a text that the machine could not read or not process; ``why`` is a sentence for the record."""
    return Verdict(
        flagged=True,
        severity=pack.unread.severity,
        recipients=_in_order(pack.unread.recipients, ROLES),
        reasons=(why,),
    )


class _Seen:
    """What of a mention touches the pack: labels for sure and in doubt, tags that stand alone, and the clauses."""

    def __init__(self, grading: Grading, assessment: Assessment) -> None:
        self.assessment = assessment
        self.pack = grading.pack
        self.grading = grading
        self.sure = _in_order(assessment.labels, LABELS)
        self.doubtful = _in_order(set(assessment.ask) - set(self.sure), LABELS)
        tags = _in_order(assessment.tags, TAGS)
        others = [tag for tag in tags if tag in OTHERS]
        self.alone = [tag for tag in others if grading.touched((), (tag,))]
        self.unnamed = [tag for tag in others if tag not in self.alone]
        if CHILD_IMAGES in tags:
            self.alone.append(CHILD_IMAGES)
        self.clauses: list[Clause] = []
        if self.sure or self.doubtful or self.alone:
            self.clauses = sorted(
                grading.touched({*self.sure, *self.doubtful}, tags),
                key=lambda c: (not c.touched_by(self.sure), -c.severity, len(c.labels) + len(c.tags)),
            )
        self._graded, self._steps = grading.grade(self.sure)

    @property
    def severity(self) -> Severity:
        """The gravest of all that was seen."""
        grading = self.grading
        return max(
            self._graded,
            *(grading.grade_doubtful(label) for label in self.doubtful),
            *(grading.grade_tag(tag) for tag in self.alone),
            self.pack.unread.severity if self.assessment.language else Severity.none,
        )

    def recipients(self, over: Over) -> set[str]:
        """The roles that the clauses name, and those whom a rule above the pack tells."""
        roles = {role for clause in self.clauses for role in clause.recipients}
        if self.assessment.language:
            roles.update(self.pack.unread.recipients)
        if "speak_up" in over.guards:
            roles.add("speak_up")
        if "sealed" in over.guards or "safeguarding" in (*self.sure, *self.doubtful):
            roles.add("safeguarding")
        return roles

    def nothing(self) -> Iterable[str]:
        """Why nothing is flagged."""
        yield HARMLESS
        yield from (
            f"Perhaps other:{tag}, of which the policy says nothing: {TAGS[tag]}" for tag in self.unnamed
        )

    def reasons(self) -> Iterable[str]:
        """Sentences for the record: clauses, language, rules, what each label and tag means, what is in doubt."""
        assessment = self.assessment
        yield from map(self._clause_reason, self.clauses)
        if assessment.language:
            yield _language_reason(assessment.language)
        if not assessment.relevant and (self.sure or self.doubtful):
            yield _PERHAPS_OTHERS
        yield from self._steps
        yield from _evidence(self.sure, assessment)
        yield from self._tag_reasons()
        limits = [f"{label} ({self.grading.limit(label)} at most)" for label in self.doubtful]
        limits += [
            f"other:{tag} ({self.grading.grade_tag(tag)} at most)" for tag in self.alone if tag in OTHERS
        ]
        if limits:
            yield f"In doubt until a person has judged: {', '.join(limits)}."

    def _clause_reason(self, clause: Clause) -> str:
        scores = self.assessment.scores
        hits = [label for label in self.sure if label in clause.labels]
        named = [
            f"{label} ({_per_cent(scores.get(label))})"
            for label in hits or [label for label in self.doubtful if label in clause.labels]
        ] or [_tag(tag) for tag in self.assessment.tags if tag in clause.tags]
        doubt = "" if hits else "perhaps, a person must judge: "
        return f"Clause {clause.id}, {doubt}{', '.join(named)}: {clause.paraphrase}"

    def _tag_reasons(self) -> Iterable[str]:
        for tag in _in_order(self.assessment.tags, TAGS):
            unsaid = ", of which the policy says nothing" if tag in self.unnamed else ""
            yield f"Perhaps {_tag(tag)}{unsaid}: {TAGS[tag]}"


def _language_reason(code: str) -> str:
    language = "a language that could not be told" if code == "und" else f"another language (ISO 639: {code})"
    return f"The machine reads English only, and this is probably {language}: a person must read it."


def _evidence(sure: Sequence[str], assessment: Assessment) -> Iterable[str]:
    """What each sure label means and where in the text it stands, and the kinds of personal data; no word of it."""
    for label in sure:
        places = [f"{why.start} to {why.end}" for why in assessment.reasons if why.label == label]
        where = f" Carried by characters {' and '.join(places)}." if places else ""
        yield f"{label.capitalize()}: {DEFINITIONS[label]}{where}"
    kinds = Counter(finding.kind.replace("_", " ") for finding in assessment.findings)
    if kinds:
        found = ", ".join(f"{kind} ({number})" for kind, number in sorted(kinds.items()))
        yield f"Personal data found: {found}."


def _guard_reasons(over: Over, decides: str, *, press: bool) -> Iterable[str]:
    """A sentence for each guard; of a conflict the role that decides, never whom the text names."""
    if "sealed" in over.guards:
        yield "Perhaps sexual images of a child: the link is sealed; open, copy and send nothing, tell the IWF."
    if "speak_up" in over.guards:
        yield "The author may be a worker who discloses wrongdoing: the speak-up guardian is told."
    if "conflict" in over.guards:
        instead = f": {decides} decides instead" if decides else ", so none of them may decide it"
        yield f"It names or accuses somebody of the house{instead}."
    if "criticism" in over.guards and press:
        yield "Criticism is free: the press is answered, and no removal is offered."
    elif "criticism" in over.guards:
        yield (
            "Criticism is free: an accusation is to be answered, and no removal is offered unless a person confirms "
            "more than that."
        )


def _tag(tag: str) -> str:
    return f"other:{tag}" if tag in OTHERS else tag.replace("_", " ")


def _in_order(names: Iterable[str], order: Iterable[str]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in order if name in wanted)


def _per_cent(probability: float | None) -> str:
    return "no score" if probability is None else f"{100 * probability:.0f} %"
