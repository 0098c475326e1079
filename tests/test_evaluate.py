"""Metrics against hand-counted ones, and files that are refused by file and line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.evaluate import evaluate, prediction_line
from classifiers.labelled import read_examples, read_texts
from core.errors import ConfigError
from core.types import Assessment, Finding, Severity
from core.vocabulary import LABELS

SHARED = Path(__file__).parents[1].parent / "shared"
ROW = {
    "id": "a-1",
    "text": "Doris in room 4",
    "platform": "x",
    "author_role": "staff",
    "relevant": True,
    "labels": ["confidentiality"],
    "case": "staff tell",
    "severity": "high",
}
CLEAN = ROW | {"labels": [], "severity": "none", "case": "clean"}


def lines(path, *rows):
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def said(labels=(), severity=Severity.none, relevant=True):
    return Assessment(
        scores=dict.fromkeys(LABELS, 0.25),
        labels=tuple(labels),
        ask=tuple(labels),
        severity=severity,
        relevance=0.7,
        relevant=relevant,
        author_role="staff",
        model="toy 1",
    )


def report_of(tmp_path, rows, assessments, seconds=2.0):
    examples = read_examples(lines(tmp_path / "e.jsonl", *rows))
    report = evaluate(
        examples, assessments, model="toy 1", thresholds=dict.fromkeys(LABELS, 0.5), seconds=seconds
    )
    return json.loads(report.to_json())


KEYS = [
    "n",
    "model",
    "macro_f1",
    "micro_f1",
    "labels",
    "flag",
    "false_alarms_per_100_clean",
    "severity",
    "relevance",
    "cases",
    "mentions_per_second",
    "calibration_error",
]


def test_the_report_counts_as_a_person_would(tmp_path):
    rows = [
        ROW,
        ROW | {"labels": ["confidentiality", "hate"], "case": "both"},
        CLEAN,
        CLEAN,
        CLEAN | {"relevant": False},
    ]
    found = report_of(
        tmp_path,
        rows,
        [
            said(["confidentiality"], Severity.medium),
            said(["hate"], Severity.high),
            said(["hate"], Severity.critical),
            said(),
            said(relevant=False),
        ],
    )
    assert list(found) == KEYS
    assert (found["n"], found["model"], found["mentions_per_second"]) == (5, "toy 1", 2.5)
    assert found["labels"]["confidentiality"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
        "threshold": 0.5,
        "ask_recall": 0.5,
    }
    assert found["labels"]["hate"]["precision"] == 0.5
    assert set(found["labels"]["threat"].values()) == {0, 0.5}  # nothing but the threshold
    assert found["macro_f1"] == pytest.approx(2 / 3)  # over the two labels that occur
    assert found["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert found["flag"] == {"precision": pytest.approx(2 / 3), "recall": 1.0}
    assert found["false_alarms_per_100_clean"] == pytest.approx(100 / 3)
    assert found["severity"] == {"exact": 0.6, "within_one": 0.8}
    assert found["relevance"] == {"precision": 1.0, "recall": 1.0}
    assert found["cases"] == {
        "staff tell": {"n": 1, "exact": 1.0},
        "both": {"n": 1, "exact": 0.0},
        "clean": {"n": 3, "exact": pytest.approx(2 / 3)},
    }


def test_nothing_to_measure_gives_noughts(tmp_path):
    found = report_of(tmp_path, [], [], seconds=0.0)
    assert (found["n"], found["macro_f1"], found["mentions_per_second"], found["cases"]) == (0, 0, 0, {})


def test_a_report_on_pairs_that_do_not_match_is_refused(tmp_path):
    with pytest.raises(ValueError, match="zip"):
        report_of(tmp_path, [ROW], [])


SETS = st.sets(st.sampled_from(LABELS))


@given(st.lists(st.tuples(SETS, SETS), max_size=12))
def test_a_perfect_answer_scores_one_and_any_answer_between_nought_and_one(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp("pairs")
    rows = [CLEAN | {"labels": sorted(true)} for true, _ in pairs]
    found = report_of(folder, rows, [said(guess) for _, guess in pairs])
    assert 0 <= found["macro_f1"] <= 1
    assert 0 <= found["micro_f1"] <= 1
    perfect = report_of(folder, rows, [said(true) for true, _ in pairs])
    assert perfect["macro_f1"] == perfect["micro_f1"] == float(any(true for true, _ in pairs))
    assert perfect["false_alarms_per_100_clean"] == 0


def without(key):
    return {name: value for name, value in ROW.items() if name != key}


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ('{"id": "a"\n', "not a line of JSON"),
        ("[1]\n", "not a JSON object"),
        ("[" * 100_000 + "\n", "not a line of JSON"),
        *(
            (without(key), f"{key}: missing")
            for key in ("id", "text", "relevant", "labels", "case", "severity")
        ),
        (ROW | {"labels": ["gossip"]}, "labels: unknown label"),
        (ROW | {"labels": "hate"}, "labels: "),
        (ROW | {"severity": "dire"}, "severity: unknown severity"),
        (ROW | {"severity": ["high"]}, "severity: unknown severity"),
        (ROW | {"relevant": "yes"}, "relevant: "),
        (ROW | {"text": 5}, "text: "),
    ],
)
def test_a_bad_line_is_named_by_file_and_line_without_its_text(tmp_path, bad, problem):
    path = lines(tmp_path / "e.jsonl", ROW, "\n", bad)
    with pytest.raises(ConfigError) as caught:
        read_examples(path)
    assert str(caught.value).startswith(f"{path}:3: {problem}")
    assert "Doris" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"id": "a", "text": "\xff"}\n')
    with pytest.raises(ConfigError, match=r"t\.jsonl:1: not a line of JSON in UTF-8"):
        read_texts(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_texts(tmp_path / "none.jsonl")


def test_texts_keep_their_order_and_their_ids(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"id": "b", "text": "x\xe2\x80\xa8y"}\r\n\r\n{"id": 7, "text": "", "more": 1}'
    )
    assert [(line.id, line.text) for line in read_texts(path)] == [("b", "x\u2028y"), (7, "")]


def test_a_lone_surrogate_is_read_as_a_lost_character(tmp_path):
    [line] = read_texts(lines(tmp_path / "t.jsonl", '{"id": "a", "text": "x\\ud800y"}\n'))
    assert line.text == "x\ufffdy"


def test_a_prediction_line_says_what_was_assessed():
    found = Finding(kind="phone", start=3, end=9)
    line = prediction_line("a-1", replace(said(["hate"], Severity.high), findings=(found,)))
    assert json.loads(json.dumps(line)) == {
        "id": "a-1",
        "labels": ["hate"],
        "scores": dict.fromkeys(LABELS, 0.25),
        "ask": ["hate"],
        "severity": "high",
        "relevant": True,
        "author_role": "staff",
        "findings": [{"kind": "phone", "start": 3, "end": 9}],
    }


@pytest.mark.skipif(not SHARED.exists(), reason="no shared data beside the checkout")
def test_the_development_examples_can_be_read():
    examples = read_examples(SHARED / "data" / "mentions-dev.jsonl")
    assert len(examples) > 400
    assert {label for example in examples for label in example.labels} == set(LABELS)
