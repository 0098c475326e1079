"""Our own examples keep to the form, agree with themselves, and hold nobody's real details."""

import json
import re
from collections import Counter

import pytest

from classifiers.detectors import email_address, nhs_number, phone
from classifiers.labelled import read_examples
from classifiers.training.data import EXAMPLES, PUBLIC_LABELS, SPAN_KINDS, own_example, read_labels
from core.vocabulary import AUTHOR_ROLES, LABELS, PLATFORMS

FILES = sorted(EXAMPLES.glob("*.jsonl"))
ROWS = [json.loads(line) for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
SAFE = re.compile(r"^(?:00)?(?:44|0)+(?:7700900|1632960|2079460)\d{3}$")


def test_there_are_as_many_as_are_needed_and_no_text_comes_twice():
    assert len(FILES) >= 12
    assert len(ROWS) >= 7_630
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert max(Counter(" ".join(re.findall(r"\w+", row["text"].lower())) for row in ROWS).values()) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_read_as_labelled_mentions(path):
    assert read_examples(path)


def test_every_row_agrees_with_itself():
    for row in ROWS:
        assert row["author_role"] in AUTHOR_ROLES, row["id"]
        assert row["platform"] in PLATFORMS, row["id"]
        assert row["labels"] == [label for label in LABELS if label in row["labels"]], row["id"]
        assert (row["severity"] == "none") == (not row["labels"]), row["id"]
        assert row["relevant"] or not row["labels"], row["id"]
        assert row["case"].strip(), row["id"]
        assert own_example(row).positive == bool(row["labels"])


def test_spans_stand_where_they_say():
    for row in ROWS:
        end = 0
        for span in row["spans"]:
            assert end <= span["start"] < span["end"] <= len(row["text"]), row["id"]
            assert span["kind"] in (*SPAN_KINDS, "url_profile"), row["id"]
            assert (
                row["text"][span["start"] : span["end"]].strip() == row["text"][span["start"] : span["end"]]
            )
            end = span["end"]


def test_every_label_is_borne_by_many_and_half_of_the_rows_bear_none():
    borne = Counter(label for row in ROWS for label in row["labels"])
    assert min(borne[label] for label in LABELS) >= 400
    clean = sum(not row["labels"] for row in ROWS)
    assert 0.4 < clean / len(ROWS) < 0.6


def test_telephones_are_kept_for_drama_nhs_numbers_for_tests_and_addresses_at_example_domains():
    for row in ROWS:
        text = row["text"]
        for found in phone.detect(text):
            digits = re.sub(r"\D", "", text[found.start : found.end])
            assert not digits or len(digits) < 10 or SAFE.match(digits), (row["id"], digits)
        for found in nhs_number.detect(text):
            digits = re.sub(r"\D", "", text[found.start : found.end])
            assert not digits or digits.startswith("999"), row["id"]
        for found in email_address.detect(text):
            assert "example" in text[found.start : found.end].lower(), (
                row["id"],
                text[found.start : found.end],
            )


def test_public_labels_are_labels_alone():
    rows = [json.loads(line) for line in PUBLIC_LABELS.read_text(encoding="utf-8").splitlines()]
    assert all(set(row) == {"source", "id", "labels"} for row in rows)
    assert {label for row in rows for label in row["labels"]} <= set(LABELS)
    assert len(read_labels()) == len(rows) >= 300
