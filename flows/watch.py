"""The auditor: reads everything open again, proves that nobody was left untold, and says that it is alive.

ledger, situations, digests due -> audit.findings -> told as faults -> heartbeat, if the machine is as it should be
"""

import requests
import structlog
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from alerts.audit import digests_expected, findings
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
_NOTED = 3  # a day, the number of a line, its digest


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
            told=ledger.standing(db, now - LOOK_BACK),
            digests=due,
            now=now,
            silences=silences.all_(db, since=now),
        )
        return [*found, *_log_faults(house, db)]


def watch_all(house: House) -> int:
    """Examine, tell what was found, and ask the heartbeat's address; returns how many faults there are.

    What is due is planned first: a tick that comes before the one of telling finds nothing to complain of. What only
    people have left undone does not stop the heartbeat: whoever waits for it watches over the machine.
    """
    plan_all(house)
    found = examine(house)
    if found:
        plan_all(house, found)
        _LOG.warning("auditor_found", faults=[fault.slug for fault in found])
    deliver_all(house)
    if all(fault.of_people for fault in found):
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


def _log_faults(house: House, db: Session) -> list[Fault]:
    """What is wrong with the log of decisions since it was last found whole, and once a day with all of it.

    Where it was whole stands in a file, out of reach of whoever can write to the database alone.
    """
    today, file = house.now().date().isoformat(), house.var / "audit.head"
    noted = file.read_text(encoding="ascii").split() if file.exists() else []
    day, line, known = noted if len(noted) == _NOTED else ("", "0", "")
    # Before it is read, as others may write on meanwhile: what they write is read the next time.
    end, digest = audit.end(db)
    broken = audit.verify(db, since_id=int(line) if day == today else 0, known=known)
    if not broken:
        if end:
            house.var.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(f"{today} {end} {digest}", encoding="ascii")
            part.replace(file)
        return []
    advice = (
        "Keep the database as it is, and find out who could write to it. If it was made anew or brought back from a "
        f"backup on purpose, remove {file.name} from var: the watch then begins anew."
    )
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
