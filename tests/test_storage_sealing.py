"""Words that are sealed stay sealed, whoever writes them next and whatever the machine makes of them."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from storage_fixtures import HARMLESS, HOUR, NOW, mention, verdict

from core.types import Case, CaseState, Severity, Step
from storage import cases, mentions, samples
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

VILE = "Vile words, with a link."


def say(engine: Engine, key: str, text: str, judged=None, **said) -> Case | None:
    """As triage does: it alone is given the words of what is sealed."""
    with session(engine) as db:
        mentions.add_new(db, [mention(key, text, **said)], NOW)
        (stored,) = mentions.unassessed(db, NOW, 1, HOUR)
        return mentions.settle(db, stored, judged or verdict(), NOW)


def seal(engine: Engine, before: Case) -> None:
    step = Step(
        case_id=before.id, before=before.state, after=before.state, actor="sal", role="safeguarding", at=NOW,
        reason="r", verb="seal",
    )  # fmt: skip
    with session(engine) as db:
        cases.move(db, before, step, replace(before, guards=("sealed",)))


@pytest.fixture
def sealed(engine: Engine) -> Case:
    opened = say(engine, "1", VILE, verdict(Severity.medium), author="@p")
    assert opened is not None
    seal(engine, opened)
    return opened


def is_shut(engine: Engine, case: Case | None) -> bool:
    """Whether the case is sealed in every way; that no text and no link can be read is asserted here."""
    assert case is not None
    assert all((copy.sealed, copy.url) == (True, "") for copy in case.copies)
    with session(engine, read_only=True) as db:
        read = mentions.read(db, [copy.mention_id for copy in case.copies])
    assert {one.mention.full_text for one in read} == {""}
    told = case.severity is Severity.critical and "safeguarding" in case.recipients
    return (
        told
        and case.guards == ("sealed",)
        and case.reasons[0].startswith("the same words are sealed (mention ")
    )


def test_the_same_words_by_another_author_are_sealed_at_once(engine: Engine, sealed: Case) -> None:
    told = say(engine, "2", "VILE words - with a link!", author="@q", source="forum", platform="forum")
    assert is_shut(engine, told)
    assert told is not None
    assert told.id != sealed.id


def test_they_are_sealed_and_told_though_the_machine_sees_nothing_in_them(
    engine: Engine, sealed: Case
) -> None:
    assert is_shut(engine, say(engine, "2", VILE, HARMLESS, author="@q"))


def test_an_edit_to_sealed_words_seals_its_case(engine: Engine, sealed: Case) -> None:
    assert say(engine, "2", "other words", author="@q") is not None
    told = say(engine, "2", VILE, author="@q")
    assert told is not None
    assert told.guards == ("sealed",)
    assert [copy.sealed for copy in told.copies] == [True]


def test_what_a_sealed_post_said_before_an_edit_is_known_too(engine: Engine, sealed: Case) -> None:
    say(engine, "1", "edited to something else", author="@p")
    assert is_shut(engine, say(engine, "2", VILE, author="@q"))


def test_other_words_and_no_words_are_not_sealed(engine: Engine, sealed: Case) -> None:
    empty = say(engine, "e", "?!", author="@p")
    assert empty is not None
    seal(engine, empty)
    for key, text in (("2", "Vile words, without a link."), ("3", "..."), ("4", "")):
        told = say(engine, key, text, author="@q")
        assert told is not None
        assert told.guards == ()
        assert not told.copies[0].sealed
    assert say(engine, "5", "nothing", HARMLESS) is None


def test_nobody_draws_them_for_a_sample(engine: Engine, sealed: Case) -> None:
    say(engine, "2", VILE, HARMLESS, author="@q")
    with session(engine, read_only=True) as db:
        assert samples.candidates(db, NOW, NOW + HOUR) == []


def test_a_later_version_of_the_sealed_post_itself_stays_in_its_case(engine: Engine, sealed: Case) -> None:
    assert say(engine, "1", "harmless by now", HARMLESS, author="@p") is None
    with session(engine, read_only=True) as db:
        found = cases.get(db, sealed.id)
    assert found is not None
    assert (found.state, [copy.sealed for copy in found.copies]) == (CaseState.raised, [True])


PAGE = "https://host.example/album/7"
SHUT = verdict(Severity.critical, guards=("sealed",), recipients=("safeguarding",))


def test_a_sealed_link_is_shut_whoever_brings_it_and_whatever_is_said_of_it(engine: Engine) -> None:
    say(engine, "1", VILE, SHUT, url=PAGE)
    for key, words, author in (("2", "", ""), ("3", "Have you seen this?", "@other")):
        say(engine, key, words, author=author, source=f"by {key}", url=f"{PAGE}?utm_source=x")
    with session(engine, read_only=True) as db:
        found = cases.open_(db)
        copies = [copy for case in found for copy in case.copies]
        read = mentions.read(db, [copy.mention_id for copy in copies])
    assert [(copy.sealed, copy.url) for copy in copies] == [(True, "")] * 3
    assert {one.mention.full_text for one in read} == {""}
    assert any(one.startswith("the same link is sealed (mention ") for case in found for one in case.reasons)


def test_what_else_stands_at_a_page_of_one_source_is_not_shut(engine: Engine) -> None:
    say(engine, "1", VILE, SHUT, url=PAGE, author="@p")
    other = say(engine, "2", "They never answer the door.", url=PAGE, author="@q")
    assert other is not None
    assert other.guards == ()


def test_the_address_of_a_whole_site_shuts_nothing(engine: Engine) -> None:
    say(engine, "1", VILE, SHUT, url="https://host.example/", author="@p")
    other = say(engine, "2", "They never answer.", url="https://host.example", author="@q", source="b")
    assert other is not None
    assert other.guards == ()
