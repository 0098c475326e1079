"""What the planner and the auditor read of the ledger: what may come up again, and nothing else."""

from datetime import timedelta

from storage_fixtures import NOW, mention, verdict

from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import CaseState
from storage import cases, deliveries, ledger, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]
DAY = timedelta(days=1)


def write(engine, key, kind="case", case_id=None, at=NOW):
    notice = Notice(
        key=key,
        kind=kind,
        role="governance",
        to="gale@oakfield.example",
        channel="mail",
        why="",
        occasions=(Occasion(key=key, case_id=case_id),),
    )
    with session(engine) as db:
        deliveries.enqueue(db, [notice], at)


def record(engine, key, status, at=NOW):
    with session(engine) as db:
        deliveries.record(db, Delivery(key=key, status=status, at=at))


def raised(engine, key):
    with session(engine) as db:
        stored = mentions.read(db, mentions.add_new(db, [mention(key, author=f"@{key}")], NOW))
        return mentions.settle(db, stored[0], verdict(), NOW).id


def test_closed_cases_and_digests_of_long_ago_do_not_come_up_again(engine):
    open_, closed = raised(engine, "a"), raised(engine, "b")
    with session(engine) as db:
        cases.locked_row(db, closed).state = CaseState.closed
    write(engine, "open", case_id=open_, at=NOW - 400 * DAY)
    write(engine, "closed", case_id=closed)
    write(engine, "digest", "digest")
    write(engine, "old digest", "digest", at=NOW - 400 * DAY)
    record(engine, "open", DeliveryStatus.sent)
    with session(engine, read_only=True) as db:
        found = {one.key: one.status for one in ledger.standing(db, NOW - DAY)}
        assert found == {"open": "accepted", "digest": "queued"}
        assert ledger.told(db, NOW - 500 * DAY, kind="digest") == {"digest", "old digest"}


def test_a_case_was_told_when_the_first_message_that_stayed_was_accepted(engine):
    number = raised(engine, "a")
    for days, key in enumerate(("one", "two", "three")):
        write(engine, key, case_id=number)
        record(engine, key, DeliveryStatus.sent, NOW + days * DAY)
    record(engine, "one", DeliveryStatus.bounced)
    with session(engine, read_only=True) as db:
        assert ledger.first_told(db, [number]) == {number: NOW + DAY}
    for key in ("two", "three"):
        record(engine, key, DeliveryStatus.bounced)
    with session(engine, read_only=True) as db:
        assert ledger.first_told(db, [number]) == {}
