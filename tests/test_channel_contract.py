"""What every channel keeps to, found by listing the folder: a new one needs a line in WORKING here, and no more."""

import re
import socket
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError
from pytest_httpserver import HTTPServer

from alerts import channels
from alerts.channels import Channel
from alerts.showing import DEFAULTS
from core.errors import SendError
from core.sections import ChannelSettings
from core.telling import Message

# Apprise looks for a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

CHANNELS = channels.load()
SECRET = "c2VjcmV0IG9mIHRoZSBob3VzZSwgMzIgYnl0ZXMgbG9uZw=="
# Settings with every secret that a kind knows, each of them holding SECRET.
WORKING: dict[str, dict[str, Any]] = {
    "mail": {
        "host": "127.0.0.1",
        "port": "PORT",
        "from": "alerts@oakfield.example",
        "security": "none",
        "username": "alerts",
        "password": SECRET,
    },
    "webhook": {"url": f"http://127.0.0.1:PORT/{SECRET}", "key": f"whsec_{SECRET}"},
    "apprise": {"url": f"json://127.0.0.1:PORT/{SECRET}"},
}
MESSAGE = Message(
    key="case/12/r1/any/0123456789abcdef",
    to="gov@oakfield.example",
    subject="[Redshank] High: case 12",
    text="a long text with the reasons\n",
    html="<p>a long text with the reasons</p>",
    short="Case 12 is high.",
)


@pytest.fixture(params=sorted(CHANNELS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def channel(kind: str) -> Channel:
    return CHANNELS[kind]


def options(kind: str, port: int) -> BaseModel:
    table = {
        key: value.replace("PORT", str(port)) if isinstance(value, str) else value
        for key, value in WORKING[kind].items()
    }
    return CHANNELS[kind].Options.model_validate({"timeout": 1, **table})


def test_every_module_of_the_folder_is_a_channel_of_its_own_kind() -> None:
    modules = [path for path in Path(channels.__file__).parent.glob("*.py") if not path.stem.startswith("_")]
    assert len(CHANNELS) == len(modules)
    assert set(CHANNELS) == set(WORKING)


def test_it_says_what_it_is_and_fits_on_two_screens(channel: Channel) -> None:
    assert channel.__doc__
    written = Path(str(channel.__file__)).read_text()  # type: ignore[attr-defined]
    assert len(written.splitlines()) < 100
    assert "print(" not in written


def test_it_has_a_level_of_its_own_to_show(kind: str) -> None:
    assert kind in DEFAULTS


def test_its_options_refuse_what_they_do_not_know_and_never_change(kind: str, channel: Channel) -> None:
    assert channel.Options.model_config.get("extra") == "forbid"
    assert channel.Options.model_config.get("frozen") is True
    with pytest.raises(ValidationError) as raised:
        channel.Options.model_validate({**WORKING[kind], "port": 1, "colour": SECRET})
    assert SECRET not in str(raised.value)


def test_its_secrets_are_not_shown(kind: str) -> None:
    given = options(kind, 9)
    assert any(isinstance(value, SecretStr) for value in dict(given).values())
    assert SECRET not in f"{given!r} {given} {given.model_dump_json()}"


def tell(kind: str, port: int) -> SendError:
    with pytest.raises(SendError) as raised:
        CHANNELS[kind].send(MESSAGE, options(kind, port))
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return raised.value


def betrays(error: SendError) -> list[str]:
    words = (SECRET, MESSAGE.to, MESSAGE.key, "127.0.0.1", "Case 12", "reasons", "case 12", "not today")
    return [word for word in words if word in str(error)]


def test_where_nobody_listens_the_message_is_kept(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = tell(kind, port)
    assert error.temporary
    assert betrays(error) == []


def test_where_the_wrong_server_answers_the_message_is_kept(kind: str, httpserver: HTTPServer) -> None:
    words = f"not today, {MESSAGE.to}: {SECRET}"
    httpserver.expect_request(f"/{SECRET}").respond_with_data(words, status=503)
    error = tell(kind, httpserver.port)
    assert error.temporary
    assert betrays(error) == []


def test_where_nobody_answers_the_message_is_kept(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        table = dict(options(kind, silent.getsockname()[1]))
        given = CHANNELS[kind].Options.model_construct(**{**table, "timeout": 0.05})
        with pytest.raises(SendError) as raised:
            CHANNELS[kind].send(MESSAGE, given)
    assert raised.value.temporary
    assert betrays(raised.value) == []


def test_the_settings_shown_in_the_documentation_are_accepted() -> None:
    page = (Path(__file__).parents[1] / "docs" / "alerts.md").read_text()
    [shown] = [block for block in page.split("```toml\n") if block.startswith("[channels.")]
    text = re.sub(r"^# ", "", shown.partition("```")[0], flags=re.MULTILINE)
    for table in tomllib.loads(text)["channels"].values():
        settings = ChannelSettings.model_validate(table)
        values = settings.model_dump(exclude_unset=True, exclude={"kind", "timeout"})
        secrets = {"url": "json://127.0.0.1/"} if settings.kind == "apprise" else {"key": f"whsec_{SECRET}"}
        given = {**values, **secrets, "timeout": settings.timeout.total_seconds()}
        assert CHANNELS[settings.kind].Options.model_validate(given)
