"""The proof of completeness: each week a random sample of what was not flagged goes to a reviewer.

last week's unflagged mentions -> strata -> a random few of each -> read by a person -> the recall, with interval
"""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from alerts.moments import due_at
from classifiers.recall import Recall, Stratum, draw, estimate
from core.errors import RedshankError
from flows import wiring
from flows.exporting import upheld
from flows.quiet import alone, quiet
from flows.wiring import House
from storage import audit, cases, contents, samples
from storage.engine import session
from storage.samples import Drawn

_WEEK = timedelta(days=7)


def last_full_week(today: date) -> date:
    """The Monday of the last week that is over."""
    return today - timedelta(days=today.weekday()) - _WEEK


def bounds(house: House, first: date, last: date) -> tuple[datetime, datetime]:
    """From the local midnight at which ``first`` begins to that at which ``last`` does (UTC)."""
    midnight, zone = datetime.min.time(), house.settings.zone
    return due_at(first, midnight, zone), due_at(last, midnight, zone)


def draw_week(house: House, week: date | None = None) -> int:
    """Draw the sample of a week (of the last full one) unless that was done; says how many mentions it holds.

    Raises RedshankError for a week that is not over: the rest of it could never be drawn.
    """
    now = house.now()
    week = week or last_full_week(now.astimezone(house.settings.zone).date())
    size = house.settings.sampling.each_week
    if not size:
        return 0
    since, until = bounds(house, week, week + _WEEK)
    if now < until:
        raise RedshankError(f"the week of {week:%-d %B %Y} is not over: draw it when it is")
    with session(house.engine, read_only=True) as db:
        if samples.drawn(db, week):
            return 0
    ask = {label: limits.ask for label, limits in house.judgement.thresholds.items()}
    with session(house.engine) as db:
        chosen, sizes = draw(
            samples.candidates(db, since, until), ask, size, seed=f"{week.isoformat()}/{size}"
        )
        return samples.write(db, week, chosen, sizes, now)


def recall(house: House, first: date, last: date) -> Recall | None:
    """The estimate over the weeks that begin on or after ``first`` and before ``last``; None where there is none.

    A week counts once all of its sample is answered; the flagged of just these weeks stand beside it.
    """
    with session(house.engine, read_only=True) as db:
        weeks = _answered(samples.drawn(db), first, last)
        spans = [bounds(house, week, week + _WEEK) for week in weeks]
        opened = cases.opened_since(db, min(since for since, _ in spans)) if spans else []
    flagged = [
        case
        for case in opened
        if case.work.folded_into is None and any(since <= case.detected_at < until for since, until in spans)
    ]
    decided = [case for case in flagged if upheld(case) is not None]
    return estimate(
        [one for held in weeks.values() for one in _strata(held)],
        flagged=sum(len(case.copies) for case in flagged),
        decided=sum(len(case.copies) for case in decided),
        upheld=sum(len(case.copies) for case in decided if upheld(case)),
    )


def reviewers(house: House) -> tuple[str, ...]:
    """The roles that read samples: the one that is asked to, and safeguarding."""
    return tuple(dict.fromkeys((house.settings.sampling.reviewer, "safeguarding")))


def texts(house: House, numbers: Collection[int], *, actor: str, role: str) -> dict[int, str]:
    """What these samples say at the version that was drawn, by number, but for those withheld; it goes on record.

    Raises RedshankError for a role that reads no samples.
    """
    allowed = reviewers(house)
    if role not in allowed:
        raise RedshankError(f"role {role} reads no samples: {' or '.join(allowed)} does")
    with session(house.engine) as db:
        asked = [one for one in samples.drawn(db) if one.id in numbers and not withheld(one)]
        said = contents.at_versions(db, [(one.mention_id, one.version) for one in asked])
        found = {
            one.id: said[place].mention.full_text
            for one in asked
            if (place := (one.mention_id, one.version)) in said
        }
        if found:
            audit.append(
                db,
                at=house.now(),
                actor=actor,
                role=role,
                action="read samples",
                reason="read mentions that were not flagged",
                details={"samples": list(found)},
            )
    return found


def withheld(one: Drawn) -> str:
    """Why the words of a sample are not shown here; "" where they are."""
    if one.case_id is not None:
        return f"withheld: it is part of case {one.case_id} by now, and is read there"
    return "withheld: it is sealed" if one.sealed else ""


def _answered(drawn: list[Drawn], first: date, last: date) -> dict[date, list[Drawn]]:
    weeks: dict[date, list[Drawn]] = {}
    for one in drawn:
        if first <= one.week < last:
            weeks.setdefault(one.week, []).append(one)
    return {week: held for week, held in weeks.items() if all(one.labels is not None for one in held)}


def _strata(held: list[Drawn]) -> list[Stratum]:
    read, missed = Counter(one.stratum for one in held), Counter(one.stratum for one in held if one.labels)
    sizes = {one.stratum: one.stratum_size for one in held}
    return [Stratum(size=sizes[name], read=read[name], missed=missed[name]) for name in sizes]


@task(cache_policy=NO_CACHE)
@quiet
def draw_sample(config: str) -> dict[str, int]:
    """Draw last week's sample, once; returns counts."""
    house = wiring.house(config)
    with alone(house.var, "sample") as first:
        return {"drawn": draw_week(house) if first else 0}


@flow(name="sample", log_prints=False)
@quiet
def sample(config: str = "") -> dict[str, int]:
    """Put a random sample of what was not flagged before a reviewer, once a week; returns counts."""
    return draw_sample(config)
