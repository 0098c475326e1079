"""How grave a mention is: the model's own severity, held to the clauses touched and moved by the pack's rules."""

from collections.abc import Iterable, Sequence

from core.types import Assessment, Mention, Severity
from policies.guards import GRAVE
from policies.shape import Ceiling, Clause, Lower, Pack, Raise, When

CHILD_IMAGES = "child_images"
# Court proceedings run on: what may not be told of them must be read on the same day.
SAME_DAY = "contempt"


class Grading:
    """What ``judge`` was given, and the questions asked of it for one set of labels after another."""

    def __init__(self, mention: Mention, assessment: Assessment, pack: Pack) -> None:
        self.platform = mention.platform
        self.author_role = assessment.author_role
        self.own = assessment.severity
        self.kinds = frozenset(finding.kind for finding in assessment.findings)
        self.tags = frozenset(assessment.tags)
        self.pack = pack

    def touched(self, labels: Iterable[str], tags: Iterable[str] = ()) -> list[Clause]:
        """The clauses that any of the labels or tags touches, in the pack's order."""
        wanted, seen = set(labels), set(tags)
        return [c for c in self.pack.detected if c.touched_by(wanted, seen) and self._holds(c.when)]

    def grade(self, labels: Sequence[str]) -> tuple[Severity, list[str]]:
        """The severity of a text that bears just these labels, and a sentence for each rule that moved it."""
        if not labels:
            return Severity.none, []
        severity = self._near(self.touched(labels))
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

    def grade_tag(self, tag: str) -> Severity:
        """The severity that a tag may carry by itself."""
        if tag == CHILD_IMAGES:
            return Severity.critical
        clauses = self.touched((), (tag,))
        if tag == SAME_DAY:
            return max((clause.severity for clause in clauses), default=Severity.none)
        return min(self._near(clauses), self.limit_tag())

    def limit_tag(self) -> Severity:
        """The gravest that a tag without a label may be, unless a child is shown or the same day counts."""
        return min(self.pack.doubt.at_most, max(self.own, Severity.low))

    def _near(self, clauses: Sequence[Clause]) -> Severity:
        """The model's own severity, within one step of the gravest of these clauses."""
        gravest = max((clause.severity for clause in clauses), default=Severity.low)
        least, most = max(Severity.low, gravest - 1), min(Severity.critical, gravest + 1)
        return Severity(max(least, min(self.own, most)))

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
            and (not when.tags or not self.tags.isdisjoint(when.tags))
            and self.own >= when.minimum_severity
        )
