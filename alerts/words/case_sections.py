"""The parts of a digest that tell of cases: what waits, what is late, new, open, gone, closed or kept quiet (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from alerts.caseload import run_out
from alerts.digest import CaseGroup, Digest, Due, Span
from alerts.words.case_views import due_cell
from alerts.words.clocks import tone
from alerts.words.phrases import age_words, and_list, count, due_words, moment_words, one_line, role_words
from alerts.words.sections import GroupView, Item, Section, case_row, group, listed
from alerts.words.views import Reader, by_severity
from core.types import Case, Severity
from core.work import Silence

# How soon the end of a silence is worth a word: before the next digest of its kind.
_DAYS = {Span.day: 1, Span.week: 7, Span.month: 31}
_SINCE = {Span.day: "since the last digest", Span.week: "this week", Span.month: "this month"}


def waiting(digest: Digest, reader: Reader) -> Section | None:
    """What this reader is asked for: cases by due time, and what else a person must see to."""
    items = tuple(_asked(digest, reader.room.items))
    if not items and not digest.waiting:
        return None
    groups = _by_due_time(digest.waiting, digest, reader)
    return Section(heading="Waiting for you", items=items, aside="Due", groups=groups)


def _asked(digest: Digest, room: int) -> Iterator[Item]:
    if number := len(digest.unread):
        them = "it" if number == 1 else "them"
        named = ", ".join(str(case.id) for case in digest.unread[:room])
        more = f" and {number - room} more" if number > room else ""
        words = f" not read by the machine ({named}{more}): a person must read {them}"
        yield Item(count(number, "open case"), words)
    if number := digest.samples_waiting:
        wait = "waits" if number == 1 else "wait"
        yield Item(count(number, "post"), f" not flagged {wait} to be read: a sample of what may be missed")
    for silence, cases in digest.silences[:room]:
        if (silence.ends_at - digest.now).days < _DAYS[digest.span]:
            ends = due_words(silence.ends_at, digest.now, digest.tz)
            yield Item(f"Silence {silence.id}", f" over {count(cases, 'case')} ends at {ends}")


def overdue(digest: Digest, reader: Reader) -> Section | None:
    """What has run out and somebody else must see to."""
    if not digest.overdue:
        return None
    heading = "Overdue with others" if digest.waiting else "Overdue"
    return Section(heading=heading, aside="Due", groups=_by_due_time(digest.overdue, digest, reader))


def _by_due_time(dues: Sequence[Due], digest: Digest, reader: Reader) -> tuple[GroupView, ...]:
    """One group, by due time; where there is no room for all, the critical and then the overdue ones are kept."""
    if not dues:
        return ()
    critical, now = Severity.critical, digest.now
    pressing = sorted(dues, key=lambda due: (due.case.severity is not critical, not run_out(due.clock, now)))
    kept = {due.case.id for due in pressing[: reader.room.due]}
    rows = (
        case_row(due.case, reader, due_cell(due.clock, reader), tone(due.clock, digest.now))
        for due in dues
        if due.case.id in kept
    )
    rest = pressing[reader.room.due :]
    made = group("", [due.case for due in dues], rows, [due.case for due in rest])
    late = sum(run_out(due.clock, now) for due in rest)
    return (replace(made, more=f"{made.more}; {late} of them overdue") if late else made,)


def new(digest: Digest, reader: Reader) -> Section | None:
    """What was found since the last digest, by severity."""
    groups = tuple(_aged(some, digest, reader, headed=False) for some in digest.new)
    return Section(heading=f"New {_SINCE[digest.span]}", aside="Age", groups=groups) if groups else None


def still_open(digest: Digest, reader: Reader) -> Section | None:
    """What is open, by age; what concerns other roles is counted."""
    groups = tuple(_aged(some, digest, reader, headed=True) for some in digest.open)
    after = ""
    if digest.elsewhere:
        others = count(len(digest.elsewhere), "other open case")
        after = f"{others} ({by_severity(digest.elsewhere)}) told to other roles."
    if not groups and not after:
        return None
    return Section(heading="Open, oldest first", aside="Age", groups=groups, after=after)


def _aged(some: CaseGroup, digest: Digest, reader: Reader, *, headed: bool) -> GroupView:
    """A group with its gravest cases, oldest first; the rest is counted by severity.

    No critical case is left to the count while there is any room.
    """
    gravest = sorted(some.cases, key=lambda case: (-case.severity, case.detected_at, case.id))
    room = {"Critical": reader.room.critical, "High": reader.room.high}.get(some.name, reader.room.lesser)
    shown = sorted(gravest[:room], key=lambda case: (case.detected_at, case.id))
    rows = [case_row(case, reader, age_words(digest.now - case.detected_at)) for case in shown]
    return group(some.name if headed else "", some.cases, rows, gravest[room:])


def gone(digest: Digest, reader: Reader) -> Section | None:
    """Whose post is verified to be removed."""
    return listed("Removed, and verified to be gone", digest.gone, digest, reader, _gone_at)


def _gone_at(case: Case, digest: Digest) -> str:
    return f"verified {moment_words(case.work.gone_at, digest.now, digest.tz)}" if case.work.gone_at else ""


def deleted(digest: Digest, reader: Reader) -> Section | None:
    """Of what a source has said that it is gone there, which nobody has verified yet."""
    return listed("Deleted where it was said, not verified yet", digest.deleted, digest, reader, _deleted)


def _deleted(case: Case, _digest: Digest) -> str:
    gone = sum(copy.deleted_at is not None for copy in case.copies)
    return "the only copy" if len(case.copies) == 1 else f"{gone} of {len(case.copies)} copies"


def closed(digest: Digest, reader: Reader) -> Section | None:
    """What was closed, and how it ended."""
    return listed("Closed", digest.closed, digest, reader, _outcome)


def _outcome(case: Case, digest: Digest) -> str:
    at = case.work.closed_at
    words = [one_line(case.work.outcome.replace("_", " "), 60)]
    words += [moment_words(at, digest.now, digest.tz)] if at else []
    return ", ".join(word for word in words if word)


def quiet(digest: Digest, reader: Reader) -> Section | None:
    """What a person has silenced: how much, who answers for it, until when."""
    if not digest.silences:
        return None
    in_order = sorted(digest.silences, key=lambda pair: (pair[0].ends_at, pair[0].id))
    shown, rest = in_order[: reader.room.items], in_order[reader.room.items :]
    items = tuple(_silence(silence, cases, digest, reader) for silence, cases in shown)
    more = f"and {count(len(rest), 'more silence')} over {count(sum(n for _, n in rest), 'case')}"
    return Section(heading="Kept quiet", items=items, after=more if rest else "")


def _silence(silence: Silence, cases: int, digest: Digest, reader: Reader) -> Item:
    until = due_words(silence.ends_at, digest.now, digest.tz)
    words = f": {count(cases, 'case')} kept quiet by {_owner(silence, reader)} until {until}"
    return Item(f"Silence {silence.id}", words + _criteria(silence, reader))


def _owner(silence: Silence, reader: Reader) -> str:
    """By role where the roster knows who it is: a mail names nobody."""
    member = reader.routes.roster.member(silence.owner)
    return role_words(member.roles[0]) if member and member.roles else one_line(silence.owner, 40)


def _criteria(silence: Silence, reader: Reader) -> str:
    """What it covers, as far as that may be shown."""
    parts = [f"case {silence.case_id}" if silence.case_id is not None else ""]
    parts.append(f"up to {silence.severity}" if silence.severity is not None else "")
    if not reader.discreet:
        parts += [", ".join(silence.labels), ", ".join(silence.platforms)]
    if reader.full:
        parts.append(", ".join(silence.sources))
    said = "; ".join(one_line(part, 80) for part in parts if part)
    return f" ({said})" if said else ""


def only_counts(digest: Digest, _reader: Reader) -> Section:
    """Cases for whoever keeps the machine: how many there are, and nothing of what they are about."""
    lines = [_counted(digest.open_cases, "open case"), _counted(digest.new_cases, "new case")]
    said = [f"{digest.overdue_count} overdue"] if digest.overdue_count else []
    said += [f"{len(digest.unread)} not read by the machine"] if digest.unread else []
    if kept := sum(number for _, number in digest.silences):
        said.append(f"{kept} kept quiet by {count(len(digest.silences), 'silence')}")
    lines += [f"Of the open ones {and_list(said)}."] if said else []
    return Section(heading="Cases, by number only", lines=tuple(lines))


def _counted(cases: Sequence[Case], thing: str) -> str:
    return f"{count(len(cases), thing)}{f': {by_severity(cases)}' if cases else ''}."
