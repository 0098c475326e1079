"""What of its course a message tells of a case: read from the keys of its occasions, and put into words (pure)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from alerts.caseload import deleted_at, running
from alerts.words.clocks import clock_name
from alerts.words.phrases import upper_first
from core.telling import Notice
from core.types import CaseState
from core.work import Clock, Situation

_KEY = re.compile(r"case/\d+/r\d+/(?P<name>[a-z]+)/(?P<clock>[a-z_]+)?(?:/[^/]+/(?P<part>\d+))?")
# The word that a subject or a row begins with, the most pressing first.
_TAGS = {
    "overdue": "Overdue",
    "escalate": "Now for you too",
    "first": "",
    "short": "Time is short",
    "repeat": "Again",
    "half": "Half the time is gone",
    "reminder": "Reminder",
    "deleted": "Deleted there",
}
_PARTS = {"050": "half", "080": "short", "100": "overdue"}
MEANWHILE = "Settled meanwhile"
# How several are counted by that word.
TOLD = {
    "Overdue": "whose time has run out",
    "Now for you too": "told to you too, as nobody has taken note",
    "": "told for the first time",
    "Time is short": "whose time is nearly used up",
    "Again": "of which nobody has taken note yet",
    "Half the time is gone": "whose time is half used up",
    "Reminder": "on which nothing moves",
    "Deleted there": "which is deleted where it was said",
    MEANWHILE: "settled meanwhile",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case's course: its ``name`` is a key of ``_TAGS``, ``clock`` the clock that it speaks of."""

    name: str
    clock: str = ""


def step(key: str) -> Step:
    """The step that an occasion's key names; the first telling where it names none."""
    match = _KEY.match(key)
    if match is None:
        return Step("first")
    if match["name"] == "clock":
        return Step(_PARTS.get(match["part"] or "", "overdue"), match["clock"] or "")
    return Step(match["name"] if match["name"] in _TAGS else "first")


def steps(notice: Notice, case_id: int) -> tuple[Step, ...]:
    """The steps that a notice tells of one case, the most pressing first."""
    order = list(_TAGS)
    found = {step(one.key) for one in notice.occasions if one.case_id in {None, case_id}}
    return tuple(sorted(found, key=lambda one: (order.index(one.name), one.clock)))


def tag(found: Iterable[Step], situation: Situation) -> str:
    """The word for the most pressing of these steps, as things stand now; "" for a first telling."""
    open_steps = [one for one in found if not _settled(one, situation)]
    return _TAGS[open_steps[0].name] if open_steps else MEANWHILE


def sentences(found: Iterable[Step], situation: Situation, *, discreet: bool) -> tuple[str, ...]:
    """What these steps say, each in a sentence; ``discreet`` hides the name of a clock that tells too much."""
    return tuple(dict.fromkeys(words for one in found if (words := _sentence(one, situation, discreet))))


def _clock(one: Step, situation: Situation) -> Clock | None:
    return next((clock for clock in situation.clocks if clock.name == one.clock), None)


def noted(situation: Situation) -> bool:
    """Whether anybody has taken note of the case as it stands."""
    return any(one.revision >= situation.case.revision for one in situation.acknowledged)


def _settled(one: Step, situation: Situation) -> bool:
    """Whether what was to be told has been seen to since it was planned."""
    if situation.case.state is CaseState.closed:
        return True
    if one.name in {"escalate", "repeat"}:
        return noted(situation)
    clock = _clock(one, situation)
    return clock is not None and clock not in running(situation)


def _sentence(one: Step, situation: Situation, discreet: bool) -> str:
    if situation.case.state is CaseState.closed:
        return "It has been closed meanwhile."
    if one.name in _TELLERS:
        return _TELLERS[one.name](situation)
    if one.name in {"escalate", "repeat"}:
        if noted(situation):
            return "Somebody has taken note of it meanwhile."
        too = "so it is told to you too" if one.name == "escalate" else "so it is told again"
        return f"Nobody has taken note of it yet, {too}."
    if one.name == "first":
        grown = situation.case.revision > 1
        return "It has changed or grown graver since it was first told." if grown else ""
    return _time(one, situation, upper_first(clock_name(one.clock, discreet)))


def _time(one: Step, situation: Situation, name: str) -> str:
    if _settled(one, situation):
        clock = _clock(one, situation)
        return f"{name}: done meanwhile." if clock and clock.met_at else f"{name}: it no longer runs."
    return {
        "half": f"{name}: half of the time is used up.",
        "short": f"{name}: four fifths of the time are used up.",
    }.get(one.name, f"{name}: the time has run out.")


def _deleted(situation: Situation) -> str:
    if deleted_at(situation.case) is None:
        return "It was said to be deleted, and is there again or has been found elsewhere."
    return "Its source says that it is deleted there: see whether it is, and whether copies are left."


def _reminder(situation: Situation) -> str:
    if situation.case.state is CaseState.on_hold:
        return "It is on hold: see whether the hold is still right."
    moved = situation.case.work.moved_at
    if noted(situation) and not moved:
        return "It was taken note of, and nothing has been done since."
    return "It is open, and nothing has moved for a while."


_TELLERS: dict[str, Callable[[Situation], str]] = {"reminder": _reminder, "deleted": _deleted}
