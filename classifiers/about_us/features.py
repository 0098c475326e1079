"""What was seen of us in a text, as numbers. Pure; the order of FEATURES is that of the weights."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifiers.about_us.usage import Use
from classifiers.about_us.words import some

Found = Sequence[tuple[str, int]]  # a cue, and the word at which it begins; -1: it stands beside the text

NEAR, NEXT = 8, 2  # words
MOST_LOGIT = 5.0
_KIN = some(
    "mum mam mother dad father nan nana gran grandma grandad grandson granddaughter brother sister son "
    "daughter uncle aunt auntie cousin nephew niece wife husband kid kids lad"
)
_CARE = some(
    "shift shifts rota staff agency worker workers manager carer carers nurse nurses warden tutor tutors "
    "resident residents client clients patient patients meds tablets medication bed beds ward care caring "
    "support supported complaint complained safeguarding inspectors inspection inspected sacked "
    "whistleblower visiting volunteer volunteers appointment hospital assessment diagnosis lanyard nights "
    "handover funding donations donation fundraiser charity minibus"
)

FEATURES = (
    "one",
    "head",
    "absent",
    "inside",
    "proper",
    "small",
    "shouted",
    "tagged",
    "common",
    "leaning",
    "article",
    "owned",
    "social",
    "compound",
    "elsewhere",
    "full_name",
    "contact",
    "places",
    "services",
    "staff",
    "other",
    "near",
    "kinds",
    "negative",
    "negative_near",
    "negative_more",
    "kin",
    "care",
    "short",
)
# What may only speak for us, and what only against.
FOR = (
    "head",
    "full_name",
    "contact",
    "places",
    "services",
    "staff",
    "other",
    "near",
    "kinds",
    "social",
    "kin",
    "care",
)
AGAINST = (
    "negative",
    "negative_near",
    "negative_more",
    "common",
    "leaning",
    "article",
    "owned",
    "compound",
    "elsewhere",
    "inside",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a text holds of what the configuration says.

    ``inside``: a name of ours is a part of a longer word. ``words`` are the folded words of the text.
    """

    uses: Sequence[Use]
    ours: Mapping[str, Found]
    negative: Found
    contact: bool
    full_name: bool
    inside: bool
    words: frozenset[str]
    short: bool


def features(seen: Seen, head: float) -> list[float]:
    """The features of a text, whose probability by the model's relevance is ``head``."""
    uses = seen.uses
    kinds = {kind: bool(found) for kind, found in seen.ours.items()}
    values: dict[str, float] = {
        "one": 1.0,
        "head": _logit(head),
        "absent": not uses,
        "inside": not uses and seen.inside,
        **_of_uses(uses),
        "full_name": seen.full_name,
        "contact": seen.contact,
        **kinds,
        "near": any(_is_near(found, uses, NEAR) for found in seen.ours.values()),
        "kinds": sum(kinds.values()) > 1,
        "negative": bool(seen.negative),
        "negative_near": _is_near(seen.negative, uses, NEXT),
        "negative_more": len({cue for cue, _ in seen.negative}) > 1,
        "kin": not _KIN.isdisjoint(seen.words),
        "care": min(2, len(_CARE.intersection(seen.words))) / 2,
        "short": seen.short,
    }
    return [float(values[name]) for name in FEATURES]


def _of_uses(uses: Sequence[Use]) -> dict[str, bool]:
    """What speaks for us counts where one use has it; what speaks against us only where all have."""
    some = ("proper", "shouted", "tagged", "social")
    every = ("small", "common", "leaning", "article", "owned", "compound", "elsewhere")
    return {
        **{name: any(getattr(use, name) for use in uses) for name in some},
        **{name: bool(uses) and all(getattr(use, name) for use in uses) for name in every},
    }


def _is_near(found: Found, uses: Sequence[Use], within: int) -> bool:
    return any(
        place >= 0 and use.start - within <= place < use.end + within for _, place in found for use in uses
    )


def _logit(probability: float) -> float:
    kept = min(max(probability, 1e-9), 1.0 - 1e-9)
    return max(-MOST_LOGIT, min(MOST_LOGIT, math.log(kept / (1.0 - kept))))
