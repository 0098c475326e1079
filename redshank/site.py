"""The review site beside the schedules: one process, its own thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from core.errors import RedshankError

if TYPE_CHECKING:
    from fastapi import FastAPI

_START_SECONDS = 30
_STOP_SECONDS = 10


@contextmanager
def site(app: "FastAPI", host: str, port: int) -> Iterator[int]:
    """Serve ``app`` for as long as the block runs; yields the port it listens on (of port 0, the one found).

    Raises RedshankError where it cannot listen there.
    """
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server,), name="review-site", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    if not server.started:
        raise RedshankError(
            f"the review site cannot listen on {host}:{port}: is the port taken? Set [review] port"
        )
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)


def _run(server: uvicorn.Server) -> None:
    try:
        server.run()
    except SystemExit:
        # uvicorn leaves so when the port is taken; the block that waits says it in words.
        return
