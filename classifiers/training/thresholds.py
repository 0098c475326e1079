"""Turns logits into probabilities and probabilities into decisions, from texts of writers left out of training.

`sure` thresholds are chosen together: the mean F1 of the labels is made as good as it can be while no more than
so many of a hundred clean texts are flagged by any of them. `ask` is the highest threshold that still reaches the
label's recall target, and never lies above `sure`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

# The share of a label's texts, by writers left out, that must at least reach a person.
RECALL_TARGETS = {"safeguarding": 0.95, "threat": 0.95, "confidentiality": 0.92, "privacy": 0.92}
OTHER_TARGET = 0.8
# Of a hundred clean texts, at `sure`. Most of our clean rows are twins of labelled ones, harder than what is met.
FALSE_ALARMS = 10.0
GRID = [round(0.02 * step, 2) for step in range(4, 49)]
ROUNDS = 4
# Of F1, for one false alarm in a hundred clean texts.
PRICES = (0.0, *(0.0005 * 1.3**step for step in range(26)))


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
    values, held = np.asarray(logits, np.float64), np.asarray(truth, bool)
    positive = int(held.sum())
    if not positive or positive == len(held):
        return 1.0, 0.0
    # Platt's targets: never quite 0 and 1, the less so the fewer examples there are.
    targets = np.where(held, (positive + 1) / (positive + 2), 1 / (len(held) - positive + 2))
    point, ridge = np.array([1.0, 0.0]), 1.0
    for _ in range(rounds):
        step, size = newton_step(values, targets, point, ridge), 1.0
        now = platt_loss(values, targets, point, ridge)
        while size > 1e-4:
            nearer = point - size * step
            nearer[0] = max(0.05, nearer[0])
            if platt_loss(values, targets, nearer, ridge) <= now:
                point = nearer
                break
            size /= 2
    return float(point[0]), float(point[1])


def platt_loss(values: Floats, targets: Floats, point: Floats, ridge: float) -> float:
    """Cross-entropy of the calibrated logits, and the ridge."""
    moved = point[0] * values + point[1]
    loss = np.maximum(moved, 0.0) - moved * targets + np.log1p(np.exp(-np.abs(moved)))
    return float(loss.sum() + 0.5 * ridge * ((point[0] - 1) ** 2 + point[1] ** 2))


def newton_step(values: Floats, targets: Floats, point: Floats, ridge: float) -> Floats:
    """The slope of the loss divided by its curvature."""
    chances = 0.5 * (1.0 + np.tanh(0.5 * (point[0] * values + point[1])))
    error, curve = chances - targets, chances * (1 - chances)
    slope = np.array([(error * values).sum() + ridge * (point[0] - 1), error.sum() + ridge * point[1]])
    mixed = (curve * values).sum()
    bend = np.array([[(curve * values * values).sum() + ridge, mixed], [mixed, curve.sum() + ridge]])
    return np.asarray(np.linalg.solve(bend, slope))


def f1(right: float, flagged: float, positive: float) -> float:
    """Twice what was right over what was flagged and what should have been."""
    return 2 * right / (flagged + positive) if flagged + positive else 0.0


def sure_thresholds(chances: Floats, truth: Flags, most: float = FALSE_ALARMS) -> list[float]:
    """The threshold of each label: the best mean F1 with at most so many false alarms in a hundred clean texts.

    Takes probabilities and truths [texts, labels]. Tries prices for a false alarm, from nothing up, until few
    enough are left (a Lagrange multiplier).
    """
    flags = chances[None] >= np.array(GRID)[:, None, None]
    flagged = flags.sum(axis=1) + truth.sum(axis=0)
    scores = 2 * (flags & truth).sum(axis=1) / np.maximum(flagged, 1)
    alarms = flags[:, ~truth.any(axis=1)]
    chosen = scores.argmax(axis=0)
    for price in PRICES:
        chosen = _climb(scores, alarms, chosen, price)
        if 100 * _any_of(alarms, chosen).mean() <= most:
            break
    return [GRID[at] for at in chosen]


def _climb(scores: Floats, alarms: Flags, start: Places, price: float) -> Places:
    """Each label in turn moves to its best threshold while the others stay (coordinate ascent)."""
    chosen = start.copy()
    for _ in range(ROUNDS):
        for label in range(len(chosen)):
            others = _any_of(np.delete(alarms, label, axis=2), np.delete(chosen, label))
            rates = 100 * (alarms[:, :, label] | others).sum(axis=1) / max(1, alarms.shape[1])
            chosen[label] = int((scores[:, label] - price * rates).argmax())
    return chosen


def _any_of(alarms: Flags, chosen: Places) -> Flags:
    """Which clean texts are flagged by any label at these thresholds."""
    picked = [alarms[place, :, label] for label, place in enumerate(chosen)]
    return np.asarray(np.any(picked, axis=0)) if alarms.shape[1] else np.zeros(1, bool)


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


def half_of(identity: str) -> int:
    """Which half of the development set an example falls in, by the hash of its id."""
    return hashlib.sha256(identity.encode()).digest()[0] % 2
