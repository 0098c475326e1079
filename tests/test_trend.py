"""The small picture of the digest: what it shows, what it says in words, how heavy it is."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image

from alerts.trend import DayCounts, _picture, trend_png, trend_words
from alerts.words.palette import LIGHT
from alerts.words.plots import GRAVEST_FIRST, fill, outline
from core.types import Severity

LAST = date(2026, 11, 26)


def days(*totals: int, last: date = LAST) -> list[DayCounts]:
    first = last - timedelta(days=len(totals) - 1)
    return [
        DayCounts(first + timedelta(days=n), {Severity.medium: total} if total else {})
        for n, total in enumerate(totals)
    ]


def test_the_words_give_each_day_of_a_week_and_its_mean():
    assert trend_words(days(3, 5, 2, 0, 4, 4, 4)) == (
        "Flagged posts per day from 20 to 26 November: 3, 5, 2, 0, 4, 4, 4; 26 November: 4 (4 medium), week's mean 3.1"
    )


def test_the_words_of_four_weeks_give_a_number_a_week():
    words = trend_words(days(*([1] * 7 + [2] * 7 + [3] * 7 + [4] * 7)))
    assert "from 30 October to 26 November" in words
    assert (
        "in weeks that end on 5 November, 12 November, 19 November and 26 November: 7, 14, 21, 28;" in words
    )
    assert words.endswith("26 November: 4 (4 medium), week's mean 4.0")


def test_days_that_make_no_whole_weeks_are_counted_from_the_end():
    assert "12 November, 19 November and 26 November: 2, 7, 7;" in trend_words(days(*[1] * 16))


def test_the_last_day_is_told_by_severity_gravest_first():
    one = [DayCounts(LAST, {Severity.low: 2, Severity.critical: 1})]
    assert trend_words(one) == (
        "Flagged posts per day: 3; 26 November: 3 (1 critical, 2 low), week's mean 3.0"
    )


@pytest.mark.parametrize("number", [1, 7, 28])
def test_the_picture_is_small_sharp_and_opaque(number):
    busy = [
        DayCounts(day.day, dict.fromkeys(Severity, 1 + n % 5)) for n, day in enumerate(days(*[1] * number))
    ]
    image = trend_png(busy)
    assert len(image.png) < 20_000
    assert image.cid == f"trend-{number}"
    with Image.open(BytesIO(image.png)) as picture:
        assert picture.size == (1120, 280)
        assert picture.info.keys() <= {"dpi"}
        assert "transparency" not in picture.info
        corner = picture.convert("RGB").getpixel((12, 12))
    ground = tuple(int(LIGHT["card"][at : at + 2], 16) for at in (1, 3, 5))
    assert all(abs(one - other) < 4 for one, other in zip(corner, ground, strict=True))


def test_the_same_days_give_the_same_bytes_and_are_drawn_once(monkeypatch):
    first = trend_png(days(3, 1, 2))
    _picture.cache_clear()
    assert trend_png(days(3, 1, 2)) == first
    monkeypatch.setattr("alerts.trend._draw", lambda _: pytest.fail("drawn again"))
    assert trend_png(days(3, 1, 2)) is trend_png(tuple(days(3, 1, 2)))


def test_other_days_give_another_picture():
    assert trend_png(days(3, 1, 2)).png != trend_png(days(3, 1, 4)).png


def test_days_without_a_post_are_drawn_too():
    image = trend_png(days(0, 0, 0, 0, 0, 0, 0))
    assert "0, 0, 0, 0, 0, 0, 0; 26 November: 0, week's mean 0.0" in image.alt


def test_no_day_is_no_trend():
    with pytest.raises(ValueError, match="at least one day"):
        trend_png([])


def test_a_graver_bar_is_darker_and_every_edge_stands_out():
    """The order must survive a grey printer; 3:1 is what WCAG 1.4.11 asks of a graphical object."""
    shades = [_luminance(fill(level)) for level in GRAVEST_FIRST]
    assert shades == sorted(shades)
    for level in GRAVEST_FIRST:
        assert (_luminance(LIGHT["card"]) + 0.05) / (_luminance(outline(level)) + 0.05) >= 3


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
