"""Whether two items are one that came twice: what they say, where they stand, who wrote them."""

import inspect
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.copies import Author, Fate, Place, Words, alike, compare, decide, plain, sketch

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SAID = "My nan has been at Oakfield House since March and nobody has bathed her for two weeks, it is awful."


@pytest.fixture
def bench():
    """benchmarks/copies.py, imported as its folder would find it."""
    before = list(sys.path)
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import copies

        yield copies
    finally:
        sys.path[:] = before


def table() -> dict[tuple[Place, Words, Author], Fate]:
    """The decision table as it stands in the docstring."""
    found = {}
    for line in (inspect.getdoc(decide) or "").splitlines():
        cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
        if len(cells) == 5 and cells[0] in set(Place):
            for author, fate in zip(Author, cells[2:], strict=True):
                found[Place(cells[0]), Words(cells[1]), author] = Fate(fate)
    return found


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("words", Words)
@pytest.mark.parametrize("author", Author)
def test_every_case_is_decided_as_the_table_says(place: Place, words: Words, author: Author) -> None:
    assert decide(place, words, author) is table()[place, words, author]


def test_the_table_is_whole_and_never_makes_one_of_two_authors() -> None:
    assert table().keys() == set(product(Place, Words, Author))
    assert Fate.copy not in {fate for (_, _, author), fate in table().items() if author is Author.other}


@pytest.mark.parametrize(
    "other",
    [
        f"UPDATE: {SAID}",
        f"RT @gale: {SAID}",
        f"{SAID} #oakfield #care",
        SAID[:70] + "…",
        SAID.replace("bathed", "batehd"),
        f"{SAID} https://photos.example/1",
        f"{SAID} Edit: the manager has rung me at last.",
        f"😡 {SAID}",
    ],
)
def test_what_somebody_makes_of_his_own_words_is_near(other: str) -> None:
    assert compare(SAID, other) is Words.near
    assert compare(other, SAID) is Words.near
    assert set(sketch(SAID).bands) & set(sketch(other).bands)


@pytest.mark.parametrize(
    "other",
    [
        SAID.replace("two weeks", "three weeks"),
        SAID.replace("nan", "aunt"),
        SAID.replace("Oakfield House", "Larchwood Court"),
        SAID.replace("nobody has", "somebody has"),
        "A whole other text about a home that is not the same as the one above.",
    ],
)
def test_other_facts_in_the_same_form_are_another_disclosure(other: str) -> None:
    assert compare(SAID, other) is Words.other


def test_short_texts_are_known_by_all_their_words_alone() -> None:
    assert compare("Avoid Oakfield House!", "avoid oakfield house") is Words.same
    assert compare("Avoid Oakfield House", "Avoid Oakfield House now") is Words.other
    assert len(sketch("Avoid Oakfield House").bands) == 1


@given(st.text(max_size=200))
def test_a_text_is_the_same_as_itself_however_it_is_dressed(text: str) -> None:
    dressed = f"  {text}\n"
    assert compare(text, dressed) is Words.same or not plain(text)
    assert sketch(text) == sketch(text)
    assert alike(sketch(text), sketch(text)) == 1
    assert all(-(2**63) <= band < 2**63 for band in sketch(text).bands)


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_does_not_matter_which_came_first(one: str, other: str) -> None:
    assert compare(one, other) is compare(other, one)
    assert alike(sketch(one), sketch(other)) == alike(sketch(other), sketch(one))


def test_near_copies_are_told_apart_as_well_as_was_measured(bench) -> None:
    precision, recall = bench.score(bench.read(), bench.found)
    assert precision >= 0.99
    assert recall >= 0.9
