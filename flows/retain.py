"""What we may not keep: irrelevant words after thirty days, spent windows of budgets, old rates.

forget_irrelevant, budgets.forget, rates.forget -> counts
"""

from datetime import timedelta

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
    """Forget what is due; returns of how many mentions the words were erased."""
    now, erased = house.now(), 0
    while True:
        with session(house.engine) as db:
            done = retention.forget_irrelevant(db, now - IRRELEVANT, now)
        erased += done
        if not done:
            break
    with session(house.engine) as db:
        budgets.forget(db, now - _WINDOWS)
        rates.forget(db, now - HISTORY - timedelta(days=7))
    if erased:
        _LOG.info("irrelevant_forgotten", mentions=erased)
    return erased


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
