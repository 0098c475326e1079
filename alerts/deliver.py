"""Sends what was planned, one notice after the other, and says how each went.

A failure is a value: it delays or ends its own notice and none of the others.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import structlog

from core.errors import SendError
from core.telling import Delivery, DeliveryStatus, Notice

log = structlog.get_logger(__name__)

FIRST_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
LATER_WAIT = timedelta(hours=4)
PATIENCE = timedelta(days=5)


def deliver(
    notices: Iterable[Notice], send: Callable[[Notice], None], now: Callable[[], datetime] | datetime
) -> Iterator[Delivery]:
    """One Delivery for each notice, as soon as it is known: it can be recorded before the next is sent.

    ``send`` renders and sends; a SendError delays the notice (temporary) or ends it. Any other exception is
    logged by its type alone, as its words may hold what must not travel, and delays the notice. What cannot
    be sent for five days is refused: never quietly, as refused notices are told to the operator.
    """
    for notice in notices:
        error, temporary = _attempt(notice, send)
        yield _outcome(notice, error, temporary, now() if callable(now) else now)


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after this many earlier attempts; None once the waits add up to five days."""
    later = max(0, attempts - len(FIRST_WAITS))
    waited = sum(FIRST_WAITS[:attempts], timedelta()) + later * LATER_WAIT
    if waited >= PATIENCE:
        return None
    return FIRST_WAITS[attempts] if attempts < len(FIRST_WAITS) else LATER_WAIT


def _attempt(notice: Notice, send: Callable[[Notice], None]) -> tuple[str, bool]:
    """The error ("" if there was none), and whether it may pass."""
    try:
        send(notice)
    except SendError as error:
        log.warning("notice_not_sent", key=notice.key, error=str(error), temporary=error.temporary)
        return str(error), error.temporary
    except Exception as error:  # noqa: BLE001 - one notice must not keep the others from going
        kind = type(error).__name__
        log.error("notice_broke", key=notice.key, error=kind, at=_where(error))  # noqa: TRY400
        return f"unexpected {kind}; see notice_broke in the log", True
    log.info("notice_sent", key=notice.key)
    return "", True


def _outcome(notice: Notice, error: str, temporary: bool, at: datetime) -> Delivery:
    if not error:
        return Delivery(key=notice.key, status=DeliveryStatus.sent, at=at)
    if not temporary:
        return Delivery(key=notice.key, status=DeliveryStatus.refused, at=at, error=error)
    wait = wait_after(notice.attempts)
    if wait is None:
        return Delivery(
            key=notice.key, status=DeliveryStatus.refused, at=at, error=f"given up after 5 days: {error}"
        )
    return Delivery(key=notice.key, status=DeliveryStatus.delayed, at=at, error=error, next_try_at=at + wait)


def _where(error: Exception) -> str:
    """File and line of the innermost frame: enough to find the fault, and nothing that was written."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
