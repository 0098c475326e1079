"""Writes the artefact: the int8 graph, the tokenizer, thresholds, the sums, the model card."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from classifiers.training import card, graph, measure, scoring
from classifiers.training.data import (
    AUTHOR_ROLES,
    LABELS,
    SEVERITIES,
    SPAN_KINDS,
    TAGS,
    Example,
    read_dev,
    read_public,
)
from classifiers.training.folds import HeldOut
from classifiers.training.model import ConcernModel
from classifiers.training.thresholds import half_of, keep_threshold, sigmoid

NAME, VERSION, BASE = "redshank-minilm-2", "2", "all-MiniLM-L6-v2"
SUMMED = ("model.onnx", "tokenizer.json", "config.json")
# Chosen on the half of the development set of personal data that was read; detectors find most handles and addresses.
SPAN_LIMITS = {"person": 0.6, "room": 0.5, "handle": 0.8, "address": 0.9}


@dataclass(frozen=True)
class Figures:
    """Everything the card says in numbers."""

    sets: dict[str, measure.Figures]
    writers: dict[str, float]
    sources: list[tuple[str, str, int, int, float, float]]
    shift_most: float
    shift_mean: float
    int8_speed: float
    fp32_speed: float
    fp32_macro_f1: float
    size: int


def range_rows(tokenizer: Tokenizer, own: Sequence[Example], every: int = 23) -> list[scoring.Row]:
    """Windows of some of our training texts, on which the ranges of the activations are measured."""
    return [row for cut in scoring.rows_of(tokenizer, [one.text for one in own[::every]]) for row in cut]


def int8_scores(
    model: ConcernModel, tokenizer: Tokenizer, own: Sequence[Example], texts: Sequence[str]
) -> scoring.Scores:
    """What the model says of texts once it is made small, as it will be when it runs."""
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        graph.write_int8(model, path, range_rows(tokenizer, own))
        return scoring.score(scoring.open_session(path), tokenizer, texts)


def config_of(held: HeldOut, trained_on: str) -> dict[str, Any]:
    """What the runtime has to know; thresholds are chosen on texts whose writers the model had not read."""
    calibration, thresholds = measure.settings_of(held.scores.labels, held.rows)
    chances = [sigmoid(float(value)) for value in held.scores.relevant]
    return {
        "name": NAME,
        "version": VERSION,
        "base": BASE,
        "trained_on": trained_on,
        "labels": list(LABELS),
        "author_roles": list(AUTHOR_ROLES),
        "severities": list(SEVERITIES),
        "tags": list(TAGS),
        "max_tokens": scoring.MAX_TOKENS,
        "stride": scoring.STRIDE,
        "calibration": calibration,
        "thresholds": thresholds,
        "relevance_threshold": keep_threshold(chances, [row.relevant == 1 for row in held.rows]),
        "span_thresholds": {kind: SPAN_LIMITS[kind] for kind in SPAN_KINDS},
    }


def sets_of(
    scores: scoring.Scores, dev: Sequence[Example], held: HeldOut, config: Mapping[str, Any]
) -> dict[str, measure.Figures]:
    """Figures on the development set, on each half of it, and on the writers left out."""
    half = np.array([half_of(row.id) for row in dev])
    sets = {"development set": measure.figures(scores, dev, config)}
    for name, side in (("half read for its errors", 0), ("half only scored", 1)):
        at = np.flatnonzero(half == side)
        sets[name] = measure.figures(scores.at(at), [dev[index] for index in at], config)
    sets["writers left out"] = measure.cross_fitted(held.scores, held.rows, held.fold, config)
    return sets


def writer_figures(held: HeldOut, config: Mapping[str, Any]) -> dict[str, float]:
    """Micro-F1 on each writer by a model that read none of that writer's rows."""
    writers = np.array([row.writer for row in held.rows])
    found = {}
    for writer in sorted(set(writers)):
        at = np.flatnonzero(writers == writer)
        found[writer] = measure.figures(held.scores.at(at), [held.rows[i] for i in at], config).micro_f1
    return found


def figures_of(
    model: ConcernModel,
    tokenizer: Tokenizer,
    data: Path,
    *,
    path: Path,
    config: dict[str, Any],
    held: HeldOut,
) -> Figures:
    """Measures the int8 file on the development rows and on the public dev split."""
    session, dev = scoring.open_session(path), read_dev(data)
    texts = [row.text for row in dev]

    def run(some: list[str], size: int = 16) -> scoring.Scores:
        return scoring.score(session, tokenizer, some, size)

    with tempfile.TemporaryDirectory() as folder:
        full_path = Path(folder) / "fp32.onnx"
        graph.write_fp32(model, full_path)
        full = scoring.open_session(full_path)
        full_scores = scoring.score(full, tokenizer, texts)
        full_speed = scoring.speed(lambda some: scoring.score(full, tokenizer, some), texts)
    most, average = measure.shift(run, texts, config["calibration"])
    return Figures(
        sets=sets_of(run(texts), dev, held, config),
        writers=writer_figures(held, config),
        sources=measure.source_figures(
            run, read_public(data, "dev"), config["calibration"], config["thresholds"]
        ),
        shift_most=most,
        shift_mean=average,
        int8_speed=scoring.speed(run, texts),
        fp32_speed=full_speed,
        fp32_macro_f1=measure.figures(full_scores, dev, config).macro_f1,
        size=path.stat().st_size,
    )


def write_sums(folder: Path) -> None:
    """SHA256SUMS in the form that sha256sum checks."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in SUMMED]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def export(
    model: ConcernModel,
    tokenizer: Tokenizer,
    data: Path,
    out: Path,
    *,
    own: Sequence[Example],
    held: HeldOut,
    recipe: card.Recipe,
) -> Figures:
    """Writes the folder of the artefact, all files at once, and prints its figures."""
    model.eval()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        graph.write_int8(model, folder / "model.onnx", range_rows(tokenizer, own))
        tokenizer.save(str(folder / "tokenizer.json"))
        config = config_of(held, datetime.datetime.now(tz=datetime.UTC).date().isoformat())
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        write_sums(folder)
        figures = figures_of(model, tokenizer, data, path=folder / "model.onnx", config=config, held=held)
        (folder / "README.md").write_text(card.write(config, asdict(figures), recipe), encoding="utf-8")
        out.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.iterdir()):
            shutil.copyfile(path, out / path.name)
    print(card.tables(config, asdict(figures)), flush=True)
    return figures
