"""How good the assessments are, and the line formats around them. Only the readers open files.

- Flag: one sure label or more, against one true label or more.
- An irrelevant mention bears no label: the assessment has already cleared them, so it counts as not flagged.
- False alarms: flagged among the examples without a label, per hundred of them.
- A case is exact where the predicted labels are the true ones and no other; ``exact`` is a share.
- A share of nothing is 0. The macro F1 is over the labels that occur among truths or predictions.

Files are JSON Lines in UTF-8; empty lines are passed over and unknown keys ignored. What is wrong with a line
is told with file, line and key, never with the text.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TypedDict, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.errors import ConfigError
from core.types import LABELS, Assessment, Severity

_SURROGATE = re.compile("[\ud800-\udfff]")
SEVERITIES = tuple(str(severity) for severity in Severity)


def _whole(value: object) -> object:
    """A lone surrogate cannot be written out again; the sign for a lost character keeps the offsets."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def _label(value: str) -> str:
    if value not in LABELS:
        raise ValueError(f"unknown label; the labels are {', '.join(LABELS)}")
    return value


def _severity(value: str) -> Severity:
    if value not in SEVERITIES:
        raise ValueError(f"unknown severity; it is one of {', '.join(SEVERITIES)}")
    return Severity[value]


String = Annotated[str, BeforeValidator(_whole)]


class TextLine(BaseModel):
    """A line with a text to score; the id goes into the prediction as it came."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: String | int
    text: String


class Example(TextLine):
    """A labelled mention as the taxonomy defines it."""

    relevant: bool
    labels: Annotated[tuple[Annotated[str, AfterValidator(_label)], ...], Field(strict=False)]
    severity: Annotated[Severity, BeforeValidator(_severity)]
    case: String


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
    """One label: its rates, how many examples bear it, and its "sure" threshold."""

    precision: float
    recall: float
    f1: float
    support: int
    threshold: float


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
    occurring = [count.f1 for count in counts.values() if count.true or count.predicted]
    clean = [bool(p) for t, p in zip(true, predicted, strict=True) if not t]
    pairs = zip(examples, assessments, strict=True)
    distances = [abs(example.severity - assessment.severity) for example, assessment in pairs]
    return Report(
        n=len(examples),
        model=model,
        macro_f1=share(sum(occurring), len(occurring)),
        micro_f1=_micro(counts.values()).f1,
        labels={label: _label_report(count, thresholds[label]) for label, count in counts.items()},
        flag=_count([bool(t) for t in true], [bool(p) for p in predicted]).rates,
        false_alarms_per_100_clean=100 * share(sum(clean), len(clean)),
        severity=SeverityReport(
            exact=share(distances.count(0), len(distances)),
            within_one=share(sum(distance <= 1 for distance in distances), len(distances)),
        ),
        relevance=_count([e.relevant for e in examples], [a.relevant for a in assessments]).rates,
        cases=_cases([example.case for example in examples], true, predicted),
        mentions_per_second=share(len(examples), seconds),
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


def read_examples(path: Path) -> list[Example]:
    """The labelled examples in a file; ConfigError names file and line."""
    return list(_lines(path, Example))


def read_texts(path: Path) -> list[TextLine]:
    """The lines with ``id`` and ``text`` in a file, in order; ConfigError names file and line."""
    return list(_lines(path, TextLine))


def _count(true: Sequence[bool], predicted: Sequence[bool]) -> _Counts:
    hits = sum(t and p for t, p in zip(true, predicted, strict=True))
    return _Counts(hits, sum(predicted), sum(true))


def _micro(counts: Collection[_Counts]) -> _Counts:
    return _Counts(sum(c.hits for c in counts), sum(c.predicted for c in counts), sum(c.true for c in counts))


def _label_report(count: _Counts, threshold: float) -> LabelReport:
    return LabelReport(
        precision=count.precision, recall=count.recall, f1=count.f1, support=count.true, threshold=threshold
    )


def _cases(
    cases: Sequence[str], true: Sequence[frozenset[str]], predicted: Sequence[frozenset[str]]
) -> dict[str, CaseReport]:
    """Each case in the order of the file."""
    exact: defaultdict[str, list[bool]] = defaultdict(list)
    for case, wanted, given in zip(cases, true, predicted, strict=True):
        exact[case].append(wanted == given)
    return {case: CaseReport(n=len(met), exact=share(sum(met), len(met))) for case, met in exact.items()}


Line = TypeVar("Line", bound=TextLine)


def _lines(path: Path, shape: type[Line]) -> Iterator[Line]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from error
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield shape.model_validate(json.loads(line.decode("utf-8")))
        except ValidationError as error:
            raise ConfigError(_problem(error), path=path, line=number) from None
        except (ValueError, RecursionError):
            raise ConfigError("not a line of JSON in UTF-8", path=path, line=number) from None


def _problem(error: ValidationError) -> str:
    """What is wrong, without what was written."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if not first["loc"]:
        return "not a JSON object"
    key = first["loc"][0]
    return (
        f"{key}: missing"
        if first["type"] == "missing"
        else f"{key}: {first['msg'].removeprefix('Value error, ')}"
    )
