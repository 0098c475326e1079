"""The proof of completeness: drawn once a week, read by a person, and an estimate that counts what was dismissed."""

from datetime import date, datetime, timedelta

import pytest
from office_town import Clock, body, mails_to, open_house, raise_case, run, staff
from sqlalchemy import text
from storage_fixtures import HARMLESS, HOUR, an_assessment, mention, verdict
from town import Post, open_town

from classifiers.recall import DROPPED, FAR, NEAR
from core.errors import RedshankError
from core.types import Verdict
from flows import sampling
from flows.spiking import hourly, piles
from flows.triage import NOT_OURS
from policies.moves import Facts
from review.desk import Desk, Who
from storage import audit, mentions, samples
from storage.engine import session

MONDAY = date(2026, 3, 2)
# The Tuesday after.
TUESDAY = datetime.fromisoformat("2026-03-10T09:00+00:00")
GALE = Who("gale-sorrel", "governance")


@pytest.fixture
def clock():
    return Clock(TUESDAY)


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("x", "Nothing of ours.")]) as town:
        staff(town, "[sampling]\neach_week = 10\n")
        yield town


@pytest.fixture
def house(town, clock):
    house = open_house(town, clock)
    yield house
    house.close()


def left_alone(house, *keys: str, score: float = 0.0, judged: Verdict = HARMLESS, at=None) -> None:
    """Mentions that were read and not flagged."""
    at = at or datetime.fromisoformat("2026-03-04T12:00+00:00")
    with session(house.engine) as db:
        for key in keys:
            (id_,) = mentions.add_new(db, [mention(key, f"words of {key}")], at)
            (stored,) = mentions.read(db, [id_])
            if judged is HARMLESS:
                mentions.record_assessment(db, stored, an_assessment(scores={"threat": score}), at)
            mentions.settle(db, stored, judged, at)


def drawn(house):
    with session(house.engine, read_only=True) as db:
        return samples.drawn(db)


def answer(house, *labels: str, only: int | None = None) -> None:
    with session(house.engine) as db:
        for one in samples.drawn(db)[:only]:
            samples.answer(db, one.id, labels, actor="sal", role="safeguarding", now=house.now())


def estimate(house):
    return sampling.recall(house, date(2000, 1, 3), date(3000, 1, 6))


def many(prefix: str, number: int) -> list[str]:
    return [f"{prefix}-{n}" for n in range(number)]


@pytest.mark.parametrize(
    ("today", "week"),
    [("2026-03-08", "2026-02-23"), ("2026-03-09", "2026-03-02"), ("2026-03-15", "2026-03-02")],
)
def test_the_last_full_week_is_over(today, week):
    assert sampling.last_full_week(date.fromisoformat(today)).isoformat() == week


def test_a_week_begins_and_ends_at_local_midnight_also_when_the_clocks_change(house):
    since, until = sampling.bounds(house, date(2026, 3, 23), date(2026, 3, 30))
    assert (since.isoformat(), until.isoformat()) == (
        "2026-03-23T00:00:00+00:00",
        "2026-03-29T23:00:00+00:00",
    )


def test_a_week_is_drawn_once_and_from_every_stratum(house):
    left_alone(house, *many("near", 12), score=0.4)
    left_alone(house, *many("far", 12))
    left_alone(house, *many("dropped", 12), judged=NOT_OURS)
    assert sampling.draw_week(house) == 10
    first = drawn(house)
    assert {(one.stratum, one.stratum_size) for one in first} == {(NEAR, 12), (FAR, 12), (DROPPED, 12)}
    assert [sum(one.stratum == name for one in first) for name in (NEAR, FAR, DROPPED)] == [5, 3, 2]
    assert {one.week for one in first} == {MONDAY}
    left_alone(house, "late")
    assert sampling.draw_week(house) == 0
    assert drawn(house) == first


def test_only_the_week_itself_is_drawn_from(house):
    left_alone(house, "before", at=datetime.fromisoformat("2026-03-01T23:59+00:00"))
    left_alone(house, "first", at=datetime.fromisoformat("2026-03-02T00:00+00:00"))
    left_alone(house, "after", at=datetime.fromisoformat("2026-03-09T00:00+00:00"))
    assert sampling.draw_week(house) == 1


def test_a_week_that_is_not_over_is_not_drawn_by_halves(house, clock):
    left_alone(house, "early", at=clock.now - HOUR)
    with pytest.raises(RedshankError, match="9 March 2026 is not over"):
        sampling.draw_week(house, date(2026, 3, 9))
    assert drawn(house) == []
    clock.now += timedelta(days=7)
    assert sampling.draw_week(house, date(2026, 3, 9)) == 1


def test_none_is_drawn_where_nobody_wants_to_read(town, clock):
    town.config.write_text(town.config.read_text().replace("each_week = 10", "each_week = 0"))
    house = open_house(town, clock)
    left_alone(house, "a")
    assert sampling.draw_week(house) == 0
    house.close()


def test_the_digest_says_how_many_samples_wait(house, town):
    left_alone(house, *many("far", 3))
    sampling.draw_week(house)
    answer(house, only=1)
    run(house)
    digest = " ".join(body(mails_to(town, "sal", "Digest")[0]).split())
    assert "2 posts not flagged wait to be read" in digest


def test_there_is_an_estimate_only_once_a_week_is_answered_in_full(house):
    raise_case(house, "found")
    left_alone(house, *many("far", 5))
    sampling.draw_week(house)
    answer(house, only=4)
    assert estimate(house) is None
    answer(house)
    # The case was found in another week: of this one nothing was flagged and nothing missed.
    assert estimate(house) is None


def flagged(house, clock, number: int) -> list:
    """Cases found in the sampled week."""
    now, clock.now = clock.now, datetime.fromisoformat("2026-03-04T12:00+00:00")
    found = [raise_case(house, f"case-{n}") for n in range(number)]
    clock.now = now
    return found


def test_nothing_missed_leaves_the_interval_honestly_wide(house, clock):
    flagged(house, clock, 4)
    left_alone(house, *many("far", 40))
    sampling.draw_week(house)
    answer(house)
    found = estimate(house)
    assert (found.estimate, found.high, found.missed, found.read) == (1.0, 1.0, 0.0, 10)
    assert found.low < 0.8


def test_what_was_missed_is_reckoned_up_to_the_whole_stratum(house, clock):
    flagged(house, clock, 4)
    left_alone(house, *many("far", 40))
    sampling.draw_week(house)
    answer(house)
    answer(house, "threat", only=1)
    found = estimate(house)
    assert found.missed == pytest.approx(4)
    assert found.low < found.estimate < found.high


def test_what_was_dismissed_was_not_rightly_flagged(house, clock):
    cases = flagged(house, clock, 4)
    left_alone(house, *many("far", 10))
    sampling.draw_week(house)
    answer(house)
    answer(house, "threat", only=1)
    before = estimate(house)
    desk = Desk(house.engine, house.office.books.route, now=house.now, members=house.office.members)
    for case in cases[:2]:
        desk.take(case.id, "dismiss", GALE, "r", Facts(outcome="no_ground"))
    for case in cases[2:]:
        desk.take(case.id, "review", GALE, "r")
        facts = Facts(
            ours=True, known=False, own_breach=False, standing="affected_person", balance="none",
            decision="monitor_only", upheld=("privacy",),
        )  # fmt: skip
        desk.take(case.id, "decide", GALE, "r", facts)
    found = estimate(house)
    assert found.estimate == pytest.approx(2 / 3), "two were rightly flagged, one was missed"
    assert found.estimate < 4 / 5
    assert before is not None


def test_the_texts_of_samples_open_to_who_reads_them_on_record_and_never_what_is_sealed(house):
    left_alone(house, "a")
    sampling.draw_week(house)
    (one,) = drawn(house)
    sal = {"actor": "sal-thrift", "role": "safeguarding"}
    assert sampling.texts(house, {one.id}, **sal) == {one.id: "words of a"}
    with pytest.raises(RedshankError, match="role hr reads no samples"):
        sampling.texts(house, {one.id}, actor="hari-moss", role="hr")
    with session(house.engine) as db:
        db.connection().execute(text("UPDATE mention SET sealed = TRUE"))
    assert sampling.texts(house, {one.id}, **sal) == {}
    assert sampling.texts(house, set(), **sal) == {}
    with session(house.engine, read_only=True) as db:
        told = [entry.details for entry in audit.entries(db) if entry.action == "read samples"]
    assert told == [{"samples": [one.id]}]


def test_the_version_that_was_drawn_is_read_and_what_became_a_case_or_sealed_is_withheld(house):
    left_alone(house, "a", "b", "c")
    sampling.draw_week(house)
    a, b, c = sorted(drawn(house), key=lambda one: one.mention_id)
    with session(house.engine) as db:
        mentions.add_new(db, [mention("a", "edited since")], house.now())
        (id_,) = mentions.add_new(db, [mention("b", "Maureen in room 4 was beaten")], house.now())
        (stored,) = mentions.read(db, [id_])
        case = mentions.settle(db, stored, verdict(guards=("speak_up",)), house.now())
        db.connection().execute(text("UPDATE mention SET sealed = TRUE WHERE id = :id"), {"id": c.mention_id})
    assert case is not None
    found = sampling.texts(house, {a.id, b.id, c.id}, actor="sal-thrift", role="safeguarding")
    assert found == {a.id: "words of a"}
    said = {one.id: sampling.withheld(one) for one in drawn(house)}
    assert said[a.id] == ""
    assert f"part of case {case.id}" in said[b.id]
    assert "sealed" in said[c.id]


def test_the_flow_draws_with_its_own_house(house, town, prefect_database, monkeypatch):
    monkeypatch.setattr("flows.sampling.wiring.house", lambda _config: house)
    left_alone(house, "a", "b")
    assert sampling.sample(str(town.config)) == {"drawn": 2}
    assert sampling.sample(str(town.config)) == {"drawn": 0}


def test_spikes_are_looked_for_in_the_hours_since_the_first_mention_alone(house, clock):
    with session(house.engine, read_only=True) as db:
        assert hourly(db, clock.now) == {}
        assert piles(db, clock.now) == []
    raise_case(house, "1")
    with session(house.engine, read_only=True) as db:
        assert sum(hourly(db, clock.now)["flagged items"]) == 0
    clock.now += HOUR / 2
    raise_case(house, "2")
    raise_case(house, "3")
    clock.now += HOUR / 4
    with session(house.engine, read_only=True) as db:
        assert hourly(db, clock.now) == {"flagged items": [3]}
    clock.now += 2 * HOUR
    left_alone(house, "x", at=clock.now)
    with session(house.engine, read_only=True) as db:
        assert hourly(db, clock.now) == {"flagged items": [3, 0, 0]}
