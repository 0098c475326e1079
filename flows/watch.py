"""The auditor: reads everything open again, proves that nobody was left untold, and says that it is alive.

ledger, situations, digests due -> audit.findings -> told as faults -> heartbeat, if there was nothing to find
"""

from datetime import datetime

import requests
import structlog
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from alerts.audit import Told, digests_expected, findings
from alerts.faults import Fault
from flows import wiring
from flows.digests import LOOK_BACK
from flows.quiet import alone, quiet
from flows.situations import open_situations
from flows.tell import deliver_all, plan_all
from flows.wiring import House
from storage import audit, cursors, ledger, silences
from storage.engine import session

_LOG = structlog.get_logger(__name__)
_HEARTBEAT_SECONDS = 10


def examine(house: House) -> list[Fault]:
    """What is wrong now: untold, unsent, without a next step, a digest that did not go, a log that is not whole."""
    office, now = house.office, house.now()
    roster = office.routes.roster
    with session(house.engine, read_only=True) as db:
        held = open_situations(house, db)
        began = cursors.first_visit(db)
        # Before anything was ever read no digest goes.
        due = digests_expected(roster, office.rules, office.calendar, now=now, since=began) if began else []
        found = findings(
            held,
            roster,
            office.rules,
            office.calendar,
            told=_told(db, now - LOOK_BACK),
            digests=due,
            now=now,
            silences=silences.all_(db, since=now),
        )
        return [*found, *_log_faults(db)]


def watch_all(house: House) -> int:
    """Examine, tell what was found, and ask the heartbeat's address if nothing was; returns how many faults there are.

    What is due is planned first: a tick that comes before the one of telling finds nothing to complain of.
    """
    plan_all(house)
    found = examine(house)
    if found:
        plan_all(house, found)
        _LOG.warning("auditor_found", faults=[fault.slug for fault in found])
    deliver_all(house)
    if not found:
        beat(house)
    return len(found)


def beat(house: House) -> bool:
    """Ask the heartbeat's address, where somebody misses it when this machine is silent; says if it was reached."""
    url = house.settings.alerts.heartbeat.get_secret_value()
    if not url:
        return False
    try:
        answer = requests.get(
            url, timeout=_HEARTBEAT_SECONDS, allow_redirects=False, headers={"User-Agent": house.user_agent}
        )
    except requests.RequestException as error:
        # Its words hold the address, which is a secret.
        _LOG.warning("heartbeat_not_sent", error=type(error).__name__)
        return False
    if not answer.ok:
        _LOG.warning("heartbeat_refused", status=answer.status_code)
    return answer.ok


def _told(db: Session, since: datetime) -> list[Told]:
    return [
        Told(key=one.key, status=one.status, created_at=one.created_at, sent_at=one.sent_at)
        for one in ledger.standing(db, since)
    ]


def _log_faults(db: Session) -> list[Fault]:
    broken = audit.verify(db)
    if not broken:
        return []
    advice = "Keep the database as it is, and find out who could write to it."
    words = f"The log of decisions is not whole\n{broken[0]}. {advice}"
    return [Fault(slug="audit/log", words=words, began=None, roles=("operator", "governance"))]


@task(cache_policy=NO_CACHE)
@quiet
def examine_all(config: str) -> dict[str, int]:
    """Examine and tell; returns counts."""
    house = wiring.house(config)
    with alone(house.var, "watch") as first:
        return {"faults": watch_all(house) if first else 0}


@flow(name="watch", log_prints=False)
@quiet
def watch(config: str = "") -> dict[str, int]:
    """Prove that nobody was left untold, and say so to whoever waits for it; returns counts."""
    return examine_all(config)
