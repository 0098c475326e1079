"""Which digests go, to whom, and from when each covers."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch import (
    CALENDAR,
    DAY,
    DEP,
    GOV,
    LONDON,
    NOW,
    OPS,
    RULES,
    SAFE,
    TEAMS,
    at,
    keys,
    member,
    roster,
)

from alerts.addresses import fingerprint
from alerts.digest_plan import covers_from, digest_notices, plan_digest
from alerts.moments import due_at, first_working_day, latest_due, next_morning
from alerts.rules import Rules
from core.errors import ConfigError

EVERY = Rules(weekly_roles=("governance",), monthly_roles=("governance", "dpo"))


def digests(sent, now, *, people=None, rules=RULES, **changes):
    return plan_digest(roster(people), rules, CALENDAR, sent=frozenset(sent), now=now, **changes)


def covered(notice, sent, refused=frozenset()):
    return covers_from(notice, RULES, CALENDAR, sent=frozenset(sent), refused=refused)


def by_hand(day, moment, sent=frozenset()):
    return digest_notices(day, ("governance",), roster(), CALENDAR, by_hand_at=moment, sent=frozenset(sent))


def test_the_digest_is_due_from_its_local_hour():
    assert digests(set(), at("2026-11-20T07:29"), since=date(2026, 11, 20)) == []
    notices = digests(set(), at("2026-11-20T07:30"), since=date(2026, 11, 20))
    assert [notice.role for notice in notices] == ["governance", "safeguarding", "operator"]
    assert notices[0].key == f"digest/2026-11-20/governance/{fingerprint(GOV)}"
    assert notices[0].day == date(2026, 11, 20)


def test_before_its_hour_yesterdays_digest_is_due_if_it_never_went():
    early = at("2026-11-20T06:00")
    [notice, *_] = digests(set(), early, since=date(2026, 11, 1))
    assert notice.day == date(2026, 11, 19)
    assert digests(set(), early) == []
    assert digests({"case/1/r1/mail/0"}, early)[0].day == date(2026, 11, 19)


def test_after_days_asleep_only_the_latest_digest_goes_and_covers_all_of_them():
    since = date(2026, 11, 1)
    sent = keys(digests(set(), at("2026-11-16T08:00"), since=since))
    late = digests(sent, at("2026-11-20T10:00"), since=since)
    assert {notice.day for notice in late} == {date(2026, 11, 20)}
    assert "caught up, the last one was of 16 November" in late[0].why
    assert covered(late[0], sent | keys(late)) == at("2026-11-16T07:30")


def test_the_first_digest_covers_from_the_beginning():
    [first, *_] = digests(set(), NOW)
    assert covered(first, set()) is None
    assert "caught up" not in first.why


def test_a_digest_by_hand_takes_nothing_from_the_one_of_the_schedule():
    since, today = date(2026, 11, 1), date(2026, 11, 20)
    sent = keys(digests(set(), at("2026-11-19T08:00"), since=since))
    asked = by_hand(today, at("2026-11-20T06:00"), sent)
    assert [notice.key for notice in asked] == [
        f"digest-by-hand/2026-11-20/20261120T060000.000000Z/governance/{fingerprint(GOV)}"
    ]
    assert asked[0].why == "the digest of 20 November, sent by hand to you as governance"
    assert covered(asked[0], sent) == at("2026-11-19T07:30")
    sent |= keys(asked)
    [scheduled, *_] = digests(sent, at("2026-11-20T07:30"), since=since)
    assert (scheduled.to, scheduled.day) == (GOV, today)
    assert covered(scheduled, sent) == at("2026-11-19T07:30")


def test_a_digest_may_be_sent_by_hand_as_often_as_somebody_asks():
    today, sent = date(2026, 11, 20), set[str]()
    for minute in range(3):
        moment = NOW + timedelta(minutes=minute)
        sent |= keys(by_hand(today, moment, sent))
    assert len(sent) == 3


def test_a_digest_of_a_day_to_come_is_refused():
    with pytest.raises(ConfigError, match="2026-11-21 has not come yet"):
        by_hand(date(2026, 11, 21), NOW)


def test_what_a_refused_digest_would_have_told_is_told_by_the_next_which_says_so():
    since = date(2026, 11, 1)
    arrived = keys(digests(set(), at("2026-11-18T08:00"), since=since))
    refused = keys(digests(arrived, at("2026-11-19T08:00"), since=since))
    sent = arrived | refused
    assert digests(sent, at("2026-11-19T09:00"), since=since, refused=refused) == []
    [after, *_] = digests(sent, at("2026-11-20T08:00"), since=since, refused=refused)
    assert covered(after, sent, refused) == at("2026-11-18T07:30")
    assert "caught up, the last one was of 18 November" in after.why


def test_one_digest_for_an_address_with_several_roles():
    [notice] = digests(set(), NOW, people={"governance": (GOV,)})
    assert notice.role == "governance"
    assert "no address for safeguarding: told governance instead" in notice.why


def test_an_hour_that_the_clock_skips_comes_later_and_one_that_comes_twice_counts_once():
    assert due_at(date(2026, 3, 29), time(1, 30), LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due_at(date(2026, 10, 25), time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(
        datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-01-01"), timezones=st.just(UTC)
    ),
    st.times().map(lambda moment: moment.replace(tzinfo=None)),
    st.sampled_from(
        ["Europe/London", "America/Santiago", "Asia/Beirut", "Pacific/Apia", "Australia/Lord_Howe"]
    ),
)
def test_the_day_due_is_the_one_whose_hour_has_come_and_whose_next_has_not(
    now: datetime, hour: time, zone: str
):
    day = latest_due(now, hour, ZoneInfo(zone))
    assert due_at(day, hour, ZoneInfo(zone)) <= now < due_at(day + timedelta(days=1), hour, ZoneInfo(zone))


@given(st.lists(st.integers(1, 60 * 24 * 3), min_size=1, max_size=30), TEAMS)
def test_however_often_it_runs_no_day_has_two_digests_and_none_is_from_before_the_start(minutes, there):
    now, sent, start = datetime(2026, 3, 26, tzinfo=UTC), set[str](), date(2026, 3, 27)
    for step in minutes:
        now += timedelta(minutes=step)
        notices = plan_digest(there, EVERY, CALENDAR, sent=sent, now=now, since=start)
        told = {(notice.key.split("/")[0], notice.day, fingerprint(notice.to)) for notice in notices}
        assert len(told) == len(notices)
        assert not keys(notices) & sent
        assert all(notice.day is not None and notice.day >= start for notice in notices)
        sent |= keys(notices)
        assert plan_digest(there, EVERY, CALENDAR, sent=sent, now=now, since=start) == []


def test_the_weekly_digest_goes_on_mondays_and_the_monthly_one_on_the_first_working_day():
    # The first of August 2026 is a Saturday, the first Monday of May a bank holiday.
    since, sent, gone = date(2026, 4, 1), set(), []
    for day in range(140):
        notices = plan_digest(
            roster(), EVERY, CALENDAR, sent=sent, now=at("2026-04-01T08:00") + day * DAY, since=since
        )
        gone += [(notice.key.split("/")[:2], notice.day) for notice in notices if notice.kind == "digest"]
        sent |= keys(notices)
    months = [(name, day) for (kind, name), day in gone if kind == "monthly"]
    assert dict(months) == {
        "2026-04": date(2026, 4, 1),
        "2026-05": date(2026, 5, 1),
        "2026-06": date(2026, 6, 1),
        "2026-07": date(2026, 7, 1),
        "2026-08": date(2026, 8, 3),
    }
    weeks = [(name, day) for (kind, name), day in gone if kind == "weekly"]
    assert len(weeks) == 20
    assert {day.weekday() for _, day in weeks} == {0}
    assert ("2026-W21", date(2026, 5, 18)) in weeks


def test_a_weekly_and_a_monthly_digest_cover_from_the_one_before_in_their_own_rhythm():
    since, sent = date(2026, 1, 1), set()
    for moment in ("2026-10-01T08:00", "2026-11-02T08:00", "2026-11-16T08:00"):
        sent |= keys(plan_digest(roster(), EVERY, CALENDAR, sent=sent, now=at(moment), since=since))
    late = plan_digest(roster(), EVERY, CALENDAR, sent=sent, now=at("2026-12-01T09:00"), since=since)
    from_then = {notice.key.split("/")[0]: covered(notice, sent) for notice in late if notice.to == GOV}
    assert from_then == {
        "digest": at("2026-11-16T07:30"),
        "weekly": at("2026-11-16T07:30"),
        "monthly": at("2026-11-02T07:30"),
    }
    [weekly] = [notice for notice in late if notice.key.startswith("weekly/2026-W49/")]
    assert weekly.why == (
        "the weekly digest of 30 November, sent to you as governance; caught up, the last one was of 16 November"
    )


def test_whoever_is_on_leave_gets_no_digest_and_then_one_that_covers_the_whole_absence():
    ada = member("ada", "governance", leave=((date(2026, 11, 17), date(2026, 11, 19)),))
    there, sent = roster({"deputy": (DEP,)}, ada), set()
    rules, told = Rules(digest_roles=("governance",)), []
    for day in (16, 17, 18, 19, 20):
        moment = at(f"2026-11-{day}T08:00")
        [notice] = plan_digest(there, rules, CALENDAR, sent=sent, now=moment, since=date(2026, 11, 16))
        told.append((day, notice.to, covered(notice, sent)))
        sent |= keys([notice])
    assert [to for _, to, _ in told] == [ada.mail, DEP, DEP, DEP, ada.mail]
    assert told[-1][2] == at("2026-11-16T07:30")


def test_a_role_that_changes_during_the_day_brings_no_second_digest():
    since = date(2026, 11, 20)
    sent = keys(digests(set(), at("2026-11-20T08:00"), since=since))
    other = {"deputy": (GOV,), "safeguarding": (SAFE,), "operator": (OPS, GOV)}
    assert digests(sent, at("2026-11-20T09:00"), people=other, since=since) == []


def test_the_morning_after_closed_days_is_the_next_working_one():
    assert next_morning(at("2026-12-24T07:31"), time(7, 30), CALENDAR) == at("2026-12-29T07:30")
    assert next_morning(at("2026-12-24T07:30"), time(7, 30), CALENDAR) == at("2026-12-24T07:30")
    assert first_working_day(date(2027, 1, 31), CALENDAR) == date(2027, 1, 4)
