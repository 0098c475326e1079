"""The training loop: a stage of public rows, then our own with disguised copies and a little public replay."""

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

from classifiers.casing import SIGN, cases
from classifiers.reading import read
from classifiers.training.checkpoints import Keeper
from classifiers.training.data import SPAN_KINDS, TAGS, Example, Span, length_batches
from classifiers.training.disguise import disguised
from classifiers.training.model import IGNORED, ConcernModel, loss_of, parameter_groups
from classifiers.training.renaming import Names, renamed
from classifiers.training.templates import templated

PUBLIC_TOKENS = 128
OWN_TOKENS = 256
BATCH = 32
DISGUISED = 0.1  # of our rows, anew in each epoch
TEMPLATED = 0.12  # sentences, by the number of our rows
RENAMED = 0.15  # of our rows with names marked
REPLAY = 0.3  # public rows in each epoch, by the number of ours


@dataclass(frozen=True)
class Stage:
    """One stretch of training with its own learning rate."""

    name: str
    epochs: int
    rate: float
    warm_up: float = 0.06
    average: float = 0.0  # the decay of the moving average of the weights; 0 keeps none


@dataclass(frozen=True)
class Encoded:
    """An example whose text has become token ids, each with its way of writing and its tag."""

    ids: list[int]
    cases: list[int]
    tags: list[int]
    example: Example


def bare_tokenizer(path: Path) -> Tokenizer:
    """The base tokenizer without padding and truncation."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[Encoded]:
    """Token ids and tags of each text, cut to what its kind is trained on; the closing token stays."""
    encoded = []
    pages = [read(row.text) for row in examples]
    for example, page, tokens in zip(
        examples, pages, tokenizer.encode_batch([page.text for page in pages]), strict=True
    ):
        most = OWN_TOKENS if example.source == "own" else PUBLIC_TOKENS
        tags = tags_of([page.written(*offset) for offset in tokens.offsets], example.spans)
        parts = [tokens.ids, cases(page.text, tokens.offsets), tags]
        if len(tokens.ids) > most:
            parts = [[*part[: most - 1], part[-1]] for part in parts]
        encoded.append(Encoded(*parts, example))
    return encoded


def tags_of(offsets: Sequence[tuple[int, int]], spans: Sequence[Span] | None) -> list[int]:
    """The tag of each token; special tokens, and all where nobody marked the text, are ignored."""
    if spans is None:
        return [IGNORED] * len(offsets)
    tags = [IGNORED if start == end else 0 for start, end in offsets]
    for first, last, kind in spans:
        if kind not in SPAN_KINDS:
            continue
        inside = [
            at for at, (start, end) in enumerate(offsets) if start < last and end > first and start < end
        ]
        for place, at in enumerate(inside):
            tags[at] = TAGS.index(f"{'I' if place else 'B'}-{kind}")
    return tags


def collate(rows: Sequence[Encoded]) -> dict[str, Tensor]:
    """One padded batch."""
    width = -(-max(len(row.ids) for row in rows) // 8) * 8  # few distinct shapes, so kernels are made once

    def padded(values: Sequence[list[int]], fill: int) -> Tensor:
        return torch.tensor([value + [fill] * (width - len(value)) for value in values])

    return {
        "input_ids": padded([row.ids for row in rows], 0),
        "attention_mask": padded([[1] * len(row.ids) for row in rows], 0),
        "cases": padded([row.cases for row in rows], SIGN),
        "tags": padded([row.tags for row in rows], IGNORED),
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
        if now.requires_grad:  # the word vectors stand still
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
    for step in range(first, len(plan)):
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
        if step % 100 == 99 or step + 1 == len(plan):
            report(stage, step + 1, len(plan), running, seen / (time.monotonic() - started))
        if step % 250 == 249:
            keep.partial(stage.name, step + 1, model, average)
    if average is not None:
        model.load_state_dict(average.state_dict())
    keep.whole(stage.name, model)


def learn(model: ConcernModel, optimizer: torch.optim.Optimizer, batch: dict[str, Tensor]) -> float:
    """One step; gives the loss."""
    with autocast():
        outputs = model(batch["input_ids"], batch["attention_mask"], batch["cases"])
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
    tokenizer: Tokenizer, own: Sequence[Example], public: Sequence[Encoded], epochs: int, seed: int
) -> list[list[Encoded]]:
    """The rows of each epoch of the own stage: all of ours, fresh disguised copies of some, and public replay."""
    rng = random.Random(f"{seed}:replay")
    names = Names(seed)
    kept = encode(tokenizer, own)
    replay = min(len(public), int(len(own) * REPLAY))
    return [
        [
            *kept,
            *encode(tokenizer, copies(own, rng, names)),
            *rng.sample(list(public), replay),
        ]
        for _ in range(epochs)
    ]


def copies(own: Sequence[Example], rng: random.Random, names: Names) -> list[Example]:
    """What an epoch reads beside our rows: some in disguise, some of other people, and sentences from templates."""
    made = templated(int(len(own) * TEMPLATED), rng)
    return [*renamed(own, RENAMED, rng, names), *disguised([*own, *made], DISGUISED, rng), *made]


def learn_public(model: ConcernModel, public: Sequence[Encoded], seed: int, keep: Keeper) -> None:
    """The stage that every fold starts from; it reads nothing of ours."""
    run_stage(model, [public], Stage("public", 1, 2.5e-4, average=0.995), seed, keep)


def learn_own(
    model: ConcernModel,
    tokenizer: Tokenizer,
    own: Sequence[Example],
    public: Sequence[Encoded],
    *,
    name: str,
    epochs: int,
    seed: int,
    keep: Keeper,
) -> None:
    """The stage on our own rows."""
    stage = Stage(name, epochs, 2.5e-4, average=0.995)
    run_stage(model, epochs_of(tokenizer, own, public, epochs, seed), stage, seed, keep)
