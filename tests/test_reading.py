"""The model reads a text with its disguises undone, and every place leads back to what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.page import Edit, page_of
from classifiers.reading import read
from classifiers.redact import redact
from core.types import Finding


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("what an i d i o t", "what an idiot"),
        ("i.d.i.o.t and l-i-a-r", "idiot and liar"),
        ("you 1d10t, k1ll y0urself", "you idiot, kill yourself"),
        ("dis@bled people", "disabled people"),
        ("іdіоt", "idiot"),  # Cyrillic
        ("id\u200bi\u00adot", "idiot"),
        ("ｗｉｄｅ 𝗯𝗼𝗹𝗱", "wide bold"),
    ],
)
def test_a_disguise_is_undone(written, plain):
    assert read(written).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "ring 07700 900123 or mail jo@example.com, @jo_oakes on there",
        "reg AB12 CDE, postcode NE99 4QT, ward 7B, room 4",
        "Я більше не хочу жити",
        "a b c",
        "U.K. and J.R.R.",
        "3rd of May, 24hrs, 2nd go, P45",
        "see https://example.org/p4ge and example.org/l33t",
        "a quarter 👍🏽 of it",
    ],
)
def test_what_a_plain_reader_calls_no_disguise_stays(text):
    assert read(text).text == text


@given(st.text())
def test_any_text_can_be_read_and_led_back(text):
    page = read(text)
    assert len(page.text) == len(page.starts) == len(page.ends)
    assert list(page.starts) == sorted(page.starts)
    assert list(page.ends) == sorted(page.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(page.starts, page.ends, strict=True))


@given(st.text(alphabet="abc xyz,.\n"))
def test_words_without_disguise_are_read_as_they_are(text):
    if not any(len(word) == 1 for word in text.replace(",", " ").replace(".", " ").split()):
        assert read(text).text == text


@pytest.mark.parametrize("text", ["a" * 100_000 + "/", "1a" * 50_000 + "/", "a_" * 50_000, "a/" * 50_000])
def test_a_long_word_that_is_no_disguise_is_read_once(text):
    assert read(text).text


def test_an_accent_typed_by_itself_belongs_to_its_letter():
    page = read("Sia\u0302n")
    assert page.text == "Si\u00e2n"
    assert page.written(2, 3) == (2, 4)


def test_an_edit_of_another_length_stands_for_the_whole_of_what_was_written():
    page = page_of("double seven", lambda _, character: character).edited([Edit(0, 12, "77")])
    assert page.text == "77"
    assert page.written(1, 2) == (0, 12)
    assert page.written(1, 1) == (0, 0)


TEXT = "Doris Okoro, 9 Elm Row, NE99 4QT, rang."
SPANS = (("person", 0, 11), ("address", 13, 32), ("postcode", 24, 32))


def test_a_mask_names_the_kind_and_leaves_the_rest():
    findings = [Finding(kind=kind, start=start, end=end) for kind, start, end in SPANS]
    assert redact(TEXT, findings) == "[person], [address], rang."
    assert redact(TEXT, reversed(findings)) == "[person], [address], rang."
    assert redact(TEXT, []) == TEXT


@given(st.text(min_size=1), st.data())
def test_no_character_of_a_finding_is_ever_left(text, data):
    places = st.integers(0, len(text) - 1)
    spans = data.draw(st.lists(st.tuples(places, st.integers(1, len(text))), max_size=5))
    findings = [Finding(kind="x", start=start, end=min(len(text), start + size)) for start, size in spans]
    masked = {at for finding in findings for at in range(finding.start, finding.end)}
    kept = "".join(character for at, character in enumerate(text) if at not in masked)
    runs = sum(1 for at in masked if at - 1 not in masked)
    shown = redact(text, findings)
    assert len(kept) + 3 * runs <= len(shown) <= len(kept) + 3 * len(findings)
    assert shown.replace("[x]", "", len(findings)) == kept or "[x]" in text
