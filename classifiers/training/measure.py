"""Counts how good scores are, against what is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.calibration import expected_calibration_error
from classifiers.training.data import AUTHOR_ROLES, LABELS, Example
from classifiers.training.scoring import Floats, Scores
from classifiers.training.thresholds import (
    ask_threshold,
    f1,
    platt,
    recall_target,
    sigmoid,
    sure_thresholds,
)

Thresholds = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Figures:
    """How good the answers are on one set of texts; shares, and false alarms in a hundred clean texts."""

    n: int
    labels: dict[str, dict[str, float]]
    macro_f1: float
    micro_f1: float
    sure_recall: float
    sure_alarms: float
    ask_recall: float
    ask_alarms: float
    calibration_error: float
    other: dict[str, float]


def truth_of(examples: Sequence[Example], label: int) -> list[bool]:
    """Which examples bear a label."""
    return [example.targets[label] > 0 for example in examples]


def settings_of(logits: Floats, examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Calibration and thresholds of every label, chosen on these examples."""
    calibration: dict[str, Any] = {}
    for at, label in enumerate(LABELS):
        scale, bias = platt(logits[:, at].tolist(), truth_of(examples, at))
        calibration[label] = {"scale": round(scale, 4), "bias": round(bias, 4)}
    chances = chances_of(logits, calibration)
    truth = np.array([example.targets for example in examples]) > 0
    thresholds: dict[str, Any] = {}
    for at, (label, sure) in enumerate(zip(LABELS, sure_thresholds(chances, truth), strict=True)):
        ask = ask_threshold(chances[:, at].tolist(), truth[:, at].tolist(), recall_target(label), sure)
        thresholds[label] = {"sure": sure, "ask": ask}
    return calibration, thresholds


def chances_of(logits: Floats, calibration: Thresholds) -> Floats:
    """Calibrated probabilities."""
    columns = [
        [
            sigmoid(calibration[label]["scale"] * float(value) + calibration[label]["bias"])
            for value in logits[:, at]
        ]
        for at, label in enumerate(LABELS)
    ]
    return np.array(columns).T


def label_figures(
    chances: Floats, examples: Sequence[Example], thresholds: Thresholds
) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 at `sure`, recall and flagged share at `ask`, for each label."""
    figures = {}
    for at, label in enumerate(LABELS):
        truth = np.array(truth_of(examples, at))
        sure = chances[:, at] >= thresholds[label]["sure"]
        ask = chances[:, at] >= thresholds[label]["ask"]
        right, flagged, positive = int((sure & truth).sum()), int(sure.sum()), int(truth.sum())
        figures[label] = {
            "support": positive,
            "flagged": flagged,
            "precision": right / flagged if flagged else 0.0,
            "recall": right / positive if positive else 0.0,
            "f1": f1(right, flagged, positive),
            "ask_recall": float((ask & truth).sum()) / positive if positive else 0.0,
            "ask_share": float(ask.mean()),
        }
    return figures


def figures(scores: Scores, examples: Sequence[Example], config: Mapping[str, Any]) -> Figures:
    """Everything at once, with the calibration and thresholds of a configuration."""
    chances = chances_of(scores.labels, config["calibration"])
    return _figures(scores, chances, examples, config["thresholds"], config["relevance_threshold"])


def cross_fitted(
    scores: Scores, examples: Sequence[Example], fold: Sequence[int], config: Mapping[str, Any]
) -> Figures:
    """Everything at once on texts in folds, each with calibration and thresholds chosen on the other folds.

    The probabilities are moved so that the thresholds of the configuration fall where the fold's own were.
    """
    folds = np.array(fold)
    moved = np.zeros((len(examples), len(LABELS)))
    kept = np.zeros_like(moved)
    for one in sorted(set(fold)):
        here, rest = np.flatnonzero(folds == one), np.flatnonzero(folds != one)
        calibration, thresholds = settings_of(scores.labels[rest], [examples[at] for at in rest])
        chances = chances_of(scores.labels[here], calibration)
        kept[here] = chances
        for at, label in enumerate(LABELS):
            own, now = thresholds[label], config["thresholds"][label]
            # 2: sure, 1: ask, 0: no; shown as a probability that the configuration's thresholds read the same way
            level = (chances[:, at] >= own["ask"]).astype(int) + (chances[:, at] >= own["sure"])
            moved[here, at] = np.array([now["ask"] / 2, (now["ask"] + now["sure"]) / 2, 1.0])[level]
    result = _figures(scores, moved, examples, config["thresholds"], config["relevance_threshold"])
    return replace(result, calibration_error=_calibration_error(kept, examples))


def _figures(
    scores: Scores, chances: Floats, examples: Sequence[Example], thresholds: Thresholds, relevance: float
) -> Figures:
    labels = label_figures(chances, examples, thresholds)
    right = sum(round(row["recall"] * row["support"]) for row in labels.values())
    flagged = sum(row["flagged"] for row in labels.values())
    sure, ask = (flag_figures(chances, examples, thresholds, level) for level in ("sure", "ask"))
    return Figures(
        n=len(examples),
        labels=labels,
        macro_f1=float(np.mean([row["f1"] for row in labels.values()])),
        micro_f1=f1(right, flagged, sum(row["support"] for row in labels.values())),
        sure_recall=sure["recall"],
        sure_alarms=sure["false_alarms"],
        ask_recall=ask["recall"],
        ask_alarms=ask["false_alarms"],
        calibration_error=_calibration_error(chances, examples),
        other=other_figures(
            scores, examples, relevance, (chances >= _limits(thresholds, "sure")).any(axis=1)
        ),
    )


def _limits(thresholds: Thresholds, level: str) -> Floats:
    return np.array([thresholds[label][level] for label in LABELS])


def _calibration_error(chances: Floats, examples: Sequence[Example]) -> float:
    """The mean over the labels."""
    truth = np.array([example.targets for example in examples]) > 0
    return float(
        np.mean([expected_calibration_error(chances[:, at], truth[:, at]) for at in range(len(LABELS))])
    )


def other_figures(
    scores: Scores, examples: Sequence[Example], relevance: float, flagged: NDArray[np.bool_]
) -> dict[str, float]:
    """Severity (none where nothing is flagged, at least low where something is), relevance and author role."""
    truth = np.array([example.severity for example in examples])
    said = np.where(flagged, np.maximum(scores.severity[:, 1:].argmax(1) + 1, 1), scores.severity.argmax(1))
    apart = np.abs(said - truth)
    relevant = np.array([example.relevant == 1 for example in examples])
    kept = np.array([sigmoid(float(value)) >= relevance for value in scores.relevant])
    roles = np.array([example.role for example in examples])
    known = roles != AUTHOR_ROLES.index("unknown")
    right = scores.author_role.argmax(1) == roles
    return {
        "severity_exact": float((apart == 0).mean()),
        "severity_within_one": float((apart <= 1).mean()),
        "relevance_precision": float(relevant[kept].mean()),
        "relevance_recall": float(kept[relevant].mean()),
        "irrelevant_found": float((~kept[~relevant]).mean()) if (~relevant).any() else 0.0,
        "role_accuracy": float(right.mean()),
        "role_accuracy_known": float(right[known].mean()),
    }


def flag_figures(
    chances: Floats, examples: Sequence[Example], thresholds: Thresholds, level: str
) -> dict[str, float]:
    """Any label at all, at one level: recall of concerns and false alarms in 100 clean texts."""
    flagged = (chances >= _limits(thresholds, level)).any(axis=1)
    concern = np.array([example.positive for example in examples])
    return {"recall": float(flagged[concern].mean()), "false_alarms": 100 * float(flagged[~concern].mean())}


def source_figures(
    run: Callable[[list[str]], Scores],
    sources: Mapping[str, Sequence[Example]],
    calibration: Thresholds,
    thresholds: Thresholds,
    most: int = 250,
) -> list[tuple[str, str, int, int, float, float]]:
    """On public dev rows: source, label, judged, positives, F1, flagged share of judged negatives."""
    lines = []
    for source, examples in sorted(sources.items()):
        rows = examples[:: max(1, len(examples) // most)][:most]
        chances = chances_of(run([row.text for row in rows]).labels, calibration)
        for at, label in enumerate(LABELS):
            judged = np.array([row.weights[at] == 1.0 for row in rows])
            if not judged.any():
                continue
            truth = np.array(truth_of(rows, at))[judged]
            sure = chances[judged, at] >= thresholds[label]["sure"]
            clean = sure[~truth]
            score = f1(int((sure & truth).sum()), int(sure.sum()), int(truth.sum()))
            lines.append(
                (
                    source,
                    label,
                    len(truth),
                    int(truth.sum()),
                    score,
                    float(clean.mean()) if clean.size else 0.0,
                )
            )
    return lines


def shift(
    run: Callable[[list[str], int], Scores], texts: list[str], calibration: Thresholds
) -> tuple[float, float]:
    """How far a probability moves, at most and on average, between batches of 32 and one text alone."""
    together, alone = (chances_of(run(texts, size).labels, calibration) for size in (32, 1))
    apart = np.abs(together - alone)
    return float(apart.max()), float(apart.mean())
