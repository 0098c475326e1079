"""The few words of a message about cases: its headline, its subject and its short form (pure)."""

from collections.abc import Sequence

from alerts.words import occasions
from alerts.words.clocks import clock_name, clock_words, next_clock
from alerts.words.phrases import count, one_line, upper_first
from alerts.words.views import Reader, by_severity, what_words
from core.telling import Notice
from core.work import Situation

SHORT = 300
_NUMBERS_SHOWN = 12


def gravest_first(situations: Sequence[Situation]) -> list[Situation]:
    """The order in which several are told."""
    return sorted(situations, key=lambda one: (-one.case.severity, one.case.detected_at, one.case.id))


def headline(situations: Sequence[Situation]) -> str:
    """``7 cases: 1 critical, 6 high``, or ``7 high cases``."""
    cases = [one.case for one in situations]
    levels = {case.severity for case in cases}
    if len(levels) == 1:
        return f"{len(cases)} {cases[0].severity} cases"
    return f"{count(len(cases), 'case')}: {by_severity(cases)}"


def subject(notice: Notice, situations: Sequence[Situation], reader: Reader) -> str:
    """The subject: the step, if all are told for one, then how grave, what, and which."""
    tags = step_tags(notice, situations)
    common = tags[0] if len(set(tags)) == 1 else ""
    before = f"{common}: " if common else ""
    if len(situations) > 1:
        overdue = sum(tag == "Overdue" for tag in tags)
        return f"{before}{headline(situations)}{f', {overdue} overdue' if overdue and not common else ''}"
    case = situations[0].case
    severity = str(case.severity)
    what = f"case {case.id}" if reader.discreet else f"{what_words(case)} (case {case.id})"
    return f"{before}{severity}, {what}" if common else f"{severity.capitalize()}: {what}"


def steps_words(notice: Notice, situations: Sequence[Situation]) -> str:
    """``2 whose time has run out, 5 of which nobody has taken note``: how many of several are told for which step."""
    tags = step_tags(notice, situations)
    return ", ".join(f"{tags.count(tag)} {words}" for tag, words in occasions.TOLD.items() if tag in tags)


def short(notice: Notice, situations: Sequence[Situation], reader: Reader, acknowledge: str) -> str:
    """The message in a line or two of at most 300 characters, the same at every level: nothing of what it is about.

    A link that finds no room is left out, as half a link leads nowhere.
    """
    tags = step_tags(notice, situations)
    before = f"{tags[0]}: " if len(set(tags)) == 1 and tags[0] else ""
    ids = [str(one.case.id) for one in situations]
    if len(ids) == 1:
        words = f"{before}{str(situations[0].case.severity).upper()} case {ids[0]}."
        link = f"{reader.routes.link_base}/cases/{ids[0]}"
    else:
        more = f" and {len(ids) - _NUMBERS_SHOWN} more" if len(ids) > _NUMBERS_SHOWN else ""
        words = f"{before}{headline(situations)} ({', '.join(ids[:_NUMBERS_SHOWN])}{more})."
        link = reader.routes.link_base
    clocks = [clock for one in situations if (clock := next_clock(one))]
    if first := min(clocks, key=lambda one: one.due_at, default=None):
        name = upper_first(clock_name(first.name, discreet=True))
        words += f" {name}: {clock_words(first, reader.now, reader.tz)}."
    words = one_line(words, SHORT)
    for part in (
        (f"Open: {link}" if reader.site else ""),
        (f"Seen it: {acknowledge}" if acknowledge else ""),
    ):
        if part and len(words) + 1 + len(part) <= SHORT:
            words += f"\n{part}"
    return words


def step_tags(notice: Notice, situations: Sequence[Situation]) -> list[str]:
    """The word of each case's step."""
    return [occasions.tag(occasions.steps(notice, one.case.id), one) for one in situations]
