"""Turns logits into probabilities and probabilities into decisions. Pure Python.

`sure` is where a smoothed F1 is best: each text counts by how far it lies above the threshold, so that a
label with twenty examples gets no freak threshold from one of them. `ask` is the highest threshold that still
reaches the label's recall target, and never lies above `sure`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

RECALL_TARGETS = {"safeguarding": 0.95, "threat": 0.95, "confidentiality": 0.92, "privacy": 0.92}
OTHER_TARGET = 0.85
SOFTNESS = 0.35  # in logits
GRID = [step / 20 for step in range(-80, 81)]


def recall_target(label: str) -> float:
    """The share of a label's texts that must at least reach a person."""
    return RECALL_TARGETS.get(label, OTHER_TARGET)


def sigmoid(value: float) -> float:
    """The logistic function, without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1 + grown)


def logit(chance: float) -> float:
    """The inverse of the logistic function."""
    held = min(max(chance, 1e-9), 1 - 1e-9)
    return math.log(held / (1 - held))


def platt(logits: Sequence[float], truth: Sequence[bool], rounds: int = 30) -> tuple[float, float]:
    """Scale and bias that make a logit a probability (Platt); a ridge holds them near 1 and 0."""
    positive = sum(truth)
    if not positive or positive == len(truth):
        return 1.0, 0.0
    # Platt's targets: never quite 0 and 1, the less so the fewer examples there are.
    high, low = (positive + 1) / (positive + 2), 1 / (len(truth) - positive + 2)
    pairs = [(value, high if held else low) for value, held in zip(logits, truth, strict=True)]
    point, ridge = (1.0, 0.0), 1.0
    for _ in range(rounds):
        step, size = newton_step(pairs, point, ridge), 1.0
        now = platt_loss(pairs, point, ridge)
        while size > 1e-4:
            nearer = (max(0.05, point[0] - size * step[0]), point[1] - size * step[1])
            if platt_loss(pairs, nearer, ridge) <= now:
                point = nearer
                break
            size /= 2
    return point


def platt_loss(pairs: Sequence[tuple[float, float]], point: tuple[float, float], ridge: float) -> float:
    """Cross-entropy of the calibrated logits, and the ridge."""
    scale, bias = point
    total = 0.5 * ridge * ((scale - 1) ** 2 + bias**2)
    for value, target in pairs:
        moved = scale * value + bias
        total += max(moved, 0.0) - moved * target + math.log1p(math.exp(-abs(moved)))
    return total


def newton_step(
    pairs: Sequence[tuple[float, float]], point: tuple[float, float], ridge: float
) -> tuple[float, float]:
    """The slope of the loss divided by its curvature."""
    scale, bias = point
    ga, gb, haa, hab, hbb = ridge * (scale - 1), ridge * bias, ridge, 0.0, ridge
    for value, target in pairs:
        chance = sigmoid(scale * value + bias)
        error, curve = chance - target, chance * (1 - chance)
        ga, gb = ga + error * value, gb + error
        haa, hab, hbb = haa + curve * value * value, hab + curve * value, hbb + curve
    base = haa * hbb - hab * hab
    return (hbb * ga - hab * gb) / base, (haa * gb - hab * ga) / base


def f1(right: float, flagged: float, positive: float) -> float:
    """Twice what was right over what was flagged and what should have been."""
    return 2 * right / (flagged + positive) if flagged + positive else 0.0


def sure_threshold(chances: Sequence[float], truth: Sequence[bool]) -> float:
    """Where the smoothed F1 is best."""
    logits = [logit(chance) for chance in chances]
    positive = float(sum(truth))

    def smoothed(at: float) -> float:
        flags = [sigmoid((value - at) / SOFTNESS) for value in logits]
        right = sum(flag for flag, held in zip(flags, truth, strict=True) if held)
        return f1(right, sum(flags), positive)

    return round(sigmoid(max(GRID, key=smoothed)), 4)


def ask_threshold(chances: Sequence[float], truth: Sequence[bool], target: float, sure: float) -> float:
    """The highest threshold that reaches the recall target, at most `sure`."""
    held = sorted((chance for chance, is_so in zip(chances, truth, strict=True) if is_so), reverse=True)
    if not held:
        return sure
    needed = math.ceil(target * len(held) - 1e-9)
    # Rounded down: rounding up could lose the very text that the target needs.
    return min(sure, math.floor(held[needed - 1] * 10_000) / 10_000)


def keep_threshold(chances: Sequence[float], truth: Sequence[bool], kept: float = 0.99) -> float:
    """The relevance threshold: the highest up to one half that keeps so many of the relevant texts."""
    return ask_threshold(chances, truth, kept, 0.5)


def choose(
    label: str, logits: Sequence[float], truth: Sequence[bool]
) -> tuple[dict[str, float], dict[str, float]]:
    """Calibration and thresholds of one label."""
    scale, bias = platt(logits, truth)
    scale, bias = round(scale, 4), round(bias, 4)
    chances = [sigmoid(scale * value + bias) for value in logits]
    sure = sure_threshold(chances, truth)
    ask = ask_threshold(chances, truth, recall_target(label), sure)
    return {"scale": scale, "bias": bias}, {"sure": sure, "ask": ask}


def half_of(identity: str) -> int:
    """Which half of the development set an example falls in, by the hash of its id."""
    return hashlib.sha256(identity.encode()).digest()[0] % 2
