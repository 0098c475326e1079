"""Hours of the week as people write them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hours import DAYS, Hours

MONDAY = datetime.fromisoformat("2026-11-02")


def at(day, clock):
    hour, minute = map(int, clock.split(":"))
    return MONDAY + timedelta(days=DAYS.index(day), hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("text", "open_", "closed"),
    [
        (
            "Mon-Fri 08:00-18:00; Sat 09:00-13:00",
            ["Mon 08:00", "Fri 17:59", "Sat 09:00"],
            ["Mon 07:59", "Fri 18:00", "Sat 13:00", "Sun 10:00"],
        ),
        ("Mon,Wed 9:00-12:00", ["Mon 09:00", "Wed 11:59"], ["Tue 10:00", "Wed 12:00"]),
        (
            "Mon, Thursday 09:00-12:00, 13:00-17:00;",
            ["Thu 13:00", "Mon 09:00"],
            ["Thu 12:30", "Thu 17:00"],
        ),
        (
            "Mon-Fri 18:00-08:00",
            ["Mon 18:00", "Tue 07:59", "Sat 07:59"],
            ["Mon 07:00", "Sat 18:00", "Tue 08:00"],
        ),
        ("Sun 22:00-06:00", ["Sun 23:00", "Mon 05:59"], ["Mon 06:00", "Sun 05:00"]),
        ("Fri-Mon 10:00-11:00", ["Fri 10:00", "Sun 10:30", "Mon 10:59"], ["Tue 10:00", "Thu 10:00"]),
        ("mon–fri 08:00–24:00", ["Fri 23:59"], ["Sat 00:00"]),
        ("Always", ["Sun 00:00", "Wed 03:17"], []),
    ],
)
def test_hours_are_open_when_they_say(text, open_, closed):
    hours = Hours.parse(text)
    assert [moment for moment in open_ if not hours.open_at(at(*moment.split()))] == []
    assert [moment for moment in closed if hours.open_at(at(*moment.split()))] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no hours"),
        (" ; ", "no hours"),
        ("Mon-Fri", "gives no time"),
        ("08:00-18:00", "gives no day"),
        ("Mon-Fry 08:00-18:00", '"Fry" is no day'),
        ("M 08:00-18:00", '"M" is no day'),
        ("Mon 08:00", "no span of time"),
        ("Mon 08.00-18.00", '"08.00" is no time of day'),
        ("Mon 08:60-18:00", '"08:60" is no time of day'),
        ("Mon 08:00-24:01", '"24:01" is no time of day'),
        ("Mon 08:00-08:00", "opens and closes at once"),
        ("Mon 24:00-08:00", "opens at 24:00"),
        ("always; Mon 08:00-09:00", "gives no time"),
        ("Mon 08:00-09:00-10:00", "is no time of day"),
    ],
)
def test_wrong_hours_are_refused_with_what_is_wrong(text, problem):
    with pytest.raises(ValueError, match=problem):
        Hours.parse(text)


def test_a_whole_week_written_out_is_always():
    assert Hours.parse("Mon-Sun 00:00-24:00") == Hours.parse("always")
    assert Hours.parse("Mon-Sun 00:00-12:00; Mon-Sun 12:00-24:00").always
    assert not Hours.parse("Mon-Sun 00:00-23:59").always


@given(st.text(alphabet="MonTueWdSatSu-,;: 0123459", max_size=40))
def test_any_text_gives_hours_or_a_reason(text):
    try:
        hours = Hours.parse(text)
    except ValueError:
        return
    assert any(hours.of(day) for day in range(7))


minutes = st.integers(0, 24 * 60 - 1)


@given(st.integers(0, 6), minutes, minutes, st.integers(0, 7 * 24 * 60 - 1))
def test_one_span_is_open_for_its_length_and_at_no_other_time(day, opens, closes, minute):
    if opens == closes:
        return
    text = f"{DAYS[day]} {opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
    since = (minute - day * 24 * 60 - opens) % (7 * 24 * 60)
    length = (closes - opens) % (24 * 60)
    assert Hours.parse(text).open_at(MONDAY + timedelta(minutes=minute)) == (since < length)
