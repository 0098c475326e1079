"""Log lines are events with keys, on standard error: never a text, a name or a secret that somebody wrote.

An exception's own message may repeat what it choked on (a parser's, a validator's), so a log line tells its type
and where it was raised, and nothing more.
"""

import logging
import sys
import traceback
from pathlib import Path

import structlog
from structlog.typing import EventDict, Processor

_FRAMES = 8


def configure(*, verbose: bool = False, lines: bool | None = None) -> None:
    """Send log lines to standard error; as JSON lines unless that is a terminal (or ``lines`` says so)."""
    as_lines = not sys.stderr.isatty() if lines is None else lines
    renderer: Processor = structlog.processors.JSONRenderer() if as_lines else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_messages,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if verbose else logging.WARNING),
        logger_factory=_Stderr(),
        cache_logger_on_first_use=False,
    )


class _Stderr:
    """Looks standard error up at each use, so that a test or a shell may replace it."""

    def __call__(self, *_names: object) -> structlog.PrintLogger:
        return structlog.PrintLogger(sys.stderr)


def without_messages(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: the exception as its type and the places it passed, without its message."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["at"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return event
