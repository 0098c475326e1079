"""The pure parts of training: what a row may teach, what is never read, how thresholds are chosen."""

import gzip
import json
import random
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from classifiers.calibration import expected_calibration_error
from classifiers.training import __main__ as command
from classifiers.training import (
    card,
    data,
    disguise,
    folds,
    measure,
    renaming,
    scoring,
    templates,
    thresholds,
)

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
    read = data.read_own(folder, folder / "examples")
    assert [example.id for example in read] == ["a-1", "a-2", "b-1"]
    assert [example.writer for example in read] == ["a", "a", "b"]


def test_the_examples_kept_here_are_read_beside_those_of_the_data_folder(folder: Path) -> None:
    spans = [{"start": 0, "end": 4, "kind": "person"}]
    (folder / "examples").mkdir()
    write(folder / "examples" / "voice.jsonl", [own_row("v-1", ["hate"]) | {"spans": spans}])
    *others, last = data.read_own(folder, folder / "examples")
    assert (last.writer, last.spans) == ("voice", ((0, 4, "person"),))
    assert {row.spans for row in others} == {None}


def test_public_rows_of_the_dev_split_are_never_read_for_training(folder: Path) -> None:
    train, dev = data.read_public(folder), data.read_public(folder, "dev")
    for name, rows in train.items():
        assert rows
        assert not {row.id for row in rows} & {row.id for row in dev[name]}
    assert all(int(row.id.removeprefix("pub-")) % 5 for rows in train.values() for row in rows)


def test_entities_of_a_source_become_spans_of_our_kinds() -> None:
    entities = [{"type": "PER", "start": 3, "end": 6}, {"type": "LOC", "start": 9, "end": 12}]
    row = public_row(1, []) | {"source_labels": {"entities": entities}}
    assert data.public_example(row, SOURCE | {"name": "btc_ner"}).spans == ((3, 6, "person"),)
    assert data.public_example(row, SOURCE).spans is None


def test_a_missing_folder_is_said_clearly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(data.DataError, match="--data"):
        data.read_own(tmp_path, tmp_path)
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


def labelled(seed: int, rows: int = 2000) -> tuple[np.ndarray, list[data.Example]]:
    """Logits of an imperfect classifier for rows of which about half are clean, and the rows."""
    rng = np.random.default_rng(seed)
    borne = (rng.random((rows, len(data.LABELS))) < 0.12) & (rng.random((rows, 1)) < 0.6)
    names = [[label for label, held in zip(data.LABELS, row, strict=True) if held] for row in borne]
    examples = [data.own_example(own_row(f"r-{at}", labels), f"w{at % 5}") for at, labels in enumerate(names)]
    return (3.5 * borne - 2.5 + rng.normal(size=borne.shape)).astype(np.float32), examples


def test_settings_ask_for_no_more_than_sure_and_reach_the_recall_targets() -> None:
    logits, examples = labelled(1)
    calibration, limits = measure.settings_of(logits, examples)
    chances = measure.chances_of(logits, calibration)
    for label, row in measure.label_figures(chances, examples, limits).items():
        assert 0 < limits[label]["ask"] <= limits[label]["sure"] < 1
        assert row["ask_recall"] >= thresholds.recall_target(label)


@pytest.mark.parametrize("most", [2.0, 7.0])
def test_sure_thresholds_keep_to_the_false_alarms_allowed(most: float) -> None:
    logits, examples = labelled(2)
    chances = measure.chances_of(logits, measure.settings_of(logits, examples)[0])
    truth = np.array([row.targets for row in examples]) > 0
    limits = thresholds.sure_thresholds(chances, truth, most)
    alarms = (chances >= limits).any(axis=1)[~truth.any(axis=1)].mean()
    assert 100 * alarms <= most
    free = thresholds.sure_thresholds(chances, truth, 100.0)
    assert all(one <= two for one, two in zip(sorted(free), sorted(limits), strict=True))


def test_ask_is_the_highest_threshold_that_reaches_its_target() -> None:
    chances = [0.9, 0.8, 0.7, 0.2, 0.6, 0.1]
    truth = [True, True, True, True, False, False]
    assert thresholds.ask_threshold(chances, truth, 0.75, 0.95) == pytest.approx(0.7, abs=1e-4)
    assert thresholds.ask_threshold(chances, truth, 1.0, 0.95) == pytest.approx(0.2, abs=1e-4)
    assert thresholds.ask_threshold(chances, truth, 0.75, 0.5) == 0.5


def test_targets_are_highest_where_life_is_at_stake() -> None:
    grave = thresholds.recall_target("safeguarding")
    assert grave == thresholds.recall_target("threat") >= 0.95
    assert grave > thresholds.recall_target("privacy") >= 0.92 > thresholds.recall_target("reputation")


def test_a_calibration_error_is_the_gap_between_chance_and_frequency() -> None:
    chances = np.array([0.9] * 10 + [0.1] * 10)
    truth = np.array([True] * 9 + [False] + [True] + [False] * 9)
    assert expected_calibration_error(chances, truth) == pytest.approx(0.0)
    assert expected_calibration_error(chances, ~truth) == pytest.approx(0.8)


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
    cut = scoring.windows(ids)
    assert all(row[0] == 101 and row[-1] == 102 and len(row) <= scoring.MAX_TOKENS for row in cut)
    assert {token for row in cut for token in row} == set(ids)
    assert len(set(cut[0][1:-1]) & set(cut[1][1:-1])) >= scoring.STRIDE
    assert scoring.windows([101, 102]) == [[101, 102]]


def test_other_people_take_the_places_of_those_named() -> None:
    text = "Mrs Ann Oakes is back. ANN, room 4, asked for Bob."
    spans = [(0, 13, "person"), (23, 26, "person"), (28, 34, "room"), (46, 49, "person")]
    row = data.own_example(
        own_row("r", ["confidentiality"])
        | {"text": text, "spans": [{"start": a, "end": b, "kind": kind} for a, b, kind in spans]}
    )
    new = renaming.rename(row, random.Random(4), renaming.Names(4))
    said = [(new.text[start:end], kind) for start, end, kind in new.spans or ()]
    assert [kind for _, kind in said] == ["person", "person", "room", "person"]
    (whole, _), (again, _), (room, _), (other, _) = said
    assert whole.startswith("Mrs ")
    assert whole.split()[1].upper() == again
    assert room == "room 4"
    assert not {"Ann", "Oakes", "Bob", "ANN"} & {*whole.split(), again, other}
    assert new.targets == row.targets


def test_templates_fill_every_slot_and_say_what_they_leave_open() -> None:
    rng = random.Random(5)
    for family, (_, labels, unknown) in templates.FAMILIES.items():
        assert len(templates.read()[family]) >= 40
        for _ in range(200):
            row = templates.sentence(family, rng)
            assert not {"{", "}"} & set(row.text)
            assert row.targets == data.targets_of(labels)
            assert {weight(row, label) for label in unknown} <= {0.0}
            assert all(weight(row, label) == 1.0 for label in labels)
            assert row.relevant == data.UNSAID


def test_no_template_of_the_functional_tests_is_trained_on() -> None:
    folder = Path(__file__).parents[1] / "benchmarks" / "functionalities"
    words = re.compile(r"\{[^}]*\}|[^\w\s]")
    measured = {
        words.sub("", line.strip().strip("-\"' ")).lower()
        for path in folder.glob("*.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    trained = {
        words.sub("", text).lower() for family in templates.FAMILIES for text in templates.read()[family]
    }
    assert not {text for text in trained & measured if len(text.split()) > 3}


def scored(logits: np.ndarray) -> scoring.Scores:
    rows = len(logits)
    flat = np.zeros((rows, 9), np.float32)
    return scoring.Scores(logits, flat[:, 0] + 1, flat, flat[:, :5])


CONFIG = {
    "calibration": {label: {"scale": 1.0, "bias": 0.0} for label in data.LABELS},
    "thresholds": {label: {"sure": 0.5, "ask": 0.2} for label in data.LABELS},
    "relevance_threshold": 0.3,
}


def test_cross_fitting_never_measures_where_it_chose() -> None:
    logits, examples = labelled(3, 600)
    noise = np.random.default_rng(5).normal(size=logits.shape).astype(np.float32)
    fold = [at % 3 for at in range(600)]
    lost = measure.cross_fitted(scored(noise), examples, fold, CONFIG)
    found = measure.cross_fitted(scored(logits), examples, fold, CONFIG)
    assert lost.macro_f1 < 0.3
    assert found.macro_f1 > 0.7
    assert found.calibration_error < 0.05 < lost.sure_alarms + 100 * lost.sure_recall


def test_writers_are_left_out_whole_and_folds_are_of_about_one_size() -> None:
    _, examples = labelled(4, 500)
    sets = folds.folds(examples, 3)
    assert sorted(writer for one in sets for writer in one) == [f"w{at}" for at in range(5)]
    for left_out in sets:
        kept, rest = folds.split(examples, left_out)
        assert len(kept) + len(rest) == 500
        assert not {row.writer for row in kept} & {row.writer for row in rest}
        assert 100 <= len(rest) <= 200


def test_a_folds_scores_are_kept_as_they_were(tmp_path: Path) -> None:
    logits, examples = labelled(6, 20)
    folds.save(tmp_path / "fold.npz", examples, scored(logits))
    rows, scores = folds.read(tmp_path / "fold.npz", examples[5:])
    assert rows == examples[5:]
    assert np.array_equal(scores.labels, logits[5:])
    assert len(folds.join([scored(logits), scored(logits)]).severity) == 40


@pytest.mark.parametrize("way", disguise.WAYS)
def test_each_disguise_changes_the_word_and_leaves_the_rest(way: Callable[[str, random.Random], str]) -> None:
    rng = random.Random(1)
    changed = sum(way(word, rng) != word for word in ("people", "horrible", "shameful", "residents"))
    assert changed >= 3
    assert "," in disguise.disguise("go away, all of you horrible people", rng)


def test_disguised_copies_are_a_share_of_the_rows_and_know_no_spans() -> None:
    rows = [data.own_example(own_row(f"r-{at}", ["hate"]) | {"spans": []}) for at in range(1000)]
    copies = disguise.disguised(rows, 0.1, random.Random(2))
    assert 60 < len(copies) < 140
    assert all(copy.spans is None and copy.targets == rows[0].targets for copy in copies)


def test_the_card_bears_its_figures() -> None:
    logits, examples = labelled(7, 300)
    one = asdict(measure.figures(scored(logits), examples, CONFIG))
    figures = {
        "sets": {card.WHOLE: one, "writers left out": one},
        "writers": {"w1": 0.512},
        "sources": [("some_source", "hate", 50, 10, 0.61, 0.07)],
        **dict.fromkeys(
            ("fp32_macro_f1", "shift_most", "shift_mean", "int8_speed", "fp32_speed", "size"), 0.71
        ),
    }
    config = CONFIG | {"name": "n", "trained_on": "2030-01-01"}
    text = card.write(config, figures, card.Recipe(12_345, 3, 678, 5, 1, 4, 4))
    for part in (
        f"| `safeguarding` | {one['labels']['safeguarding']['support']} |",
        f"**{one['macro_f1']:.3f}**",
        "| w1 | 0.512 |",
        "| some_source | `hate` | 50 | 10 | 0.61 | 7% |",
        "12,345",
    ):
        assert part in text
