"""What must be gathered before a month can be reported: plain values, no names of people, no words of a post."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.types import Severity
from core.work import Silence, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVolume:
    """One local day: mentions ``read``, those ``about_us``, those ``unread`` that the machine made nothing of.

    ``flagged`` counts the mentions, not the cases, that a policy flagged, by severity.
    """

    day: date
    read: int = 0
    about_us: int = 0
    unread: int = 0
    flagged: Mapping[Severity, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A stretch in which a source was not watched; ``kind`` is why in a few words, ``until`` None while it lasts."""

    since: datetime
    until: datetime | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMonth:
    """One source over the month: ``since`` is its first visit ever, None if it was never visited."""

    name: str
    since: datetime | None
    outages: tuple[Outage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What became of the messages planned in the month.

    ``late`` ones, a part of those sent, went more than an hour after they were planned. ``bounced`` ones were
    sent and came back. ``waiting`` ones have not gone yet.
    """

    sent: int = 0
    late: int = 0
    refused: int = 0
    bounced: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How much of what should be flagged is flagged: shares from 0 to 1, and the 95 % interval's ends.

    It rests on ``sampled`` unflagged mentions that a person read; ``missed`` is how many mentions in all, those
    not read among them, should have been flagged by that estimate.
    """

    estimate: float
    low: float
    high: float
    sampled: int
    missed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """Something that the auditor's pass found, in a sentence that names nobody, and how often."""

    what: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The month before in four numbers, to compare with; ``on_time`` is a share from 0 to 1, None without clocks."""

    read: int
    about_us: int
    flagged: int
    cases: int
    on_time: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFacts:
    """All that the report of a month is made from.

    ``month`` is the month's first day. A day is a local one in ``zone``. ``generated_at`` (UTC) is now: while
    the month runs the report covers it so far, and clocks are judged at that moment.

    ``situations`` holds every case that was open at any moment of the month: found before its end, and not
    closed before its start. Each comes with its work and its clocks, met or not. ``removal_asked`` are the
    numbers of the cases on which a request to remove something was ever sent. ``days`` holds the days on which
    anything came in; others count as empty. ``paraphrases`` gives each clause of the pack in its own words.

    ``silences`` are those in force at any moment of the month, ``silenced`` how many cases one of them kept
    from being told at once (None: not counted). ``sources`` are all that were configured in the month.
    ``recall`` is None while too few unflagged mentions were read by a person, ``before`` while there is no
    earlier month. ``unknown`` says in sentences what could not be gathered, so that no number is taken for more
    than it is.
    """

    month: date
    organisation: str
    generated_at: datetime
    zone: ZoneInfo
    days: tuple[DayVolume, ...] = ()
    situations: tuple[Situation, ...] = ()
    removal_asked: frozenset[int] = frozenset()
    paraphrases: Mapping[str, str] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    silenced: int | None = None
    recall: Recall | None = None
    sources: tuple[SourceMonth, ...] = ()
    messages: Messages = Messages()
    audit: tuple[AuditFinding, ...] = ()
    before: Totals | None = None
    unknown: tuple[str, ...] = ()

    @property
    def starts_at(self) -> datetime:
        """The first moment of the month in the organisation's zone."""
        return _midnight(self.month, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the month."""
        return _midnight(month_after(self.month), self.zone)

    @property
    def until(self) -> datetime:
        """Up to when the report covers: the month's end, or now while the month runs."""
        return max(self.starts_at, min(self.ends_at, self.generated_at))


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
