"""What several test files share. The environment of a developer's machine must not decide how a test ends."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core import logs

# Before anything imports Prefect or ONNX Runtime: their telemetry is settled at import.
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


# A busy machine is no bug: what is judged is what the code does, not how long it took.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _own_environment():
    """No setting of the machine's reaches a test, none that a command sets outlives it; only warnings are logged."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("REDSHANK_") or name.lower() in ("http_proxy", "https_proxy"):
            del os.environ[name]
    logs.configure()
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def prefect_database():
    """A Prefect server of the tests' own; gives the file that its database is kept in."""
    from prefect.settings import get_current_settings
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        url = get_current_settings().server.database.connection_url.get_secret_value()
        yield Path(url.partition(":///")[2])


@pytest.fixture(scope="session")
def httpserver_listen_address():
    """Where the HTTP server of all tests listens."""
    return ("127.0.0.1", 0)
