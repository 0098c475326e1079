"""What never counts: the organisation's own contact points, numbers of services; and texts made to hurt."""

import pytest

from classifiers.detectors import find
from core.types import Finding


def found(text, **own):
    return [(hit.kind, text[hit.start : hit.end]) for hit in find(text, **own)]


@pytest.mark.parametrize(
    "text", ["come to 12 Mill Lane, NE61 1AA", "12 Mill Lane", "at NE61 1AA", "12, mill lane, ne611aa"]
)
def test_our_own_address_never_counts_but_a_flat_in_it_does(text):
    own = ["12 Mill Lane, Oakfield, NE61 1AA"]
    assert found(text, allow=own) == []
    assert found("he lives at flat 6, 12 Mill Lane", allow=own) == [("address", "flat 6, 12 Mill Lane")]


@pytest.mark.parametrize(
    "text",
    [
        "CQC location 1-1234567890, patient care rated good",
        "CQC 1-999000001, provider 1-101641521",
        "Ofsted URN 999001, also EY123456 and SC123456",
        "ODS code RXX01, practice P81001, NHS trust",
        "registered charity no. 1987654, company 01234567",
        "school URN 123456, NHS number of nobody",
        "VAT GB123456789",
    ],
)
def test_numbers_of_services_are_never_personal(text):
    assert found(text) == []


def test_our_accounts_never_count_wherever_they_are_written():
    ours = ["mastodon:@jane_oak@social.example", "x:@JaneOak99", "facebook:jane.oak"]
    for text in (
        "@JaneOak99 who are you",
        "@jane_oak@social.example, report",
        "https://x.com/JaneOak99",
        "facebook.com/jane.oak",
    ):
        assert found(text)
        assert found(text, accounts=ours) == []


def test_one_place_bears_one_kind():
    text = "licence QUILL905219T99YY, upn E383942623001, NI QQ123456C, passport ZX9990001"
    assert [kind for kind, _ in found(text)] == ["driving_licence", "pupil_number", "ni_number", "passport"]


@pytest.mark.parametrize(
    "piece",
    ["0", "1 ", "o ", "one ", "a.", "a@", "a dot ", "AB12 ", "12 Road ", "+44 ", "( ", "@a", "A ", "9" * 9 + " ",
     "1 Jan ", "flat 1, ", "facebook.com/", "GB29 ", "\u200b", "а", "12-34-56 "],
)  # fmt: skip
def test_a_hostile_text_is_read_to_its_end(piece):
    text = piece * (200_000 // len(piece))
    assert all(hit.end <= len(text) for hit in find(text))


@pytest.mark.parametrize(
    "text",
    [
        "she lives at 112 High Street",
        "mum lives at 14 Mill Lane, Dunmarrow DL99 1AA",
    ],
)
def test_the_home_of_a_neighbour_is_not_our_address(text):
    alone = [one.kind for one in find(text) if one.kind == "address"]
    ours = [
        one.kind
        for one in find(text, allow=("12 High Street, Dunmarrow, DL99 1AA",))
        if one.kind == "address"
    ]
    assert alone == ours == ["address"]


def test_an_organisation_named_after_somebody_unmasks_nobody():
    read = [Finding(kind="person", start=0, end=5)]
    assert find("Grace fell again", read=read, names=("Grace House",)) == tuple(read)
    whole = [Finding(kind="person", start=0, end=11)]
    assert find("Grace House pls", read=whole, names=("Grace House",)) == ()


def test_many_findings_take_no_time_that_grows_with_their_square():
    assert len(find("SW99 1AA " * 30_000)) == 30_000


def test_the_organisations_name_is_nobodys():
    text = "Oakfield pls, ask Doris Oakfield House"
    read = [Finding(kind="person", start=a, end=b) for a, b in ((0, 8), (18, 23), (24, 38))]
    found = find(text, read=read, names=("Oakfield House",))
    assert [text[one.start : one.end] for one in found] == ["Doris"]


@pytest.mark.parametrize("word", ["d.o.b.", "Pt", "ref", "NOK"])
def test_the_words_of_forms_are_no_names(word):
    text = f"{word} Doris"
    read = [Finding(kind="person", start=0, end=len(word))]
    assert find(text, read=read) == ()
