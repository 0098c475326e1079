"""Personal data in texts: each detector keeps its own samples, and spans lead back to what was written."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.detectors import detectors, find
from classifiers.detectors._normalise import normalise
from classifiers.page import Page
from core.types import Finding

HITS = [(d.KIND, text, value) for d in detectors() for text, value in d.SAMPLES.hits]
MISSES = [(d.KIND, text) for d in detectors() for text in d.SAMPLES.misses]
BY_KIND = {d.KIND: d for d in detectors()}


def values(text, findings):
    return [text[finding.start : finding.end] for finding in findings]


def test_every_detector_has_its_own_kind_patterns_and_samples():
    assert len(BY_KIND) == len(detectors()) >= 15
    for detector in detectors():
        assert detector.PATTERNS
        assert detector.SAMPLES.hits
        assert detector.SAMPLES.misses


def test_the_page_on_detectors_names_every_kind_and_file():
    page = (Path(__file__).parents[1] / "docs" / "detectors.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \| `(\w+)\.py` \|", page, re.M))
    assert told == {(detector.KIND, detector.__name__.rpartition(".")[2]) for detector in detectors()}


def test_an_extension_is_a_small_file():
    for detector in detectors():
        assert len(Path(detector.__file__).read_text(encoding="utf-8").splitlines()) < 100, detector.__name__


@pytest.mark.parametrize(("kind", "text", "value"), HITS)
def test_a_sample_is_found_as_its_kind_and_nothing_else(kind, text, value):
    found = find(text)
    assert values(text, found) == [value]
    assert [finding.kind for finding in found] == [kind]


@pytest.mark.parametrize(("kind", "text"), MISSES)
def test_a_lookalike_is_not_found(kind, text):
    assert BY_KIND[kind].detect(text) == []


def test_several_kinds_in_one_text_come_in_order():
    text = "Doris, born 19/10/1936, NHS 999 000 0018, ring 07700 900123 or jo@example.org, NE61 1AA"
    kinds = [finding.kind for finding in find(text)]
    assert kinds == ["date_of_birth", "nhs_number", "phone", "email", "postcode"]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("ring +44 1632 960111", "01632 960111"),
        ("ring (01632) 960111", "+44 (0)1632 960111"),
        ("write to ann dot lee at oakfield dot org", "Ann.Lee@oakfield.org"),
        ("we are at ne611aa", "NE61 1AA"),
    ],
)
def test_our_own_contact_points_never_count_in_any_format(text, own):
    assert find(text)
    assert find(text, allow=[own]) == ()


def test_sealed_premises_count_even_if_they_are_ours():
    text = "the refuge is 51, Alder  Grove ls28 5nx"
    found = find(text, allow=["LS28 5NX"], sealed=["51 Alder Grove, LS28 5NX"])
    assert [finding.kind for finding in found] == ["address", "postcode"]
    assert values(text, found) == ["51, Alder  Grove ls28 5nx", "ls28 5nx"]


def test_the_number_of_sealed_premises_counts_without_the_town():
    text = "go to 51 alder grove tonight"
    assert values(text, find(text, sealed=["51 Alder Grove, Leeds"])) == ["51 alder grove"]
    assert find("we live in Leeds", sealed=["51 Alder Grove, Leeds"]) == ()


def test_a_sealed_postcode_overrules_the_allow_list():
    found = find("at LS285NX", allow=["LS28 5NX"], sealed=["LS28 5NX"])
    assert [(finding.kind, finding.start, finding.end) for finding in found] == [("postcode", 3, 10)]


def test_what_the_model_read_gives_way_to_a_detector():
    text = "Jo at 12 Canning Road, @kez_rn99"
    read = [
        Finding(kind="person", start=0, end=2),
        Finding(kind="room", start=6, end=8),
        Finding(kind="person", start=text.index("@"), end=len(text)),
    ]
    found = find(text, read=read)
    assert [(hit.kind, text[hit.start : hit.end]) for hit in found] == [
        ("person", "Jo"),
        ("address", "12 Canning Road"),
        ("handle", "@kez_rn99"),
    ]


def test_our_account_does_not_count_either_where_the_model_read_it():
    read = [Finding(kind="handle", start=3, end=11)]
    assert find("by @oakzzqf", read=read)
    assert find("by @oakzzqf", read=read, accounts=["x:@OakZZQf"]) == ()


def test_a_number_inside_a_link_belongs_to_the_link():
    assert find("https://nhs.example.org/patient?id=9990000018&tel=07700900123") == ()


def test_spans_count_code_points_of_the_original():
    text = "😀𝐓el ０７７００\u200b 𝟗𝟎𝟎 one two three!"
    found = find(text)
    assert found == (Finding(kind="phone", start=5, end=text.index("!")),)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "jane@example.org"),  # wide forms
        ("𝟎𝟕𝟕𝟎𝟎 𝟗𝟎𝟎𝟏𝟐𝟑", "07700 900123"),  # mathematical digits
        ("0️⃣7️⃣7️⃣0️⃣0️⃣", "07700"),  # keycaps
        ("❶②٣", "123"),
        ("07\u200b7\u2060\u00ad00", "07700"),  # nothing to see between them
        ("0̶7̶7̶", "077"),  # struck through
        ("jаne", "jane"),  # Cyrillic
        ("ΑΒ123456С", "AB123456C"),  # Greek, Cyrillic
        ("🅰🅱", "AB"),
        ("07700–900–123", "07700-900-123"),
        ("07700·900·123", "07700.900.123"),
        ("o77oo 9oo l23", "07700 900 123"),
        ("o 7 7 o o 9", "0 7 7 0 0 9"),
        ("07700 900123 lol, oo", "07700 900123 lol, oo"),
        ("double seven oh", "double seven oh"),  # three words are needed
        ("oh seven seven hundred, nine hundred, twenty-three", "0770090023"),
        ("plus 44 7700", "+44 7700"),
        ("07700 dot 900 dot 123", "07700.900.123"),
        ("jane dot smith [at] example dot co dot uk", "jane.smith@example.co.uk"),
        ("jane_smith(at)example(dot)org", "jane_smith@example.org"),
        ("jane underscore smith @ example . org", "jane_smith@example.org"),
        ("facebook dot com slash jane dot smith", "facebook.com/jane.smith"),
        ("Auntie Dot is at home", "Auntie Dot is at home"),
        ("slash the budget and dash", "slash the budget and dash"),
    ],
)
def test_disguises_are_read_plain(written, read):
    assert normalise(written).text == read


MESSY = st.text(
    alphabet=st.one_of(
        st.sampled_from("0123456789oOlI \u200b\ufeff\u00ad-.@①ﷺ½５𝟗é\n"),
        st.characters(),
    ),
    max_size=60,
)
SPOKEN = st.lists(
    st.sampled_from(["one", "double seven", "oh", "9oo", "07700", "treble", "𝟎", "\u200bsix", "and", "x"])
).map(" ".join)


@given(st.one_of(MESSY, SPOKEN))
def test_normalised_characters_lie_inside_the_original_in_order(text):
    page = normalise(text)
    assert len(page.text) == len(page.starts) == len(page.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(page.starts, page.ends, strict=True))
    assert list(page.starts) == sorted(page.starts)
    assert list(page.ends) == sorted(page.ends)


@given(st.one_of(MESSY, SPOKEN))
def test_findings_lie_inside_the_text_and_overlap_only_as_an_address_and_its_postcode(text):
    found = find(text, allow=["01632 960111"], sealed=["5 one two", "0"], accounts=["x:@one"])
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)
    assert list(found) == sorted(found, key=lambda finding: finding.start)
    for first, second in itertools.combinations(found, 2):
        if second.start < first.end:
            assert {first.kind, second.kind} == {"address", "postcode"}


ASCII = st.text(alphabet=st.characters(min_codepoint=0, max_codepoint=127), max_size=80)


@given(ASCII)
def test_plain_text_without_words_for_signs_or_numbers_stays_as_it_is(text):
    if not re.search(r"[a-z@]|[0-9][olI]|[olI][0-9]|[0-9][ .-]+[oOlI]", text, re.I):
        assert normalise(text) == Page(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_every_sign_leads_back_into_it(text):
    page = normalise(text)
    assert len(page.text) == len(page.starts) == len(page.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(page.starts, page.ends, strict=True))


@given(st.text(alphabet="abc éß中", max_size=40))
def test_text_without_anything_to_fold_stays_as_it_is(text):
    assert normalise(text).text == text
    assert normalise(text).starts == tuple(range(len(text)))
