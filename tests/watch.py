"""The people, hours and cases that the tests of planning share. All invented."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from alerts.roster import Roster
from alerts.routes import members_of
from alerts.rules import Rules
from core.hours import Hours
from core.types import Case, CaseState, Severity, Work
from core.vocabulary import LABELS, ROLES
from core.work import Acknowledgement, Clock, Member, Situation
from core.worktime import Calendar, bank_holidays

LONDON = ZoneInfo("Europe/London")
# A Friday.
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GOV, SAFE, OPS, DPO, DEP, HR = (
    f"{name}@oakfield.example" for name in ("gov", "safe", "ops", "dpo", "deputy", "hr")
)
PEOPLE = {"governance": (GOV,), "safeguarding": (SAFE,), "operator": (OPS,)}
CALENDAR = Calendar(Hours.parse("Mon-Fri 08:00-18:00"), LONDON, bank_holidays("England"))
RULES = Rules()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)


def roster(people: dict[str, tuple[str, ...]] | None = None, *team: Member) -> Roster:
    return Roster(members_of(PEOPLE if people is None else people, team), LONDON)


def member(name: str, *roles: str, **changes: Any) -> Member:
    values = {"name": name.title(), "mail": f"{name}@oakfield.example", **changes}
    return Member(id=name, roles=roles, **values)


def case(number: int = 12, severity: Severity = Severity.high, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "state": CaseState.triaged,
        "labels": ("confidentiality",),
        "ask": (),
        "clauses": (),
        "recipients": ("governance",),
        "reasons": (),
        "detected_at": NOW - 5 * MINUTE,
    }
    return Case(id=number, severity=severity, **{**values, **changes})


def clock(
    name: str = "first_eyes",
    owner: str = "governance",
    start: datetime = NOW,
    hours: float = 4,
    **changes: Any,
) -> Clock:
    span = timedelta(hours=hours)
    values: dict[str, Any] = {
        "half_at": start + span / 2,
        "most_at": start + span * 0.8,
        "due_at": start + span,
        "allowance": f"{hours} hours clock",
        **changes,
    }
    return Clock(name=name, owner=owner, starts_at=start, **values)


def about(*cases: Case) -> list[Situation]:
    return [Situation(case=one) for one in cases]


def noted(one: Case, when: datetime, who: str = "", role: str = "governance") -> Acknowledgement:
    return Acknowledgement(case_id=one.id, revision=one.revision, role=role, who=who, at=when)


def keys(notices):
    """The keys of all that these notices tell, as the outbox would hold them."""
    return {one.key for notice in notices for one in notice.occasions}


# Hypothesis

NAMES = ("ada", "ben", "cleo", "dan", "eve", "finn")
MOMENTS = st.datetimes(
    datetime.fromisoformat("2026-11-01"), datetime.fromisoformat("2026-12-31"), timezones=st.just(UTC)
)
HOURS = st.sampled_from(
    ("", "", "always", "Mon-Fri 08:00-18:00", "Sat,Sun 00:00-24:00", "Mon-Sun 22:00-06:00")
)
LEAVES = st.lists(
    st.tuples(st.dates(date(2026, 10, 25), date(2027, 1, 5)), st.integers(0, 20)).map(
        lambda span: (span[0], span[0] + timedelta(days=span[1]))
    ),
    max_size=2,
).map(tuple)
TEAMS = st.lists(
    st.builds(
        lambda name, roles, hours, leave, channels: member(
            name, *roles, hours=hours, leave=leave, channels=channels
        ),
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True),
        HOURS,
        LEAVES,
        st.lists(st.sampled_from(("pager", "teams")), max_size=2, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.id,
).map(lambda team: Roster(team, LONDON))


@st.composite
def situations(draw: st.DrawFn, number: int, grave: bool = False) -> Situation:
    found = draw(MOMENTS)
    severity = Severity.critical if grave else draw(st.sampled_from([one for one in Severity if one]))
    states = [CaseState.triaged, CaseState.in_review, CaseState.decided]
    one = case(
        number,
        severity,
        detected_at=found,
        state=draw(st.sampled_from(states if grave else list(CaseState))),
        revision=draw(st.integers(1, 2)),
        labels=tuple(draw(st.lists(st.sampled_from(LABELS), max_size=2, unique=True))),
        recipients=tuple(draw(st.lists(st.sampled_from(ROLES), max_size=3, unique=True))),
        guards=tuple(draw(st.lists(st.sampled_from(("speak_up", "conflict")), unique=True))),
        conflicts=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))),
        work=Work(moved_at=None if grave else draw(st.none() | st.just(found + HOUR))),
    )
    acks = [] if grave else draw(st.lists(st.integers(0, 5000), max_size=2))
    clocks = draw(st.lists(st.sampled_from(("first_eyes", "owner_told", "own_breach")), unique=True))
    return Situation(
        case=one,
        clocks=tuple(
            clock(name, draw(st.sampled_from(ROLES)), found, draw(st.integers(1, 90))) for name in clocks
        ),
        acknowledged=tuple(
            noted(one, found + minutes * MINUTE, draw(st.sampled_from(NAMES))) for minutes in acks
        ),
    )
