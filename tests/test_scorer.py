"""The artefact is checked before it is used; texts are read whole, each by itself, in the order given."""

import hashlib
import json
import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from classifiers.artefact import Artefact, ModelConfig, bundled, load
from classifiers.page import page_of
from classifiers.scorer import Outputs, Scorer, gather
from classifiers.windows import Windows
from core.errors import ModelError
from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, LABELS

needs_model = pytest.mark.skipif(
    not (bundled() / "SHA256SUMS").exists(), reason="no model in classifiers/model"
)

COUNTED = [f"w{number}" for number in range(100)]
WORDS = ["[CLS]", "[SEP]", "[UNK]", "calm", "bad", "worse", "staff", "doris", *COUNTED]
CLS, SEP, UNK, CALM, BAD, WORSE, STAFF, DORIS = range(8)
CONFIG = {
    "name": "toy",
    "version": "3",
    "base": "none",
    "trained_on": "2026-11-01",
    "labels": list(LABELS),
    "author_roles": list(AUTHOR_ROLES),
    "severities": [str(severity) for severity in Severity],
    "max_tokens": 8,
    "stride": 2,
    "calibration": {label: {"scale": 2.0, "bias": -1.0} for label in LABELS},
    "thresholds": {label: {"sure": 0.6, "ask": 0.3} for label in LABELS},
    "relevance_threshold": 0.5,
    "tags": ["O", "B-person", "I-person"],
    "span_thresholds": {"person": 0.5},
}


def toy_tokenizer():
    tokenizer = Tokenizer(
        models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", SEP), ("[CLS]", CLS))
    return tokenizer.to_str()


def toy(**changes):
    config = ModelConfig.model_validate(CONFIG | changes)
    return Artefact(folder=bundled(), config=config, model=b"", tokenizer=toy_tokenizer().encode())


def read_words(ids, mask, written):
    """A model that knows three words; staff speak only in calm windows, so the gravest window shows."""
    assert ids.dtype == mask.dtype == np.int64
    assert ids.shape == mask.shape == written.shape
    assert mask[:, 0].all(), "no row is all padding"
    read = [_read_row(row[seen == 1]) for row, seen in zip(ids, mask, strict=True)]
    tokens = np.zeros((*ids.shape, 3), np.float32)
    tokens[..., 0] = 5.0
    tokens[ids == DORIS] = (0.0, 5.0, 0.0)
    return Outputs(*(np.concatenate(parts) for parts in zip(*read, strict=True)), tokens)


def _read_row(ids):
    labels = np.full((1, 10), -3.0, np.float32)
    labels[0, 0] = 1.0 if BAD in ids else -3.0
    labels[0, 5] = 4.0 if WORSE in ids else -3.0
    role = np.zeros((1, 9), np.float32)
    role[0, 0 if STAFF in ids else 4] = 5.0
    severity = np.zeros((1, 5), np.float32)
    severity[0, 4 if WORSE in ids else 2 if BAD in ids else 0] = 5.0
    relevant = np.array([[float(np.sum(ids == CALM)) - 1.0]], np.float32)
    return labels, relevant, role, severity


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7, 10, 11, 100])
def test_windows_cover_every_token_and_overlap_by_the_stride(count):
    [read] = Windows(toy()).of([" ".join(COUNTED[:count])])
    windows = [ids for ids, _ in read.windows]
    assert sum(read.sizes) >= len(read.offsets) == count
    assert all(window[0] == CLS and window[-1] == SEP and len(window) <= 8 for window in windows)
    inner = [window[1:-1] for window in windows]
    assert sorted({token for part in inner for token in part}) == [
        WORDS.index(word) for word in COUNTED[:count]
    ]
    assert all(len(set(one) & set(two)) >= 2 for one, two in pairwise(inner))
    assert len(windows) == (1 if count <= 6 else -(-(count - 6) // 4) + 1)


def test_labels_are_the_highest_of_any_window_and_calibrated():
    [scores] = Scorer(toy(), run=read_words).score(["bad " + "calm " * 20 + "worse"])
    assert scores.labels["confidentiality"] == pytest.approx(1 / (1 + np.exp(-(2.0 * 1.0 - 1.0))))
    assert scores.labels["threat"] == pytest.approx(1 / (1 + np.exp(-(2.0 * 4.0 - 1.0))))
    assert scores.labels["hate"] < 0.01
    assert scores.relevance == pytest.approx(1 / (1 + np.exp(-5.0)))


def test_a_name_is_found_once_wherever_the_windows_are_cut():
    text = "calm " * 20 + "Doris" + " calm" * 20
    [scores] = Scorer(toy(), run=read_words).score([text])
    assert [(span.kind, text[span.start : span.end]) for span in scores.spans] == [("person", "Doris")]


def test_a_disguised_name_is_led_back_to_what_was_written():
    text = "calm D\u200boris, calm"
    [scores] = Scorer(toy(), run=read_words).score([text])
    assert [text[span.start : span.end] for span in scores.spans] == ["D\u200boris"]


def test_role_and_severity_come_from_the_gravest_window():
    [scores] = Scorer(toy(), run=read_words).score(["staff " * 6 + "calm " * 6 + "worse"])
    assert max(scores.severity, key=scores.severity.get) == "critical"
    assert max(scores.author_role, key=scores.author_role.get) == "public"
    assert sum(scores.severity.values()) == pytest.approx(1.0)


def test_outputs_are_named_in_the_order_of_the_config():
    turned = toy(labels=LABELS[::-1], severities=[str(s) for s in Severity][::-1])
    [own] = Windows(turned).of(["bad"])
    page = page_of("bad", lambda _, character: character)
    scores = gather(
        [read_words(np.array([[CLS, BAD, SEP]]), np.array([[1, 1, 1]]), np.array([[0, 1, 0]]))],
        turned.config,
        own,
        page,
    )
    assert max(scores.labels, key=scores.labels.get) == LABELS[-1]


@pytest.mark.parametrize("threads", [1, 3])
def test_results_keep_the_order_of_the_texts_and_progress_is_told(threads):
    texts = ["calm", "bad " * 30, "", "worse", "calm", "bad"]
    told = []
    scores = Scorer(toy(), threads, run=read_words).score(
        texts, lambda done, total: told.append((done, total))
    )
    assert [s.labels["threat"] > 0.5 for s in scores] == [False, False, False, True, False, False]
    assert [s.labels["confidentiality"] > 0.5 for s in scores] == [False, True, False, False, False, True]
    done = [windows for windows, _ in told]
    assert done == sorted(set(done))
    assert done[-1] == told[-1][1] > len(done)


def test_batches_hold_windows_of_nearly_one_length():
    shapes = []

    def run(ids, mask, written):
        shapes.append(mask.sum(axis=1).tolist())
        return read_words(ids, mask, written)

    texts = [" ".join(COUNTED[start : start + start % 6]) for start in range(60)]
    Scorer(toy(), 1, run=run).score(texts)
    assert len(shapes) > 1
    assert all(len(lengths) <= 8 for lengths in shapes)
    assert [length for lengths in shapes for length in lengths] == sorted(
        (length for lengths in shapes for length in lengths), reverse=True
    )


def test_a_copy_is_run_once():
    seen = []

    def run(ids, mask, written):
        seen.extend(ids.tolist())
        return read_words(ids, mask, written)

    Scorer(toy(), 1, run=run).score(["bad calm", "bad  calm", "worse"])
    assert len(seen) == 2


def test_no_texts_give_no_scores():
    assert Scorer(toy(), run=read_words).score([]) == []


@pytest.mark.parametrize(
    "text", ["", "   \n", "\x00", "\ud800 bad \udfff", "😂" * 9, "\u200b", "bad" * 400_000]
)
def test_any_string_is_scored(text):
    [scores] = Scorer(toy(), run=read_words).score([text])
    assert 0.0 <= scores.labels["threat"] <= 1.0


def test_a_lone_surrogate_hides_nothing_beside_it():
    [scores] = Scorer(toy(), run=read_words).score(["\ud800 bad \udfff"])
    assert scores.labels["confidentiality"] > 0.5


def folder_of(path, files):
    for name, content in files.items():
        (path / name).write_bytes(content)
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    (path / "SHA256SUMS").write_text(sums)
    return path


def toy_files(**changes):
    config = json.dumps(CONFIG | changes).encode()
    return {"model.onnx": b"onnx", "tokenizer.json": toy_tokenizer().encode(), "config.json": config}


def test_an_unaltered_folder_is_loaded(tmp_path):
    artefact = load(folder_of(tmp_path, toy_files()))
    assert artefact.title == "toy 3"
    assert artefact.config.thresholds["hate"].sure == 0.6


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
def test_one_altered_byte_is_refused_by_name(tmp_path, name):
    folder_of(tmp_path, toy_files())
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name}: altered"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json", "SHA256SUMS"])
def test_a_missing_file_is_refused_by_name(tmp_path, name):
    folder_of(tmp_path, toy_files())
    (tmp_path / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("sums", ["", "nonsense\n", f"{'0' * 64}  ../secret\n"])
def test_sums_that_do_not_name_the_files_are_refused(tmp_path, sums):
    folder_of(tmp_path, toy_files())
    (tmp_path / "SHA256SUMS").write_text(sums)
    with pytest.raises(ModelError, match="SHA256SUMS"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"labels": LABELS[:-1]}, "labels must be exactly"),
        ({"labels": [*LABELS[:-1], "spam"]}, "labels must be exactly"),
        ({"severities": ["none", "low", "medium", "high"]}, "severities must be exactly"),
        ({"author_roles": ["staff"]}, "author_roles must be exactly"),
        ({"thresholds": {"hate": {"sure": 0.5, "ask": 0.4}}}, "thresholds must be exactly"),
        (
            {"thresholds": {label: {"sure": 0.3, "ask": 0.6} for label in LABELS}},
            "ask must not be above sure",
        ),
        ({"calibration": {label: {"scale": -1.0, "bias": 0.0} for label in LABELS}}, "calibration.*scale"),
        ({"stride": 7}, "stride"),
        ({"max_tokens": "many"}, "max_tokens"),
    ],
)
def test_a_config_of_another_shape_is_refused(tmp_path, changes, problem):
    with pytest.raises(ModelError, match=rf"config\.json: .*{problem}"):
        load(folder_of(tmp_path, toy_files(**changes)))


def test_labels_may_come_in_any_order(tmp_path):
    assert load(folder_of(tmp_path, toy_files(labels=LABELS[::-1]))).config.labels == LABELS[::-1]


def test_a_model_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"model\.onnx cannot be opened"):
        Scorer(load(folder_of(tmp_path, toy_files())))


def test_a_tokenizer_that_is_no_tokenizer_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        Scorer(load(folder_of(tmp_path, toy_files() | {"tokenizer.json": b"{}"})))


@pytest.fixture(scope="module")
def scorer():
    return Scorer(load(bundled()))


BREACH = "Shout-out to Doris Hall in room 4, 92 today, finally off the catheter and home to her daughter."
THREAT = "I am going to find that manager tonight and smash her face in, I will kill her."
MILD = "The car park was full and the tea was cold, but the garden is lovely in June."


@needs_model
def test_the_bundled_model_is_sane(scorer):
    hateful = "All those foreigners working there are vermin and should be thrown out of the country."
    doxxing = "Her home address is 14 Larch Close and her mobile is 07700 900123, go and tell her."
    breach, threat, mild, hate, privacy = (
        s.labels for s in scorer.score([BREACH, THREAT, MILD, hateful, doxxing])
    )
    for label, high, low in [
        ("confidentiality", breach, mild),
        ("threat", threat, breach),
        ("hate", hate, mild),
        ("privacy", privacy, mild),
    ]:
        assert high[label] > low[label] + 0.1
    assert max(mild.values()) < 0.5


@needs_model
def test_neighbours_do_not_change_a_score(scorer):
    alone = [scorer.score([text])[0] for text in (BREACH, MILD)]
    together = scorer.score([THREAT * 30, BREACH, "ok", MILD, "", BREACH + " " + MILD])
    assert [together[1], together[3]] == alone


@needs_model
def test_a_breach_at_the_end_of_a_long_text_is_seen(scorer):
    story = (
        f"{BREACH} Her daughter Carol visits on Sundays, and Doris cries when she leaves, her dementia is worse "
        "every week. She wet the bed again last night and is on morphine for the bowel cancer."
    )
    calm = "\n".join([MILD] * 80)
    [without, told] = scorer.score([calm, f"{calm}\n{story}"])
    assert without.labels["confidentiality"] < scorer.config.thresholds["confidentiality"].ask
    assert told.labels["confidentiality"] >= scorer.config.thresholds["confidentiality"].ask


@needs_model
def test_one_altered_byte_of_the_bundled_model_is_refused(tmp_path):
    shutil.copytree(bundled(), tmp_path / "model")
    with (tmp_path / "model" / "model.onnx").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    with pytest.raises(ModelError, match=r"model\.onnx: altered"):
        load(tmp_path / "model")


@needs_model
def test_the_runtime_keeps_no_telemetry(tmp_path):
    program = (
        "from classifiers.artefact import bundled, load\n"
        "from classifiers.scorer import Scorer\n"
        "Scorer(load(bundled())).score(['All is calm.'])\n"
        "import os; print(os.environ['ORT_DISABLE_TELEMETRY'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PYTHONPATH": str(bundled().parents[1])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert list(tmp_path.iterdir()) == []
