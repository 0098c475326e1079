"""How lists that come in pages are read: nothing lost while they shift, and an end to every visit."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._walk import Mark, Page, visit
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


def read(forum: Forum, cursor: str | None = None, most_pages: int = 50) -> Batch:
    forum.asked.clear()
    return visit({"all": forum.ask}, cursor, now=NOW, most_pages=most_pages, backfill=timedelta(days=30))


def keys(*batches: Batch) -> set[str]:
    return {one.key for batch in batches for one in batch.mentions}


@given(
    st.integers(0, 30),
    st.integers(1, 7),
    st.lists(st.integers(0, 9), max_size=6),
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


def test_a_visit_reads_no_further_than_what_it_knows() -> None:
    forum = Forum(posts=list(range(30)))
    first = read(forum)
    assert len(forum.asked) == 10
    second = read(forum, first.cursor)
    assert forum.asked == [""]
    assert keys(second) == {"k29", "k28", "k27"}


def test_a_pinned_post_at_the_top_hides_nothing() -> None:
    forum = Forum(posts=[*range(1, 4), 0])
    first = read(forum)
    forum.posts = [*range(1, 10), 0]
    assert keys(first, read(forum, first.cursor)) == {f"k{number}" for number in range(10)}


def test_a_first_visit_ends_at_its_back_fill() -> None:
    forum = Forum(posts=list(range(30)))
    batch = visit({"all": forum.ask}, None, now=NOW, most_pages=50, backfill=timedelta(hours=23, minutes=45))
    assert len(forum.asked) == 6
    assert "k15" in keys(batch)
    assert "k0" not in keys(batch)


def test_what_lies_beyond_the_last_page_that_may_be_read_is_said_to_be_missed() -> None:
    forum = Forum(posts=list(range(30)))
    batch = read(forum, most_pages=2)
    assert len(batch.mentions) == 6
    assert "more than 2 pages" in batch.missed


@pytest.mark.parametrize("tokens", [["", "2", "2", "2"], ["", "2", "3", "2"]])
def test_a_token_that_comes_again_ends_the_visit_and_is_told(tokens: list[str]) -> None:
    asked: list[str] = []

    def ask(token: str, _since: datetime, _mark: Mark) -> Page:
        asked.append(token)
        return Page(mentions=(mention(len(asked)),), next=tokens[len(asked)])

    batch = visit({"all": ask}, None, now=NOW, most_pages=50, backfill=timedelta(days=30))
    assert "the same page again" in batch.missed
    assert len(asked) == len(set(tokens))


def test_a_list_that_fails_costs_the_others_nothing_and_keeps_its_place() -> None:
    good, bad = Forum(posts=list(range(4))), Forum(posts=list(range(10, 14)))
    lists = {"good": good.ask, "bad": bad.ask}
    first = visit(lists, None, now=NOW, most_pages=9, backfill=timedelta(days=30))
    good.posts.append(4)
    bad.posts.append(14)
    bad.fails = {len(bad.asked): FetchError("b.example answered 500", temporary=True)}
    second = visit(lists, first.cursor, now=NOW, most_pages=9, backfill=timedelta(days=30))
    assert "k4" in keys(second)
    assert "b.example answered 500" in second.missed
    bad.fails = {}
    assert "k14" in keys(visit(lists, second.cursor, now=NOW, most_pages=9, backfill=timedelta(days=30)))


def test_where_every_list_fails_the_first_failure_is_the_visits() -> None:
    refused = FetchError("a.example answered 401", temporary=False, status=401)
    one, two = Forum(fails={0: refused}), Forum(fails={0: FetchError("later", temporary=True)})
    with pytest.raises(FetchError, match="answered 401"):
        visit({"one": one.ask, "two": two.ask}, None, now=NOW, most_pages=9, backfill=timedelta(days=30))


def test_a_platform_that_wants_to_be_left_alone_is_left_alone() -> None:
    slow = FetchError("a.example answered 429", temporary=True, retry_after=5 * MINUTE)
    one, two, three = Forum(posts=[1]), Forum(fails={0: slow}), Forum(posts=[3])
    lists = {"one": one.ask, "two": two.ask, "three": three.ask}
    batch = visit(lists, None, now=NOW, most_pages=9, backfill=timedelta(days=30))
    assert (keys(batch), three.asked, batch.not_before) == ({"k1"}, [], NOW + 5 * MINUTE)


def test_what_is_deleted_is_told_unless_the_visit_saw_it() -> None:
    page = Page(mentions=(mention(1),), deleted=("k1", "k2"))
    batch = visit({"all": lambda *_: page}, None, now=NOW, most_pages=9, backfill=timedelta(days=1))
    assert batch.deleted == ("k2",)


def test_a_post_dated_ahead_does_not_hide_those_before_it() -> None:
    seen: list[datetime] = []

    def ask(_token: str, since: datetime, _mark: Mark) -> Page:
        seen.append(since)
        return Page(mentions=(mention(1, at=NOW + timedelta(days=1)),))

    first = visit({"all": ask}, None, now=NOW, most_pages=9, backfill=timedelta(days=7))
    visit({"all": ask}, first.cursor, now=NOW, most_pages=9, backfill=timedelta(days=7))
    assert seen == [NOW - timedelta(days=7), NOW - timedelta(hours=1)]


@pytest.mark.parametrize(
    "cursor", ["", "null", "[]", "{", '{"v": 2}', '{"lists": 7}', '{"lists": {"all": {"known": 1}}}']
)
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    assert keys(read(Forum(posts=[1, 2]), cursor)) == {"k1", "k2"}
