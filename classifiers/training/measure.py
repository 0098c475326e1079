"""Scores texts with an artefact's session and counts how well it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from classifiers.training.data import AUTHOR_ROLES, LABELS, Example
from classifiers.training.thresholds import choose, f1, half_of, sigmoid

Floats = NDArray[np.float32]
Thresholds = Mapping[str, Mapping[str, float]]
MAX_TOKENS, STRIDE = 256, 64
OUTPUTS = ["labels", "relevant", "author_role", "severity"]


@dataclass(frozen=True)
class Scores:
    """Logits of each text, windows joined."""

    labels: Floats
    relevant: Floats
    author_role: Floats
    severity: Floats


def open_session(path: Path, threads: int = 0) -> Any:
    """An ONNX Runtime session on the processor."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def windows(ids: list[int], most: int = MAX_TOKENS, stride: int = STRIDE) -> list[list[int]]:
    """Windows of at most so many tokens that overlap by `stride`, each with the opening and closing token."""
    first, inner, last = ids[0], ids[1:-1], ids[-1]
    room = most - 2
    end = max(0, len(inner) - room)
    starts = [*range(0, end, room - stride), end]
    return [[first, *inner[start : start + room], last] for start in starts]


def run_rows(session: Any, rows: Sequence[list[int]], size: int) -> list[Floats]:
    """Logits of each row, in order, in batches of about one length."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    found: list[list[Floats]] = [[] for _ in rows]
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        width = max(len(rows[at]) for at in chosen)
        ids = np.zeros((len(chosen), width), np.int64)
        mask = np.zeros_like(ids)
        for line, at in enumerate(chosen):
            ids[line, : len(rows[at])] = rows[at]
            mask[line, : len(rows[at])] = 1
        outputs = session.run(OUTPUTS, {"input_ids": ids, "attention_mask": mask})
        for line, at in enumerate(chosen):
            found[at] = [output[line] for output in outputs]
    return [np.stack([row[kind] for row in found]) for kind in range(len(OUTPUTS))]


def score(session: Any, tokenizer: Tokenizer, texts: Sequence[str], size: int = 16) -> Scores:
    """Scores whole texts: the highest label and relevance logits of any window, severity and author role from
    the gravest."""
    rows: list[list[int]] = []
    owners: list[int] = []
    for text, encoded in enumerate(tokenizer.encode_batch(list(texts))):
        cut = windows(encoded.ids)
        rows += cut
        owners += [text] * len(cut)
    labels, relevant, role, severity = run_rows(session, rows, size)
    shares = np.exp(severity - severity.max(axis=1, keepdims=True))
    expected = (shares / shares.sum(axis=1, keepdims=True)) @ np.arange(severity.shape[1])
    owner = np.array(owners)
    kept = [np.flatnonzero(owner == text) for text in range(len(texts))]
    gravest = [at[int(np.argmax(expected[at]))] for at in kept]
    return Scores(
        np.stack([labels[at].max(axis=0) for at in kept]),
        np.array([relevant[at].max() for at in kept], np.float32),
        role[gravest],
        severity[gravest],
    )


def truth_of(examples: Sequence[Example], label: int) -> list[bool]:
    """Which examples bear a label."""
    return [example.targets[label] > 0 for example in examples]


def settings_of(logits: Floats, examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Calibration and thresholds of every label, chosen on these examples."""
    calibration: dict[str, Any] = {}
    thresholds: dict[str, Any] = {}
    for at, label in enumerate(LABELS):
        calibration[label], thresholds[label] = choose(label, logits[:, at].tolist(), truth_of(examples, at))
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
            "precision": right / flagged if flagged else 0.0,
            "recall": right / positive if positive else 0.0,
            "f1": f1(right, flagged, positive),
            "ask_recall": float((ask & truth).sum()) / positive if positive else 0.0,
            "ask_share": float(ask.mean()),
        }
    return figures


def macro(figures: Mapping[str, Mapping[str, float]]) -> float:
    """The mean F1 of the labels."""
    return float(np.mean([figure["f1"] for figure in figures.values()]))


def cross_fitted(logits: Floats, examples: Sequence[Example]) -> dict[str, float]:
    """F1 of each label with calibration and thresholds of one half measured on the other, counts joined."""
    half = np.array([half_of(example.id) for example in examples])
    flags = np.zeros((len(examples), len(LABELS)), bool)
    for fit in (0, 1):
        chosen, rest = np.flatnonzero(half == fit), np.flatnonzero(half != fit)
        calibration, thresholds = settings_of(logits[chosen], [examples[at] for at in chosen])
        chances = chances_of(logits[rest], calibration)
        limits = np.array([thresholds[label]["sure"] for label in LABELS])
        flags[rest] = chances >= limits
    truth = np.array([example.targets for example in examples]) > 0
    right, flagged, positive = (flags & truth).sum(0), flags.sum(0), truth.sum(0)
    return {label: f1(int(right[at]), int(flagged[at]), int(positive[at])) for at, label in enumerate(LABELS)}


def other_figures(scores: Scores, examples: Sequence[Example], relevance: float) -> dict[str, float]:
    """Severity, relevance and author role."""
    truth = np.array([example.severity for example in examples])
    apart = np.abs(scores.severity.argmax(1) - truth)
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
        "irrelevant_found": float((~kept[~relevant]).mean()),
        "role_accuracy": float(right.mean()),
        "role_accuracy_known": float(right[known].mean()),
    }


def flag_figures(
    chances: Floats, examples: Sequence[Example], thresholds: Thresholds, level: str
) -> dict[str, float]:
    """Any label at all, at one level: recall of concerns and false alarms in 100 clean texts."""
    flagged = (chances >= np.array([thresholds[label][level] for label in LABELS])).any(axis=1)
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


def speed(run: Callable[[list[str]], Scores], texts: list[str]) -> float:
    """Texts a second, the better of two runs."""
    best = 0.0
    for _ in range(2):
        started = time.perf_counter()
        run(texts)
        best = max(best, len(texts) / (time.perf_counter() - started))
    return best
