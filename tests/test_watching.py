"""Watching over time: first visits that stay silent, pauses, canaries, silence, deletions, and what is told of each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from office_town import Clock, open_house, run
from storage_fixtures import mention
from town import BREACH, HARMLESS, Post, open_town

from alerts.coverage import Watch
from core.types import Batch, Severity
from core.work import Pause
from flows import collect, health, retain, tell, triage
from review.filing import file_of
from storage import cases, cursors, lookup, mentions, pauses, queries, rates
from storage.engine import session

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
THREAT = "I will kill the manager of Oakfield House. I know where she lives and I will stab her tonight, just wait."
WORD = "CANARY-7f3a"


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, []) as town:
        yield town


@pytest.fixture
def silent(town):
    """The town as an operator configures it: what a first visit finds is told by digest."""
    town.config.write_text(town.config.read_text().replace('first_run = "tell"\n', ""))
    return town


def opened(house) -> list:
    with session(house.engine, read_only=True) as db:
        return cases.open_(db)


def quiet(house) -> dict:
    with session(house.engine, read_only=True) as db:
        return health.quiet_sources(house, db)


def subjects(town) -> list[str]:
    return [message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"] for path in town.mails]


def test_a_first_visit_tells_nobody_at_once_and_the_digest_of_it(silent) -> None:
    silent.posts = [Post("a", BREACH)]
    house = open_house(silent, Clock(MONDAY))
    run(house)
    (case,) = opened(house)
    assert (case.severity, case.backfill) == (Severity.high, True)
    assert [subject for subject in subjects(silent) if "Digest" not in subject] == []
    assert any("1 open" in subject for subject in subjects(silent))
    house.close()


def test_what_is_critical_is_told_at_once_also_of_a_first_visit(silent) -> None:
    silent.posts = [Post("a", THREAT)]
    house = open_house(silent, Clock(MONDAY))
    run(house)
    assert opened(house)[0].severity is Severity.critical
    assert any("Digest" not in subject for subject in subjects(silent))
    house.close()


def test_what_comes_after_the_first_visit_is_told_at_once(silent) -> None:
    house = open_house(silent, Clock(MONDAY))
    run(house)
    before = len(silent.mails)
    silent.posts = [Post("a", BREACH)]
    house.now.now += HOUR
    run(house)
    assert not opened(house)[0].backfill
    assert len(silent.mails) > before
    house.close()


@pytest.mark.parametrize(("days", "told"), [(1, False), (8, True)])
def test_the_past_that_comes_on_a_later_visit_is_past_for_a_week(silent, days: int, told: bool) -> None:
    house = open_house(silent, Clock(MONDAY))
    run(house)
    house.now.now += days * DAY
    old = replace(mention("old", BREACH, source="town"), posted_at=MONDAY - DAY)
    new = replace(mention("new", HARMLESS, source="town"), posted_at=MONDAY + HOUR)
    collect.keep(house, [collect.Visit(source="town", outcome=Batch(mentions=(old, new)))])
    triage.triage_all(house)
    (case,) = opened(house)
    assert case.backfill is not told
    house.close()


def test_a_mention_records_which_version_of_the_query_caught_it(town) -> None:
    town.posts = [Post("a", HARMLESS)]
    house = open_house(town, Clock(MONDAY))
    collect.collect_all(house, ["town"])
    with session(house.engine, read_only=True) as db:
        (version,) = queries.all_(db)
        assert lookup.caught(db, [1]) == {1: version.version}
    assert house.query is not None
    assert (version.version, version.text) == (house.query.version, '"Oakfield House"')
    house.close()


def pause(house, **changes) -> None:
    values = {"name": "town", "reason": "The site is rebuilt", "until": house.now() + DAY, "by": "jo"}
    with session(house.engine) as db:
        pauses.pause(db, Pause(**{**values, "at": house.now(), **changes}), role="operator")


def test_a_paused_source_is_not_visited_and_every_digest_says_so(town) -> None:
    house = open_house(town, Clock(MONDAY))
    collect.collect_all(house, ["town"])
    pause(house)
    house.now.now += HOUR
    assert collect.due(house) == []
    assert collect.by_hand(house) == []
    text = tell.preview_digest(house, MONDAY.date(), "governance").text
    assert "paused until 03 Mar 12:00: The site is rebuilt" in " ".join(text.split())
    (one,) = health.health(house)
    assert (one.coverage.watch, one.pause is not None) == (Watch.not_watched, True)
    house.now.now += DAY
    assert collect.due(house) == ["town"]
    house.close()


def canary(town) -> None:
    town.config.write_text(town.config.read_text() + f'canary = "{WORD}"\n')


def test_a_canary_comes_out_at_the_end_and_is_no_case(town) -> None:
    canary(town)
    town.posts = [Post("a", f"{BREACH} {WORD}")]
    house = open_house(town, Clock(MONDAY))
    collect.collect_all(house, ["town"])
    with session(house.engine, read_only=True) as db:
        assert cursors.state(db, "town").canary_at is None, "read and kept is not assessed"
    triage.triage_all(house)
    with session(house.engine, read_only=True) as db:
        assert cursors.state(db, "town").canary_at == MONDAY
    assert opened(house) == []
    house.close()


def test_a_canary_that_is_still_there_and_was_assessed_comes_out_again(town) -> None:
    canary(town)
    town.posts = [Post("a", f"Oakfield House says {WORD}")]
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.now.now += DAY
    town.posts.append(Post("b", HARMLESS))
    collect.collect_all(house, ["town"])
    with session(house.engine, read_only=True) as db:
        assert cursors.state(db, "town").canary_at == MONDAY + DAY
    house.close()


def test_a_canary_that_does_not_come_out_is_told_and_is_no_longer_told_once_it_does(town) -> None:
    canary(town)
    house = open_house(town, Clock(MONDAY))
    run(house)
    assert not any("canary" in subject for subject in subjects(town))
    house.now.now += 31 * HOUR
    run(house)
    assert any("canary" in subject for subject in subjects(town))
    (one,) = health.health(house)
    assert (one.canary_late, one.coverage.watch) == (True, Watch.partly)
    town.posts = [Post("c", f"Oakfield House {WORD}")]
    run(house)
    assert not health.health(house)[0].canary_late
    house.close()


def stream(house, weeks: int) -> None:
    """Two new mentions an hour by day, for so many weeks up to now."""
    with session(house.engine) as db:
        cursors.succeeded(db, "town", Batch(), 0, house.now() - weeks * WEEK)
        for hour in range(weeks * 168):
            at = house.now() - weeks * WEEK + hour * HOUR
            if 8 <= at.hour < 20:
                rates.note(db, "town", 2, at)


def test_a_source_that_falls_silent_is_told_in_the_mail_and_in_the_digest(town) -> None:
    house = open_house(town, Clock(MONDAY))
    stream(house, 5)
    run(house)
    assert quiet(house) == {}
    house.now.now += 2 * DAY
    run(house)
    found = quiet(house)["town"]
    assert found.seen == 0
    assert found.expected > 20
    assert any("unusually silent" in subject for subject in subjects(town))
    text = " ".join(tell.preview_digest(house, house.now().date(), "governance").text.split())
    assert "unusually silent: 0 new where about" in text
    house.close()


def test_a_source_whose_silence_is_expected_rings_no_alarm(town) -> None:
    town.config.write_text(town.config.read_text() + "quiet_alarm = false\n")
    house = open_house(town, Clock(MONDAY))
    stream(house, 5)
    house.now.now += 2 * DAY
    assert quiet(house) == {}
    house.close()


def vanish(house, key: str = "a") -> None:
    """The source says that it is gone: a feed cannot, so its batch is made by hand."""
    batch = Batch(cursor=None, deleted=(key,))
    collect.keep(house, [collect.Visit(source="town", outcome=batch)])


def test_what_is_deleted_at_the_source_is_told_and_stands_in_the_digest(town) -> None:
    town.posts = [Post("a", BREACH)]
    house = open_house(town, Clock(MONDAY))
    run(house)
    before = len(town.mails)
    house.now.now += HOUR
    vanish(house)
    tell.tell_all(house)
    (case,) = opened(house)
    assert case.copies[0].deleted_at == MONDAY + HOUR
    assert "Deleted there" in " ".join(subjects(town)[before:])
    text = " ".join(tell.preview_digest(house, MONDAY.date(), "governance").text.split())
    assert "Deleted where it was said, not verified yet (1)" in text
    house.close()


def test_what_was_deleted_and_is_there_again_is_known_again(town) -> None:
    town.posts = [Post("a", BREACH)]
    house = open_house(town, Clock(MONDAY))
    run(house)
    vanish(house)
    town.posts.append(Post("b", HARMLESS))
    house.now.now += HOUR
    collect.collect_all(house, ["town"])
    assert opened(house)[0].copies[0].deleted_at is None
    house.close()


def test_what_is_not_about_us_loses_its_words_after_thirty_days_and_is_known_all_the_same(town) -> None:
    town.posts = [Post("a", "Oakfield cricket club won again."), Post("b", HARMLESS), Post("c", BREACH)]
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.now.now += 30 * DAY
    assert retain.retain_all(house) == 0
    house.now.now += HOUR
    assert retain.retain_all(house) == 1
    assert retain.retain_all(house) == 0
    with session(house.engine, read_only=True) as db:
        kept = [stored.id for piece in lookup.every(db) for stored in piece]
        (gone,) = mentions.read(db, [1])
    assert kept == [2, 3]
    assert (gone.mention.full_text, gone.mention.author) == ("", "")
    collected = collect.collect_all(house, ["town"])
    assert collected[0].new == 0
    house.close()


def test_an_edit_brings_the_words_of_a_forgotten_mention_back_to_be_assessed(town) -> None:
    town.posts = [Post("a", "Oakfield cricket club won again.")]
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.now.now += 31 * DAY
    retain.retain_all(house)
    town.posts = [Post("a", BREACH)]
    run(house)
    (case,) = opened(house)
    with session(house.engine, read_only=True) as db:
        assert [stored.id for piece in lookup.every(db) for stored in piece] == [case.copies[0].mention_id]
    house.close()


def test_a_mention_of_nobodys_source_is_kept_as_found(town) -> None:
    house = open_house(town, Clock(MONDAY))
    collect.keep(house, [collect.Visit(source="gone", outcome=Batch(mentions=(mention("k", HARMLESS),)))])
    with session(house.engine, read_only=True) as db:
        assert len(next(iter(lookup.every(db)))) == 1
    house.close()


def ask(town, query: str) -> None:
    town.config.write_text(
        town.config.read_text().replace("query = '\"Oakfield House\"'", f"query = '{query}'")
    )


def test_what_an_earlier_query_dropped_is_judged_once_the_query_keeps_it(town) -> None:
    town.posts = [Post("a", BREACH.replace("Oakfield House", "the Oakfeild")), Post("b", HARMLESS)]
    house = open_house(town, Clock(MONDAY))
    run(house)
    assert opened(house) == []
    house.close()
    ask(town, '"Oakfield House" OR oakfield~')
    changed = open_house(town, Clock(MONDAY + HOUR))
    triage.triage_all(changed)
    (case,) = opened(changed)
    assert "confidentiality" in case.labels
    triage.triage_all(changed)
    assert len(opened(changed)) == 1
    changed.close()


def test_a_query_that_comes_back_finds_what_the_one_between_dropped(town) -> None:
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.close()
    ask(town, "heron*")
    town.posts = [Post("a", BREACH)]
    between = open_house(town, Clock(MONDAY + HOUR))
    run(between)
    assert opened(between) == []
    between.close()
    text = town.config.read_text().replace("query = 'heron*'", "query = '\"Oakfield House\"'")
    town.config.write_text(text)
    back = open_house(town, Clock(MONDAY + 2 * HOUR))
    triage.triage_all(back)
    assert len(opened(back)) == 1
    back.close()


def test_words_that_are_gone_are_not_judged_again(town) -> None:
    town.posts = [Post("a", "the Oakfeild is a bad place, Maureen Tibbs soiled herself twice")]
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.now.now += 31 * DAY
    assert retain.retain_all(house) == 1
    house.close()
    ask(town, "oakfield~")
    changed = open_house(town, Clock(MONDAY + 32 * DAY))
    assert triage.triage_all(changed).handled == 0
    changed.close()


def test_what_its_source_deleted_loses_its_words_unless_it_is_in_a_case(town) -> None:
    town.posts = [Post("a", BREACH), Post("b", HARMLESS)]
    house = open_house(town, Clock(MONDAY))
    collect.collect_all(house, ["town"])
    collect.keep(house, [collect.Visit(source="town", outcome=Batch(deleted=("a", "b")))])
    assert retain.retain_all(house) == 0, "nothing is forgotten before it was judged"
    triage.triage_all(house)
    assert retain.retain_all(house) == 1
    with session(house.engine, read_only=True) as db:
        words = {one.mention.key: one.mention.full_text for one in mentions.read(db, [1, 2])}
    assert words["b"] == ""
    assert BREACH in words["a"]
    house.close()


def test_a_case_file_tells_what_is_said_alike_elsewhere_and_which_query_caught_it(town) -> None:
    town.posts = [Post("a", BREACH, "nightowl"), Post("b", f"{BREACH} Shocking!", "heron")]
    house = open_house(town, Clock(MONDAY))
    run(house)
    first, second = opened(house)
    with session(house.engine, read_only=True) as db:
        file = file_of(db, first, house.office.books.route, MONDAY)
    mine, theirs = first.copies[0].mention_id, second.copies[0].mention_id
    assert [(one.copy, one.other, one.how) for one in file.related] == [(mine, theirs, "near")]
    assert house.query is not None
    assert file.caught == {mine: house.query.version}
    house.close()
