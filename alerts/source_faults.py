"""What is wrong with a source that does not fail: it is silent, or what was planted there does not come out. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.arrivals import Quiet
from alerts.faults import Fault, slug_of
from alerts.words.phrases import one_line, when_words


def quiet_words(quiet: Quiet) -> str:
    """``unusually silent: 2 new where about 40 were to come``."""
    return f"unusually silent: {quiet.seen} new where about {quiet.expected:.0f} were to come"


def quiet_fault(name: str, quiet: Quiet, answered_at: datetime | None, zone: ZoneInfo) -> Fault:
    """A source that answers, and brings much less than at other times.

    It began when the source last brought anything; while it still brings a little, nobody can say when.
    """
    words = (
        f"Source {one_line(name, 60)} is unusually silent\n"
        f"Since {when_words(quiet.since, zone)} it brought {quiet.seen} new mentions where about {quiet.expected:.0f} "
        "were to come by its own weeks. Nothing failed: see with `redshank preview` what it holds, and whether its "
        "address, its query or its key still fit. `redshank sources pause` stops this where the silence is known."
    )
    return Fault(slug=f"quiet/{slug_of(name)}", words=words, began=None if quiet.seen else answered_at)


def canary_fault(name: str, since: datetime, last: datetime | None, zone: ZoneInfo) -> Fault:
    """A source whose canary was not read, kept and assessed since a moment; ``last`` is when it was, if ever."""
    was = f"was last read, kept and assessed at {when_words(last, zone)}" if last else "has never come out"
    words = (
        f"The canary of source {one_line(name, 60)} does not come out\n"
        f"What is planted there each day {was}. Either it was not planted, or posts like it are missed: look at the "
        "source, then at `redshank triage`."
    )
    return Fault(slug=f"canary/{slug_of(name)}", words=words, began=since)
