"""The whole way: read, train, export."""

from __future__ import annotations

import argparse
import time

import torch

from classifiers.training import data, train
from classifiers.training.card import Recipe
from classifiers.training.export import export
from classifiers.training.model import ConcernModel, base_folder


def build(options: argparse.Namespace) -> None:
    """Reads the data, trains both stages and writes the artefact."""
    started = time.monotonic()
    torch.manual_seed(options.seed)
    own = data.read_own(options.data)
    if options.own_rows:
        own = own[:: max(1, len(own) // options.own_rows)]
    data.read_dev(options.data)  # what is missing should be said now, not after the training
    public = data.sample_public(data.read_public(options.data), options.public_rows, options.seed)
    print(f"{len(own)} own rows, {len(public)} public rows: {data.count_by_source(public)}", flush=True)
    base = base_folder()
    tokenizer = train.bare_tokenizer(base / "tokenizer.json")
    model = ConcernModel(base)
    train.train(
        model,
        train.encode(tokenizer, own),
        train.encode(tokenizer, public),
        epochs=options.epochs,
        mixed_steps=options.mixed_steps,
        seed=options.seed,
        folder=options.checkpoints,
        resume=options.resume,
    )
    print(f"trained in {(time.monotonic() - started) / 60:.1f} minutes", flush=True)
    export(model, tokenizer, options.data, options.out, Recipe(len(own), len(public), options.epochs))
