"""The webhook channel against a real server on loopback, with and without TLS."""

import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from alerts.channels import webhook
from core.errors import SendError
from core.telling import Message

KEY = "whsec_" + b64encode(b"a key of the house, 32 bytes long").decode()
MESSAGE = Message(
    key="case/12/r1/desk/0123456789abcdef",
    to="gov@oakfield.example",
    subject="[Redshank] High: case 12 – “new”",
    text="a long text with the reasons\n",
    html="<p>a long text with the reasons</p>",
    short="Case 12 is high: https://redshank.example/cases/12",
)


def options(url: str, **more: Any) -> webhook.Options:
    return webhook.Options.model_validate({"url": url, "key": KEY, "timeout": 5, **more})


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def secure(ca: trustme.CA) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        yield server


# What arrives


def test_a_message_arrives_signed_and_in_its_short_form(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/desk", method="POST", query_string="team=a").respond_with_data("ok")
    webhook.send(MESSAGE, options(httpserver.url_for("/desk?team=a")))
    [(request, _)] = httpserver.log
    assert Webhook(KEY).verify(request.get_data(), dict(request.headers)) == {
        "type": "case",
        "key": MESSAGE.key,
        "subject": MESSAGE.subject,
        "text": MESSAGE.short,
    }
    assert request.headers["Content-Type"] == "application/json"
    assert "reasons" not in request.get_data(as_text=True)
    assert MESSAGE.to not in request.get_data(as_text=True)


def test_a_repeat_is_recognisably_the_same_message(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("", status=204)
    for _ in range(2):
        webhook.send(MESSAGE, options(httpserver.url_for("/")))
    ids = {request.headers["webhook-id"] for request, _ in httpserver.log}
    assert ids == {sha256(MESSAGE.key.encode()).hexdigest()}
    assert len(httpserver.log) == 2


def test_over_tls_the_houses_own_authority_is_trusted(secure: HTTPServer, ca_file: Path) -> None:
    secure.expect_request("/").respond_with_data("ok")
    webhook.send(MESSAGE, options(secure.url_for("/"), ca_file=ca_file))
    assert len(secure.log) == 1


@pytest.mark.parametrize("act", [webhook.check, lambda where: webhook.send(MESSAGE, where)])
def test_a_certificate_that_is_not_trusted_is_told_nothing(secure: HTTPServer, act: Any) -> None:
    with pytest.raises(SendError, match=r"certificate is not trusted .*nothing was sent") as raised:
        act(options(secure.url_for("/")))
    assert raised.value.temporary
    assert secure.log == []


def test_a_certificate_of_another_name_is_told_nothing(secure: HTTPServer, ca_file: Path) -> None:
    with pytest.raises(SendError, match="certificate is not trusted"):
        webhook.send(MESSAGE, options(secure.url_for("/").replace("127.0.0.1", "localhost"), ca_file=ca_file))
    assert secure.log == []


def test_an_authority_that_is_not_there_is_no_reason_to_trust_all(secure: HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(SendError, match="FileNotFoundError") as raised:
        webhook.send(MESSAGE, options(secure.url_for("/"), ca_file=tmp_path / "none.pem"))
    assert raised.value.temporary
    assert str(tmp_path) not in str(raised.value)


# Answers


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_sent(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data("", status=status)
    webhook.send(MESSAGE, options(httpserver.url_for("/")))
    [(request, answer)] = httpserver.log
    assert (request.method, answer.status_code) == ("POST", status)


@pytest.mark.parametrize(
    ("status", "temporary", "words"),
    [
        (304, True, "redirects"),
        (400, False, "refused the message"),
        (401, True, "check url and key"),
        (403, True, "check url and key"),
        (404, True, "check url and key"),
        (405, True, "check url and key"),
        (408, True, "cannot take it now"),
        (410, False, "refused the message"),
        (413, False, "refused the message"),
        (422, False, "refused the message"),
        (425, True, "cannot take it now"),
        (429, True, "cannot take it now"),
        (500, True, "cannot take it now"),
        (503, True, "cannot take it now"),
        (600, True, "cannot take it now"),
    ],
)
def test_any_other_status_says_whether_trying_again_may_help(
    httpserver: HTTPServer, status: int, temporary: bool, words: str
) -> None:
    httpserver.expect_request("/t0ken").respond_with_data("gov@oakfield.example is unknown", status=status)
    with pytest.raises(SendError, match=words) as raised:
        webhook.send(MESSAGE, options(httpserver.url_for("/t0ken?code=s3cret")))
    assert raised.value.temporary is temporary
    assert str(status) in str(raised.value)
    for secret in ("t0ken", "s3cret", "unknown", MESSAGE.to, KEY):
        assert secret not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(
        "", status=status, headers={"Location": httpserver.url_for("/elsewhere")}
    )
    with pytest.raises(SendError, match="redirects") as raised:
        webhook.send(MESSAGE, options(httpserver.url_for("/")))
    assert raised.value.temporary
    assert [request.path for request, _ in httpserver.log] == ["/"]


def test_no_proxy_of_the_environment_is_used(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    httpserver.expect_request("/").respond_with_data("ok")
    webhook.send(MESSAGE, options(httpserver.url_for("/")))
    assert [request.url for request, _ in httpserver.log] == [httpserver.url_for("/")]


def test_an_endless_answer_is_not_read(httpserver: HTTPServer) -> None:
    given = count()

    def endless(_: Request) -> Response:
        return Response(b"x" * 1000 for _ in given)

    httpserver.expect_request("/").respond_with_handler(endless)
    webhook.send(MESSAGE, options(httpserver.url_for("/")))
    assert len(httpserver.log) == 1
    # What the sockets hold, and no more: whoever read it all would read for ever.
    assert next(given) < 100_000


# No answer


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("act", [webhook.check, lambda where: webhook.send(MESSAGE, where)])
def test_a_receiver_that_is_down_may_be_tried_again(scheme: str, act: Any) -> None:
    with pytest.raises(SendError, match=r"cannot be reached \(ConnectionRefusedError\)") as raised:
        act(options(f"{scheme}://127.0.0.1:{closed_port()}/t0ken"))
    assert raised.value.temporary
    assert "t0ken" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_receiver_that_says_nothing_times_out(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = options(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.05)
        with pytest.raises(SendError, match="in time") as raised:
            webhook.send(MESSAGE, where)
    assert raised.value.temporary


def test_a_plain_server_where_tls_was_meant_is_told_nothing(httpserver: HTTPServer) -> None:
    with pytest.raises(SendError, match="no secure connection") as raised:
        webhook.send(MESSAGE, options(httpserver.url_for("/").replace("http:", "https:")))
    assert raised.value.temporary
    assert httpserver.log == []


@pytest.mark.parametrize("name", ["x" * 64 + ".example", "a..example"])
def test_a_name_that_cannot_be_looked_up_may_be_put_right(name: str) -> None:
    with pytest.raises(SendError, match="cannot be reached") as raised:
        webhook.send(MESSAGE, options(f"https://{name}/"))
    assert raised.value.temporary


def test_checking_connects_and_asks_for_nothing(secure: HTTPServer, ca_file: Path) -> None:
    webhook.check(options(secure.url_for("/"), ca_file=ca_file))
    assert secure.log == []


# Settings


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://desk.example/t0ken"}, "use https"),
        ({"url": "http://10.0.0.8/t0ken"}, "use https"),
        ({"url": "http://127.0.0.1.desk.example/t0ken"}, "use https"),
        ({"url": "http://desk.example/t0ken", "allow_hosts": ["example"]}, "use https"),
        ({"url": "ftp://desk.example/t0ken"}, "must be the https address"),
        ({"url": "t0ken"}, "must be the https address"),
        ({"url": "https://t0ken@desk.example/"}, "no user name"),
        ({"url": "https://:t0ken@desk.example/"}, "no user name"),
        ({"key": "whsec_"}, "24 to 64"),
        ({"key": KEY.removeprefix("whsec_")}, "24 to 64"),
        ({"key": "whsec_t0ken!"}, "24 to 64"),
        ({"key": "whsec_" + b64encode(b"x" * 23).decode()}, "24 to 64"),
        ({"key": "whsec_" + b64encode(b"x" * 65).decode()}, "24 to 64"),
        ({"timeout": 0}, "greater than 0"),
        ({"timeout": 301}, "300"),
        ({"colour": "red"}, "extra"),
    ],
)
def test_settings_that_cannot_work_or_would_betray_something_are_refused(
    wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as raised:
        options(**{"url": "https://desk.example/", **wrong})
    assert "t0ken" not in str(raised.value)
    assert KEY.removeprefix("whsec_") not in str(raised.value)


@pytest.mark.parametrize(
    "given",
    [
        {"url": "https://10.0.0.8/"},
        {"url": "http://localhost:8000/"},
        {"url": "http://[::1]:8000/"},
        {"url": "http://desk.example/", "allow_hosts": ["desk.example"]},
        {"url": "http://Desk.example:8000/", "allow_hosts": ["DESK.example:8000"]},
        {"url": "https://desk.example/", "key": KEY.rstrip("=")},
    ],
)
def test_settings_that_work_are_accepted_and_shown_without_secrets(given: dict[str, Any]) -> None:
    accepted = options(**given)
    assert KEY[:12] not in repr(accepted)
    assert "8000" not in repr(accepted.url)


def test_the_body_is_plain_ascii_json(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("ok")
    webhook.send(MESSAGE, options(httpserver.url_for("/")))
    raw = httpserver.log[0][0].get_data()
    assert raw.isascii()
    assert json.loads(raw)["subject"] == MESSAGE.subject
