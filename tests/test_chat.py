"""The Apprise channel against a real server on loopback, by services of Apprise that speak plain HTTP."""

import logging
import socket
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from alerts.channels import chat
from core.errors import SendError
from core.telling import Image, Message

# Apprise looks for a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MESSAGE = Message(
    key="case/12/r1/teams/0123456789abcdef",
    to="gov@oakfield.example",
    subject="[Redshank] High: case 12",
    text="a long text with the reasons\n",
    html="<p>a long text with the reasons</p>",
    images=(Image(cid="week", png=b"\x89PNG", alt="a"),),
    short="Case 12 is high :sos: <b>\nhttps://redshank.example/cases/12",
)


def options(url: str, **more: Any) -> chat.Options:
    return chat.Options.model_validate({"url": url, "timeout": 5, **more})


def address(server: HTTPServer, rest: str = "/t0ken", scheme: str = "json") -> str:
    return f"{scheme}://user:s3cret@127.0.0.1:{server.port}{rest}"


def test_a_message_arrives_in_its_short_form_and_without_pictures(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/t0ken", method="POST").respond_with_data("ok")
    chat.send(MESSAGE, options(address(httpserver)))
    [(request, _)] = httpserver.log
    sent = request.get_json()
    assert (sent["title"], sent["message"], sent["attachments"]) == (MESSAGE.subject, MESSAGE.short, [])
    assert "reasons" not in request.get_data(as_text=True)
    assert MESSAGE.to not in request.get_data(as_text=True)
    assert request.headers["User-Agent"] == "Redshank"


def test_a_message_without_a_short_form_is_told_by_its_subject(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/t0ken").respond_with_data("ok")
    digest = Message(key="k", to="x@y.example", subject="[Redshank] Digest", text="long", html="<p>long</p>")
    chat.send(digest, options(address(httpserver)))
    sent = httpserver.log[0][0].get_json()
    assert (sent["title"], sent["message"]) == ("", "[Redshank] Digest")


def test_another_service_is_another_address(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/", method="POST").respond_with_data('{"id": "a"}')
    chat.send(MESSAGE, options(f"ntfy://127.0.0.1:{httpserver.port}/wards"))
    sent = httpserver.log[0][0].get_json()
    assert (sent["topic"], sent["title"], sent["message"]) == ("wards", MESSAGE.subject, MESSAGE.short)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 500])
@pytest.mark.parametrize("rest", ["/t0ken", "/t0ken?optional=yes&retry=3&wait=30&redirect=yes"])
def test_a_refusal_may_pass_is_tried_once_and_betrays_nothing(
    httpserver: HTTPServer, status: int, rest: str
) -> None:
    httpserver.expect_request("/t0ken").respond_with_data(
        "no gov@oakfield.example", status=status, headers={"Location": httpserver.url_for("/elsewhere")}
    )
    with pytest.raises(SendError, match="JSON did not take the message") as raised:
        chat.send(MESSAGE, options(address(httpserver, rest)))
    assert raised.value.temporary
    assert [request.path for request, _ in httpserver.log] == ["/t0ken"]
    for secret in ("t0ken", "s3cret", "127.0.0.1", MESSAGE.to, "Case 12"):
        assert secret not in str(raised.value)


def test_nothing_is_logged_even_where_everything_is(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.NOTSET)
    caplog.set_level(logging.NOTSET, logger="apprise")
    caplog.set_level(logging.NOTSET, logger="urllib3.connectionpool")
    httpserver.expect_request("/t0ken").respond_with_data("no", status=500)
    with pytest.raises(SendError):
        chat.send(MESSAGE, options(address(httpserver)))
    with pytest.raises(ValidationError):
        options("no-such-service://t0ken")
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]
    told = "".join([*ours, *capfd.readouterr()])
    assert not any(word in told for word in ("t0ken", "s3cret", "Case 12"))


def test_a_service_that_is_down_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SendError) as raised:
        chat.send(MESSAGE, options(f"json://127.0.0.1:{port}/"))
    assert raised.value.temporary


def test_nothing_is_left_on_the_disk(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    httpserver.expect_request("/t0ken").respond_with_data("ok")
    chat.send(MESSAGE, options(address(httpserver)))
    assert list(tmp_path.iterdir()) == []


def test_checking_tells_nobody(httpserver: HTTPServer) -> None:
    chat.check(options(address(httpserver)))
    assert httpserver.log == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": ""}, "Apprise understands"),
        ({"url": "t0ken"}, "Apprise understands"),
        ({"url": "pigeon://t0ken"}, "Apprise understands"),
        ({"url": "slack://t0ken"}, "Apprise understands"),
        ({"url": "jsons://127.0.0.1/t0ken?verify=no"}, "check of certificates"),
        ({"timeout": 0}, "greater than 0"),
        ({"key": "whsec_t0ken"}, "extra"),
    ],
)
def test_settings_that_cannot_work_are_refused_without_being_quoted(
    wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as raised:
        options(**{"url": "json://127.0.0.1/", **wrong})
    assert "t0ken" not in str(raised.value)
