"""Texts in, assessments out: scores against thresholds, personal data found, and the reasons for a flag.

    texts -> score -> sure and ask -> severity -> reasons      what the model says
    texts and the model's spans -> detect -> findings          personal data
    texts -> foreign -> unread                                 what the model cannot read
    texts -> tags                                              what routes and grades besides the labels

How the answers are made to agree:

- an irrelevant mention (about something else of the same name) bears no label; what is sure in it is asked, as
  the model may be wrong about whom it means; its scores are kept;
- severity is the model's likeliest, but none where no label reaches "ask", the likeliest other where one is sure;
- only a flagged text (one sure label or more) gets reasons, because finding them scores it many times over;
- a text in a language that the model was not trained on keeps its answers, which may be worthless, and names the
  language: a person must read it.
"""

from collections.abc import Callable, Mapping, Sequence

from classifiers.artefact import Threshold
from classifiers.reasons import find_reasons
from classifiers.scores import Score, Scores
from core.types import Assessment, Finding, Reason, Severity
from core.vocabulary import LABELS

AboutUs = Callable[[Sequence[str], Sequence[float]], Sequence[tuple[bool, str]]]
Detect = Callable[[str, Sequence[Finding]], Sequence[Finding]]


def assess(
    texts: Sequence[str],
    *,
    score: Score,
    detect: Detect,
    foreign: Callable[[str], str],
    tags: Callable[[str], tuple[str, ...]],
    thresholds: Mapping[str, Threshold],
    about_us: AboutUs,
    model: str,
    explain: bool = True,
) -> list[Assessment]:
    """One Assessment per text, in order. ``explain`` False leaves the reasons out, for speed.

    ``about_us`` takes the texts and the model's relevance of each, and says whether each is about the organisation and
    why. ``detect`` takes a text and the spans that the model found in it; ``foreign`` gives the code of a text's
    language where the model cannot read it, else nothing; ``tags`` gives those of ``core.vocabulary.TAGS``.
    """
    assessments = []
    scored = list(score(texts))
    answers = about_us(texts, [one.relevance for one in scored])
    for text, scores, (relevant, why) in zip(texts, scored, answers, strict=True):
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
                findings=tuple(detect(text, scores.spans)),
                reasons=reasons,
                language=foreign(text),
                tags=tags(text),
                relevance_why=why,
            )
        )
    return assessments


def at_least(scores: Scores, limits: Mapping[str, float]) -> tuple[str, ...]:
    """The labels whose probability reaches their limit, in the order of the taxonomy."""
    return tuple(label for label in LABELS if scores.labels[label] >= limits[label])


def severity_of(scores: Scores, labels: Sequence[str], ask: Sequence[str]) -> Severity:
    """The likeliest severity that agrees with the labels."""
    if not ask:
        return Severity.none
    none = str(Severity.none)
    return Severity[
        likeliest({name: share for name, share in scores.severity.items() if not labels or name != none})
    ]


def likeliest(shares: Mapping[str, float]) -> str:
    """The choice with the greatest share; the first of equals."""
    return max(shares, key=shares.__getitem__)
