"""Spikes: far more is flagged than chance would bring, or a pile-on is under way. Numbers only. Pure.

The count of the last hour and of the last day are each compared with the 28 days before: if so many or more came
by chance (Poisson) less often than once in ten thousand times, somebody is told, once a day for each kind.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy.stats import poisson

from alerts.addresses import fingerprint
from alerts.roster import MAIL, Roster, first_for_each
from alerts.words.phrases import count, one_line
from core.telling import Notice, Occasion

DAY, DAYS = 24, 28
HISTORY = DAY * (DAYS + 1)
FEWEST, CHANCE = 5, 1e-4
# A week of history at the least; with fewer than one item a day, days of the week cannot be told apart.
ENOUGH, DAILY = 7 * DAY, DAYS
ROLES = ("governance", "comms", "safeguarding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """So many came within ``hours``, where ``expected`` were to be expected; ``chance`` is how often that happens."""

    hours: int
    number: int
    expected: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PileOn:
    """So many mentions against one target, or of one case, within ``hours``; ``slug`` tells the target apart."""

    slug: str
    number: int
    hours: int
    case_id: int | None = None


def spike(hourly: Sequence[int]) -> Spike | None:
    """The less likely of the last hour and the last day, where it is an alarm; None where all is as usual.

    ``hourly`` are counts, the oldest first; the last is that of the hour up to now, 29 days make 696. What is
    missing at the beginning is taken as not known: with less than a week before the window there is no alarm.
    """
    counts = np.asarray(hourly[-HISTORY:], dtype=float)
    found = [_window(counts, hours) for hours in (1, DAY)]
    return min((one for one in found if one), key=lambda one: one.chance, default=None)


def plan_spikes(
    hourly: Mapping[str, Sequence[int]],
    piles: Sequence[PileOn] = (),
    *,
    roster: Roster,
    sent: Set[str],
    now: datetime,
) -> list[Notice]:
    """A notice for each kind that spikes and each pile-on, at most one of each a local day, for each address.

    ``hourly`` holds the counts of each kind ("flagged items"), which is shown in the message.
    """
    alarms = [
        (fingerprint(kind), _spike_words(kind, one)) for kind, of in hourly.items() if (one := spike(of))
    ]
    alarms += [(fingerprint(f"pile-on {pile.slug}"), _pile_words(pile)) for pile in piles]
    day = now.astimezone(roster.zone).date()
    notices = []
    for slug, words in alarms:
        start = f"spike/{slug}/{day.isoformat()}/"
        if any(key.startswith(start) for key in sent):
            continue
        for role, member, note in first_for_each((role, roster.everybody(role, now)) for role in ROLES):
            key = start + fingerprint(member.mail)
            notices.append(
                Notice(
                    key=key,
                    kind="fault",
                    role=role,
                    to=member.mail,
                    channel=MAIL,
                    why="\n".join(part for part in (words, note) if part),
                    occasions=(Occasion(key=key),),
                    day=day,
                )
            )
    return notices


def _window(counts: np.ndarray[tuple[int], np.dtype[np.float64]], hours: int) -> Spike | None:
    number, before = int(counts[-hours:].sum()), counts[:-hours]
    if number < FEWEST or len(before) < ENOUGH:
        return None
    mean = before.mean() * hours
    if before.sum() >= DAILY:
        mean = max(mean, _like(before, hours))
    if number <= mean:
        return None
    chance = float(poisson.sf(number - 1, mean))
    return Spike(hours=hours, number=number, expected=float(mean), chance=chance) if chance < CHANCE else None


def _like(before: np.ndarray[tuple[int], np.dtype[np.float64]], hours: int) -> float:
    """What the same hours of the day (one more on each side), or the same days of the week, brought on average."""
    if hours == DAY:
        starts = (len(before) - 7 * DAY * week for week in range(1, DAYS // 7 + 1))
        like = [before[start : start + DAY].sum() for start in starts if start >= 0]
    else:
        places = (len(before) - DAY * day + shift for day in range(1, DAYS + 1) for shift in (-1, 0, 1))
        like = [before[place] for place in places if 0 <= place < len(before)]
    return float(np.mean(like)) if like else 0.0


def _spike_words(kind: str, found: Spike) -> str:
    window = "hour" if found.hours == 1 else f"{found.hours} hours"
    return (
        f"Far more than usual: {found.number} {one_line(kind, 60)} in the last {window}\n"
        f"{found.expected:.1f} were to be expected from the 28 days before. See what they have in common."
    )


def _pile_words(pile: PileOn) -> str:
    about = f"case {pile.case_id}" if pile.case_id is not None else "one target"
    return (
        f"A pile-on may be under way: {count(pile.number, 'mention')} about {about} in {count(pile.hours, 'hour')}\n"
        "Whoever they are aimed at may need help now: see the cases, and who can stand by them."
    )
