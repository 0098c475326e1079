"""What a graph says of whole texts: the logits of their windows, joined."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from classifiers.casing import cases
from classifiers.reading import read

Floats = NDArray[np.float32]
MAX_TOKENS, STRIDE = 256, 64
OUTPUTS = ["labels", "relevant", "author_role", "severity"]


@dataclass(frozen=True)
class Scores:
    """Logits of each text, windows joined."""

    labels: Floats
    relevant: Floats
    author_role: Floats
    severity: Floats

    def at(self, rows: Any) -> Scores:
        """Those of some texts, by their places."""
        return Scores(self.labels[rows], self.relevant[rows], self.author_role[rows], self.severity[rows])


def open_session(path: Path, threads: int = 0) -> Any:
    """An ONNX Runtime session on the processor."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def windows(ids: list[int], most: int = MAX_TOKENS, stride: int = STRIDE) -> list[list[int]]:
    """Windows of at most so many tokens that overlap by `stride`, each with the opening and closing token.

    Takes token ids, or what else a list holds of each token.
    """
    first, inner, last = ids[0], ids[1:-1], ids[-1]
    room = most - 2
    end = max(0, len(inner) - room)
    starts = [*range(0, end, room - stride), end]
    return [[first, *inner[start : start + room], last] for start in starts]


Row = tuple[list[int], list[int]]  # token ids, and how each token is written


def rows_of(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[Row]]:
    """The windows of each text."""
    pages = [read(text).text for text in texts]
    return [
        list(zip(windows(one.ids), windows(cases(page, one.offsets)), strict=True))
        for page, one in zip(pages, tokenizer.encode_batch(pages), strict=True)
    ]


def run_rows(session: Any, rows: Sequence[Row], size: int) -> list[Floats]:
    """Logits of each row, in order, in batches of about one length."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at][0]))
    found: list[list[Floats]] = [[] for _ in rows]
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        width = max(len(rows[at][0]) for at in chosen)
        ids = np.zeros((len(chosen), width), np.int64)
        mask, written = np.zeros_like(ids), np.zeros_like(ids)
        for line, at in enumerate(chosen):
            size_of = len(rows[at][0])
            ids[line, :size_of], written[line, :size_of] = rows[at]
            mask[line, :size_of] = 1
        outputs = session.run(OUTPUTS, {"input_ids": ids, "attention_mask": mask, "cases": written})
        for line, at in enumerate(chosen):
            found[at] = [output[line] for output in outputs]
    return [np.stack([row[kind] for row in found]) for kind in range(len(OUTPUTS))]


def score(session: Any, tokenizer: Tokenizer, texts: Sequence[str], size: int = 16) -> Scores:
    """Scores whole texts: the highest label and relevance logits of any window, severity and author role from
    the gravest."""
    rows: list[Row] = []
    owners: list[int] = []
    for text, cut in enumerate(rows_of(tokenizer, texts)):
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


def speed(run: Callable[[list[str]], Scores], texts: list[str]) -> float:
    """Texts a second, the better of two runs."""
    best = 0.0
    for _ in range(2):
        started = time.perf_counter()
        run(texts)
        best = max(best, len(texts) / (time.perf_counter() - started))
    return best
