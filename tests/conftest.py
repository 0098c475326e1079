"""What several test files share. The environment of a developer's machine must not decide how a test ends."""

import os

import pytest
from core import logs

# Before anything imports Prefect: its settings are read once.
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """No setting of the machine's reaches a test; log lines go to standard error, warnings and worse."""
    for name in list(os.environ):
        if name.startswith("REDSHANK_"):
            monkeypatch.delenv(name)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    logs.configure()
