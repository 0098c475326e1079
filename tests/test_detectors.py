"""Personal data in texts: each detector keeps its own samples, and spans lead back to what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.detectors import detectors, find
from classifiers.detectors._normalise import normalise
from core.types import Finding

HITS = [(d.KIND, text, value) for d in detectors() for text, value in d.SAMPLES.hits]
MISSES = [(d.KIND, text) for d in detectors() for text in d.SAMPLES.misses]
BY_KIND = {d.KIND: d for d in detectors()}


def values(text, findings):
    return [text[finding.start : finding.end] for finding in findings]


def test_every_detector_has_its_own_kind_patterns_and_samples():
    assert len(BY_KIND) == len(detectors()) >= 7
    for detector in detectors():
        assert detector.PATTERNS
        assert detector.SAMPLES.hits
        assert detector.SAMPLES.misses


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
    assert [finding.kind for finding in found] == ["address"]
    assert values(text, found) == ["51, Alder  Grove ls28 5nx"]


def test_the_number_of_sealed_premises_counts_without_the_town():
    text = "go to 51 alder grove tonight"
    assert values(text, find(text, sealed=["51 Alder Grove, Leeds"])) == ["51 alder grove"]
    assert find("we live in Leeds", sealed=["51 Alder Grove, Leeds"]) == ()


def test_a_sealed_postcode_overrules_the_allow_list():
    found = find("at LS285NX", allow=["LS28 5NX"], sealed=["LS28 5NX"])
    assert [(finding.kind, finding.start, finding.end) for finding in found] == [("postcode", 3, 10)]


def test_a_number_inside_a_link_belongs_to_the_link():
    assert find("https://nhs.example.org/patient?id=9990000018&tel=07700900123") == ()


def test_spans_count_code_points_of_the_original():
    text = "😀𝐓el ０７７００\u200b 𝟗𝟎𝟎 one two three!"
    found = find(text)
    assert found == (Finding(kind="phone", start=5, end=text.index("!")),)


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
def test_findings_lie_inside_the_text_and_do_not_overlap(text):
    found = find(text, allow=["01632 960111"], sealed=["5 one two", "0"])
    edges = [edge for finding in found for edge in (finding.start, finding.end)]
    assert edges == sorted(edges)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)


@given(st.text(alphabet="abc éß中", max_size=40))
def test_text_without_anything_to_fold_stays_as_it_is(text):
    assert normalise(text).text == text
    assert normalise(text).starts == tuple(range(len(text)))
