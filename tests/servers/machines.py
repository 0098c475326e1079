"""Starts and ends programs on loopback, each in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

WEB_USER = "www-data"
LONGEST_START = 90  # seconds


def need(*programs: str) -> None:
    """Skip the tests where a program or a file is not on this machine."""
    absent = [one for one in programs if not (shutil.which(one) or Path(one).exists())]
    if absent:
        pytest.skip(f"not on this machine: {', '.join(absent)}", allow_module_level=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that other users may enter, as servers give up their rights."""
    made = Path(tempfile.mkdtemp(prefix="redshank-server-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def given_to(user: str, *paths: Path) -> None:
    """Make folders that a server writes to its own."""
    for path in paths:
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", user, str(path)], check=True)


def listens(port: int) -> bool:
    """Whether something answers at the port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def started(
    command: Sequence[str],
    ready: Callable[[], bool],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
) -> Iterator[None]:
    """A program that runs until the end of the block; waits until it is ready."""
    given = {**os.environ, **(environment or {})}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, start_new_session=True, env=given, cwd=cwd, user=user
        )
        try:
            _wait(process, ready, log)
            yield
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + LONGEST_START
    while not ready():
        if process.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"it did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the group is its own: it was started in a session of its own
        process.wait(20)


@contextmanager
def php_site(home: Path, root: Path, port: int, rules: str, environment: Mapping[str, str]) -> Iterator[str]:
    """nginx with php-fpm behind it, serving a folder; gives the address."""
    need("nginx", "php-fpm8.2")
    given_to(WEB_USER, home / "run")
    as_user = f"user={WEB_USER}\ngroup={WEB_USER}\n" if os.geteuid() == 0 else ""
    (home / "fpm.conf").write_text(
        f"[global]\nerror_log={home}/fpm.log\ndaemonize=no\n[www]\n{as_user}listen={home}/run/php.sock\n"
        f"listen.mode=0666\npm=static\npm.max_children=3\n"
    )
    passed = "".join(f"fastcgi_param {name} {value};" for name, value in environment.items())
    web_user = f"user {WEB_USER};" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{kind}_temp_path {home}/run/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # nginx leaves the port out of HTTP_HOST, and WordPress would lead to itself for ever.
    (home / "nginx.conf").write_text(
        f"{web_user} pid {home}/run/nginx.pid; error_log {home}/nginx.log; events {{}} http {{ {temporary} "
        f"access_log off; include /etc/nginx/mime.types; server {{ listen 127.0.0.1:{port}; root {root}; "
        f"index index.php; client_max_body_size 20m; {rules} location ~ \\.php$ {{ include /etc/nginx/fastcgi_params; "
        f"fastcgi_param HTTP_HOST $http_host; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; "
        f"{passed} fastcgi_pass unix:{home}/run/php.sock; }} }} }}"
    )
    fpm = ["php-fpm8.2", "--nodaemonize", "--fpm-config", str(home / "fpm.conf")]
    web = ["nginx", "-c", str(home / "nginx.conf"), "-g", "daemon off;"]
    with (
        started(fpm, (home / "run" / "php.sock").exists, home / "fpm.out"),
        started(web, lambda: listens(port), home / "nginx.out"),
    ):
        yield f"http://127.0.0.1:{port}"
