"""Working time: bank holidays, changes of the clocks, and sums that agree with one another."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hours import Hours
from core.worktime import Allowance, Calendar, bank_holidays

LONDON = ZoneInfo("Europe/London")
ENGLAND = bank_holidays("England")
WEEK = "Mon-Fri 08:00-18:00"


def calendar(hours=WEEK, holidays=ENGLAND, zone=LONDON):
    return Calendar(Hours.parse(hours), zone, holidays)


def london(text):
    """A moment of UTC by the clock in London: "2026-12-24 17:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def hours(number):
    return timedelta(hours=number)


def due(text, start, **more):
    return Allowance.parse(text).due(london(start), calendar(**more))


def test_christmas_2026_is_kept_and_boxing_day_on_the_monday_after():
    assert all(date(2026, 12, day) in ENGLAND for day in (25, 26, 28))
    assert date(2026, 12, 29) not in ENGLAND
    assert calendar().add(london("2026-12-24 17:00"), hours(2)) == london("2026-12-29 09:00")


def test_each_nation_keeps_its_own_days():
    assert date(2026, 1, 2) in bank_holidays("Scotland")
    assert date(2026, 1, 2) not in ENGLAND
    assert date(2026, 3, 17) in bank_holidays("Northern Ireland")
    assert date(2026, 4, 6) in bank_holidays("Wales")
    assert date(2026, 4, 6) not in bank_holidays("Scotland")
    with pytest.raises(ValueError, match="known are England"):
        bank_holidays("Cornwall")


def test_the_houses_own_closing_days_stand_beside_the_bank_holidays():
    days = bank_holidays("England", [date(2026, 12, 29)])
    assert date(2026, 12, 29) in days
    assert date(2026, 12, 25) in days
    assert date(2026, 12, 29) not in bank_holidays("England")


def test_a_holiday_has_no_openings_and_always_has_no_holidays():
    christmas = london("2026-12-25 12:00")
    assert not calendar().open_at(christmas)
    assert calendar().next_open(christmas) == london("2026-12-29 08:00")
    assert calendar("always").open_at(christmas)
    assert calendar("always").next_open(christmas) == christmas


def test_a_night_belongs_to_the_day_on_which_it_begins():
    nights = calendar("Mon-Sun 20:00-08:00")
    assert nights.open_at(london("2026-12-25 07:00"))
    assert not nights.open_at(london("2026-12-25 21:00"))
    assert not nights.open_at(london("2026-12-26 07:00"))


def test_opening_counts_and_closing_does_not():
    assert calendar().open_at(london("2026-11-02 08:00"))
    assert not calendar().open_at(london("2026-11-02 18:00"))
    assert calendar().next_open(london("2026-11-06 18:00")) == london("2026-11-09 08:00")


@pytest.mark.parametrize(
    ("friday", "monday"), [("2026-03-27 17:00", "2026-03-30 09:00"), ("2026-10-23 17:00", "2026-10-26 09:00")]
)
def test_working_hours_skip_the_weekend_on_which_the_clocks_change(friday, monday):
    assert calendar().add(london(friday), hours(2)) == london(monday)
    assert calendar().between(london(friday), london(monday)) == hours(2)


def test_an_hour_is_an_hour_in_the_night_on_which_the_clocks_change():
    night = calendar("Sat 22:00-06:00")
    spring, autumn = london("2026-03-28 22:00"), london("2026-10-24 22:00")
    assert night.between(spring, spring + hours(24)) == hours(7)
    assert night.between(autumn, autumn + hours(24)) == hours(9)
    assert night.add(spring, hours(4)) == london("2026-03-29 03:00")
    assert night.add(autumn, hours(4)) == datetime(2026, 10, 25, 1, tzinfo=UTC)


def test_hours_in_the_hour_that_comes_twice_are_open_both_times():
    early = calendar("Sun 01:00-01:30")
    assert early.between(london("2026-10-25 00:00"), london("2026-10-25 03:00")) == hours(1.5)


def test_hours_in_the_hour_that_is_skipped_are_not_lost():
    early = calendar("Sun 01:15-01:45,02:00-03:00")
    assert early.between(london("2026-03-29 00:00"), london("2026-03-29 12:00")) == hours(1)
    assert calendar("Sun 01:15-01:45").add(london("2026-03-29 00:00"), timedelta(minutes=30)) == datetime(
        2026, 3, 29, 1, 45, tzinfo=UTC
    )


def test_a_calendar_that_never_opens_says_so():
    class EveryDay:
        def __contains__(self, day):
            return True

    with pytest.raises(ValueError, match="closed for"):
        calendar(holidays=EveryDay()).next_open(london("2026-01-01 00:00"))
    with pytest.raises(ValueError, match="taken away"):
        calendar().add(london("2026-01-01 00:00"), hours(-1))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1h clock", "2026-12-25 23:30", "2026-12-26 00:30"),
        ("72h clock", "2026-03-28 12:00", "2026-03-31 13:00"),
        ("30 days", "2026-11-02 12:00", "2026-12-02 12:00"),
        ("15m", "2026-11-01 03:00", "2026-11-01 03:15"),
        ("4 working hours", "2026-11-06 16:00", "2026-11-09 10:00"),
        ("4 working hours", "2026-11-06 20:00", "2026-11-09 12:00"),
        ("1 working day", "2026-12-24 17:00", "2026-12-29 17:00"),
        ("2 working days", "2026-11-06 10:30", "2026-11-10 10:30"),
        ("2 working days", "2026-11-06 21:00", "2026-11-11 08:00"),
        ("1 working day", "2026-03-27 10:00", "2026-03-30 10:00"),
        ("1 working day", "2026-10-23 10:00", "2026-10-26 10:00"),
        ("same day", "2026-11-06 09:00", "2026-11-06 18:00"),
        ("same day", "2026-11-06 18:00", "2026-11-09 18:00"),
    ],
)
def test_an_allowance_is_due_when_it_has_run_out(text, start, end):
    assert due(text, start) == london(end)


def test_a_working_day_that_ends_earlier_is_due_by_its_closing():
    shorter = "Mon-Fri 08:00-18:00; Sat 09:00-13:00"
    assert due("1 working day", "2026-11-06 16:00", hours=shorter) == london("2026-11-07 13:00")
    assert due("1 working day", "2026-11-06 08:30", hours=shorter) == london("2026-11-07 09:00")


def test_a_night_shift_is_one_working_day():
    assert due("1 working day", "2026-11-03 03:00", hours="Mon-Fri 20:00-08:00") == london("2026-11-04 03:00")


@pytest.mark.parametrize(
    ("text", "half", "most"),
    [
        ("10h clock", "2026-11-06 22:00", "2026-11-07 01:00"),
        ("10 working hours", "2026-11-09 12:00", "2026-11-09 15:00"),
        ("1 working day", "2026-11-09 12:00", "2026-11-09 15:00"),
        ("2 working days", "2026-11-09 17:00", "2026-11-10 13:00"),
    ],
)
def test_a_part_of_an_allowance_counts_as_the_whole_does(text, half, most):
    allowance, start = Allowance.parse(text), london("2026-11-06 17:00")
    assert allowance.part(start, calendar(), 0.5) == london(half)
    assert allowance.part(start, calendar(), 0.8) == london(most)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("soon", "is no allowance"),
        ("", "is no allowance"),
        ("-1h clock", "is no allowance"),
        ("0h clock", "is nothing"),
        ("9999 days", "longer than ten years"),
        ("4 working hours clock", "two ways"),
        ("4 workinghours", "is no allowance"),
    ],
)
def test_a_wrong_allowance_is_refused_with_what_is_wrong(text, problem):
    with pytest.raises(ValueError, match=problem):
        Allowance.parse(text)


ALLOWANCES = st.builds(
    "{} {}".format,
    st.integers(1, 300),
    st.sampled_from(["h clock", "m", "days", "working hours", "working days", "working m"]),
).map(Allowance.parse) | st.just(Allowance.parse("same day"))


@given(ALLOWANCES)
def test_an_allowance_reads_back_as_it_is_written(allowance):
    assert Allowance.parse(str(allowance)) == allowance


CALENDARS = st.sampled_from(
    [
        calendar(),
        calendar("Mon-Fri 09:00-12:00,13:00-17:30; Sat 10:00-12:00"),
        calendar("Mon-Sun 20:00-08:00", frozenset()),
        calendar("Fri 22:00-02:30; Sun 00:30-01:30,01:45-04:00"),
        calendar("always"),
        calendar("Mon-Thu 08:00-18:00", frozenset(), ZoneInfo("America/Havana")),
        calendar("Sat,Sun 01:00-24:00", frozenset(), ZoneInfo("Australia/Lord_Howe")),
    ]
)
# Around the changes of the clocks and Christmas, and any time.
MOMENTS = st.one_of(
    *(
        st.timedeltas(timedelta(days=-3), timedelta(days=3)).map(lambda far, day=day: day + far)
        for day in (london("2026-03-29 01:00"), london("2026-10-25 01:00"), london("2026-12-26 00:00"))
    ),
    st.timedeltas(timedelta(), timedelta(days=2000)).map(lambda far: london("2024-01-01 00:00") + far),
)
AMOUNTS = st.timedeltas(timedelta(), timedelta(days=12))


@given(CALENDARS, MOMENTS, AMOUNTS)
def test_what_was_added_lies_between(days, start, amount):
    assert days.between(start, days.add(start, amount)) == amount


@given(CALENDARS, MOMENTS, AMOUNTS, AMOUNTS)
def test_adding_twice_is_adding_the_sum(days, start, first, second):
    assert days.add(days.add(start, first), second) == days.add(start, first + second)


@given(CALENDARS, MOMENTS, MOMENTS, AMOUNTS, AMOUNTS)
def test_more_time_and_a_later_start_never_end_earlier(days, one, other, less, more):
    (one, other), (less, more) = sorted((one, other)), sorted((less, more))
    assert one <= days.add(one, less) <= days.add(one, more)
    assert days.add(one, less) <= days.add(other, less)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_time_between_adds_up_and_is_never_more_than_passed(days, one, middle, other):
    assert days.between(one, middle) + days.between(middle, other) == days.between(one, other)
    assert abs(days.between(one, other)) <= abs(other - one)


@given(CALENDARS, MOMENTS)
def test_the_next_opening_is_open_with_no_work_before_it(days, moment):
    opening = days.next_open(moment)
    assert days.open_at(opening)
    assert (opening == moment) == days.open_at(moment)
    assert days.between(moment, opening) == timedelta()


@given(CALENDARS, MOMENTS)
def test_a_calendar_is_open_when_its_hours_are_by_the_clock_on_the_wall(days, moment):
    local = moment.astimezone(days.zone)
    if moment.month in (3, 4, 10, 11) or local.date() in days.holidays:
        return  # nights on which the clocks change and nights of holidays have tests of their own
    if (local - timedelta(days=1)).date() not in days.holidays:
        assert days.open_at(moment) == (days.hours.open_at(local))


@given(CALENDARS, MOMENTS, MOMENTS, ALLOWANCES)
def test_a_later_start_is_never_due_earlier_and_parts_come_before_the_whole(days, one, other, allowance):
    one, other = sorted((one, other))
    end = allowance.due(one, days)
    assert end <= allowance.due(other, days)
    assert one <= allowance.part(one, days, 0.5) <= allowance.part(one, days, 0.8) <= end
