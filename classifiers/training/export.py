"""Writes the artefact: the int8 graph, the tokenizer, thresholds, the sums, the model card."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from classifiers.training import card, graph, measure
from classifiers.training.data import (
    AUTHOR_ROLES,
    LABELS,
    SEVERITIES,
    Example,
    read_dev,
    read_own,
    read_public,
)
from classifiers.training.model import ConcernModel
from classifiers.training.thresholds import keep_threshold, sigmoid

NAME, VERSION, BASE = "redshank-minilm-1", "1", "all-MiniLM-L6-v2"
SUMMED = ("model.onnx", "tokenizer.json", "config.json")


@dataclass(frozen=True)
class Figures:
    """Everything the card says in numbers."""

    labels: dict[str, dict[str, float]]
    macro_f1: float
    crossed: dict[str, float]
    crossed_macro_f1: float
    fp32_macro_f1: float
    fp32_crossed_macro_f1: float
    other: dict[str, float]
    flags: dict[str, dict[str, float]]
    sources: list[tuple[str, str, int, int, float, float]]
    shift_most: float
    shift_mean: float
    int8_speed: float
    fp32_speed: float
    size: int


def range_rows(tokenizer: Tokenizer, data: Path, every: int = 9) -> list[list[int]]:
    """Windows of some of our training texts, on which the ranges of the activations are measured."""
    texts = [row.text for row in read_own(data)[::every]]
    return [window for encoded in tokenizer.encode_batch(texts) for window in measure.windows(encoded.ids)]


def config_of(scores: measure.Scores, dev: Sequence[Example], trained_on: str) -> dict[str, Any]:
    """What the runtime has to know, thresholds chosen on the development rows."""
    calibration, thresholds = measure.settings_of(scores.labels, dev)
    chances = [sigmoid(float(value)) for value in scores.relevant]
    return {
        "name": NAME,
        "version": VERSION,
        "base": BASE,
        "trained_on": trained_on,
        "labels": list(LABELS),
        "author_roles": list(AUTHOR_ROLES),
        "severities": list(SEVERITIES),
        "max_tokens": measure.MAX_TOKENS,
        "stride": measure.STRIDE,
        "calibration": calibration,
        "thresholds": thresholds,
        "relevance_threshold": keep_threshold(chances, [row.relevant == 1 for row in dev]),
    }


def fp32_figures(
    model: ConcernModel, tokenizer: Tokenizer, dev: Sequence[Example]
) -> tuple[float, float, float]:
    """Macro-F1, cross-fitted macro-F1 and speed of the network before it is made small."""
    texts = [row.text for row in dev]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fp32.onnx"
        graph.write_fp32(model, path)
        session = measure.open_session(path)
        scores = measure.score(session, tokenizer, texts)
        calibration, thresholds = measure.settings_of(scores.labels, dev)
        chances = measure.chances_of(scores.labels, calibration)
        figures = measure.label_figures(chances, dev, thresholds)
        crossed = mean(measure.cross_fitted(scores.labels, dev))
        quick = measure.speed(lambda some: measure.score(session, tokenizer, some), texts)
    return measure.macro(figures), crossed, quick


def mean(values: dict[str, float]) -> float:
    """The mean over the labels."""
    return sum(values.values()) / len(values)


def figures_of(
    model: ConcernModel,
    tokenizer: Tokenizer,
    data: Path,
    *,
    path: Path,
    config: dict[str, Any],
    scores: measure.Scores,
) -> Figures:
    """Measures the int8 file on the development rows and on the public dev split."""
    session, dev = measure.open_session(path), read_dev(data)
    texts = [row.text for row in dev]
    calibration, thresholds = config["calibration"], config["thresholds"]

    def run(some: list[str], size: int = 16) -> measure.Scores:
        return measure.score(session, tokenizer, some, size)

    chances = measure.chances_of(scores.labels, calibration)
    labels = measure.label_figures(chances, dev, thresholds)
    crossed = measure.cross_fitted(scores.labels, dev)
    full, full_crossed, full_speed = fp32_figures(model, tokenizer, dev)
    most, average = measure.shift(run, texts, calibration)
    return Figures(
        labels=labels,
        macro_f1=measure.macro(labels),
        crossed=crossed,
        crossed_macro_f1=mean(crossed),
        fp32_macro_f1=full,
        fp32_crossed_macro_f1=full_crossed,
        other=measure.other_figures(scores, dev, config["relevance_threshold"]),
        flags={level: measure.flag_figures(chances, dev, thresholds, level) for level in ("sure", "ask")},
        sources=measure.source_figures(run, read_public(data, "dev"), calibration, thresholds),
        shift_most=most,
        shift_mean=average,
        int8_speed=measure.speed(run, texts),
        fp32_speed=full_speed,
        size=path.stat().st_size,
    )


def write_sums(folder: Path) -> None:
    """SHA256SUMS in the form that sha256sum checks."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in SUMMED]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def export(model: ConcernModel, tokenizer: Tokenizer, data: Path, out: Path, recipe: card.Recipe) -> Figures:
    """Writes the folder of the artefact, all files at once, and prints its figures."""
    model.eval()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        graph.write_int8(model, folder / "model.onnx", range_rows(tokenizer, data))
        tokenizer.save(str(folder / "tokenizer.json"))
        dev = read_dev(data)
        session = measure.open_session(folder / "model.onnx")
        scores = measure.score(session, tokenizer, [row.text for row in dev])
        config = config_of(scores, dev, datetime.datetime.now(tz=datetime.UTC).date().isoformat())
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        write_sums(folder)
        figures = figures_of(model, tokenizer, data, path=folder / "model.onnx", config=config, scores=scores)
        (folder / "README.md").write_text(card.write(config, asdict(figures), recipe), encoding="utf-8")
        out.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.iterdir()):
            shutil.copyfile(path, out / path.name)
    print(card.tables(config, asdict(figures)), flush=True)
    return figures
