"""Capitals are told to the model beside the words, which it reads in small letters only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.casing import CAPITAL, CAPITALS, FIRST, KINDS, MIXED, SIGN, SMALL, cases


def of(text):
    return cases(text, [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Doris fell", [FIRST, SMALL]),
        ("so Doris fell.", [SMALL, CAPITAL, SMALL, SIGN]),
        ("no. Doris fell", [SMALL, SIGN, FIRST, SMALL]),
        ("line\nDoris", [SMALL, FIRST]),
        ('he said: "Doris"', [SMALL, SMALL, SIGN, SIGN, CAPITAL, SIGN]),
        ("HELP Mr J", [CAPITALS, CAPITAL, CAPITAL]),
        ("iPhone 4b 12", [MIXED, SMALL, SIGN]),
        ("", []),
    ],
)
def test_each_word_is_told_by_its_capitals(text, wanted):
    assert of(text) == wanted


def test_every_piece_of_a_word_bears_the_ways_of_the_word():
    assert cases("see Adaeze", [(0, 3), (4, 7), (7, 10)]) == [SMALL, CAPITAL, CAPITAL]


@given(st.text())
def test_every_token_has_a_way(text):
    found = of(text)
    assert len(found) == len(re.findall(r"\w+|[^\w\s]", text))
    assert all(0 <= way < KINDS for way in found)
