"""What makes two mentions one story, and what a further verdict does to a case; without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_fixtures import NOW, mention, verdict

from core.types import Case, CaseState, Severity
from storage.stories import fold, story_key

# The states that the machine takes a case from: see test_storage_growth.
MOVED = (CaseState.closed, CaseState.diverted, CaseState.verifying)
SAID = "Mrs. Example's room is  number 4!"


def case(**rest) -> Case:
    values = {
        "id": 1,
        "state": CaseState.in_review,
        "severity": Severity.medium,
        "labels": ("privacy",),
        "ask": ("privacy",),
        "clauses": ("004 §9.2",),
        "recipients": ("governance",),
        "reasons": ("privacy at the sure threshold",),
        "detected_at": NOW,
    }
    return Case(**(values | rest))


@pytest.mark.parametrize(
    "again",
    [
        "mrs example’s room is number 4",
        "MRS. EXAMPLE'S\n\nROOM IS NUMBER 4",
        "Mrs. Example's room is number ４…",
    ],
)
def test_case_spacing_and_punctuation_make_no_other_story(again: str) -> None:
    assert story_key(mention(text=again)) == story_key(mention(text=SAID))


@pytest.mark.parametrize(
    "other", ["Mrs. Example's room is number 5!", "Mrs. Example's room is number 4! 🔥", ""]
)
def test_other_words_are_another_story(other: str) -> None:
    assert story_key(mention(text=other)) != story_key(mention(text=SAID))


def test_the_same_words_by_another_author_are_another_story() -> None:
    by = {author: story_key(mention(text=SAID, author=author)) for author in ("", "@jo", "@sam")}
    assert len(set(by.values())) == 3
    assert story_key(mention(text=SAID, author="@Jo ")) == by["@jo"]


def test_an_author_is_the_same_at_every_source() -> None:
    key = story_key(mention(text=SAID, author="@jo"))
    assert story_key(mention("9", text=SAID, author="@jo", source="forum", platform="forum")) == key


@pytest.mark.parametrize("nobody", ["", "  "])
def test_nobody_known_is_never_the_same_nobody_twice(nobody: str) -> None:
    one = story_key(mention("1", text=SAID, author=nobody))
    assert story_key(mention("2", text=SAID, author=nobody)) != one
    assert story_key(mention("1", text=SAID, author=nobody, source="forum")) != one


def test_a_title_counts_as_said() -> None:
    assert story_key(mention(text="Room 4", title="Her room")) == story_key(
        mention(text="Her room\n\nRoom 4")
    )


def test_texts_of_nothing_but_punctuation_are_told_apart() -> None:
    assert story_key(mention(text="?!")) != story_key(mention(text="..."))


@given(st.text(), st.text())
def test_any_text_and_author_has_a_key(words: str, author: str) -> None:
    assert len(story_key(mention(text=words, author=author))) == 64


def test_a_graver_verdict_raises_severity_and_revision() -> None:
    after = fold(case(), verdict(Severity.critical))
    assert (after.severity, after.revision, after.state) == (Severity.critical, 2, CaseState.in_review)


def test_a_new_recipient_raises_the_revision() -> None:
    after = fold(case(), verdict(Severity.low, recipients=("safeguarding", "governance")))
    assert (after.severity, after.revision) == (Severity.medium, 2)
    assert after.recipients == ("governance", "safeguarding")


def test_new_labels_and_reasons_alone_tell_nobody_anew() -> None:
    more = verdict(
        Severity.low, labels=("hate",), ask=("hate",), clauses=("004 §3",), reasons=("hate, perhaps",)
    )
    after = fold(case(), more)
    assert after.revision == 1
    assert after.labels == after.ask == ("privacy", "hate")
    assert after.clauses == ("004 §9.2", "004 §3")
    assert after.reasons == ("privacy at the sure threshold", "hate, perhaps")


def test_a_flagged_edit_tells_people_anew_though_it_is_no_graver() -> None:
    assert fold(case(), verdict(Severity.low), edited=True).revision == 2
    assert fold(case(), verdict(Severity.critical), edited=True).revision == 2


def test_a_closed_case_opens_again_and_people_are_told() -> None:
    after = fold(case(state=CaseState.closed), verdict(Severity.low))
    assert (after.state, after.revision) == (CaseState.reopened, 2)


@pytest.mark.parametrize("state", [state for state in CaseState if state not in MOVED])
def test_no_other_state_is_touched(state: CaseState) -> None:
    assert fold(case(state=state), verdict(Severity.critical)).state is state


@given(st.lists(st.builds(verdict, st.sampled_from(Severity)), max_size=6))
def test_severity_and_revision_never_fall_and_folding_again_changes_nothing(verdicts) -> None:
    now = case()
    for one in verdicts:
        after = fold(now, one)
        assert (after.severity, after.revision) >= (now.severity, now.revision)
        assert fold(after, one) == after
        now = after


def test_what_has_no_words_is_a_story_of_its_own_even_by_one_author() -> None:
    one, two = (mention(key, text="", author="Jo Bloggs") for key in ("1", "2"))
    assert story_key(one) != story_key(two)
