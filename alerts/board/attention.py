"""What of a month needs the board's attention, gravest first, each with its numbers. Pure."""

from collections.abc import Iterator

from alerts.board.paper import Point, clock_words, long_words, lowered, many, number, percent, share
from alerts.board.report import MonthReport
from alerts.board.times import Response
from alerts.words.phrases import and_list, were

# A source watched for less is worth a word.
WATCHED_ENOUGH = 0.95
# Once the interval of recall begins below this, one in ten of what should be flagged may be missed.
RECALL_ENOUGH = 0.9
_NAMED = 6


def points(report: MonthReport) -> tuple[Point, ...]:
    """The points in their order; none where nothing needs a word."""
    return (
        *_own_breaches(report),
        *_late(report),
        *_speak_up(report),
        *_recall(report),
        *_sources(report),
        *_messages(report),
        *_audit(report),
        *_confirmed_late(report),
    )


def _own_breaches(report: MonthReport) -> Iterator[Point]:
    breaches = report.own_breaches
    if breaches:
        are = "is" if breaches == 1 else "are"
        yield Point(
            head=many(breaches, "breach of our own", "breaches of our own"),
            words=f"{many(breaches, 'case')} found this month {are} on record as a breach by the organisation "
            "itself. Ask the data protection officer whether each was reported within 72 hours, and what has changed.",
        )


def _late(report: MonthReport) -> Iterator[Point]:
    """One point for what ran out of time at critical severity, one for the rest."""
    for grave in (True, False):
        rows = [row for row in report.responses if (row.severity == "critical") is grave]
        late = sum(row.late for row in rows)
        if late:
            settled, missed = late + sum(row.met_in_time for row in rows), [row for row in rows if row.late]
            which = "critical cases" if grave else "other cases"
            steps = [_step(row) for row in missed[:_NAMED]]
            if len(missed) > _NAMED:
                steps.append(f"others ({number(sum(row.late for row in missed[_NAMED:]))})")
            worst = max(row.worst or 0 for row in missed)
            yield Point(
                head=f"{many(late, 'service level')} missed in {which}",
                words=f"Of {many(settled, 'service level')} in {which}, {share(late, settled)} ran out. "
                f"{'; '.join(steps)}. The slowest took {long_words(worst)}.",
            )


def _step(row: Response) -> str:
    """``High: a person looked (2)``."""
    return f"{row.severity.capitalize()}: {lowered(clock_words(row.clock))} ({number(row.late)})"


def _speak_up(report: MonthReport) -> Iterator[Point]:
    locked = report.speak_up.cases - report.speak_up.released
    if locked:
        wait = "waits" if locked == 1 else "wait"
        yield Point(
            head=f"{many(locked, 'possible disclosure')} by a worker {wait} for an independent reviewer",
            words="Until the reviewer opens them, removal and staff matters stay locked in these cases. Nothing "
            "is to be asked about who wrote.",
        )


def _recall(report: MonthReport) -> Iterator[Point]:
    recall = report.recall
    if recall is None:
        yield Point(
            head="Nobody knows yet how much was missed",
            words="No sample of unflagged mentions has been read by a person this month, so there is no estimate.",
        )
    elif recall.low < RECALL_ENOUGH:
        yield Point(
            head=f"Perhaps only {percent(recall.low)} of what matters was found",
            words=f"The best estimate is {percent(recall.estimate)}, but it rests on "
            f"{many(recall.sampled, 'mention')} read by a person, and as little as {percent(recall.low)} cannot "
            "be ruled out. A larger sample narrows this.",
        )


def _sources(report: MonthReport) -> Iterator[Point]:
    poor = [source for source in report.sources if source.watched < WATCHED_ENOUGH]
    if not report.sources:
        yield Point(head="Nothing was watched", words="No source was configured in this month.")
    elif poor:
        of = f"{len(poor)} of {many(len(report.sources), 'source')} {were(len(poor))}"
        named = [f"{source.name} ({percent(source.watched)})" for source in poor[:_NAMED]]
        if len(poor) > _NAMED:
            named.append(f"{len(poor) - _NAMED} more")
        yield Point(
            head=f"{of} watched for less than {percent(WATCHED_ENOUGH)} of the time",
            words=f"What was said there meanwhile may be unknown to us: {and_list(named)}.",
        )


def _messages(report: MonthReport) -> Iterator[Point]:
    lost = report.messages.refused + report.messages.bounced
    if lost:
        yield Point(
            head=f"{many(lost, 'message')} reached nobody",
            words=f"{report.messages.refused:,} refused by a mail server and {report.messages.bounced:,} returned. "
            "Somebody who should have been told by mail may not have been; check the addresses.",
        )


def _audit(report: MonthReport) -> Iterator[Point]:
    total = sum(finding.count for finding in report.audit)
    if total:
        yield Point(
            head=f"{many(total, 'finding')} of the audit",
            words="They are listed under Audit; each should have an answer before the next report.",
        )


def _confirmed_late(report: MonthReport) -> Iterator[Point]:
    gap = report.confirmation
    if gap and gap.long:
        yield Point(
            head=f"{many(gap.long, 'case')} confirmed by a person only after more than three days",
            words=f"The longest took {long_words(gap.worst)}. The 72 hours for reporting a breach run from that "
            "confirmation, so a long wait hides behind a clock that was kept.",
        )
