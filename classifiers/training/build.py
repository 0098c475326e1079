"""The whole way: read, train on public rows, cross-validate over writers, train on all our rows, export.

    public ─► fold0, fold1, … (each without some writers) ─► what is said of those left out ─► thresholds ┐
           └► own7, own8, … (all our rows, a seed each) ─► their mean ──────────────────────────────────┴► artefact

Each of these parts lies in the checkpoints when it is done, and can be trained by itself: two parts side by side,
on one thread each, take a third less time than one after the other on two.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tokenizers import Tokenizer

from classifiers.training import card, data, folds, train
from classifiers.training.checkpoints import Keeper
from classifiers.training.data import Example
from classifiers.training.export import export, int8_scores
from classifiers.training.model import ConcernModel, base_folder


@dataclass
class Bench:
    """What every part of the training needs."""

    options: argparse.Namespace
    own: Sequence[Example]
    public: Sequence[Example]
    again: Sequence[Example]
    tokenizer: Tokenizer
    keep: Keeper
    encoded: list[train.Encoded] = field(default_factory=list)
    start: ConcernModel | None = None

    def trained(self, name: str, rows: Sequence[Example], *, epochs: int, seed: int) -> ConcernModel:
        """A model that went on from the public stage with these rows, from the checkpoints where it lies there."""
        model = copy.deepcopy(self._public_stage())
        if not self.keep.done(name, model):
            how = {"name": name, "epochs": epochs, "seed": seed}
            train.learn_own(
                model, self.tokenizer, [*rows, *self.again], self._replay(), **how, keep=self.keep
            )
        return model

    def left_out(self, number: int, writers: frozenset[str]) -> tuple[list[Example], folds.Scores]:
        """The rows of some writers, and what a model says of them that read all others."""
        path = Path(self.options.checkpoints) / f"fold{number}.npz"
        if self.keep.resuming and path.exists():
            return folds.read(path, self.own)
        kept, rest = folds.split(self.own, writers)
        model = self.trained(
            f"fold{number}", kept, epochs=self.options.fold_epochs, seed=self.options.seeds[0]
        )
        scores = int8_scores(model, self.tokenizer, kept, [row.text for row in rest])
        folds.save(path, rest, scores)
        return rest, scores

    def _public_stage(self) -> ConcernModel:
        if self.start is None:
            self.start = ConcernModel(base_folder())
            if not self.keep.done("public", self.start):
                train.learn_public(self.start, self._replay(), self.options.seeds[0], self.keep)
        return self.start

    def _replay(self) -> list[train.Encoded]:
        if not self.encoded:
            self.encoded = train.encode(self.tokenizer, self.public)
        return self.encoded


def build(options: argparse.Namespace) -> None:
    """Reads the data, trains every part, or those asked for, and writes the artefact where all were."""
    started = time.monotonic()
    torch.manual_seed(options.seeds[0])
    if options.threads:
        torch.set_num_threads(options.threads)
    train.keep_memory()
    bench = bench_of(options)
    sets = folds.folds(bench.own, options.folds)
    wanted = options.parts.split(",") if options.parts else [f"fold{at}" for at in range(len(sets))]
    found = [bench.left_out(at, writers) for at, writers in enumerate(sets) if f"fold{at}" in wanted]
    models = [
        bench.trained(f"own{seed}", bench.own, epochs=options.epochs, seed=seed)
        for seed in options.seeds
        if f"own{seed}" in wanted or not options.parts
    ]
    print(f"trained in {(time.monotonic() - started) / 60:.1f} minutes", flush=True)
    if options.parts:
        return
    model = mean_of(models)
    held = folds.HeldOut(
        rows=[row for rows, _ in found for row in rows],
        scores=folds.join([scores for _, scores in found]),
        fold=[at for at, (rows, _) in enumerate(found) for _ in rows],
    )
    writers = len({row.writer for row in bench.own})
    recipe = card.Recipe(
        own=len(bench.own),
        writers=writers,
        public=len(bench.public),
        epochs=options.epochs,
        seeds=len(options.seeds),
        folds=options.folds,
        fold_epochs=options.fold_epochs,
    )
    export(model, bench.tokenizer, options.data, options.out, own=bench.own, held=held, recipe=recipe)


@torch.no_grad()
def mean_of(models: Sequence[ConcernModel]) -> ConcernModel:
    """One model whose weights are the mean of those that began alike (Wortsman et al., 2022, "model soups")."""
    mean = copy.deepcopy(models[0])
    for name, value in mean.state_dict().items():
        value.copy_(torch.stack([model.state_dict()[name].float() for model in models]).mean(dim=0))
    return mean


def bench_of(options: argparse.Namespace) -> Bench:
    """Reads what is to be learnt from; DataError says what is missing."""
    own = data.read_own(options.data)
    if options.own_rows:
        own = own[:: max(1, len(own) // options.own_rows)]
    data.read_dev(options.data)  # what is missing should be said now, not after the training
    sources = data.read_public(options.data)
    public = data.sample_public(sources, options.public_rows, options.seeds[0])
    print(f"{len(own)} own rows, {len(public)} public rows: {data.count_by_source(public)}", flush=True)
    tokenizer = train.bare_tokenizer(base_folder() / "tokenizer.json")
    keep = Keeper(options.checkpoints, options.resume or bool(options.parts))
    return Bench(options, own, public, data.read_again(sources), tokenizer, keep)
