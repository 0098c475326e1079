"""The mail channel against a real SMTP server on loopback."""

import re
import socket
import ssl
import tomllib
from asyncio import Server, Transport
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr, ValidationError

from alerts.channels import mail
from alerts.channels._mime import build
from core.errors import SendError
from core.settings import Mail
from core.telling import Image, Message

GOV, GONE = "gov@oakfield.example", "gone@oakfield.example"
PASSWORD = "correct horse"


def message(
    key: str = "case/12/r1/mail/0", to: str = GOV, subject: str = "[Redshank] High – case 12"
) -> Message:
    return Message(key=key, to=to, subject=subject, text="in words\n", html="<p>in words</p>")


@dataclass
class Box:
    """What the server took, how often it was connected to, and what it answers instead of 250."""

    taken: list[EmailMessage] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    recipient: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    hang_up_after: int = 0
    sender: str = ""

    async def handle_EHLO(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        if session not in self.sessions:
            self.sessions.append(session)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.recipient:
            return self.recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            answer = self.answers.pop(0)
            if answer == "hang up":
                assert isinstance(server.transport, Transport)
                server.transport.abort()
            return answer
        content = envelope.original_content
        assert content is not None
        parsed = message_from_bytes(content, policy=POLICY)
        assert isinstance(parsed, EmailMessage)
        self.taken.append(parsed)
        if self.hang_up_after and len(self.taken) == self.hang_up_after:
            assert server.transport is not None
            server.loop.call_later(0, server.transport.close)
        return "250 OK"


class Loopback(Controller):
    """aiosmtpd's controller knocks at the port it was given; this one at the port it got."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        with socket.create_connection(self.server.sockets[0].getsockname(), 5) as knock:
            if self.ssl_context is None:
                knock.recv(100)
                return
            anybody = ssl.create_default_context()
            anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
            with anybody.wrap_socket(knock) as shaken:
                shaken.recv(100)


Serve = Callable[..., mail.Options]


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return path


def server_context(ca: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def serve(box: Box) -> Iterator[Serve]:
    running: list[Controller] = []

    def start(
        security: str = "none", *, ssl_context: ssl.SSLContext | None = None, **more: Any
    ) -> mail.Options:
        settings = {key: more.pop(key) for key in list(more) if key.startswith(("auth", "tls", "require"))}
        server = Loopback(box, hostname="127.0.0.1", port=0, ssl_context=ssl_context, **settings)
        server.start()
        running.append(server)
        assert isinstance(server.server, Server)
        port = server.server.sockets[0].getsockname()[1]
        box.sessions.clear()
        return options(port, security=security, **more)

    yield start
    for server in running:
        server.stop()


def options(port: int = 25, **more: Any) -> mail.Options:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "from": "alerts@oakfield.example",
        "timeout": 5,
    }
    return mail.Options.model_validate({**values, "security": "none", **more})


def checks_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


# What arrives


def test_a_mail_arrives_with_both_parts_and_says_that_a_machine_wrote_it(serve: Serve, box: Box) -> None:
    mail.send(message(), serve())
    [got] = box.taken
    assert got["Subject"] == "[Redshank] High – case 12"
    assert got["To"] == GOV
    assert got["From"] == "Redshank <alerts@oakfield.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["X-Auto-Response-Suppress"] == "All"
    assert got["Reply-To"] is None
    assert got["Date"].datetime.tzinfo is not None
    assert got.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in got.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in got.iter_parts()] == ["in words", "<p>in words</p>"]


def test_a_repeat_is_recognisably_the_same_mail() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    first, again, other = (
        build(message(key), "a@b.example", now)["Message-ID"] for key in ("k1", "k1", "k2")
    )
    assert first == again != other
    assert first.endswith("@b.example>")


def test_pictures_travel_beside_the_html(serve: Serve, box: Box) -> None:
    plot = Message(
        key="k",
        to=GOV,
        subject="s",
        text="t",
        html='<img src="cid:week">',
        images=(Image(cid="week", png=b"\x89PNG", alt="a"),),
    )
    mail.send(plot, serve())
    html = list(box.taken[0].iter_parts())[1]
    assert html.get_content_type() == "multipart/related"
    assert isinstance(html, EmailMessage)
    _, image = html.iter_parts()
    assert (image["Content-ID"], image.get_content_disposition(), image.get_content()) == (
        "<week>",
        "inline",
        b"\x89PNG",
    )


@pytest.mark.parametrize("subject", ["Größe – £5 ✓", "a\r\nBcc: x@y.example", "a\nX: b\x00", "x" * 900])
def test_no_subject_can_add_a_header_or_break_the_mail(serve: Serve, box: Box, subject: str) -> None:
    mail.send(message(subject=subject), serve())
    [got] = box.taken
    assert got["Bcc"] is None
    assert got["X"] is None
    assert got["Subject"].startswith(subject[:1])
    assert got["To"] == GOV


def test_every_byte_is_seven_bits_and_no_line_too_long() -> None:
    long = Message(key="k", to=GOV, subject="é" * 150, text="é" * 5000, html="<p>" + "é" * 5000 + "</p>")
    raw = build(long, "Wächter <a@b.example>", datetime(2026, 11, 20, tzinfo=UTC)).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "to", ["a@b.example\r\nBcc: c@d.example", "", "no at all", "a@b@c", "a@b.example, c@d.example"]
)
def test_what_is_not_one_address_is_refused_for_good_without_being_quoted(
    serve: Serve, box: Box, to: str
) -> None:
    with pytest.raises(SendError) as raised:
        mail.send(message(to=to), serve())
    assert not raised.value.temporary
    assert not to or to not in str(raised.value)
    assert box.taken == []


# Security


@pytest.fixture
def guarded(serve: Serve, ca: trustme.CA, ca_file: Path) -> Serve:
    """A server that takes mail only after STARTTLS and a log-in."""

    def start(**more: Any) -> mail.Options:
        return serve(
            "starttls",
            tls_context=server_context(ca),
            require_starttls=True,
            authenticator=checks_password,
            auth_required=True,
            ca_file=ca_file,
            **more,
        )

    return start


def test_starttls_with_log_in(guarded: Serve, box: Box) -> None:
    mail.send(message(), guarded(username="alerts", password=PASSWORD))
    assert len(box.taken) == 1


def test_tls_from_the_first_byte(serve: Serve, box: Box, ca: trustme.CA, ca_file: Path) -> None:
    mail.send(message(), serve("tls", ssl_context=server_context(ca), ca_file=ca_file))
    assert len(box.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["unknown authority", "another host"])
def test_a_wrong_certificate_is_refused_before_anything_is_sent(
    serve: Serve, box: Box, ca: trustme.CA, ca_file: Path, security: str, fault: str
) -> None:
    context = (
        server_context(trustme.CA()) if fault == "unknown authority" else server_context(ca, "other.example")
    )
    where = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    with pytest.raises(SendError, match=r"certificate is not trusted") as raised:
        mail.send(message(), serve(security, ca_file=ca_file, **where))
    assert raised.value.temporary
    assert box.taken == []


def test_starttls_does_not_fall_back_to_plain(serve: Serve, box: Box) -> None:
    with pytest.raises(SendError, match="lacks STARTTLS") as raised:
        mail.send(message(), serve("starttls"))
    assert raised.value.temporary
    assert box.taken == []


def test_a_refused_log_in_keeps_the_mail_as_the_operator_can_put_it_right(guarded: Serve) -> None:
    with pytest.raises(SendError, match=r"refused our log-in; check \[mail\] \(535 5.7.8\)") as raised:
        mail.send(message(), guarded(username="alerts", password="not the one"))
    assert raised.value.temporary
    assert "not the one" not in str(raised.value)


def test_a_server_that_wants_a_log_in_keeps_the_mail(guarded: Serve, box: Box) -> None:
    with pytest.raises(SendError, match="530") as raised:
        mail.send(message(), guarded())
    assert raised.value.temporary
    assert box.taken == []


# Refusals and drops


def test_a_refused_recipient_is_final_and_named_by_codes_only(serve: Serve, box: Box) -> None:
    box.recipient[GONE] = f"550 5.1.1 <{GONE}> is not known here"
    with mail.Mailer(serve()) as mailer:
        with pytest.raises(SendError) as raised:
            mailer.send(message(to=GONE))
        mailer.send(message())
    assert str(raised.value) == "the mail server refused the recipient (550 5.1.1)"
    assert not raised.value.temporary
    assert raised.value.__suppress_context__
    assert [got["To"] for got in box.taken] == [GOV]
    assert len(box.sessions) == 1


@pytest.mark.parametrize(
    ("answer", "temporary"),
    [("451 4.3.0 later", True), ("452 full", True), ("552 too big", False), ("554 no", False)],
)
def test_a_refused_mail_says_whether_trying_again_may_help(
    serve: Serve, box: Box, answer: str, temporary: bool
) -> None:
    box.answers = [answer]
    with mail.Mailer(serve()) as mailer:
        with pytest.raises(SendError, match=answer[:3]) as raised:
            mailer.send(message())
        assert raised.value.temporary is temporary
        mailer.send(message())
    assert len(box.taken) == 1
    assert len(box.sessions) == 1


def test_a_greylisted_recipient_may_be_tried_again(serve: Serve, box: Box) -> None:
    box.recipient[GONE] = "450 4.2.0 come back later"
    with pytest.raises(SendError, match=r"450 4\.2\.0") as raised:
        mail.send(message(to=GONE), serve())
    assert raised.value.temporary


def test_a_refused_sender_keeps_the_mail_as_the_operator_can_put_it_right(serve: Serve, box: Box) -> None:
    box.sender = "550 5.7.1 not your address"
    with pytest.raises(SendError, match="refused our sender") as raised:
        mail.send(message(), serve())
    assert raised.value.temporary


def test_a_drop_in_the_middle_may_be_tried_again_and_the_next_mail_goes(serve: Serve, box: Box) -> None:
    box.answers = ["hang up"]
    with mail.Mailer(serve()) as mailer:
        with pytest.raises(SendError) as raised:
            mailer.send(message())
        assert raised.value.temporary
        mailer.send(message())
    assert len(box.taken) == 1
    assert len(box.sessions) == 2


def test_a_server_that_hangs_up_between_two_mails_is_called_again(serve: Serve, box: Box) -> None:
    box.hang_up_after = 1
    with mail.Mailer(serve()) as mailer:
        mailer.send(message("k1"))
        mailer.send(message("k2"))
    assert len({got["Message-ID"] for got in box.taken}) == 2
    assert len(box.sessions) == 2


def test_many_mails_go_over_one_connection_that_opens_only_when_needed(serve: Serve, box: Box) -> None:
    there = serve()
    with mail.Mailer(there):
        assert box.sessions == []
    with mail.Mailer(there) as mailer:
        for number in range(5):
            mailer.send(message(str(number)))
    assert len(box.taken) == 5
    assert len(box.sessions) == 1


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_server_that_is_down_may_be_tried_again(security: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SendError, match="cannot be reached") as raised:
        mail.send(message(), options(port, security=security))
    assert raised.value.temporary


def test_a_server_that_says_nothing_times_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(SendError, match="in time") as raised,
    ):
        mail.send(message(), options(silent.getsockname()[1], timeout=0.05))
    assert raised.value.temporary


def test_tls_towards_a_plain_server_says_what_to_look_at(serve: Serve) -> None:
    with pytest.raises(SendError, match=r"does .mail. security fit its port") as raised:
        mail.send(message(), serve("tls"))
    assert raised.value.temporary


# Settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"host": "mail.example/25"},
        {"from": "nobody"},
        {"from": "a@b.example\r\nBcc: c@d.example"},
        {"username": "alerts"},
        {"password": PASSWORD},
        {"host": "mail.example", "username": "alerts", "password": PASSWORD},
        {"security": "ssl"},
        {"colour": "red"},
    ],
)
def test_settings_that_cannot_work_or_would_betray_the_password_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        options(**wrong)
    assert PASSWORD not in str(raised.value)


def test_the_settings_shown_in_the_documentation_are_accepted() -> None:
    page = (Path(__file__).parents[1] / "docs" / "alerts.md").read_text()
    shown = page.split("```toml\n")[1].split("```")[0]
    table = tomllib.loads(re.sub(r"^# ", "", shown, flags=re.MULTILINE))["mail"]
    assert {"port", "username", "timeout", "ca_file"} < table.keys()
    settings = Mail.model_validate(table)
    values = settings.model_dump(by_alias=True, exclude={"timeout", "password"})
    accepted = mail.Options(**values, timeout=settings.timeout.total_seconds(), password=SecretStr(PASSWORD))
    assert (accepted.sender, accepted.timeout) == ("alerts@oakfield.example", 30)


def test_the_password_is_not_shown() -> None:
    assert PASSWORD not in repr(options(username="alerts", password=PASSWORD))


def test_checking_logs_in_and_sends_nothing(guarded: Serve, box: Box) -> None:
    mail.check(guarded(username="alerts", password=PASSWORD))
    assert box.taken == []
    with pytest.raises(SendError, match="535"):
        mail.check(guarded(username="alerts", password="not the one"))
