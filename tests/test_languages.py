"""What the model cannot read is told apart, and everyday English is not taken for it."""

import json

import pytest

from classifiers.languages import foreign
from classifiers.training.data import EXAMPLES

ROWS = [
    json.loads(line)
    for path in sorted(EXAMPLES.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Diolch i bawb a ddaeth i'r noson goffi neithiwr", "cy"),
        ("Я більше не хочу жити, мене ніхто не чує", "uk"),
        ("Personnel charmant, mais les locaux sont très vieux", "fr"),
        ("这个养老院的护士对我妈妈很不好，我要投诉", "zh"),
        ("Long night at the home, but Doris won the bingo again", ""),
        ("Bore da!", ""),
        ("lol", ""),
        ("", ""),
        ("😂😂😂 07700 900123 @oakfield https://example.org/a", ""),
    ],
)
def test_a_language_is_named_where_it_is_not_english(text, language):
    assert foreign(text) == language


def test_length_and_odd_characters_do_no_harm():
    assert foreign("hello there everyone " * 50_000) == ""
    assert isinstance(foreign("\x00\ud800 a b c d\n\r\u2028 e f g"), str)


def test_english_posts_are_seldom_taken_for_another_language():
    spoken = (
        "welsh",
        "cymraeg",
        "irish",
        "scots",
        "gaelic",
        "language",
        "switch",
        "mixed",
        "polish",
        "romanian",
    )
    other = (
        "urdu",
        "hindi",
        "punjabi",
        "french",
        "spanish",
        "german",
        "portug",
        "ukrain",
        "russian",
        "arab",
        "somali",
    )
    known = [row for row in ROWS if not any(word in row["case"].lower() for word in (*spoken, *other))]
    taken = [row for row in known if foreign(row["text"])]
    print(f"{len(taken)} of {len(known)} posts of ours in English cases are taken for another language")
    assert len(known) > 5000
    assert len(taken) < 0.01 * len(known)


def test_welsh_is_mostly_told():
    welsh = [row for row in ROWS if row["case"].lower().startswith("welsh")]
    told = [row for row in welsh if foreign(row["text"])]
    print(f"{len(told)} of {len(welsh)} posts in Welsh or mixed with it are told")
    assert len(told) > 0.6 * len(welsh) > 0
