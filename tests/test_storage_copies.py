"""One story, N copies: what joins one case, what is only linked, and what is said of what is gone."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from storage_fixtures import HARMLESS, HOUR, NOW, an_assessment, mention, verdict

from core.types import Case, Mention, StoredMention
from storage import cases, copies, joining, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

SAID = "My nan has been at Oakfield House since March and nobody has bathed her for two weeks, it is awful."
LINK = "https://paper.example/a/long-read"
MINUTE = timedelta(minutes=1)
_numbers = itertools.count()


def settle(
    engine: Engine, *said: Mention, judged=None, how: mentions.Found | None = None, relevant=True
) -> list[int]:
    """Add mentions and settle each at its turn; their ids, in order."""
    found: list[int] = []
    for one in said:
        with session(engine) as db:
            (id_,) = mentions.add_new(db, [one], NOW, how or mentions.Found())
            (stored,) = mentions.unassessed(db, NOW, 1, MINUTE)
            assert stored.id == id_
            mentions.record_assessment(db, stored, an_assessment(relevant=relevant), NOW)
            mentions.settle(db, stored, judged or verdict(), NOW)
            found.append(id_)
    return found


def grouped(engine: Engine) -> list[list[int]]:
    """The mentions of each case that has any."""
    with session(engine, read_only=True) as db:
        opened = cases.opened_since(db, NOW)
        return [[copy.mention_id for copy in one.copies] for one in opened if one.copies]


def linked(engine: Engine, id_: int) -> set[tuple[int, int, str]]:
    with session(engine, read_only=True) as db:
        return {(one.mention_id, one.other_id, one.how) for one in copies.links_of(db, id_)}


def the_case(engine: Engine) -> Case:
    with session(engine, read_only=True) as db:
        (one,) = cases.opened_since(db, NOW)
        return one


def at(number: str, words: str, **rest) -> Mention:
    return mention(number, words, **rest)


@pytest.mark.parametrize(
    "again", [f"UPDATE: {SAID}", f"{SAID} #oakfield", SAID[:70] + "…", SAID.replace("awful", "awfull")]
)
def test_what_its_author_says_nearly_so_again_is_a_copy(engine: Engine, again: str) -> None:
    first, second = settle(engine, at("1", SAID, author="Gale"), at("2", again, author="gale", source="b"))
    assert grouped(engine) == [[first, second]]
    assert linked(engine, first) == {(second, first, "near")}
    assert the_case(engine).revision == 1


def test_what_another_says_nearly_so_is_linked_and_has_its_own_case(engine: Engine) -> None:
    first, second = settle(engine, at("1", SAID, author="gale"), at("2", f"RT @gale: {SAID}", author="jo"))
    assert grouped(engine) == [[first], [second]]
    assert linked(engine, second) == linked(engine, first) == {(second, first, "near")}


def test_other_facts_in_the_same_form_are_a_case_of_their_own(engine: Engine) -> None:
    other = SAID.replace("two weeks", "three weeks")
    assert len(grouped_after(engine, at("1", SAID, author="gale"), at("2", other, author="gale"))) == 2


def grouped_after(engine: Engine, *said: Mention) -> list[list[int]]:
    settle(engine, *said)
    return grouped(engine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (at("1", SAID, url=LINK, author="gale"), at("2", SAID[:50] + "…", url=f"{LINK}?utm_source=x", source="b")),
        (at("1", SAID, url=LINK), at("2", "Seen by a colleague: look at this.", url=f"{LINK}/", source="hand")),
    ],
)  # fmt: skip
def test_one_address_brought_by_two_sources_is_one_item(engine: Engine, one: Mention, other: Mention) -> None:
    first, second = settle(engine, one, other)
    assert grouped(engine) == [[first, second]]
    assert (second, first, "same link") in linked(engine, first)


def test_comments_that_one_source_tells_apart_on_a_page_are_linked(engine: Engine) -> None:
    said = [
        at(key, words, url=LINK) for key, words in (("1", SAID), ("2", "I saw the very same thing there."))
    ]
    first, second = settle(engine, *said)
    assert grouped(engine) == [[first], [second]]
    assert linked(engine, first) == {(second, first, "same link")}


def test_a_comment_beside_its_article_is_no_copy_of_it(engine: Engine) -> None:
    article = at("1", SAID, url=LINK, kind="article")
    comment = at("2", "Her name is well known in town.", url=LINK, source="b", kind="comment")
    assert len(grouped_after(engine, article, comment)) == 2


def test_what_nobody_signed_is_no_bridge_between_two_authors(engine: Engine) -> None:
    """It is a copy of both their items; the second author still has a case of his own."""
    said = [
        at("1", SAID, url=LINK, author="gale", source="a"),
        at("2", SAID, url=LINK, source="b"),
        at("3", SAID, url=LINK, author="jo", source="c"),
    ]
    first, second, third = settle(engine, *said)
    assert grouped(engine) == [[first, second], [third]]


AUTHORS = ("gale", "jo", "")
TEXTS = (
    SAID,
    f"UPDATE: {SAID}",
    SAID[:60] + "…",
    "The minutes of the meeting are on the table in the hall, read them.",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(AUTHORS), st.sampled_from(TEXTS), st.sampled_from("abc"), st.sampled_from("xyz")),
        min_size=2,
        max_size=6,
    )
)  # fmt: skip
def test_two_authors_breaches_are_never_folded_into_one(engine: Engine, said) -> None:
    run = next(_numbers)
    batch = [
        at(f"{run}-{number}", words, author=author, source=source, url=f"https://p.example/{run}/{page}")
        for number, (author, words, source, page) in enumerate(said)
    ]
    wrote = dict(zip(settle(engine, *batch), (author for author, *_ in said), strict=True))
    for group in grouped(engine):
        assert len({wrote[id_] for id_ in group if id_ in wrote} - {""}) <= 1


@pytest.mark.parametrize("turned", [False, True])
def test_what_passes_another_on_is_linked_whichever_came_first(engine: Engine, *, turned: bool) -> None:
    post = at("p", SAID, url="https://x.com/gale/status/12", author="gale")
    quote = at("q", "Look at what they do there.", shared="https://twitter.com/gale/status/12", author="jo")
    ids = settle(engine, *([quote, post] if turned else [post, quote]))
    sharer, shared = ids if turned else ids[::-1]
    assert linked(engine, shared) == linked(engine, sharer) == {(sharer, shared, "shares")}
    assert len(grouped(engine)) == 2


def test_what_is_passed_on_is_known_by_its_key_too(engine: Engine) -> None:
    address = "at://did:plc:ab12/app.bsky.feed.post/3k"
    post = at(address, SAID, url="https://bsky.app/profile/gale.example/post/3k", author="gale")
    first, second = settle(engine, post, at("q", "Look at this.", shared=address, author="jo"))
    assert linked(engine, first) == {(second, first, "shares")}


def test_what_was_never_flagged_is_linked_unless_it_is_not_about_us(engine: Engine) -> None:
    (first,) = settle(engine, at("1", SAID, author="gale"))
    (second,) = settle(engine, at("2", SAID, author="jo"), judged=HARMLESS)
    (third,) = settle(engine, at("3", SAID, author="kim"), judged=HARMLESS, relevant=False)
    assert linked(engine, first) == {(second, first, "same words")}
    assert linked(engine, third) == set()


def test_a_copy_comes_to_where_its_case_was_joined(engine: Engine) -> None:
    first, second = settle(
        engine, at("1", SAID, author="gale"), at("2", "Something else again.", author="jo")
    )
    with session(engine) as db:
        one, other = cases.opened_since(db, NOW)
        joining.fold_by_hand(db, one.id, other.id, actor="pat", role="hr", reason="one thing", now=NOW)
    (third,) = settle(engine, at("3", f"{SAID} #oakfield", author="gale"))
    assert grouped(engine) == [[first, second, third]]


def test_a_near_copy_of_what_is_sealed_is_sealed(engine: Engine) -> None:
    settle(engine, at("1", SAID, author="gale"), judged=verdict(guards=("sealed",)))
    (second,) = settle(engine, at("2", f"{SAID} #oakfield", author="gale"))
    with session(engine, read_only=True) as db:
        (shown,) = mentions.read(db, [second])
    assert (shown.mention.text, shown.mention.url, shown.mention.shared) == ("", "", "")
    assert all(one.sealed for one in the_case(engine).copies)


def test_a_case_is_of_the_past_until_something_is_said_anew(engine: Engine) -> None:
    past = mentions.Found(backfill=True)
    settle(engine, at("1", SAID, author="gale"), at("2", f"{SAID} #old", author="gale"), how=past)
    assert (the_case(engine).backfill, the_case(engine).revision) == (True, 1)
    settle(engine, at("3", f"UPDATE: {SAID}", author="gale"))
    assert (the_case(engine).backfill, the_case(engine).revision) == (False, 2)


def test_how_a_mention_was_found_stays_with_it(engine: Engine) -> None:
    how = mentions.Found(query_version="q1", backfill=True, raised_by="pat", own_post=True)
    said = at(
        "1", SAID, kind="comment", lang="cy", shared="https://youtu.be/a", url="https://youtu.be/b?si=x"
    )
    (id_,) = settle(engine, said, how=how)
    columns = "kind, lang, canonical, shared, query_version, raised_by, backfill, own_post, relevant"
    with session(engine, read_only=True) as db:
        row = db.connection().execute(text(f"SELECT {columns} FROM mention WHERE id = {id_}")).one()
        (stored,) = mentions.read(db, [id_])
    video = "https://www.youtube.com/watch?v="
    assert tuple(row[:6]) == ("comment", "cy", f"{video}b", f"{video}a", "q1", "pat")
    assert [bool(one) for one in row[6:]] == [True, True, True]
    assert (stored.mention.kind, stored.mention.lang, stored.mention.shared) == ("comment", "cy", f"{video}a")


def test_an_address_of_any_length_can_be_kept(engine: Engine) -> None:
    said = [at(key, SAID, url=f"{LINK}/{'a' * 9000}", source=key) for key in ("1", "2")]
    assert len(grouped_after(engine, *said)) == 1


def verbs(engine: Engine) -> list[str]:
    with session(engine, read_only=True) as db:
        return [step.verb for step in cases.steps(db, the_case(engine).id)]


def test_what_is_deleted_at_the_source_is_on_record_once(engine: Engine) -> None:
    (first,) = settle(engine, at("1", SAID, author="gale"))
    (second,) = settle(engine, at("2", "Nothing in this one."), judged=HARMLESS)
    case = the_case(engine)
    with session(engine) as db:
        gone = mentions.deleted(db, "news", ["1", "2", "never seen", "1"], NOW + HOUR)
        assert gone == [(first, case.id), (second, None)]
        assert mentions.deleted(db, "news", ["1", "2"], NOW + 2 * HOUR) == []
        assert mentions.deleted(db, "other", ["1"], NOW + HOUR) == []
    assert verbs(engine) == ["raise", "deleted"]
    assert (the_case(engine).state, the_case(engine).revision) == (case.state, case.revision)


def test_what_comes_again_is_back(engine: Engine) -> None:
    said = at("1", SAID, author="gale")
    settle(engine, said)
    with session(engine) as db:
        mentions.deleted(db, "news", ["1"], NOW + HOUR)
    with session(engine) as db:
        assert mentions.add_new(db, [said], NOW + 2 * HOUR) == []
        assert mentions.add_new(db, [said], NOW + 3 * HOUR) == []
    assert verbs(engine) == ["raise", "deleted", "back"]
    with session(engine) as db:
        assert len(mentions.deleted(db, "news", ["1"], NOW + 4 * HOUR)) == 1


def test_many_are_deleted_at_once(engine: Engine) -> None:
    with session(engine) as db:
        ids = mentions.add_new(db, [at(str(number), f"Text {number}") for number in range(1200)], NOW)
        gone = mentions.deleted(db, "news", [str(number) for number in range(5000)], NOW)
    assert sorted(id_ for id_, _ in gone) == sorted(ids)


def test_near_copies_that_are_settled_at_once_are_one_case(engine: Engine) -> None:
    """Nobody waits in a circle, though each links to others that are being settled."""
    with session(engine) as db:
        said = [at(str(n), f"{SAID} #tag{n}", author="gale", url=LINK, source=str(n)) for n in range(6)]
        ids = mentions.add_new(db, said, NOW)
        claimed = mentions.unassessed(db, NOW, 10, MINUTE)
    start = Barrier(len(claimed))

    def work(stored: StoredMention) -> None:
        start.wait()
        with session(engine) as db:
            mentions.record_assessment(db, stored, an_assessment(), NOW)
            mentions.settle(db, stored, HARMLESS if stored.id == min(ids) else verdict(), NOW)

    with ThreadPoolExecutor(len(claimed)) as pool:
        for done in [pool.submit(work, stored) for stored in claimed]:
            done.result()
    (group,) = grouped(engine)
    assert sorted(group) == sorted(ids)[1:]


def test_links_without_words_are_not_copies_of_one_another(engine: Engine) -> None:
    one, two = settle(
        engine,
        mention("1", "", url="https://a.example/1", author="Jo Bloggs"),
        mention("2", "", url="https://a.example/2", author="Jo Bloggs"),
    )
    assert grouped(engine) == [[one], [two]]
    assert linked(engine, one) == set()


def test_a_link_that_is_no_address_stops_nobody(engine: Engine) -> None:
    said = (mention("1", f"{SAID} {name}", url="https://[bad", source=name) for name in ("a", "b"))
    assert len(settle(engine, *said)) == 2


def test_what_was_edited_since_the_first_visit_is_of_today(engine: Engine) -> None:
    past = mentions.Found(backfill=True)
    settle(engine, mention("1", "All is well."), judged=HARMLESS, how=past)
    settle(engine, mention("1", SAID))
    assert not the_case(engine).backfill


def test_a_time_beyond_the_calendar_is_no_time(engine: Engine) -> None:
    east = timezone(timedelta(hours=14))
    (one,) = settle(engine, mention("1", SAID, posted_at=datetime(1, 1, 1, tzinfo=east)))
    with session(engine, read_only=True) as db:
        assert mentions.read(db, [one])[0].mention.posted_at is None
