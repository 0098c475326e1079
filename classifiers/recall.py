"""How much of what should be flagged is flagged: an estimate from a random sample of what was not (pure).

What was missed is estimated stratum by stratum: of N mentions that were not flagged, n were read and k should
have been flagged. What was found is estimated likewise: of the flagged, some were decided and some of these
upheld. Each share has its Jeffreys interval (Brown, Cai and DasGupta, "Interval Estimation for a Binomial
Proportion", Statistical Science 16(2), 2001); the intervals of the strata are put together by recovering their
variances (Zou and Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27,
2008), and those of missed and found into one of their ratio (Donner and Zou, "Closed-form confidence intervals
for functions of the normal mean and standard deviation", Statistical Methods in Medical Research 21(4), 2012).
Where nothing was missed in a sample, the interval stays honestly wide.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from scipy.stats import beta

NEAR, FAR, DROPPED = "near", "far", "dropped"
# Most is read where most of what was missed is to be expected; what nobody looks for is read as well.
SHARES = {NEAR: 0.5, FAR: 0.3, DROPPED: 0.2}
_LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """``size`` mentions that were not flagged, of which ``read`` were sampled and ``missed`` should have been."""

    size: int
    read: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The estimated share of what should be flagged that was, with its 95 % interval.

    ``missed`` is the estimated number that was not, ``read`` how many samples were read.
    """

    estimate: float
    low: float
    high: float
    missed: float
    read: int


class Scored(Protocol):
    """What is known of a mention that was not flagged."""

    @property
    def scores(self) -> Mapping[str, float]:
        """The probability of each label; empty where no model was asked."""

    @property
    def relevant(self) -> bool:
        """Whether the model took it as about the organisation."""


T = TypeVar("T", bound=Scored)


def stratum(mention: Scored, ask: Mapping[str, float]) -> str:
    """``dropped`` (taken as not about us), ``near`` (half way to a threshold or more) or ``far``.

    ``ask`` holds the lower threshold of each label.
    """
    if not mention.scores or not mention.relevant:
        return DROPPED
    near = any(score >= ask[label] / 2 for label, score in mention.scores.items() if label in ask)
    return NEAR if near else FAR


def draw(
    mentions: Sequence[T], ask: Mapping[str, float], size: int, seed: str
) -> tuple[dict[str, list[T]], dict[str, int]]:
    """A random sample of about ``size`` of the mentions by stratum, and how many each stratum holds.

    The same seed draws the same. What a small stratum cannot give is taken from the others.
    """
    strata: dict[str, list[T]] = {name: [] for name in SHARES}
    for mention in mentions:
        strata[stratum(mention, ask)].append(mention)
    lot = random.Random(seed)
    room = {name: min(len(held), round(size * SHARES[name])) for name, held in strata.items()}
    for name, held in strata.items():
        spare = size - sum(room.values())
        room[name] += max(0, min(spare, len(held) - room[name]))
    chosen = {name: lot.sample(held, room[name]) for name, held in strata.items()}
    return chosen, {name: len(held) for name, held in strata.items()}


def estimate(strata: Sequence[Stratum], *, flagged: int, decided: int, upheld: int) -> Recall | None:
    """The recall over a period; None where nothing was sampled, or a stratum that holds something was not read.

    ``flagged`` mentions opened or joined cases, ``decided`` of them were judged by a person, ``upheld`` of these
    were rightly flagged. Those not decided yet are taken to be like the others.
    """
    held = [one for one in strata if one.size]
    if not any(one.read for one in held) or any(not one.read for one in held):
        return None
    missed, found = _missed(held), _found(flagged, decided, upheld)
    if not missed.middle + found.middle:
        return None
    odds = _ratio(missed, found)
    return Recall(
        estimate=found.middle / (found.middle + missed.middle),
        low=1 / (1 + odds.high),
        high=1 / (1 + odds.low),
        missed=missed.middle,
        read=sum(one.read for one in held),
    )


class _Estimate(NamedTuple):
    """A number and its 95 % interval."""

    low: float
    middle: float
    high: float


def _share(k: int, n: int) -> _Estimate:
    """The share behind ``k`` of ``n``, with Jeffreys' interval; nothing is known of a share never looked at."""
    if not n:
        return _Estimate(0.0, 0.5, 1.0)
    tail = (1 - _LEVEL) / 2
    return _Estimate(
        0.0 if k == 0 else float(beta.ppf(tail, k + 0.5, n - k + 0.5)),
        k / n,
        1.0 if k == n else float(beta.ppf(1 - tail, k + 0.5, n - k + 0.5)),
    )


def _missed(strata: Sequence[Stratum]) -> _Estimate:
    """How many were missed: those seen, and those to be expected among what was not read."""
    middle, below, above = 0.0, 0.0, 0.0
    for one in strata:
        share, rest = _share(one.missed, one.read), one.size - one.read
        middle += one.missed + rest * share.middle
        below += (rest * (share.middle - share.low)) ** 2
        above += (rest * (share.high - share.middle)) ** 2
    seen = sum(one.missed for one in strata)
    return _Estimate(max(float(seen), middle - math.sqrt(below)), middle, middle + math.sqrt(above))


def _found(flagged: int, decided: int, upheld: int) -> _Estimate:
    """How many were rightly flagged: those upheld, and those to be expected among what nobody has decided."""
    share, rest = _share(upheld, decided), max(flagged - decided, 0)
    return _Estimate(*(upheld + rest * part for part in share))


def _ratio(above: _Estimate, below: _Estimate) -> _Estimate:
    """The interval of ``above / below``; the middle is not asked for."""
    product = above.middle * below.middle
    low = _root(product, above.low, above.middle, below.high, below.middle, sign=-1)
    high = _root(product, above.high, above.middle, below.low, below.middle, sign=1)
    return _Estimate(max(low, 0.0), math.nan, high)


def _root(
    product: float, top: float, top_middle: float, bottom: float, bottom_middle: float, *, sign: int
) -> float:
    divisor = bottom * (2 * bottom_middle - bottom)
    if divisor <= 0:
        # What was found may be nothing at all, or is known too badly to say how little was missed.
        return math.inf if sign > 0 else 0.0
    inside = product**2 - top * bottom * (2 * top_middle - top) * (2 * bottom_middle - bottom)
    return (product + sign * math.sqrt(max(inside, 0.0))) / divisor
