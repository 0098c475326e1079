"""What a policy makes of an assessed mention: pure, and total over all assessments.

    clauses touched -> severity of the sure labels -> severity of the doubtful ones -> recipients -> reasons

Severity: the model's own, held within one step of the gravest clause touched; one step up or down by the
pack's rules; a ceiling where the pack sets one. Nothing an added label does can lower it or remove a
recipient. Three rules stand above every pack, and so are written here: a sure threat or safeguarding concern
that the model calls critical is critical; what may be a worker's disclosure goes to the speak-up guardian
(Employment Rights Act 1996, Part IVA); what the machine cannot read goes to a person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from core.types import Assessment, Mention, Severity, Verdict
from core.vocabulary import DEFINITIONS, LABELS, ROLES
from policies.shape import Ceiling, Clause, Lower, Pack, Raise, When

GRAVE = frozenset({"safeguarding", "threat"})
WORKERS = frozenset({"staff", "ex-staff"})
DISCLOSURE = frozenset({"reputation", "safeguarding", "internal"})

_PERHAPS_OTHERS = (
    "Perhaps not about the organisation: what the text says is sure, a person must judge whom it means."
)


def judge(mention: Mention, assessment: Assessment, pack: Pack) -> Verdict:
    """The verdict of ``pack``; its reasons name labels, clauses and rules and hold nothing of the mention.

    Clauses that a sure label touches stand first, then the gravest, then the most particular (fewest labels);
    labels and recipients stand in the order of ``core.types``.
    """
    if not assessment.relevant and not assessment.ask and not assessment.language:
        reason = f"Not about the organisation (relevance {_per_cent(assessment.relevance)})."
        return Verdict(flagged=False, severity=Severity.none, reasons=(reason,))
    sure = _in_order(assessment.labels, LABELS)
    doubtful = _in_order(set(assessment.ask) - set(sure), LABELS)
    if not sure and not doubtful and assessment.language:
        return unread(_language_reason(assessment.language), pack)
    if not sure and not doubtful:
        return Verdict(flagged=False, severity=Severity.none, reasons=("No label reached a threshold.",))
    context = _Context(mention, assessment, pack)
    clauses = sorted(
        context.touched({*sure, *doubtful}),
        key=lambda clause: (not clause.touched_by(sure), -clause.severity, len(clause.labels)),
    )
    severity, steps = context.grade(sure)
    recipients = {role for clause in clauses for role in clause.recipients}
    if assessment.language:
        severity, recipients = max(severity, pack.unread.severity), recipients | set(pack.unread.recipients)
    possible_disclosure = assessment.author_role in WORKERS and bool(DISCLOSURE & {*sure, *doubtful})
    return Verdict(
        flagged=True,
        severity=max([severity, *(context.grade_doubtful(label) for label in doubtful)]),
        labels=sure,
        ask=doubtful,
        clauses=tuple(clause.id for clause in clauses),
        recipients=_in_order(recipients | {"speak_up"} if possible_disclosure else recipients, ROLES),
        reasons=(
            *(_clause_reason(clause, sure, doubtful, assessment) for clause in clauses),
            *((_language_reason(assessment.language),) if assessment.language else ()),
            *(() if assessment.relevant else (_PERHAPS_OTHERS,)),
            *steps,
            *_evidence(sure, assessment),
            *_general_reasons(sure, doubtful, context, possible_disclosure=possible_disclosure),
        ),
    )


def unread(why: str, pack: Pack) -> Verdict:
    """The verdict on a text that the machine could not read or not process; ``why`` is a sentence for the record."""
    return Verdict(
        flagged=True,
        severity=pack.unread.severity,
        recipients=_in_order(pack.unread.recipients, ROLES),
        reasons=(why,),
    )


def _language_reason(code: str) -> str:
    language = "a language that could not be told" if code == "und" else f"another language (ISO 639: {code})"
    return f"The machine reads English only, and this is probably {language}: a person must read it."


class _Context:
    """What ``judge`` was given, and the questions asked of it for one set of labels after another."""

    def __init__(self, mention: Mention, assessment: Assessment, pack: Pack) -> None:
        self.platform = mention.platform
        self.author_role = assessment.author_role
        self.own = assessment.severity
        self.kinds = frozenset(finding.kind for finding in assessment.findings)
        self.pack = pack

    def touched(self, labels: Iterable[str]) -> list[Clause]:
        """The visible clauses that any of the labels touches, in the pack's order."""
        wanted = set(labels)
        return [c for c in self.pack.visible if c.touched_by(wanted) and self._holds(c.when)]

    def grade(self, labels: Sequence[str]) -> tuple[Severity, list[str]]:
        """The severity of a text that bears just these labels, and a sentence for each rule that moved it."""
        if not labels:
            return Severity.none, []
        gravest = max((clause.severity for clause in self.touched(labels)), default=Severity.low)
        severity = _clamp(self.own, gravest - 1, gravest + 1)
        moved: list[str] = []
        for move in (self._raise, self._lower, self._hold):
            severity, reasons = move(severity, set(labels))
            moved += reasons
        if (
            self.own is Severity.critical
            and not GRAVE.isdisjoint(labels)
            and severity is not Severity.critical
        ):
            severity = Severity.critical
            moved.append("Critical: the model calls a threat or a safeguarding concern critical.")
        return severity, moved

    def grade_doubtful(self, label: str) -> Severity:
        """The severity that a label at the lower threshold may carry by itself."""
        return min(self.grade([label])[0], self.limit(label))

    def limit(self, label: str) -> Severity:
        """The gravest that a doubtful label may be: as the pack allows, and no graver than the model finds the text."""
        doubt = self.pack.doubt
        if label not in GRAVE:
            most = doubt.at_most
        else:
            most = doubt.critical_at_most if self.own is Severity.critical else doubt.grave_at_most
        return min(most, max(self.own, Severity.low))

    def _raise(self, severity: Severity, labels: set[str]) -> tuple[Severity, list[str]]:
        rules: list[Raise] = [
            rule
            for rule in self.pack.raises
            if severity < rule.at_most and not labels.isdisjoint(rule.labels) and self._holds(rule.when)
        ]
        reasons = [f"Raised one step by rule {rule.id}: {rule.why}" for rule in rules]
        return (Severity(severity + 1) if rules else severity), reasons

    def _lower(self, severity: Severity, labels: set[str]) -> tuple[Severity, list[str]]:
        rules: list[Lower] = [
            rule
            for rule in self.pack.lowers
            if labels <= set(rule.only_labels)
            and self.author_role in rule.author_roles
            and self.own <= rule.maximum_severity
            and severity > Severity.low
        ]
        reasons = [f"Lowered one step by rule {rule.id}: {rule.why}" for rule in rules]
        return (Severity(severity - 1) if rules else severity), reasons

    def _hold(self, severity: Severity, labels: set[str]) -> tuple[Severity, list[str]]:
        rules: list[Ceiling] = [
            rule for rule in self.pack.ceilings if labels <= set(rule.only_labels) and severity > rule.at_most
        ]
        reasons = [f"Held at {rule.at_most} by rule {rule.id}: {rule.why}" for rule in rules]
        return min([severity, *(rule.at_most for rule in rules)]), reasons

    def _holds(self, when: When) -> bool:
        return (
            when.covers_author(self.author_role)
            and (not when.platforms or self.platform in when.platforms)
            and (not when.findings or not self.kinds.isdisjoint(when.findings))
            and self.own >= when.minimum_severity
        )


def _clause_reason(
    clause: Clause, sure: Sequence[str], doubtful: Sequence[str], assessment: Assessment
) -> str:
    hits = [label for label in sure if label in clause.labels]
    named = ", ".join(
        f"{label} ({_per_cent(assessment.scores.get(label))})"
        for label in hits or [label for label in doubtful if label in clause.labels]
    )
    doubt = "" if hits else "perhaps, a person must judge: "
    return f"Clause {clause.id}, {doubt}{named}: {clause.paraphrase}"


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


def _general_reasons(
    sure: Sequence[str], doubtful: Sequence[str], context: _Context, *, possible_disclosure: bool
) -> Iterable[str]:
    if doubtful:
        limits = ", ".join(f"{label} ({context.limit(label)} at most)" for label in doubtful)
        yield f"In doubt until a person has judged: {limits}."
    if possible_disclosure:
        yield "The author may be a worker who discloses wrongdoing: the speak-up guardian is told."
    if {*sure, *doubtful} == {"reputation"}:
        yield "Criticism is free: an accusation alone is to be answered, and no removal is offered."


def _clamp(severity: Severity, least: int, most: int) -> Severity:
    """``severity`` between the two, and never below low or above critical."""
    return Severity(max(Severity.low, least, min(severity, most, Severity.critical)))


def _in_order(names: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in order if name in wanted)


def _per_cent(probability: float | None) -> str:
    return "no score" if probability is None else f"{100 * probability:.0f} %"
