"""Our own prefect.yaml on a real Prefect server: the schedules are deployed, and cron really fires."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from town import BREACH, Post, open_town

from flows import serving
from flows.serving import deployments

ROOT = Path(__file__).parents[1]
PATIENCE = 240


def test_every_flow_has_a_schedule_in_the_organisations_time_zone():
    found = {entry.name: entry for entry in deployments()}
    assert set(found) == {"collect", "triage", "tell", "watch", "sample", "retain"}
    assert {entry.timezone for entry in found.values()} == {"Europe/London"}
    assert all(entry.crons for entry in found.values())


@pytest.fixture
def machine(tmp_path):
    """A Prefect server, and the environment in which its commands and workers run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "APP_DIR": str(ROOT),
        "REDSHANK_CONFIG": str(tmp_path / "redshank.toml"),
    }
    log = (tmp_path / "prefect.log").open("wb")
    command = [sys.executable, "-m", "prefect"]
    serve = ["server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    children = [subprocess.Popen([*command, *serve], env=environment, stdout=log, stderr=log)]

    def prefect(*arguments, wait=True):
        if wait:
            subprocess.run(
                [*command, *arguments], env=environment, cwd=ROOT, stdout=log, stderr=log, check=True
            )
        else:
            children.append(
                subprocess.Popen([*command, *arguments], env=environment, cwd=ROOT, stdout=log, stderr=log)
            )

    try:
        _until(lambda: _answers(environment["PREFECT_API_URL"]), "the server answers", tmp_path)
        yield prefect, environment["PREFECT_API_URL"]
    finally:
        for child in reversed(children):
            _end(child)
        log.close()


def _end(child):
    """In order where it can: a worker first waits for the run that it has begun."""
    child.terminate()
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _answers(url):
    try:
        return requests.get(f"{url}/health", timeout=2).ok
    except requests.ConnectionError:
        return False


def _until(true, what, folder):
    deadline = time.monotonic() + PATIENCE
    clock = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({PATIENCE})"])
    try:
        while not (found := true()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited in vain: {what}\n{(folder / 'prefect.log').read_text()[-3000:]}")
            try:
                clock.wait(0.3)
            except subprocess.TimeoutExpired:
                continue
        return found
    finally:
        clock.kill()
        clock.wait()


def test_a_cron_schedule_of_ours_fires_and_its_flow_completes(machine, tmp_path):
    prefect, url = machine
    with open_town(tmp_path) as town:
        prefect("work-pool", "create", "redshank", "--type", "process")
        prefect("--no-prompt", "deploy", "--all")
        deployed = requests.post(f"{url}/deployments/filter", json={}, timeout=10).json()
        assert {one["name"] for one in deployed} == {entry.name for entry in deployments()}
        assert all(one["parameters"]["config"] == str(town.config) for one in deployed)
        prefect("worker", "start", "--pool", "redshank", wait=False)

        def completed():
            wanted = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}}
            return requests.post(f"{url}/flow_runs/filter", json=wanted, timeout=10).json()

        runs = _until(completed, "a scheduled run ends", tmp_path)
        assert [run["state"]["type"] for run in runs] == ["COMPLETED"] * len(runs)
        assert all(run["auto_scheduled"] and run["expected_start_time"] for run in runs)


def test_serve_keeps_the_schedules_by_itself_and_leaves_nothing_running(tmp_path):
    with open_town(tmp_path, [Post("a", BREACH)]) as town:
        command = [sys.executable, "-m", "redshank", "-c", str(town.config), "serve"]
        with (tmp_path / "prefect.log").open("wb") as log:
            served_by = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                # Told by itself: nobody but the schedule runs a flow here.
                _until(lambda: town.mails or served_by.poll() is not None, "a mail arrives", tmp_path)
                assert served_by.poll() is None, (tmp_path / "prefect.log").read_text()
                served = _descendants(served_by.pid)
            finally:
                _end(served_by)
        assert served
        _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in served), "all end", tmp_path)
        assert (tmp_path / "var" / "prefect").is_dir()


def test_serve_answers_on_the_review_sites_port_and_ends_on_ctrl_c(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "prefect.log"
    with open_town(tmp_path) as town:
        site = f'[review]\nport = {port}\naddress = "http://127.0.0.1:{port}"\n'
        town.config.write_text(town.config.read_text() + site)
        command = [sys.executable, "-m", "redshank", "-c", str(town.config), "serve"]
        with log.open("wb") as lines:
            served_by = subprocess.Popen(command, stdout=lines, stderr=lines)
            try:
                _until(
                    lambda: _site_answers(port) or served_by.poll() is not None, "the site answers", tmp_path
                )
                assert served_by.poll() is None, log.read_text()
                assert (
                    requests.get(f"http://127.0.0.1:{port}/acknowledge/nonsense", timeout=10).status_code
                    == 410
                )
                _until(lambda: len(_descendants(served_by.pid)) > 0, "the server starts", tmp_path)
                served_by.send_signal(signal.SIGINT)
                assert served_by.wait(60) in {0, 130}, log.read_text()
            finally:
                _end(served_by)
        assert not _site_answers(port)
        assert f"the review site listens on http://127.0.0.1:{port}" in log.read_text()
        assert "Traceback" not in log.read_text()


def _site_answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=2).text.startswith("ok")
    except requests.ConnectionError:
        return False


def test_a_server_that_a_killed_serve_left_behind_is_ended(tmp_path):
    program = "import sys; sys.stdin.read()  # prefect server"
    orphan = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    other = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    pid = tmp_path / "server.pid"
    for process in (other, orphan):
        pid.write_text(str(process.pid))
        serving._end_orphan(pid)
    orphan.communicate()
    assert orphan.returncode == -signal.SIGTERM
    other.communicate()
    assert other.returncode == 0
    pid.write_text("nonsense")
    serving._end_orphan(pid)


def _descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children] + [
        grandchild for child in children for grandchild in _descendants(child)
    ]
