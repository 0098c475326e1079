"""`redshank serve`: the schedules of prefect.yaml on one machine, with a Prefect server of its own.

    Prefect server (a child, on loopback) <- runner (this process) -> one process for each flow run

Prefect reads its settings when it is imported, so everything of it is imported here only after the server's
address is known. Where PREFECT_API_URL names a server already, that one is used and none is started.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import requests
import structlog
import yaml

from core.errors import RedshankError

_LOG = structlog.get_logger(__name__)
_START_SECONDS = 120
_STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Deployment:
    """One entry of prefect.yaml: which flow runs when."""

    name: str
    module: str
    flow: str
    crons: tuple[str, ...]
    timezone: str


def deployments() -> list[Deployment]:
    """The entries of prefect.yaml, which is the one place where schedules are written."""
    packed = Path(__file__).with_name("prefect.yaml")
    file = packed if packed.exists() else Path(__file__).parents[1] / "prefect.yaml"
    found = []
    for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]:
        path, _, flow = entry["entrypoint"].partition(":")
        crons = tuple(schedule["cron"] for schedule in entry["schedules"])
        module = path.removesuffix(".py").replace("/", ".")
        found.append(Deployment(entry["name"], module, flow, crons, entry["schedules"][0]["timezone"]))
    return found


def serve(config: Path, home: Path) -> None:
    """Run every schedule until interrupted; ``home`` is where the Prefect server keeps its own database.

    Raises:
        RedshankError: the server does not come up.
    """
    os.environ.setdefault("PREFECT_HOME", str(home))
    folder = Path(os.environ["PREFECT_HOME"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["REDSHANK_CONFIG"] = str(config.resolve())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _server(folder / "server.log"):
        _run_schedules(config.resolve())


def _run_schedules(config: Path) -> None:
    from prefect import serve as serve_all
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.types.entrypoint import EntrypointType

    served = [
        getattr(import_module(entry.module), entry.flow).to_deployment(
            name=entry.name,
            schedules=[CronSchedule(cron=cron, timezone=entry.timezone) for cron in entry.crons],
            parameters={"config": str(config)},
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for entry in deployments()
    ]
    _LOG.info("serving", deployments=[entry.name for entry in deployments()])
    serve_all(*served, print_starting_message=False)


@contextmanager
def _server(log: Path) -> Iterator[None]:
    """A Prefect server on loopback for as long as the block runs, unless one is named already."""
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-ui",
    ]
    # Its own session: Ctrl-C reaches this process first, which then ends its child in order.
    pid = log.with_name("server.pid")
    _end_orphan(pid)
    with log.open("ab") as lines:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter, and nothing from outside
            command, stdout=lines, stderr=lines, start_new_session=True
        )
    pid.write_text(str(child.pid), encoding="ascii")
    try:
        _wait_until_healthy(child, url, log)
        os.environ["PREFECT_API_URL"] = url
        yield
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        pid.unlink(missing_ok=True)


def _end_orphan(pid: Path) -> None:
    """End the server that an earlier run left behind when it was killed; two would share one database."""
    try:
        number = int(pid.read_text(encoding="ascii"))
        command = Path(f"/proc/{number}/cmdline").read_bytes()
        if b"prefect" in command and b"server" in command:
            os.kill(number, signal.SIGTERM)
            _LOG.warning("ended_orphan_server", pid=number)
    except (OSError, ValueError):
        return


def _wait_until_healthy(child: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RedshankError(f"the Prefect server ended at once (exit {child.returncode}): see {log}")
        try:
            if requests.get(f"{url}/health", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise RedshankError(f"the Prefect server did not come up within {_START_SECONDS} seconds: see {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
