"""What benchmarks/month.py prints: the figures, what is wrong case by case, and where the time went."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from month_score import Score, spread
from month_sinks import Received
from month_world import World
from rich.table import Table

from core.types import Severity

# The number of a case, or who must not be told, at the end of a fault's name.
_NUMBERED = re.compile(r"-[0-9a-f]+$")


@dataclass(slots=True, kw_only=True)
class Result:
    """What a month came to; ``findings`` are the auditor's, by whether the mail server was down then.

    ``measure`` gives the score of other messages than arrived, while the database is still there.
    """

    world: World
    score: Score
    log_whole: bool
    beats: int
    crashed: list[str]
    events: Counter[str]
    refused: Counter[str]
    did: Counter[str]
    runs: Counter[str]
    seconds: dict[str, float]
    open_at_end: int
    messages: list[Received]
    measure: Callable[[Sequence[Received]], Score]
    findings: dict[str, Counter[str]] = field(default_factory=dict)


def table(result: Result) -> Table:
    """The figures, those that must be nought first."""
    found = result.score
    shown = Table("figure", "value", title=f"{result.world.month:%B %Y}", show_lines=False)
    for name, some in (
        ("late (critical 5 min, high 1 h)", found.late),
        ("late: mail server down, no other way used", found.waited_for_mail),
        ("lost (in no message and no digest)", found.lost),
        ("people on duty who were not told in time", found.left_out),
        ("told twice", found.duplicates),
        ("digests missing or double", found.digests_missing),
        ("digests whose number of new cases is wrong", found.digests_wrong),
        ("accused people told of their case", found.accused_told),
        ("links of sealed cases in messages", found.sealed_links),
        ("mentions not settled exactly once", found.unsettled),
    ):
        shown.add_row(name, str(len(some)), style="bold red" if some else "")
    shown.add_row("log of decisions whole", "yes" if result.log_whole else "NO", end_section=True)
    for severity in sorted((level for level in Severity if level), reverse=True):
        some = [one for one in found.firsts if one.severity is severity]
        before = "found to first message" if severity >= Severity.high else "found to message or digest"
        shown.add_row(
            f"{severity}: {before}, median / worst of {len(some)}",
            spread(one.minutes for one in some if one.told),
        )
    shown.add_row("critical that a silence would cover / kept quiet", found.spared)
    shown.add_row("high kept quiet by a silence", str(len(found.hushed)))
    shown.add_row("told in time by the second channel, mail server down", str(len(found.mail_down)))
    shown.add_row("first warning by another channel that mail does not go", found.warned)
    shown.add_row("sent again after a crash, same Message-ID", str(found.repeated), end_section=True)
    for name, number in sorted(found.kinds.items()):
        shown.add_row(f"messages: {name}", str(number))
    shown.add_row("messages that escalate", str(found.escalations))
    shown.add_row("messages of nothing but what was settled meanwhile", str(found.settled))
    shown.add_row("messages a person and working day, median / most", found.burden)
    shown.add_row("cases a message about cases, mean / most", found.fullness, end_section=True)
    for when in ("before", "during", "after"):
        slugs = Counter(_NUMBERED.sub("", slug) for slug in result.findings.get(when, Counter()).elements())
        words = ", ".join(f"{slug.removeprefix('audit/')} {times}" for slug, times in slugs.most_common())
        shown.add_row(f"auditor's findings {when} the outage", words or "none")
    shown.add_row("audits / clean, with a heartbeat", f"{result.runs['watch']} / {result.beats}")
    shown.add_row("processes killed", ", ".join(result.crashed))
    shown.add_row("cases / still open", f"{len(result.world.stories)} / {result.open_at_end}")
    return shown


def details(result: Result, most: int = 12) -> Iterator[str]:
    """What is wrong, case by case, and where the time went."""
    for name in result.score.wrong:
        some = getattr(result.score, name)
        yield f"{name}: {len(some)}"
        yield from (f"  {one}" for one in some[:most])
    for what, times in result.refused.most_common(most):
        yield f"refused {times} times: {what}"
    yield f"people: {dict(result.did)}"
    yield f"log events: {dict(result.events)}"
    for what, seconds in sorted(result.seconds.items(), key=lambda one: -one[1]):
        runs = result.runs[what]
        yield f"{what:24} {seconds:7.1f} s  {runs:6} runs  {1000 * seconds / runs:7.1f} ms each"
