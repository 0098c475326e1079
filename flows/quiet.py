"""What keeps a flow from saying what people wrote, and from running twice at once on one machine.

Prefect writes a failed run's exception, its message and the chain of its causes into its database and its log. A
parser's or a validator's message repeats what it choked on, so only errors of our own, whose words are fit for
an operator, may leave a flow.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import structlog

from core.errors import RedshankError

_LOG = structlog.get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


def quiet(act: Callable[P, R]) -> Callable[P, R]:
    """Let only our own errors out, without their causes; any other is logged by type and place alone."""

    @wraps(act)
    def acted(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return act(*args, **kwargs)
        except RedshankError as error:
            raise error from None
        except Exception as error:  # noqa: BLE001 - its message must not travel
            _LOG.exception("flow_broke", flow=act.__name__)
            broke = f"{act.__name__} broke: {type(error).__name__}; its log says where"
        raise RedshankError(broke)

    return acted


@contextmanager
def alone(folder: Path, name: str) -> Iterator[bool]:
    """Whether this process is the only one on this machine to run ``name`` now; the kernel lets go at its death.

    Two at once would do no harm, only ask sources twice: rows are claimed and keys are known.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / f"{name}.lock").open("a")
    except OSError as error:
        raise RedshankError(f"{folder} cannot be written: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _LOG.info("still_running", flow=name)
            yield False
            return
        yield True
