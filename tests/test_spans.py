"""The token head's answers become spans of whole words, the same wherever the windows were cut."""

import numpy as np
import pytest

from classifiers.names import PATH, names
from classifiers.spans import decode, merge

TAGS = ("O", "B-person", "I-person", "B-room", "I-room")
LIMITS = {"person": 0.5, "room": 0.5}


def shares(*tags):
    rows = np.full((len(tags), len(TAGS)), 0.02)
    for row, tag in zip(rows, tags, strict=True):
        row[TAGS.index(tag)] = 0.92
    return rows


def spans(text, pieces, *tags):
    offsets, at = [], 0
    for piece in pieces:
        start = text.index(piece, at)
        at = start + len(piece)
        offsets.append((start, at))
    found = decode(shares(*tags), offsets, TAGS, LIMITS, text)
    return [(span.kind, text[span.start : span.end]) for span in found]


def test_a_name_of_two_words_is_one_span_and_two_names_are_two():
    text = "Ann Oakes Bob"
    assert spans(text, ["Ann", "Oakes", "Bob"], "B-person", "I-person", "B-person") == [
        ("person", "Ann Oakes"),
        ("person", "Bob"),
    ]


def test_a_word_in_pieces_is_decided_as_one():
    assert spans("see Adaeze", ["see", "Ada", "eze"], "O", "B-person", "I-person") == [("person", "Adaeze")]
    assert spans("see Adaeze", ["see", "Ada", "eze"], "O", "O", "B-person") == []


@pytest.mark.parametrize("between", [" ", ". ", "-"])
def test_what_stands_inside_a_name_does_not_cut_it(between):
    text = f"J{between}Oakes"
    pieces = ["J", *([between.strip()] if between.strip() else []), "Oakes"]
    tags = ["B-person", *(["O"] if between.strip() else []), "I-person"]
    assert spans(text, pieces, *tags) == [("person", text)]


def test_kinds_are_kept_apart():
    text = "Ann in 4b"
    assert spans(text, ["Ann", "in", "4", "b"], "B-person", "O", "B-room", "I-room") == [
        ("person", "Ann"),
        ("room", "4b"),
    ]


def test_below_its_limit_nothing_counts():
    row = np.array([[0.55, 0.25, 0.2, 0.0, 0.0]])
    assert decode(row, [(0, 3)], TAGS, LIMITS, "Ann") == ()
    assert len(decode(row, [(0, 3)], TAGS, {"person": 0.4}, "Ann")) == 1


def test_half_of_the_limit_is_enough_to_go_on_with_a_span():
    rows = np.array([[0.1, 0.0, 0.0, 0.9, 0.0], [0.7, 0.0, 0.0, 0.0, 0.3]])
    (span,) = decode(rows, [(0, 4), (5, 6)], TAGS, LIMITS, "room 4")
    assert (span.kind, span.start, span.end) == ("room", 0, 6)
    assert decode(rows[1:], [(0, 1)], TAGS, LIMITS, "4") == ()


def test_tokens_in_two_windows_take_the_mean():
    one, two = np.array([[0.0, 1.0], [0.2, 0.8]]), np.array([[0.6, 0.4], [1.0, 0.0]])
    assert merge([one, two], [0, 1], 3) == pytest.approx(np.array([[0.0, 1.0], [0.4, 0.6], [1.0, 0.0]]))


def test_no_tokens_no_spans():
    assert decode(merge([np.zeros((0, 5))], [0], 0), [], TAGS, LIMITS, "") == ()


@pytest.mark.parametrize(("word", "found"), [("Doris", True), ("Ashdrake", False), ("JB", True)])
def test_a_word_on_no_list_of_names_needs_more_to_be_a_person(word, found):
    row = np.array([[0.3, 0.7, 0.0, 0.0, 0.0]])
    assert bool(decode(row, [(0, len(word))], TAGS, LIMITS, word)) is found
    sure = np.array([[0.1, 0.9, 0.0, 0.0, 0.0]])
    assert decode(sure, [(0, len(word))], TAGS, LIMITS, word)


def test_the_list_of_names_is_sorted_in_small_letters_and_holds_names_of_many_countries():
    listed = PATH.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed))
    assert all(name == name.lower() for name in listed)
    assert {"doris", "siobhan", "krystyna", "chidi", "siddiqui", "mehmet", "singh"} <= names()
    assert not {"will-not", "oakfield", "redshank"} & names()
