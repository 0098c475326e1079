"""The pure parts of training: what a row may teach, what is never read, how thresholds are chosen."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from classifiers.training import __main__ as command
from classifiers.training import card, data, measure, thresholds

UNKNOWN = ["confidentiality", "privacy", "internal"]


def own_row(identity: str, labels: list[str]) -> dict[str, object]:
    return {
        "id": identity,
        "text": f"text of {identity}",
        "platform": "forum",
        "author_role": "staff",
        "relevant": True,
        "labels": labels,
        "case": "invented",
        "severity": "high" if labels else "none",
    }


def public_row(number: int, labels: list[str], split: str = "train", **more: object) -> dict[str, object]:
    return {"id": f"pub-{number}", "text": f"row {number}", "labels": labels, "split": split, **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in small: two own files, two public sources, one entity source, the forbidden files."""
    write(tmp_path / "mentions-train-a.jsonl", [own_row("a-1", ["privacy"]), own_row("a-2", [])])
    write(tmp_path / "mentions-train-b.jsonl", [own_row("b-1", ["threat", "hate"])])
    write(tmp_path / "mentions-dev.jsonl", [own_row("dev-1", ["privacy"])])
    write(tmp_path / "personal-data-dev.jsonl", [{"id": "secret", "text": "never read"}])
    abuse = tmp_path / "abuse"
    abuse.mkdir()
    sources = []
    for name in ("large", "small", "wnut17_ner"):
        count = {"large": 200, "small": 20}.get(name, 5)
        rows = [
            public_row(
                number,
                ["hate"] if number % 4 == 0 else ["threat"] if number % 10 == 1 else [],
                "dev" if number % 5 == 0 else "train",
            )
            for number in range(count)
        ]
        with gzip.open(abuse / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        source = {"name": name, "file": f"{name}.jsonl.gz", "unknown": UNKNOWN}
        sources.append({**source, "presumed_negative": ["internal"]})
    (abuse / "MANIFEST.json").write_text(json.dumps({"sources": sources}), encoding="utf-8")
    return tmp_path


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def weight(example: data.Example, label: str) -> float:
    return example.weights[data.LABELS.index(label)]


def target(example: data.Example, label: str) -> float:
    return example.targets[data.LABELS.index(label)]


SOURCE = {"name": "s", "unknown": UNKNOWN, "presumed_negative": ["internal"]}


def test_an_unknown_label_teaches_nothing() -> None:
    example = data.public_example(public_row(1, ["hate"]), SOURCE)
    assert weight(example, "privacy") == 0
    assert weight(example, "threat") == 1
    assert target(example, "threat") == 0
    assert target(example, "hate") == 1


def test_a_label_presumed_absent_teaches_a_little() -> None:
    example = data.public_example(public_row(1, []), SOURCE)
    assert weight(example, "internal") == data.WEAK
    assert target(example, "internal") == 0


def test_a_rows_own_doubt_outweighs_its_sources_presumption() -> None:
    example = data.public_example(public_row(1, [], unknown=["internal", "sexual"]), SOURCE)
    assert weight(example, "internal") == 0
    assert weight(example, "sexual") == 0


def test_a_label_that_a_row_bears_teaches_even_where_its_source_is_unsure() -> None:
    example = data.public_example(public_row(1, ["privacy"]), SOURCE)
    assert (target(example, "privacy"), weight(example, "privacy")) == (1, 1)


def test_a_public_row_says_nothing_of_relevance_role_and_severity() -> None:
    example = data.public_example(public_row(1, []), SOURCE)
    assert (example.relevant, example.role, example.severity) == (data.UNSAID,) * 3


def test_an_own_row_bears_every_answer() -> None:
    example = data.own_example(own_row("a", ["threat"]))
    assert set(example.weights) == {1.0}
    assert data.AUTHOR_ROLES[example.role] == "staff"
    assert data.SEVERITIES[example.severity] == "high"
    assert example.relevant == 1


def test_own_training_rows_leave_the_development_files_alone(folder: Path) -> None:
    assert [example.id for example in data.read_own(folder)] == ["a-1", "a-2", "b-1"]


def test_public_rows_of_the_dev_split_are_never_read_for_training(folder: Path) -> None:
    train, dev = data.read_public(folder), data.read_public(folder, "dev")
    for name, rows in train.items():
        assert rows
        assert not {row.id for row in rows} & {row.id for row in dev[name]}
    assert all(int(row.id.removeprefix("pub-")) % 5 for rows in train.values() for row in rows)


def test_sources_of_entities_are_skipped(folder: Path) -> None:
    assert set(data.read_public(folder)) == {"large", "small"}


def test_a_missing_folder_is_said_clearly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(data.DataError, match="--data"):
        data.read_own(tmp_path)
    monkeypatch.setattr(command, "missing", lambda: ["torch"])
    assert command.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "requirements.txt" in capsys.readouterr().err


def test_the_same_seed_samples_the_same_rows(folder: Path) -> None:
    sources = data.read_public(folder)
    first, again, other = (data.sample_public(sources, 40, seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert len(first) == len({(row.source, row.id) for row in first}) == 40


def test_a_sample_keeps_rare_labels_and_gives_small_sources_more_than_their_share(folder: Path) -> None:
    sources = data.read_public(folder)
    sample = data.sample_public(sources, 40, 7)
    counts = data.count_by_source(sample)
    assert counts["small"] / len(sources["small"]) > counts["large"] / len(sources["large"])
    rare = {row.id for row in sources["large"] if row.rare}
    assert rare
    assert rare <= {row.id for row in sample if row.source == "large"}


def test_quotas_pass_on_what_a_small_source_lacks() -> None:
    shares = data.quotas({"tiny": 3, "large": 1000, "larger": 4000}, 900)
    assert shares["tiny"] == 3
    assert sum(shares.values()) == 900


def test_batches_hold_every_row_once_and_texts_of_about_one_length() -> None:
    lengths = [random.Random(at).randrange(5, 300) for at in range(500)]
    batches = data.length_batches(lengths, 32, random.Random(1))
    assert sorted(at for batch in batches for at in batch) == list(range(500))
    spread = [max(lengths[at] for at in batch) - min(lengths[at] for at in batch) for batch in batches]
    assert float(np.mean(spread)) < 40


def drawn(count: int, share: float, seed: int = 1) -> tuple[list[float], list[bool]]:
    """Chances of an imperfect classifier and the truth."""
    rng = random.Random(seed)
    truth = [rng.random() < share for _ in range(count)]
    return [thresholds.sigmoid(rng.gauss(1.5 if held else -2.0, 1.5)) for held in truth], truth


@pytest.mark.parametrize("label", data.LABELS)
@pytest.mark.parametrize("share", [0.04, 0.2])
def test_ask_is_never_above_sure_and_reaches_the_recall_target(label: str, share: float) -> None:
    chances, truth = drawn(480, share)
    calibration, limits = thresholds.choose(label, [thresholds.logit(chance) for chance in chances], truth)
    assert 0 < limits["ask"] <= limits["sure"] < 1
    assert calibration["scale"] > 0
    calibrated = [
        thresholds.sigmoid(calibration["scale"] * thresholds.logit(chance) + calibration["bias"])
        for chance in chances
    ]
    held = [chance for chance, is_so in zip(calibrated, truth, strict=True) if is_so]
    found = sum(chance >= limits["ask"] for chance in held) / len(held)
    assert found >= thresholds.recall_target(label)


def test_ask_is_the_highest_threshold_that_reaches_its_target() -> None:
    chances = [0.9, 0.8, 0.7, 0.2, 0.6, 0.1]
    truth = [True, True, True, True, False, False]
    assert thresholds.ask_threshold(chances, truth, 0.75, 0.95) == pytest.approx(0.7, abs=1e-4)
    assert thresholds.ask_threshold(chances, truth, 1.0, 0.95) == pytest.approx(0.2, abs=1e-4)
    assert thresholds.ask_threshold(chances, truth, 0.75, 0.5) == 0.5


def test_targets_are_highest_where_life_is_at_stake() -> None:
    assert thresholds.recall_target("safeguarding") == thresholds.recall_target("threat") == 0.95
    assert thresholds.recall_target("privacy") == 0.92
    assert thresholds.recall_target("reputation") == 0.85


def test_one_odd_example_does_not_pull_the_sure_threshold_away() -> None:
    truth = [True] * 20 + [False] * 200
    chances = [0.8] * 20 + [0.05] * 200
    plain = thresholds.sure_threshold(chances, truth)
    odd = thresholds.sure_threshold([*chances[:19], 0.0001, *chances[20:]], truth)
    assert abs(odd - plain) < 0.1
    assert 0.05 < plain < 0.8


def test_calibration_draws_overbold_logits_back() -> None:
    rng = random.Random(3)
    chances = [rng.random() for _ in range(3000)]
    truth = [rng.random() < chance for chance in chances]
    scale, bias = thresholds.platt([3 * thresholds.logit(chance) for chance in chances], truth)
    assert scale == pytest.approx(1 / 3, abs=0.05)
    assert bias == pytest.approx(0, abs=0.2)


def test_calibration_leaves_a_label_without_examples_as_it_is() -> None:
    assert thresholds.platt([-3.0, -2.0], [False, False]) == (1.0, 0.0)


def test_relevance_keeps_almost_every_relevant_text() -> None:
    chances = [0.9] * 99 + [0.3] + [0.1] * 5
    truth = [True] * 100 + [False] * 5
    limit = thresholds.keep_threshold(chances, truth)
    assert limit <= 0.5
    assert sum(chance >= limit for chance in chances[:100]) >= 99


def test_halves_depend_on_the_id_alone() -> None:
    halves = [thresholds.half_of(f"dev-{at:04}") for at in range(480)]
    assert halves == [thresholds.half_of(f"dev-{at:04}") for at in range(480)]
    assert 190 < sum(halves) < 290


def test_windows_hold_every_token_and_overlap() -> None:
    ids = [101, *range(1000, 1600), 102]
    cut = measure.windows(ids)
    assert all(row[0] == 101 and row[-1] == 102 and len(row) <= measure.MAX_TOKENS for row in cut)
    assert {token for row in cut for token in row} == set(ids)
    assert len(set(cut[0][1:-1]) & set(cut[1][1:-1])) >= measure.STRIDE
    assert measure.windows([101, 102]) == [[101, 102]]


def test_cross_fitting_never_measures_where_it_chose() -> None:
    rng = np.random.default_rng(5)
    rows = [own_row(f"r-{at}", [label for label in data.LABELS if rng.random() < 0.2]) for at in range(300)]
    examples = [data.own_example(row) for row in rows]
    noise = rng.normal(size=(300, len(data.LABELS))).astype(np.float32)
    crossed = measure.cross_fitted(noise, examples)
    told = measure.cross_fitted(noise + 8 * np.array([row.targets for row in examples], np.float32), examples)
    assert max(crossed.values()) < 0.5
    assert min(told.values()) > 0.95


def test_the_card_bears_its_figures() -> None:
    figures = {
        "labels": {
            label: {
                "support": 9,
                "precision": 0.5,
                "recall": 0.5,
                "f1": 0.5,
                "ask_recall": 0.9,
                "ask_share": 0.2,
            }
            for label in data.LABELS
        },
        "crossed": dict.fromkeys(data.LABELS, 0.4),
        "other": dict.fromkeys(OTHER, 0.7),
        "flags": {level: {"recall": 0.9, "false_alarms": 12.0} for level in ("sure", "ask")},
        "sources": [("some_source", "hate", 50, 10, 0.61, 0.07)],
        **dict.fromkeys(SINGLE, 0.71),
    }
    limits = {label: {"sure": 0.4, "ask": 0.1} for label in data.LABELS}
    config = {"name": "n", "trained_on": "2030-01-01", "relevance_threshold": 0.3, "thresholds": limits}
    text = card.write(config, figures, card.Recipe(12, 345, 5))
    for part in (
        "| `safeguarding` | 9 |",
        "**0.710**",
        "| some_source | `hate` | 50 | 10 | 0.61 | 7% |",
        "345",
    ):
        assert part in text


OTHER = (
    "severity_exact",
    "severity_within_one",
    "relevance_precision",
    "relevance_recall",
    "irrelevant_found",
    "role_accuracy",
    "role_accuracy_known",
)
SINGLE = (
    "macro_f1",
    "crossed_macro_f1",
    "fp32_macro_f1",
    "fp32_crossed_macro_f1",
    "shift_most",
    "shift_mean",
    "int8_speed",
    "fp32_speed",
    "size",
)
