"""Weights on the disk, so that a broken-off training goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn


class Keeper:
    """Writes and reads the weights of stages in one folder; reads only where resuming was asked for."""

    def __init__(self, folder: Path, resuming: bool) -> None:
        self.folder = folder
        self.resuming = resuming
        folder.mkdir(parents=True, exist_ok=True)

    def whole(self, stage: str, model: nn.Module) -> None:
        """Keeps the weights of a finished stage."""
        self._write(f"{stage}.pt", model.state_dict())

    def partial(self, stage: str, step: int, model: nn.Module, average: nn.Module | None) -> None:
        """Keeps a stage on its way."""
        mean = average.state_dict() if average is not None else None
        self._write(f"{stage}-partial.pt", {"step": step, "model": model.state_dict(), "average": mean})

    def done(self, stage: str, model: nn.Module) -> bool:
        """Loads the weights of a stage that was finished before; says whether it was."""
        path = self.folder / f"{stage}.pt"
        if not self.resuming or not path.exists():
            return False
        model.load_state_dict(torch.load(path, weights_only=True))
        print(f"{stage}: finished before, taken from {path}", flush=True)
        return True

    def resume(self, stage: str, model: nn.Module, average: nn.Module | None) -> int:
        """Loads a stage that was broken off and gives the step to go on from. The optimiser starts afresh."""
        path = self.folder / f"{stage}-partial.pt"
        if not self.resuming or not path.exists():
            return 0
        kept = torch.load(path, weights_only=True)
        model.load_state_dict(kept["model"])
        if average is not None:
            average.load_state_dict(kept["average"])
        print(f"{stage}: goes on from step {kept['step']}", flush=True)
        return int(kept["step"])

    def _write(self, name: str, value: Any) -> None:
        # A write broken off leaves no half file under the name.
        partial = self.folder / f"{name}.tmp"
        torch.save(value, partial)
        partial.replace(self.folder / name)
