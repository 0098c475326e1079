"""Alarms that must not ring: of what is paused, was not read, is told already, or comes from before it was watched."""

import pytest
from office_town import Clock, open_house, run
from storage_fixtures import mention
from test_watching import DAY, HOUR, MONDAY, THREAT, WORD, ask, canary, opened, pause, stream, subjects
from town import BREACH, HARMLESS, NAMESAKE, Post, open_town

from core.types import Batch, Severity
from flows import collect, requery, retain, tell, triage
from storage import cases, lookup, mentions, rates, samples
from storage.engine import session


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, []) as town:
        yield town


@pytest.fixture
def house(town):
    made = open_house(town, Clock(MONDAY))
    yield made
    made.close()


def told(town, act) -> list[str]:
    """The subjects of what is told while something is done, but for the digests."""
    before = len(town.mails)
    act()
    return [subject for subject in subjects(town)[before:] if "Digest" not in subject]


def test_of_a_paused_source_nothing_is_told_however_long(town, house) -> None:
    run(house)
    pause(house, until=MONDAY + 10 * DAY)

    def days_pass() -> None:
        for day in range(1, 10):
            house.now.now = MONDAY + day * DAY
            tell.tell_all(house)
        house.now.now = MONDAY + 10 * DAY + HOUR
        tell.tell_all(house)

    assert told(town, days_pass) == []


def test_what_is_forgotten_after_a_pause_is_told(town, house) -> None:
    run(house)
    pause(house, until=MONDAY + 3 * DAY)
    house.now.now = MONDAY + 5 * DAY
    assert told(town, lambda: tell.tell_all(house)) == [
        "[Redshank] Source town has not been visited since 5 March, 12:00"
    ]


def test_a_silence_is_told_once_and_again_each_week(town, house) -> None:
    stream(house, 5)
    run(house)

    def days_pass() -> None:
        for step in range(40):
            house.now.now = MONDAY + 12 * HOUR + step * 6 * HOUR
            run(house)

    subject = "[Redshank] Source town is unusually silent"
    assert told(town, days_pass) == [subject, subject]


def test_a_silence_with_a_trickle_is_told_once_as_well(town, house) -> None:
    stream(house, 5)
    run(house)

    def days_pass() -> None:
        for step in range(24):
            house.now.now = MONDAY + 12 * HOUR + step * 6 * HOUR
            with session(house.engine) as db:
                rates.note(db, "town", int(step % 8 == 0), house.now())
            run(house)

    assert len(told(town, days_pass)) == 1


def test_after_a_pause_a_source_is_not_silent_at_once(town, house) -> None:
    stream(house, 5)
    run(house)
    pause(house, until=MONDAY + 4 * DAY)
    house.now.now = MONDAY + 4 * DAY + HOUR
    assert told(town, lambda: run(house)) == []


def test_after_an_outage_a_source_is_not_silent_at_once(town, house) -> None:
    stream(house, 5)
    run(house)
    town.status = 500
    for hour in range(1, 80):
        house.now.now = MONDAY + hour * HOUR
        collect.collect_all(house, ["town"])
    town.status = 200
    house.now.now += HOUR
    assert told(town, lambda: run(house)) == []


def test_what_nobody_asked_is_not_silent(town, house) -> None:
    stream(house, 5)
    run(house)
    house.now.now += 3 * DAY
    assert not any("silent" in subject for subject in told(town, lambda: tell.tell_all(house)))


def test_a_canary_is_not_late_when_a_pause_ends(town) -> None:
    canary(town)
    town.posts = [Post("c", f"Oakfield House {WORD}")]
    house = open_house(town, Clock(MONDAY))
    run(house)
    town.posts = []
    pause(house, until=MONDAY + 4 * DAY)
    house.now.now = MONDAY + 4 * DAY + HOUR
    assert told(town, lambda: run(house)) == []
    house.now.now += 31 * HOUR
    assert any("canary" in subject for subject in told(town, lambda: run(house)))
    house.close()


def test_a_canary_that_never_came_out_is_not_said_to_have(town) -> None:
    canary(town)
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.now.now += 31 * HOUR
    before = len(town.mails)
    run(house)
    assert "has never come out" in "".join(path.read_text() for path in town.mails[before:]).replace(
        "=\n", ""
    )
    house.close()


def test_the_word_of_a_canary_hides_nothing_critical(town) -> None:
    canary(town)
    town.posts = [Post("a", f"{THREAT} {WORD}")]
    house = open_house(town, Clock(MONDAY))
    run(house)
    assert [case.severity for case in opened(house)] == [Severity.critical]
    house.close()


def test_what_a_first_visit_finds_is_no_spike(town) -> None:
    config = town.config.read_text().replace('first_run = "tell"\n', "")
    town.config.write_text(config)
    town.posts = [Post("o", HARMLESS)]
    house = open_house(town, Clock(MONDAY))
    run(house)
    house.close()
    block = config[config.index("[[sources]]") :].replace('"town"', '"other"')
    town.config.write_text(config + block)
    names = ("Ann", "Bea", "Cath", "Dot", "Eve", "Flo", "Gwen", "Hal")
    town.posts = [Post(name, BREACH.replace("Maureen", name), author=name) for name in names]
    house = open_house(town, Clock(MONDAY + 30 * DAY))
    collect.collect_all(house, ["other"])
    triage.triage_all(house)
    assert len(opened(house)) == len(names)
    assert not any("more than usual" in one for one in told(town, lambda: tell.tell_all(house)))
    house.close()


def test_one_mention_that_breaks_what_settles_it_stops_no_other(town, house, monkeypatch) -> None:
    town.posts = [Post("bad", HARMLESS), Post("c", BREACH)]
    collect.collect_all(house, ["town"])
    settle = mentions.settle

    def breaks(db, stored, verdict, now):
        if stored.mention.key == "bad":
            raise ValueError("Invalid IPv6 URL")
        return settle(db, stored, verdict, now)

    monkeypatch.setattr(mentions, "settle", breaks)
    with pytest.raises(ValueError, match="IPv6"):
        triage.triage_all(house)
    assert len(opened(house)) == 1
    assert triage.triage_all(house).handled == 0
    monkeypatch.undo()
    house.now.now += HOUR
    assert triage.triage_all(house).assessed == 1


def test_what_a_new_query_has_judged_again_does_not_count_as_stuck(town, house) -> None:
    town.posts = [Post("a", NAMESAKE)]
    run(house)
    house.close()
    ask(town, "oakfield")
    changed = open_house(town, Clock(MONDAY + DAY))
    assert requery.follow_query(changed) == 1
    with session(changed.engine, read_only=True) as db:
        assert mentions.counts(db, changed.now()).stuck == 0
        assert mentions.counts(db, changed.now() + 2 * HOUR).stuck == 1
    changed.close()


def test_irrelevant_words_are_kept_for_thirty_days_from_their_last_edit(town, house) -> None:
    town.posts = [Post("a", NAMESAKE)]
    run(house)
    house.now.now += 25 * DAY
    town.posts = [Post("a", f"{NAMESAKE} Again.")]
    run(house)
    house.now.now += 6 * DAY
    assert retain.retain_all(house) == 0
    house.now.now += 25 * DAY
    assert retain.retain_all(house) == 1


def test_irrelevant_words_wait_for_whoever_reads_the_sample(town, house) -> None:
    town.posts = [Post("a", NAMESAKE)]
    run(house)
    with session(house.engine) as db:
        drawn = samples.candidates(db, MONDAY - DAY, MONDAY + DAY)
        samples.write(db, MONDAY.date(), {"all": drawn}, {"all": 1}, house.now())
        (sample,) = samples.drawn(db)
    house.now.now += 40 * DAY
    assert retain.retain_all(house) == 0
    with session(house.engine) as db:
        samples.answer(db, sample.id, (), actor="sal", role="safeguarding", now=house.now())
    assert retain.retain_all(house) == 1


def test_mentions_of_a_broken_address_are_settled(house) -> None:
    for source in ("a", "b"):
        said = (mention("k", f"{HARMLESS} {source}", url="https://[x", source=source),)
        collect.keep(house, [collect.Visit(source=source, outcome=Batch(mentions=said))])
    assert triage.triage_all(house).failed == 0
    with session(house.engine, read_only=True) as db:
        assert all(one.settled for one in lookup.standing(db, [1, 2]).values())
        assert cases.open_(db) == []


def test_a_dropped_mention_that_cannot_be_settled_holds_up_no_other(town, monkeypatch) -> None:
    town.posts = [Post("a", NAMESAKE), Post("b", BREACH)]
    house = open_house(town, Clock(MONDAY))
    collect.collect_all(house, ["town"])
    honest = mentions.settle

    def settle(db, stored, verdict, now):
        if stored.mention.full_text.endswith(NAMESAKE):
            raise ValueError("Maureen")
        return honest(db, stored, verdict, now)

    monkeypatch.setattr(mentions, "settle", settle)
    with pytest.raises(ValueError, match="Maureen"):
        triage.triage_all(house)
    assert len(opened(house)) == 1
    house.close()
