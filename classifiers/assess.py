"""Texts in, assessments out: scores against thresholds, personal data found, and the reasons for a flag.

How the answers are made to agree:

- an irrelevant mention (about something else of the same name) bears no label; what is sure in it is asked, as
  the model may be wrong about whom it means; its scores are kept;
- severity is the model's likeliest, but none where no label reaches "ask", at least low where one is sure;
- only a flagged text (one sure label or more) gets reasons, because finding them scores it many times over.
"""

from collections.abc import Callable, Mapping, Sequence

from classifiers.artefact import Threshold
from classifiers.reasons import find_reasons
from classifiers.scores import Score, Scores
from core.types import LABELS, Assessment, Finding, Reason, Severity

Detect = Callable[[str], Sequence[Finding]]


def assess(
    texts: Sequence[str],
    *,
    score: Score,
    detect: Detect,
    thresholds: Mapping[str, Threshold],
    relevance_threshold: float,
    model: str,
    explain: bool = True,
) -> list[Assessment]:
    """One Assessment per text, in order. ``explain`` False leaves the reasons out, for speed."""
    assessments = []
    for text, scores in zip(texts, score(texts), strict=True):
        relevant = scores.relevance >= relevance_threshold
        sure = at_least(scores, {label: limit.sure for label, limit in thresholds.items()})
        labels = sure if relevant else ()
        ask = (
            at_least(scores, {label: limit.ask for label, limit in thresholds.items()}) if relevant else sure
        )
        reasons: tuple[Reason, ...] = find_reasons(text, labels, scores, score) if explain and labels else ()
        assessments.append(
            Assessment(
                scores=scores.labels,
                labels=labels,
                ask=ask,
                severity=severity_of(scores, labels, ask),
                relevance=scores.relevance,
                relevant=relevant,
                author_role=likeliest(scores.author_role),
                model=model,
                findings=tuple(detect(text)),
                reasons=reasons,
            )
        )
    return assessments


def at_least(scores: Scores, limits: Mapping[str, float]) -> tuple[str, ...]:
    """The labels whose probability reaches their limit, in the order of the taxonomy."""
    return tuple(label for label in LABELS if scores.labels[label] >= limits[label])


def severity_of(scores: Scores, labels: Sequence[str], ask: Sequence[str]) -> Severity:
    """The likeliest severity, made to agree with the labels."""
    if not ask:
        return Severity.none
    severity = Severity[likeliest(scores.severity)]
    return max(severity, Severity.low) if labels else severity


def likeliest(shares: Mapping[str, float]) -> str:
    """The choice with the greatest share; the first of equals."""
    return max(shares, key=shares.__getitem__)
