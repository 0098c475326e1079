"""The training loop: a mixed stage of public and own rows, then own rows with a little public replay."""

from __future__ import annotations

import copy
import ctypes
import random
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from classifiers.training.checkpoints import Keeper
from classifiers.training.data import Example, length_batches
from classifiers.training.model import ConcernModel, loss_of, parameter_groups

PUBLIC_TOKENS = 128
OWN_TOKENS = 384
BATCH = 32


@dataclass(frozen=True)
class Stage:
    """One stretch of training with its own learning rate."""

    name: str
    epochs: int
    rate: float
    warm_up: float = 0.06
    average: float = 0.0  # the decay of the moving average of the weights; 0 keeps none
    stop: int = 0  # the last step, where the stage is to end before its rows do


@dataclass(frozen=True)
class Encoded:
    """An example whose text has become token ids."""

    ids: list[int]
    example: Example


def bare_tokenizer(path: Path) -> Tokenizer:
    """The base tokenizer without padding and truncation."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[Encoded]:
    """Token ids of each text, cut to what its kind is trained on; the closing token stays."""
    encoded = []
    for example, tokens in zip(examples, tokenizer.encode_batch([row.text for row in examples]), strict=True):
        most = OWN_TOKENS if example.source == "own" else PUBLIC_TOKENS
        ids = tokens.ids if len(tokens.ids) <= most else [*tokens.ids[: most - 1], tokens.ids[-1]]
        encoded.append(Encoded(ids, example))
    return encoded


def collate(rows: Sequence[Encoded]) -> dict[str, Tensor]:
    """One padded batch."""
    width = -(-max(len(row.ids) for row in rows) // 8) * 8  # few distinct shapes, so kernels are made once
    return {
        "input_ids": torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in rows]),
        "attention_mask": torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in rows]),
        "targets": torch.tensor([row.example.targets for row in rows]),
        "weights": torch.tensor([row.example.weights for row in rows]),
        "relevant": torch.tensor([row.example.relevant for row in rows]),
        "role": torch.tensor([row.example.role for row in rows]),
        "severity": torch.tensor([row.example.severity for row in rows]),
    }


def autocast() -> AbstractContextManager[None]:
    """bfloat16 where the processor multiplies it natively, else full precision."""
    able = torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=bool(able))


def schedule(step: int, steps: int, warm_up: float) -> float:
    """Up over the warm-up, then down to a twentieth in a straight line."""
    warm = max(1, int(steps * warm_up))
    if step < warm:
        return (step + 1) / warm
    return 0.05 + 0.95 * max(0.0, (steps - step) / max(1, steps - warm))


def keep_memory() -> None:
    """Tells glibc to keep freed memory: handing it back at every step costs a third of the time."""
    try:
        set_option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    trim, top_pad, mmap = -1, -2, -3
    for option, value in ((trim, 2_000_000_000), (top_pad, 200_000_000), (mmap, 2_000_000_000)):
        set_option(option, value)


@torch.no_grad()
def follow(average: ConcernModel, model: ConcernModel, decay: float, step: int) -> None:
    """Moves the averaged weights a little towards the model's; faster at the start."""
    kept = min(decay, (1 + step) / (10 + step))
    for mean, now in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - kept)


def run_stage(
    model: ConcernModel, rows: Sequence[Sequence[Encoded]], stage: Stage, seed: int, keep: Keeper
) -> None:
    """Trains in place over the rows of each epoch and saves the weights at the end, averaged where asked."""
    rng = random.Random(f"{seed}:{stage.name}")
    torch.manual_seed(seed)
    plan = [
        (epoch, batch) for epoch in rows for batch in length_batches([len(r.ids) for r in epoch], BATCH, rng)
    ]
    optimizer = torch.optim.AdamW(parameter_groups(model, stage.rate), fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    average = copy.deepcopy(model) if stage.average else None
    first = keep.resume(stage.name, model, average)
    model.train()
    started, seen, running = time.monotonic(), 0, 0.0
    last = min(stage.stop or len(plan), len(plan))
    for step in range(first, last):
        epoch, batch = plan[step]
        # A resumed optimiser knows nothing yet: fifty careful steps.
        factor = schedule(step, len(plan), stage.warm_up) * min(1.0, (step - first + 1) / 50)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        loss = learn(model, optimizer, collate([epoch[at] for at in batch]))
        if average is not None:
            follow(average, model, stage.average, step)
        seen += len(batch)
        running = 0.98 * running + 0.02 * loss if running else loss
        if step % 100 == 99 or step + 1 == last:
            report(stage, step + 1, last, running, seen / (time.monotonic() - started))
        if step % 250 == 249:
            keep.partial(stage.name, step + 1, model, average)
    if average is not None:
        model.load_state_dict(average.state_dict())
    keep.whole(stage.name, model)


def learn(model: ConcernModel, optimizer: torch.optim.Optimizer, batch: dict[str, Tensor]) -> float:
    """One step; gives the loss."""
    with autocast():
        outputs = model(batch["input_ids"], batch["attention_mask"])
    loss = loss_of(outputs, batch)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.item())


def report(stage: Stage, step: int, steps: int, loss: float, speed: float) -> None:
    """One line of progress."""
    left = (steps - step) * BATCH / speed / 60
    print(
        f"{stage.name}: step {step}/{steps}, loss {loss:.4f}, {speed:.0f} examples/s, {left:.1f} min left",
        flush=True,
    )


def epochs_of(
    own: Sequence[Encoded], public: Sequence[Encoded], stage: Stage, seed: int
) -> list[list[Encoded]]:
    """The rows of each epoch of the own stage: all of ours and a fresh eighth as much of the public ones."""
    replay = min(len(public), len(own) // 8)
    rng = random.Random(f"{seed}:replay")
    return [[*own, *rng.sample(list(public), replay)] for _ in range(stage.epochs)]


def train(
    model: ConcernModel,
    own: Sequence[Encoded],
    public: Sequence[Encoded],
    *,
    epochs: int,
    mixed_steps: int,
    seed: int,
    folder: Path,
    resume: bool,
) -> None:
    """Both stages; with resume, a stage whose weights lie in the folder is loaded and not run again."""
    keep_memory()
    keep = Keeper(folder, resume)
    mixed = Stage("mixed", 1, 1e-4, stop=mixed_steps)
    ours = Stage("own", epochs, 6e-5, average=0.995)
    plans = {mixed: [[*public, *list(own) * 5]] if public else [], ours: epochs_of(own, public, ours, seed)}
    for stage, rows in plans.items():
        if rows and not keep.done(stage.name, model):
            run_stage(model, rows, stage, seed, keep)
