"""Texts in, probabilities out: the ONNX model read in windows of tokens.

    texts -> pages (disguises undone) -> tokens -> windows -> batches by length, on a pool of threads -> Scores

A label's probability and the relevance are the highest of any window. Author role and severity come from the
gravest window, the one with the highest expected severity. Spans come from all windows (``classifiers.spans``).

A batch holds windows of nearly one length, so that little of it is padding. In the bundled model a text's logits
do not depend on its batch at all, because the ranges of its activations are fixed (a test holds that). A
dynamically quantised model takes one range for a whole batch, and there neighbours move a text's probability (by
up to 0.15, measured on this encoder): such a model is not for this scorer.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.artefact import Artefact, ModelConfig
from classifiers.page import Page
from classifiers.reading import read
from classifiers.scores import Scores
from classifiers.spans import decode, merge
from classifiers.windows import Tokenised, Window, Windows
from core.errors import ModelError
from core.types import Severity

INPUTS = ("input_ids", "attention_mask", "cases")
OUTPUTS = ("labels", "relevant", "author_role", "severity", "tokens")

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]
Progress = Callable[[int, int], None]
_BATCH = (
    8  # windows; with two threads on two cores faster than 1 (by about a tenth) and than 32 (by a quarter)
)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits, a row per window: labels [b, 10], relevant [b, 1], author_role [b, 9], severity [b, 5],
    tokens [b, tokens, tags]."""

    labels: Logits
    relevant: Logits
    author_role: Logits
    severity: Logits
    tokens: Logits

    def rows(self) -> Iterable["Outputs"]:
        """Each row as Outputs of its own."""
        for row in range(len(self.labels)):
            one = slice(row, row + 1)
            yield Outputs(
                self.labels[one],
                self.relevant[one],
                self.author_role[one],
                self.severity[one],
                self.tokens[one],
            )


Run = Callable[[Ids, Ids, Ids], Outputs]


class Scorer:
    """Scores texts with one artefact. ``threads`` 0 means one per physical core."""

    def __init__(self, artefact: Artefact, threads: int = 0, *, run: Run | None = None) -> None:
        self.title = artefact.title
        self.config = artefact.config
        self.threads = threads or physical_cores()
        self._windows = Windows(artefact)
        self._run = run or open_session(artefact)

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Scores]:
        """One Scores per text, in order. ``progress`` is told windows done and windows in all.

        Any string is taken: empty, without a single word, with NUL or lone surrogates, or very long.
        """
        pages = [read(text) for text in texts]
        cut = self._windows.of([page.text for page in pages])
        # A window that several texts share (copies of one post) is run once; long ones first.
        distinct = sorted(
            {window for own in cut for window in own.windows}, key=lambda window: (-len(window[0]), window)
        )
        results: dict[Window, Outputs] = {}
        batches = [distinct[start : start + _BATCH] for start in range(0, len(distinct), _BATCH)]
        for batch, outputs in zip(batches, self._run_all(batches), strict=True):
            results |= zip(batch, outputs.rows(), strict=True)
            if progress is not None:
                progress(len(results), len(distinct))
        return [
            gather([results[window] for window in own.windows], self.config, own, page)
            for own, page in zip(cut, pages, strict=True)
        ]

    def _run_all(self, batches: Sequence[Sequence[Window]]) -> Iterable[Outputs]:
        if self.threads == 1 or len(batches) < 2:
            yield from map(self._run_batch, batches)
            return
        with ThreadPoolExecutor(min(self.threads, len(batches))) as pool:
            yield from pool.map(self._run_batch, batches)

    def _run_batch(self, batch: Sequence[Window]) -> Outputs:
        ids = np.zeros((len(batch), max(len(window[0]) for window in batch)), dtype=np.int64)
        mask, written = np.zeros_like(ids), np.zeros_like(ids)
        for row, window in enumerate(batch):
            size = len(window[0])
            ids[row, :size], written[row, :size] = window
            mask[row, :size] = 1
        return self._run(ids, mask, written)


def gather(windows: Sequence[Outputs], config: ModelConfig, own: Tokenised, page: Page) -> Scores:
    """One text's scores from the outputs of its windows (one row each)."""
    scale = np.array([config.calibration[label].scale for label in config.labels])
    bias = np.array([config.calibration[label].bias for label in config.labels])
    labels = sigmoid(scale * np.max([window.labels[0] for window in windows], axis=0) + bias)
    severities = [softmax(window.severity[0]) for window in windows]
    weights = np.array([Severity[name].value for name in config.severities])
    gravest = int(np.argmax([float(weights @ severity) for severity in severities]))
    role = softmax(windows[gravest].author_role[0])
    tokens = [
        softmax(window.tokens[0][own.skipped : own.skipped + size])
        for window, size in zip(windows, own.sizes, strict=True)
    ]
    return Scores(
        labels=dict(zip(config.labels, labels.tolist(), strict=True)),
        relevance=float(sigmoid(np.max([window.relevant[0, 0] for window in windows]))),
        author_role=dict(zip(config.author_roles, role.tolist(), strict=True)),
        severity=dict(zip(config.severities, severities[gravest].tolist(), strict=True)),
        spans=tuple(
            page.finding(span.kind, span.start, span.end)
            for span in decode(
                merge(tokens, own.starts, len(own.offsets)),
                own.offsets,
                config.tags,
                config.span_thresholds,
                page.text,
            )
        ),
    )


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Logits to probabilities, in a form that never overflows."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(logits, dtype=np.float64)))


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Logits of a choice, along the last axis, to shares of 1."""
    exponents = np.exp(np.asarray(logits, dtype=np.float64) - np.max(logits, axis=-1, keepdims=True))
    shares: NDArray[np.float64] = exponents / exponents.sum(axis=-1, keepdims=True)
    return shares


def open_session(artefact: Artefact) -> Run:
    """The ONNX model as a function of ids, mask and ways of writing (int64 [batch, tokens]); ModelError for another.

    A run uses one thread: the pool of the Scorer is what fills the cores.
    """
    onnxruntime = _silent_runtime()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(artefact.model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's errors share no narrower class
        raise ModelError(f"{artefact.folder}: model.onnx cannot be opened by ONNX Runtime") from error
    for wanted, given in ((INPUTS, session.get_inputs()), (OUTPUTS, session.get_outputs())):
        if missing := set(wanted) - {value.name for value in given}:
            raise ModelError(f"{artefact.folder}: model.onnx has no {', '.join(sorted(missing))}")

    def run(ids: Ids, mask: Ids, written: Ids) -> Outputs:
        inputs = {"input_ids": ids, "attention_mask": mask, "cases": written}
        return Outputs(*session.run(list(OUTPUTS), inputs))

    return run


def _silent_runtime() -> ModuleType:
    """ONNX Runtime without its telemetry.

    Official builds report to their maker over HTTPS and write a device id into the home folder as soon as they
    are imported, unless the variable is set by then (Privacy.md of the package, "Disabling Telemetry"). The
    call is for a process where something else has imported it before us.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    runtime = import_module("onnxruntime")
    runtime.disable_telemetry_events()
    return runtime


def physical_cores() -> int:
    """Cores this process may use, counting the two threads of one core once."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    try:
        topology = Path("/sys/devices/system/cpu")
        return len(
            {(topology / f"cpu{n}/topology/core_cpus_list").read_text(encoding="ascii") for n in usable}
        )
    except OSError:
        return len(usable)
