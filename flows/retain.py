"""What we may not keep: irrelevant words after thirty days, deleted ones outside a case, spent budgets, old rates.

forget_irrelevant, forget_deleted, budgets.forget, rates.forget -> counts
"""

from datetime import datetime, timedelta

import structlog
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from alerts.arrivals import HISTORY
from flows import wiring
from flows.quiet import alone, quiet
from flows.wiring import House
from storage import budgets, rates, retention
from storage.engine import session

_LOG = structlog.get_logger(__name__)
IRRELEVANT = timedelta(days=30)
_WINDOWS = timedelta(days=40)  # a window is a month at the longest


def retain_all(house: House) -> int:
    """Forget what is due; says of how many mentions the words were erased."""
    now, erased = house.now(), 0
    while done := _forget_some(house, now):
        erased += done
    with session(house.engine) as db:
        budgets.forget(db, now - _WINDOWS)
        rates.forget(db, now - HISTORY - timedelta(days=7))
    if erased:
        _LOG.info("words_erased", mentions=erased)
    return erased


def _forget_some(house: House, now: datetime) -> int:
    with session(house.engine) as db:
        return retention.forget_irrelevant(db, now - IRRELEVANT, now) + retention.forget_deleted(db, now)


@task(cache_policy=NO_CACHE)
@quiet
def forget(config: str) -> dict[str, int]:
    """Forget what is due; returns counts."""
    house = wiring.house(config)
    with alone(house.var, "retain") as first:
        return {"erased": retain_all(house) if first else 0}


@flow(name="retain", log_prints=False)
@quiet
def retain(config: str = "") -> dict[str, int]:
    """Forget what may not be kept; returns counts."""
    return forget(config)
