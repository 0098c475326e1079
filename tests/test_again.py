"""What was found lately is looked at again, by turns, while it is young."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._again import MOST_REMEMBERED, Again
from connectors._walk import Mark, Page
from core.errors import FetchError
from core.types import Mention

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def found(number: int, hours: float = 1) -> tuple[str, Mention]:
    posted = NOW - timedelta(hours=hours)
    key = f"key-{number}"
    return str(number), Mention(source="a", key=key, url="", text="", platform="forum", posted_at=posted)


def look_at(
    state: str, seen: list[tuple[str, Mention]], *, at_once: int = 2, gone: str = ""
) -> tuple[list[str], str]:
    """What is looked at on a visit, and the state after it."""
    looked: list[str] = []

    def look(idents: Mapping[str, str]) -> Page:
        looked.extend(idents)
        return Page(deleted=(gone,) if gone else ())

    again = Again(NOW, at_once=at_once)
    again.saw(seen)
    page = again.ask(look)("", NOW, Mark(state=state))
    return looked, page.state


def test_each_has_its_turn_and_what_was_just_seen_waits() -> None:
    looked, state = look_at("", [found(1), found(2), found(3)])
    assert looked == []
    turns = []
    for _ in range(3):
        looked, state = look_at(state, [])
        turns.append(looked)
    assert turns == [["1", "2"], ["3", "1"], ["2", "3"]]
    assert look_at(state, [found(1)])[0] == ["2", "3"]


def test_what_is_gone_or_old_is_not_looked_at_any_more() -> None:
    _, state = look_at("", [found(1), found(2), found(3, hours=49)])
    looked, state = look_at(state, [], gone="key-1")
    assert looked == ["1", "2"]
    assert look_at(state, [])[0] == ["2"]


def test_only_the_newest_are_remembered() -> None:
    many = [found(number, hours=number / 10) for number in range(MOST_REMEMBERED + 20)]
    _, state = look_at("", many)
    looked, _ = look_at(state, [], at_once=500)
    assert set(looked) == {str(number) for number in range(MOST_REMEMBERED)}


def failing(**how: object) -> Page:
    def look(_idents: Mapping[str, str]) -> Page:
        raise FetchError("it broke off", temporary=True, **how)  # type: ignore[arg-type]

    again = Again(NOW, at_once=5)
    again.saw([found(2)])
    return again.ask(look)("", NOW, Mark(state=look_at("", [found(1)])[1]))


def test_a_look_that_fails_is_said_and_made_again() -> None:
    page = failing()
    assert "it broke off" in str(page.failure)
    assert set(look_at(page.state, [])[0]) == {"1", "2"}


def test_a_platform_that_wants_to_be_left_alone_is_and_what_was_seen_is_not_forgotten() -> None:
    page = failing(retry_after=timedelta(minutes=1))
    assert page.failure
    assert page.failure.retry_after == timedelta(minutes=1)
    assert set(look_at(page.state, [])[0]) == {"1", "2"}


def rounds(state: str, hours: int, *, seen: int = 0, fails_at: int = 99) -> tuple[list[list[str]], Page]:
    """What is looked at in rounds of two, every 20 hours, and the page of it; each second one is gone."""
    looked: list[list[str]] = []

    def look(idents: Mapping[str, str]) -> Page:
        if len(looked) == fails_at:
            raise FetchError("the budget is spent", temporary=True)
        looked.append(list(idents))
        return Page(deleted=(f"key-{list(idents)[1]}",))

    again = Again(NOW + timedelta(hours=hours), at_once=2, rounds=3, every=timedelta(hours=20))
    again.saw(found(number) for number in range(seen))
    return looked, again.ask(look)("", NOW, Mark(state=state))


def test_each_is_looked_at_every_20_hours_and_rounds_that_were_made_are_made() -> None:
    _, page = rounds("", 0, seen=8)
    looked, page = rounds(page.state, 19)
    assert looked == []
    looked, page = rounds(page.state, 20, fails_at=2)
    assert looked == [["0", "1"], ["2", "3"]]
    assert (page.deleted, str(page.failure)) == (("key-1", "key-3"), "the budget is spent")
    looked, page = rounds(page.state, 21)
    assert looked == [["6", "7"], ["4", "5"]]
    assert rounds(page.state, 22)[0] == []
    assert rounds(page.state, 40)[0] == [["0", "2"]]


def test_where_no_list_could_be_read_the_look_is_no_success() -> None:
    with pytest.raises(FetchError, match="nothing new could be read"):
        Again(NOW, at_once=5).ask(lambda _idents: Page())("", NOW, Mark())


@given(
    st.text(max_size=30) | st.sampled_from(["[[1]]", '[["a","b","c"]]', "{}", "null", '[["a","b",1e400]]'])
)
def test_no_state_breaks_it(state: str) -> None:
    look_at(state, [])
