"""How good the assessments are, and the line in which one is written. Pure.

- Flag: one sure label or more, against one true label or more.
- An irrelevant mention bears no label: the assessment has already cleared them, so it counts as not flagged.
- False alarms: flagged among the examples without a label, per hundred of them.
- A case is exact where the predicted labels are the true ones and no other; ``exact`` is a share.
- ``calibration_error`` is the mean over the labels of the expected calibration error of the probabilities.
- A share of nothing is 0. The macro F1 is over the labels that occur among truths or predictions.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict

import numpy as np

from classifiers.calibration import expected_calibration_error
from classifiers.labelled import Example
from core.types import Assessment
from core.vocabulary import LABELS


class FoundSpan(TypedDict):
    """A piece of personal data in a prediction line, in code points."""

    kind: str
    start: int
    end: int


class Prediction(TypedDict):
    """What is written for one text; ``scores`` holds a probability for each label."""

    id: str | int
    labels: list[str]
    scores: dict[str, float]
    ask: list[str]
    severity: str
    relevant: bool
    author_role: str
    findings: list[FoundSpan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Precision and recall, 0 to 1."""

    precision: float
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    """One label: its rates, how many examples bear it, its "sure" threshold, and its recall where a person is asked."""

    precision: float
    recall: float
    f1: float
    support: int
    threshold: float
    ask_recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityReport:
    """Shares of examples whose severity is met exactly, and to within one step."""

    exact: float
    within_one: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """One kind of example: how many, and the share whose labels are met exactly."""

    n: int
    exact: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What ``redshank evaluate`` tells."""

    n: int
    model: str
    macro_f1: float
    micro_f1: float
    labels: Mapping[str, LabelReport]
    flag: Rates
    false_alarms_per_100_clean: float
    severity: SeverityReport
    relevance: Rates
    cases: Mapping[str, CaseReport]
    mentions_per_second: float
    calibration_error: float

    def to_json(self) -> str:
        """The report as one JSON document."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


@dataclass(frozen=True, slots=True)
class _Counts:
    """True positives, what was predicted, what is true."""

    hits: int
    predicted: int
    true: int

    @property
    def precision(self) -> float:
        return share(self.hits, self.predicted)

    @property
    def recall(self) -> float:
        return share(self.hits, self.true)

    @property
    def f1(self) -> float:
        return share(2 * self.hits, self.predicted + self.true)

    @property
    def rates(self) -> Rates:
        return Rates(precision=self.precision, recall=self.recall)


def share(part: float, whole: float) -> float:
    """A part of a whole; 0 of nothing."""
    return part / whole if whole else 0.0


def evaluate(
    examples: Sequence[Example],
    assessments: Sequence[Assessment],
    *,
    model: str,
    thresholds: Mapping[str, float],
    seconds: float,
) -> Report:
    """Compares pair by pair; ``thresholds`` are the sure ones, ``seconds`` the time that assessing took."""
    true = [frozenset(example.labels) for example in examples]
    predicted = [frozenset(assessment.labels) for assessment in assessments]
    counts = {label: _count([label in t for t in true], [label in p for p in predicted]) for label in LABELS}
    asked = [frozenset(assessment.ask) for assessment in assessments]
    asks = {label: _count([label in t for t in true], [label in a for a in asked]).recall for label in LABELS}
    occurring = [count.f1 for count in counts.values() if count.true or count.predicted]
    clean = [bool(p) for t, p in zip(true, predicted, strict=True) if not t]
    pairs = zip(examples, assessments, strict=True)
    distances = [abs(example.severity - assessment.severity) for example, assessment in pairs]
    return Report(
        n=len(examples),
        model=model,
        macro_f1=share(sum(occurring), len(occurring)),
        micro_f1=_micro(counts.values()).f1,
        labels={
            label: _label_report(count, thresholds[label], asks[label]) for label, count in counts.items()
        },
        flag=_count([bool(t) for t in true], [bool(p) for p in predicted]).rates,
        false_alarms_per_100_clean=100 * share(sum(clean), len(clean)),
        severity=SeverityReport(
            exact=share(distances.count(0), len(distances)),
            within_one=share(sum(distance <= 1 for distance in distances), len(distances)),
        ),
        relevance=_count([e.relevant for e in examples], [a.relevant for a in assessments]).rates,
        cases=_cases([example.case for example in examples], true, predicted),
        mentions_per_second=share(len(examples), seconds),
        calibration_error=_calibration_error(examples, assessments),
    )


def prediction_line(identity: str | int, assessment: Assessment) -> Prediction:
    """An assessment as the line that is written for it."""
    return Prediction(
        id=identity,
        labels=list(assessment.labels),
        scores={label: round(score, 6) for label, score in assessment.scores.items()},
        ask=list(assessment.ask),
        severity=str(assessment.severity),
        relevant=assessment.relevant,
        author_role=assessment.author_role,
        findings=[
            FoundSpan(kind=found.kind, start=found.start, end=found.end) for found in assessment.findings
        ],
    )


def _count(true: Sequence[bool], predicted: Sequence[bool]) -> _Counts:
    hits = sum(t and p for t, p in zip(true, predicted, strict=True))
    return _Counts(hits, sum(predicted), sum(true))


def _micro(counts: Collection[_Counts]) -> _Counts:
    return _Counts(sum(c.hits for c in counts), sum(c.predicted for c in counts), sum(c.true for c in counts))


def _calibration_error(examples: Sequence[Example], assessments: Sequence[Assessment]) -> float:
    errors = [
        expected_calibration_error(
            np.array([assessment.scores[label] for assessment in assessments]),
            np.array([label in example.labels for example in examples], bool),
        )
        for label in LABELS
    ]
    return share(sum(errors), len(errors))


def _label_report(count: _Counts, threshold: float, ask_recall: float) -> LabelReport:
    return LabelReport(
        precision=count.precision,
        recall=count.recall,
        f1=count.f1,
        support=count.true,
        threshold=threshold,
        ask_recall=ask_recall,
    )


def _cases(
    cases: Sequence[str], true: Sequence[frozenset[str]], predicted: Sequence[frozenset[str]]
) -> dict[str, CaseReport]:
    """Each case in the order of the file."""
    exact: defaultdict[str, list[bool]] = defaultdict(list)
    for case, wanted, given in zip(cases, true, predicted, strict=True):
        exact[case].append(wanted == given)
    return {case: CaseReport(n=len(met), exact=share(sum(met), len(met))) for case, met in exact.items()}
