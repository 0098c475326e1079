"""Sends what was planned, one notice after the other, and says how each went.

A failure is a value: it delays or ends its own notice and none of the others.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import structlog

from core.errors import SendError, WithdrawnError
from core.telling import Delivery, DeliveryStatus, Notice

log = structlog.get_logger(__name__)

FIRST_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
# Each try also asks whether the other side is there again: what waits must not wait long after that.
LATER_WAIT = timedelta(minutes=30)
PATIENCE = timedelta(days=5)


def deliver(
    notices: Iterable[Notice], send: Callable[[Notice], None], now: Callable[[], datetime] | datetime
) -> Iterator[Delivery]:
    """One Delivery for each notice, as soon as it is known: it can be recorded before the next is sent.

    ``send`` renders and sends; a SendError delays the notice (temporary) or ends it. Any other exception is
    logged by its type alone, as its words may hold what must not travel, and delays the notice. What cannot
    be sent for five days is refused: never quietly, as refused notices are told to the operator. One that ``send``
    takes back (WithdrawnError) is no failure.
    """
    for notice in notices:
        error = _attempt(notice, send)
        yield _outcome(notice, error, now() if callable(now) else now)


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after this many earlier attempts; None once the waits add up to five days."""
    later = max(0, attempts - len(FIRST_WAITS))
    waited = sum(FIRST_WAITS[:attempts], timedelta()) + later * LATER_WAIT
    if waited >= PATIENCE:
        return None
    return FIRST_WAITS[attempts] if attempts < len(FIRST_WAITS) else LATER_WAIT


def _attempt(notice: Notice, send: Callable[[Notice], None]) -> SendError | None:
    """What kept it from being sent, if anything did."""
    try:
        send(notice)
    except SendError as error:
        log.warning("notice_not_sent", key=notice.key, error=str(error), temporary=error.temporary)
        return error
    except Exception as error:  # noqa: BLE001 - one notice must not keep the others from going
        kind = type(error).__name__
        log.error("notice_broke", key=notice.key, error=kind, at=_where(error))  # noqa: TRY400
        return SendError(f"unexpected {kind}; see notice_broke in the log", temporary=True)
    log.info("notice_sent", key=notice.key)
    return None


def _outcome(notice: Notice, error: SendError | None, at: datetime) -> Delivery:
    if error is None:
        return Delivery(key=notice.key, status=DeliveryStatus.sent, at=at)
    if not error.temporary:
        final = DeliveryStatus.withdrawn if isinstance(error, WithdrawnError) else DeliveryStatus.refused
        return Delivery(key=notice.key, status=final, at=at, error=str(error))
    wait = wait_after(notice.attempts)
    if wait is None:
        return Delivery(
            key=notice.key, status=DeliveryStatus.refused, at=at, error=f"given up after 5 days: {error}"
        )
    return Delivery(
        key=notice.key, status=DeliveryStatus.delayed, at=at, error=str(error), next_try_at=at + wait
    )


def _where(error: Exception) -> str:
    """File and line of the innermost frame: enough to find the fault, and nothing that was written."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
