"""About our organisation, or about a namesake, a camera's focus, a Ford? What a query alone cannot tell.

    text -> words -> uses of the name, cues of ours, negative senses -> features -+
    the model's relevance --------------------------------------------------------+-> probability -> Relevance

Nothing is called irrelevant for want of cues alone: something must speak against it, such as a negative sense, the name
as a common word or inside another name, or a model that is nearly sure. An account or contact of ours settles it. A cue
of ours never turns an answer against us, and a negative sense never turns one to us.

Without cues in the configuration the model's relevance answers alone. The weights are few and lie in ``weights.json``;
``python -m classifiers.training.relevance`` learns them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from classifiers.about_us.features import FEATURES, Seen, features
from classifiers.about_us.organisation import Ours
from core.organisation import Cues

__all__ = ["Cues", "Relevance", "judge_relevance", "speaks_against"]

NEARLY_SURE = 0.05  # below it, the model's relevance alone speaks against a text that is not short
MOST_TOLD = 3  # cues of a kind that a reason tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """Whether a text is about the organisation. ``why`` is in words of the configuration, never of the text."""

    probability: float
    relevant: bool
    why: str


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned: a weight for each feature, and the probability from which a text is about us."""

    weights: Mapping[str, float]
    threshold: float

    def probability(self, values: Sequence[float]) -> float:
        """0 to 1, of features in the order of FEATURES."""
        logit = float(np.dot([self.weights[name] for name in FEATURES], values))
        return float(0.5 * (1.0 + np.tanh(0.5 * logit)))


@cache
def bundled() -> Weights:
    """The weights that come with the program."""
    held = json.loads(files(__name__).joinpath("weights.json").read_text(encoding="utf-8"))
    return Weights({name: float(held["weights"][name]) for name in FEATURES}, float(held["threshold"]))


def judge_relevance(
    texts: Sequence[str],
    heads: Sequence[float],
    cues: Cues,
    *,
    name: str,
    accounts: Sequence[str] = (),
    contacts: Sequence[str] = (),
    aliases: Sequence[str] = (),
    beside: Sequence[str] = (),
    head_threshold: float = 0.5,
) -> list[Relevance]:
    """One answer a text, in order.

    ``heads`` are the model's probabilities that each text is about the organisation, ``head_threshold`` its limit,
    which decides where ``cues`` is empty. ``aliases`` are further names of ours; without any, the first word of
    ``name`` counts. ``beside`` holds what stands beside each text (author, address of the page): cues and accounts
    count there too.
    """
    if not cues.given:
        return [_alone(head, head_threshold) for head in heads]
    ours = Ours.of(cues, name=name, accounts=accounts, contacts=contacts, aliases=aliases)
    places = beside or [""] * len(texts)
    return [
        _judged(ours.look(text, place), head) for text, place, head in zip(texts, places, heads, strict=True)
    ]


def _alone(head: float, threshold: float) -> Relevance:
    relevant = head >= threshold
    return Relevance(probability=head, relevant=relevant, why=f"no cues are configured; {_model(head)}")


def _judged(seen: Seen, head: float) -> Relevance:
    probability = bundled().probability(features(seen, head))
    against = speaks_against(seen, head)
    relevant = seen.contact or not against or probability >= bundled().threshold
    why = "; ".join([*_speaks_for(seen), *against, _model(head)])
    return Relevance(probability=probability, relevant=relevant, why=why)


def speaks_against(seen: Seen, head: float) -> list[str]:
    """What makes it another thing than us, in words of the configuration; without any it is taken as ours."""
    negative = _listed([cue for cue, _ in seen.negative])
    uses = seen.uses
    reasons = {
        f"negative sense: {negative}": bool(seen.negative),
        "our name stands only inside other words": seen.inside and not uses,
        "our name is used as a common word": bool(uses)
        and all(use.common or use.article or use.owned for use in uses),
        "our name is part of another name": bool(uses) and all(use.compound for use in uses),
        "another place stands behind our name": bool(uses) and all(use.elsewhere for use in uses),
        "our name is a cry": any(use.shouted for use in uses),
        "the model is nearly sure that it is not": head < NEARLY_SURE and not seen.short,
    }
    return [reason for reason, holds in reasons.items() if holds]


def _speaks_for(seen: Seen) -> list[str]:
    told = ["an account or contact of ours"] if seen.contact else []
    told += ["our full name"] if seen.full_name else []
    told += [
        f"cue of ours ({kind}): {_listed([cue for cue, _ in found])}"
        for kind, found in seen.ours.items()
        if found
    ]
    return told or ["no cue of ours"]


def _listed(found: Sequence[str]) -> str:
    cues = tuple(dict.fromkeys(found))
    return ", ".join(cues[:MOST_TOLD]) + (" …" if len(cues) > MOST_TOLD else "")


def _model(head: float) -> str:
    return f"the model gives it {head:.2f}"
