"""How lists that come in pages are read: nothing lost while they shift, and an end to every visit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._options import Asking
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.types import Batch, Mention

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def mention(number: int, *, at: datetime | None = None) -> Mention:
    when = at or NOW - timedelta(days=1) + number * MINUTE
    return Mention(
        source="a", key=f"k{number}", url="https://a.example/", text="x", platform="forum", posted_at=when
    )


@dataclass
class Forum:
    """A list of posts, newest first, paged by offset: what is posted while it is read shifts its pages."""

    posts: list[int] = field(default_factory=list)
    size: int = 3
    between: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fails: dict[int, FetchError] = field(default_factory=dict)

    def ask(self, token: str, _since: datetime, _mark: Mark) -> Page:
        number = len(self.asked)
        self.asked.append(token)
        if number in self.fails:
            raise self.fails[number]
        start = int(token or 0)
        shown = self.posts[::-1][start : start + self.size]
        more = str(start + self.size) if start + self.size < len(self.posts) else ""
        page = Page(mentions=tuple(mention(post) for post in shown), next=more)
        if self.between:
            self.posts += [len(self.posts) + extra for extra in range(self.between.pop())]
        return page


def read(forum: Forum, cursor: str | None = None, most_pages: int = 200) -> Batch:
    forum.asked.clear()
    return visit(
        {"all": forum.ask}, cursor, Asking(max_pages=most_pages, backfill=timedelta(days=30)), now=NOW
    )


def keys(*batches: Batch) -> set[str]:
    return {one.key for batch in batches for one in batch.mentions}


@given(
    st.integers(0, 30),
    st.integers(1, 7),
    st.lists(st.integers(0, 6), max_size=6),
    st.lists(st.integers(0, 15), min_size=1, max_size=4),
)
def test_nothing_is_lost_however_the_pages_shift(
    first: int, size: int, between: list[int], later: list[int]
) -> None:
    forum = Forum(posts=list(range(first)), size=size, between=between)
    batches = [read(forum)]
    for more in later:
        forum.posts += [len(forum.posts) + extra for extra in range(more)]
        batches.append(read(forum, batches[-1].cursor))
    forum.between = []
    batches.append(read(forum, batches[-1].cursor))
    assert keys(*batches) == {f"k{number}" for number in range(len(forum.posts))}
    assert not any(batch.missed for batch in batches)


@given(st.integers(1, 40), st.integers(0, 6), st.integers(1, 40))
def test_a_fault_on_any_page_costs_nothing_but_time(first: int, bad: int, more: int) -> None:
    forum = Forum(posts=list(range(first)))
    start = read(forum)
    forum.posts += [first + extra for extra in range(more)]
    forum.fails = {bad: FetchError("a.example answered 503", temporary=True)}
    try:
        hurt = read(forum, start.cursor)
    except FetchError:
        hurt = start
    else:
        assert bool(hurt.missed) == (bad < len(forum.asked))
    forum.fails = {}
    assert keys(start, hurt, read(forum, hurt.cursor)) == {f"k{number}" for number in range(first + more)}


def test_a_visit_reads_no_further_than_an_hour_before_what_it_knows() -> None:
    forum = Forum(posts=list(range(0, 300, 10)))
    first = read(forum)
    assert len(forum.asked) == 10
    second = read(forum, first.cursor)
    assert forum.asked == ["", "3", "6"]
    assert keys(second) == {f"k{number}" for number in range(210, 300, 10)}


def test_what_is_indexed_late_is_found_behind_what_is_known() -> None:
    forum = Forum(posts=list(range(0, 300, 10)))
    first = read(forum)
    forum.posts.insert(25, 245)
    assert "k245" in keys(read(forum, first.cursor))


def test_where_items_have_no_date_a_visit_reads_no_further_than_what_it_knows() -> None:
    undated = [replace(mention(number), posted_at=None) for number in range(9)]

    def ask(token: str, _since: datetime, _mark: Mark) -> Page:
        start = int(token or 0)
        asked.append(start)
        return Page(mentions=tuple(undated[start : start + 3]), next=str(start + 3) if start < 6 else "")

    asked: list[int] = []
    first = visit({"all": ask}, None, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)
    visit({"all": ask}, first.cursor, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)
    assert asked == [0, 3, 6, 0]


def test_a_list_without_an_order_is_read_to_its_end() -> None:
    pages = [Page(mentions=(mention(1),), next="2", unordered=True), Page(mentions=(mention(2),))]
    lists = {"all": lambda token, _since, _mark: pages[int(token or 1) - 1]}
    first = visit(lists, None, Asking(max_pages=9, backfill=timedelta(minutes=1)), now=NOW)
    assert keys(first) == keys(read_again(lists, first)) == {"k1", "k2"}


def read_again(lists: Mapping[str, Ask], before: Batch) -> Batch:
    return visit(lists, before.cursor, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)


def test_a_pinned_post_at_the_top_hides_nothing() -> None:
    forum = Forum(posts=[*range(1, 4), 0])
    first = read(forum)
    forum.posts = [*range(1, 10), 0]
    assert keys(first, read(forum, first.cursor)) == {f"k{number}" for number in range(10)}


def test_a_first_visit_ends_at_its_back_fill() -> None:
    forum = Forum(posts=list(range(30)))
    batch = visit(
        {"all": forum.ask}, None, Asking(max_pages=50, backfill=timedelta(hours=23, minutes=45)), now=NOW
    )
    assert len(forum.asked) == 6
    assert "k15" in keys(batch)
    assert "k0" not in keys(batch)


def test_what_lies_beyond_the_last_page_that_may_be_read_waits_for_the_next_visits() -> None:
    forum = Forum(posts=list(range(30)))
    first = read(forum, most_pages=4)
    assert len(first.mentions) == 12
    assert "wait for the next visits" in first.missed
    batches = [first]
    while batches[-1].missed:
        batches.append(read(forum, batches[-1].cursor, most_pages=4))
        assert len(forum.asked) <= 5
    assert keys(*batches) == {f"k{number}" for number in range(30)}


@given(
    st.integers(0, 40),
    st.integers(1, 4),
    st.integers(1, 3),
    st.lists(st.integers(0, 12), max_size=12),
    st.lists(st.integers(0, 3), max_size=6),
)
def test_nothing_is_lost_however_few_pages_a_visit_may_read(
    first: int, size: int, most_pages: int, later: list[int], between: list[int]
) -> None:
    forum = Forum(posts=list(range(first)), size=size, between=between)
    batches = [read(forum, most_pages=most_pages)]
    for more in later:
        forum.posts += [len(forum.posts) + extra for extra in range(more)]
        batches.append(read(forum, batches[-1].cursor, most_pages=most_pages))
        assert len(forum.asked) <= most_pages + 1
    forum.between = []
    batches.append(read(forum, batches[-1].cursor, most_pages=most_pages))
    while batches[-1].missed:
        batches.append(read(forum, batches[-1].cursor, most_pages=most_pages))
        assert len(batches) < 2000
    assert keys(*batches) == {f"k{number}" for number in range(len(forum.posts))}


def test_a_rest_that_the_platform_has_forgotten_is_let_go_and_that_is_said() -> None:
    forum = Forum(posts=list(range(30)))
    first = read(forum, most_pages=2)
    forum.fails = {2: FetchError("a.example answered 400", temporary=False, status=400)}
    second = read(forum, first.cursor, most_pages=2)
    assert "answered 400" in second.missed
    forum.fails = {}
    third = read(forum, second.cursor, most_pages=2)
    assert third.missed == ""


def test_a_rest_that_fails_in_passing_is_read_later() -> None:
    forum = Forum(posts=list(range(9)))
    first = read(forum, most_pages=2)
    forum.fails = {2: FetchError("a.example answered 503", temporary=True)}
    second = read(forum, first.cursor, most_pages=2)
    forum.fails = {}
    assert "answered 503" in second.missed
    assert keys(first, second, read(forum, second.cursor, most_pages=2)) == {
        f"k{number}" for number in range(9)
    }


@pytest.mark.parametrize("page", [1, 2])
def test_a_platform_that_wants_to_be_left_alone_is_asked_for_no_rest_either(page: int) -> None:
    forum, other = Forum(posts=list(range(9))), Forum(posts=[20])
    options = Asking(max_pages=2, backfill=timedelta(days=30))
    first = visit({"all": forum.ask}, None, options, now=NOW)
    forum.asked.clear()
    forum.fails = {page: FetchError("a.example answered 429", temporary=True, retry_after=5 * MINUTE)}
    second = visit({"all": forum.ask, "other": other.ask}, first.cursor, options, now=NOW)
    assert (len(forum.asked), other.asked, second.not_before) == (page + 1, [], NOW + 5 * MINUTE)
    forum.fails = {}
    third = read(forum, second.cursor, most_pages=2)
    assert keys(first, second, third) == {f"k{number}" for number in range(9)}


@pytest.mark.parametrize("tokens", [["", "2", "2", "2"], ["", "2", "3", "2"]])
def test_a_token_that_comes_again_ends_the_visit_and_is_told(tokens: list[str]) -> None:
    asked: list[str] = []

    def ask(token: str, _since: datetime, _mark: Mark) -> Page:
        asked.append(token)
        return Page(mentions=(mention(len(asked)),), next=tokens[len(asked)])

    batch = visit({"all": ask}, None, Asking(max_pages=50, backfill=timedelta(days=30)), now=NOW)
    assert "the same page again" in batch.missed
    assert len(asked) == len(set(tokens))


def test_a_list_that_fails_costs_the_others_nothing_and_keeps_its_place() -> None:
    good, bad = Forum(posts=list(range(4))), Forum(posts=list(range(10, 14)))
    lists = {"good": good.ask, "bad": bad.ask}
    first = visit(lists, None, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)
    good.posts.append(4)
    bad.posts.append(14)
    bad.fails = {len(bad.asked): FetchError("b.example answered 500", temporary=True)}
    second = visit(lists, first.cursor, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)
    assert "k4" in keys(second)
    assert "b.example answered 500" in second.missed
    bad.fails = {}
    assert "k14" in keys(
        visit(lists, second.cursor, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)
    )


def test_where_every_list_fails_the_first_failure_is_the_visits() -> None:
    refused = FetchError("a.example answered 401", temporary=False, status=401)
    one, two = Forum(fails={0: refused}), Forum(fails={0: FetchError("later", temporary=True)})
    with pytest.raises(FetchError, match="answered 401"):
        visit(
            {"one": one.ask, "two": two.ask}, None, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW
        )


def test_a_platform_that_wants_to_be_left_alone_is_left_alone() -> None:
    slow = FetchError("a.example answered 429", temporary=True, retry_after=5 * MINUTE)
    one, two, three = Forum(posts=[1]), Forum(fails={0: slow}), Forum(posts=[3])
    lists = {"one": one.ask, "two": two.ask, "three": three.ask}
    batch = visit(lists, None, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW)
    assert (keys(batch), three.asked, batch.not_before) == ({"k1"}, [], NOW + 5 * MINUTE)


def test_where_nothing_can_be_read_a_wait_that_is_asked_for_is_not_forgotten() -> None:
    slow = FetchError("a.example answered 429", temporary=True, retry_after=5 * MINUTE)
    one, two = Forum(fails={0: FetchError("a.example answered 500", temporary=True)}), Forum(fails={0: slow})
    with pytest.raises(FetchError) as caught:
        visit(
            {"one": one.ask, "two": two.ask}, None, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW
        )
    assert caught.value.retry_after == 5 * MINUTE


def test_a_host_that_wants_to_be_left_alone_silences_no_other() -> None:
    week = FetchError("b.example answered 429", temporary=True, retry_after=timedelta(days=7))
    good, slow = Forum(posts=[1]), Forum(posts=[2], fails={0: week})

    def visited(before: str | None, now: datetime) -> Batch:
        lists = {"a:tag": good.ask, "b:tag": slow.ask, "b:search": slow.ask}
        return visit(
            lists,
            before,
            Asking(max_pages=9, backfill=timedelta(days=30)),
            now=now,
            host=lambda name: name.partition(":")[0],
        )

    first = visited(None, NOW)
    assert (keys(first), first.not_before, slow.asked) == ({"k1"}, None, [""])
    good.posts.append(3)
    second = visited(first.cursor, NOW + timedelta(days=6))
    assert ("k3" in keys(second), second.not_before, slow.asked) == (True, None, [""])
    assert "asks to be left alone" in second.missed
    good.fails = {len(good.asked): FetchError("a.example answered 503", temporary=True, retry_after=MINUTE)}
    with pytest.raises(FetchError) as caught:
        visited(second.cursor, NOW + timedelta(days=6))
    assert caught.value.retry_after == MINUTE
    assert "k2" in keys(visited(second.cursor, NOW + timedelta(days=7)))


def test_a_list_that_is_not_read_for_the_failure_of_another_keeps_its_place() -> None:
    thread, feed = Forum(posts=[1, 2]), Forum(posts=[8])
    lists = {"feed": feed.ask, "tags": Forum(posts=[9]).ask}
    long_ago = NOW - timedelta(days=20)
    first = visit(
        lists | {"thread": thread.ask}, None, Asking(max_pages=9, backfill=timedelta(days=30)), now=NOW
    )
    feed.fails = {len(feed.asked): FetchError("it broke off", temporary=True)}
    since: list[datetime] = []

    def seen(_token: str, moment: datetime, _mark: Mark) -> Page:
        since.append(moment)
        return Page()

    hurt = visit(lists, first.cursor, Asking(max_pages=9, backfill=timedelta(days=1)), now=NOW)
    visit({"thread": seen}, hurt.cursor, Asking(max_pages=9, backfill=MINUTE), now=NOW + timedelta(days=20))
    assert long_ago < since[0] < NOW


def test_a_failure_beside_a_page_keeps_its_state_and_its_wait() -> None:
    slow = FetchError("a.example answered 429", temporary=True, retry_after=MINUTE)
    half: Ask = lambda _token, _since, mark: Page(state=f"{mark.state}+", failure=slow)  # noqa: E731
    states: list[str] = []

    def told(_token: str, _since: datetime, mark: Mark) -> Page:
        states.append(mark.state)
        return Page()

    batch = visit({"half": half}, None, Asking(max_pages=9, backfill=timedelta(days=1)), now=NOW)
    assert batch.not_before == NOW + MINUTE
    assert "answered 429" in batch.missed
    visit({"half": told}, batch.cursor, Asking(max_pages=9, backfill=timedelta(days=1)), now=NOW)
    assert states == ["+"]


def test_what_is_deleted_is_told_unless_the_visit_saw_it() -> None:
    page = Page(mentions=(mention(1),), deleted=("k1", "k2"))
    batch = visit({"all": lambda *_: page}, None, Asking(max_pages=9, backfill=timedelta(days=1)), now=NOW)
    assert batch.deleted == ("k2",)


def test_a_post_dated_ahead_does_not_hide_those_before_it() -> None:
    seen: list[datetime] = []

    def ask(_token: str, since: datetime, _mark: Mark) -> Page:
        seen.append(since)
        return Page(mentions=(mention(1, at=NOW + timedelta(days=1)),))

    first = visit({"all": ask}, None, Asking(max_pages=9, backfill=timedelta(days=7)), now=NOW)
    visit({"all": ask}, first.cursor, Asking(max_pages=9, backfill=timedelta(days=7)), now=NOW)
    assert seen == [NOW - timedelta(days=7), NOW - timedelta(hours=1)]


@pytest.mark.parametrize(
    "cursor", ["", "null", "[]", "{", '{"v": 2}', '{"lists": 7}', '{"lists": {"all": {"known": 1}}}']
)
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    assert keys(read(Forum(posts=[1, 2]), cursor)) == {"k1", "k2"}
