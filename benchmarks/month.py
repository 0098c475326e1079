"""A simulated month of the whole program: who was told what, how soon, and was anybody left untold?

    python benchmarks/month.py [--month 2026-12] [--mentions 100000] [--cases 1000] [--seed 1] [--break lost]

Real are the database (SQLite), the settings file, the flows (collect, triage, tell, watch, sample) under a simulated
clock, the policy, the mail server and the receiver of webhooks on loopback, the review site where people take note,
and the desk where they work cases. Two edges are replaced: what connectors bring and what the classifier says are
drawn from a seed (month_world.py), and so are the people (month_people.py). Nothing is slept: the loop steps to
whatever comes next. The schedules are those of prefect.yaml, but that tell runs only in the minutes in which
something is due (alerts.timeline, the outbox, the digest's hour), and the auditor every hour and not every 5 minutes.

    posts arrive -> collect -> triage (next odd minute) -> tell (next minute) -> people read, take note, work

The mail server refuses connections for 24 hours. Three processes are killed (SIGKILL): a triage between writing a case
and committing it, a sender with a claimed notice, and one between the server's "250" and writing that down. The last
may send one message again under the same Message-ID, which is counted and forgiven.

Measured is from what arrived and what was drawn (month_score.py). The exit status is 1 if anything is late, lost or
told twice, a digest is missing or wrong, an accused person is told, a sealed link is shown or a mention is not settled
once. ``--break lost``, ``late`` or ``twice`` spoils the messages about one case on their way, to prove that it is seen.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from month_loop import Month
from month_people import People
from month_report import Result, details, table
from month_score import score
from month_sinks import Inbox, MailServer, hooks, spoilt
from month_stand import KINDS_FILE, Clock, Heard, Stand, heard
from month_town import config
from month_world import MANY, World, build, local
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from policies.judge import judge
from redshank.site import site
from review.app import create
from storage import audit, cases
from storage.engine import session

SITE = "https://review.oakfield.example"
MEMORY = Path("/dev/shm")


def live(
    folder: Path,
    *,
    month: date,
    mentions: int,
    stories: int,
    days: int = 31,
    seed: int = 1,
    spoil: str = "",
    audit_every: timedelta = timedelta(minutes=30),
    report: Callable[[datetime, World], None] = lambda _now, _world: None,
) -> Result:
    """Live through a month in an empty folder; what it came to."""
    clock = Clock(local(month, 1, 0))
    inbox = Inbox(clock)
    mail = MailServer(inbox)
    if spoil:
        inbox.spoil = spoilt(spoil)
    with ExitStack() as stack:
        address = stack.enter_context(hooks(inbox))
        stack.enter_context(_secrets(folder, f"{address}/heartbeat"))
        (folder / "redshank.toml").write_text(config(month, mail=mail.port, hooks=address, site=SITE))
        (folder / "redshank.toml").chmod(0o600)
        events = stack.enter_context(heard(clock))
        world = _drawn(folder, clock, month=month, days=days, mentions=mentions, stories=stories, seed=seed)
        mail.start()
        stack.callback(mail.stop)
        loop = Month(folder, world, clock, inbox, mail)
        apart = Stand(folder, clock)  # the review site and the desk are processes of their own
        stack.callback(apart.close)
        stack.callback(lambda: [house.close() for house in (*loop.dropped, loop.house)])
        reviews = create(apart.engine, apart.office.links, clock, apart.office.routes.roster)
        port = stack.enter_context(site(reviews, "127.0.0.1", 0))
        people = People(
            apart.office, apart.engine, world, site=f"http://127.0.0.1:{port}", now=clock, later=loop.work
        )
        loop.plan(people, each=max(1, round(stories / days / 1.5)), audit_every=audit_every)
        loop.run(lambda now: report(now, world))
        return _result(folder, loop, people, events)


def _drawn(
    folder: Path, clock: Clock, *, month: date, days: int, mentions: int, stories: int, seed: int
) -> World:
    house = Stand(folder, clock)
    members = house.office.members
    world = build(
        month,
        days=days,
        mentions=mentions,
        cases=stories,
        seed=seed,
        members=members,
        verdict=lambda mention, said: judge(mention, said, house.pack, members),
    )
    kinds = {post.text: post.kind for story in world.stories for post in story.posts}
    (folder / KINDS_FILE).write_text(json.dumps(kinds))
    return world


def _result(folder: Path, loop: Month, people: People, events: list[Heard]) -> Result:
    world, inbox = loop.world, loop.inbox
    with session(people.engine, read_only=True) as db:
        whole, still_open = not audit.verify(db), len(cases.open_(db))
    office = loop.house.office
    measure = partial(
        score,
        world=world,
        database=folder / "month.db",
        members=office.members,
        calendar=office.calendar,
        crashes=sum(one.startswith("record") for one in loop.crashed),
    )
    found: dict[str, Counter[str]] = {}
    for one in events:
        if one.name == "auditor_found":
            when = "before" if one.at < world.down else "during" if one.at < world.up else "after"
            found.setdefault(when, Counter()).update(one.more["faults"])
    return Result(
        world=world,
        score=measure(inbox.all),
        messages=inbox.all,
        measure=measure,
        log_whole=whole,
        beats=inbox.beats,
        crashed=[*loop.crashed, *(f"{where} never" for where in loop.pending)],
        events=Counter(one.name for one in events),
        refused=people.refused,
        did=people.did,
        runs=loop.runs,
        seconds=dict(loop.seconds),
        open_at_end=still_open,
        findings=found,
    )


@contextmanager
def _secrets(folder: Path, heartbeat: str) -> Iterator[None]:
    """What may not stand in the settings file, where the program reads it: its folder of secrets."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    values = {"alerts__heartbeat": heartbeat}
    for name in ("margaret", "daniel", "priya", "ewa", "joan"):
        values[f"channels__phone_{name}__key"] = "whsec_bW9udGhtb250aG1vbnRobW9udGhtb250aG1v"
    for name, value in values.items():
        (secrets / name).write_text(value)
        (secrets / name).chmod(0o600)
    before = os.environ.get("REDSHANK_SECRETS")
    os.environ["REDSHANK_SECRETS"] = str(secrets)
    try:
        yield
    finally:
        del os.environ["REDSHANK_SECRETS"]
        if before is not None:
            os.environ["REDSHANK_SECRETS"] = before


def main() -> int:
    """Live through the month, and print what it came to."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--month", type=lambda text: date.fromisoformat(f"{text}-01"), default=date(2026, 12, 1)
    )
    arguments.add_argument("--mentions", type=int, default=100_000)
    arguments.add_argument("--cases", type=int, default=1000)
    arguments.add_argument(
        "--days", type=int, default=31, help="live through the first days of the month only"
    )
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--break", dest="spoil", choices=("lost", "late", "twice"), default="")
    arguments.add_argument(
        "--audit-every", type=int, default=0, help="simulated minutes (60; 240 in a small one)"
    )
    arguments.add_argument("--folder", type=Path, default=MEMORY if MEMORY.is_dir() else None)
    chosen = arguments.parse_args()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
    )
    with (
        tempfile.TemporaryDirectory(prefix="redshank-month-", dir=chosen.folder) as folder,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("", total=None)

        def report(now: datetime, world: World) -> None:
            done, whole = now - world.begin, world.end - world.begin
            progress.update(
                task, completed=done / whole * 100, total=100, description=f"{now:%a %d %b %H:%M}"
            )

        result = live(
            Path(folder),
            month=chosen.month,
            mentions=chosen.mentions,
            stories=chosen.cases,
            days=chosen.days,
            seed=chosen.seed,
            spoil=chosen.spoil,
            audit_every=timedelta(minutes=chosen.audit_every or (60 if chosen.mentions > MANY else 240)),
            report=report,
        )
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table(result))
    for line in details(result):
        console.print(line, markup=False, highlight=False)
    return int(bool(result.score.wrong) or not result.log_whole)


if __name__ == "__main__":
    sys.exit(main())
