"""A mailbox on a real IMAP server, and the ways in which mail goes wrong."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import imap_server
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from imap_server import Server
from stands import SECRET
from stands import mailbox as stand

from connectors import _imap, mailbox
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch, Mention

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def sample(name: str) -> bytes:
    return (imap_server.SAMPLES / f"{name}.eml").read_bytes()


def note(number: int, **headers: str) -> bytes:
    given = {
        "Message-ID": f"<{number}@forum.example>",
        "From": "Forum <post@forum.example>",
        "Subject": "New",
    }
    given |= {"Date": "Sun, 31 May 2026 10:00:00 +0000", "Content-Type": "text/html; charset=utf-8"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    page = f'<p>Oakfield House, said somebody: <a href="https://forum.example/p/{number}">the whole of it here</a></p>'
    return "".join(f"{name}: {value}\r\n" for name, value in given.items()).encode() + b"\r\n" + page.encode()


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    with imap_server.running(SECRET) as server:
        yield server


@pytest.fixture
def server(shared: Server) -> Server:
    shared.renew()
    return shared


def visit(server: Server, cursor: str | None = None, *, host: str = "127.0.0.1", **more: Any) -> Batch:
    given = {"name": "post", "host": host, "port": server.port, "security": "plain", "user": imap_server.USER}
    ca_file = more.pop("ca_file", None)
    options = mailbox.Options.model_validate(given | {"password": SECRET} | more)
    with Client("x", ["127.0.0.1", "localhost"], clock=lambda: NOW, timeout=5, ca_file=ca_file) as client:
        return mailbox.fetch(options, cursor, client)


def links(batch: Batch) -> list[str]:
    return [one.url for one in batch.mentions]


def parsed(raw: bytes, **more: Any) -> list[Mention]:
    options = mailbox.Options.model_validate({"name": "post", "host": "h", "user": "u"} | more)
    return mailbox.parse(raw, options, NOW)


def test_what_was_read_is_not_read_again_and_what_is_new_is(server: Server) -> None:
    server.put(note(1), note(2))
    first = visit(server)
    assert links(first) == ["https://forum.example/p/1", "https://forum.example/p/2"]
    assert visit(server, first.cursor).mentions == ()
    server.put(note(3))
    assert links(visit(server, first.cursor)) == ["https://forum.example/p/3"]


def test_mails_stay_as_they_are(server: Server) -> None:
    server.put(note(1), note(2))
    visit(server)
    assert server.flags() == [frozenset(), frozenset()]


def test_an_empty_mailbox_is_read_from_there_on(server: Server) -> None:
    server.put(note(1), came=NOW - timedelta(days=90))
    first = visit(server)
    assert first.mentions == ()
    server.put(note(2), came=NOW - timedelta(days=90))  # moved here from another folder
    assert links(visit(server, first.cursor)) == ["https://forum.example/p/2"]


def test_a_visit_reads_so_many_mails_and_the_next_ones_the_rest(server: Server) -> None:
    server.put(*(note(number) for number in range(120)))
    cursor, found = None, []
    for _ in range(3):
        batch = visit(server, cursor, max_pages=1)
        cursor = batch.cursor
        found += links(batch)
    assert found == [f"https://forum.example/p/{number}" for number in range(120)]
    assert visit(server, cursor, max_pages=1).mentions == ()


def test_a_folder_made_anew_is_read_again_under_the_same_keys(server: Server) -> None:
    server.put(note(1))
    first = visit(server)
    server.renew()
    server.put(note(7), note(1))
    second = visit(server, first.cursor)
    assert {one.key for one in first.mentions} < {one.key for one in second.mentions}


def test_another_folder_and_another_sender(server: Server) -> None:
    server.put(note(1), folder="Alerts")
    server.put(note(2, From="Somebody <x@notforum.example>"), folder="Alerts")
    assert links(visit(server, folder="Alerts", senders=["forum.example"])) == ["https://forum.example/p/1"]
    assert links(visit(server, folder="Alerts", senders=["x@notforum.example"])) == [
        "https://forum.example/p/2"
    ]
    with pytest.raises(FetchError, match="does not open the folder") as caught:
        visit(server, folder="Nowhere")
    assert not caught.value.temporary


def test_a_wrong_password_is_a_lasting_failure_and_is_not_told(server: Server) -> None:
    with pytest.raises(FetchError, match="refuses the user name or the password") as caught:
        visit(server, password="guess-work")
    assert not caught.value.temporary
    assert "guess-work" not in str(caught.value)
    with pytest.raises(FetchError, match="password"):
        visit(server, password="")


def test_a_password_in_other_letters_is_tried(server: Server) -> None:
    with pytest.raises(FetchError, match="refuses the user name or the password"):
        visit(server, password="pässwörd")


def test_mail_in_the_clear_is_read_only_where_the_operator_names_the_host() -> None:
    options = mailbox.Options.model_validate(
        {"host": "127.0.0.1", "user": "u", "password": "p", "security": "plain"}
    )
    with Client("x") as client, pytest.raises(FetchError, match="in the clear"):
        mailbox.fetch(options, None, client)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_read_over_tls_and_the_certificate_is_checked(security: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with imap_server.running(SECRET, **{security: context}) as server:
        server.put(note(1))
        found = visit(server, host="localhost", security=security, ca_file=str(tmp_path / "ca.pem"))
        assert links(found) == ["https://forum.example/p/1"]
        with pytest.raises(FetchError, match="certificate"):
            visit(server, host="localhost", security=security)


def test_a_private_host_is_not_asked_unless_it_is_named() -> None:
    options = mailbox.Options.model_validate({"host": "127.0.0.1", "user": "u", "password": "p"})
    with Client("x") as client, pytest.raises(FetchError, match="allow_hosts") as caught:
        mailbox.fetch(options, None, client)
    assert not caught.value.temporary


CAPABLE = b"* CAPABILITY IMAP4rev1\r\nTAG OK so\r\n"
IN = b"TAG OK so\r\n"


def told(answers: list[bytes]) -> Iterator[int]:
    """A server that says what it is told to, one line each, whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection = listener.accept()[0]
            with connection, connection.makefile("rb") as asked:
                connection.sendall(b"* OK ready\r\n")
                for answer in answers:
                    tag = asked.readline().split(b" ")[0]
                    try:
                        connection.sendall(answer.replace(b"TAG", tag))
                    except OSError:
                        return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("answers", "temporary"),
    [
        ([b"nonsense\r\n" * 3], True),
        ([CAPABLE, b"TAG NO [UNAVAILABLE] later\r\n"], True),
        ([CAPABLE, b"TAG NO [AUTHENTICATIONFAILED] no\r\n"], False),
        ([b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nTAG OK so\r\n"], False),
        ([CAPABLE, b"* BYE so\r\n"], True),
        ([CAPABLE, b"* X {99999999999}\r\nabc"], True),
        ([CAPABLE, b"* " + b"x" * (20 << 20) + b"\r\n"], True),
        ([CAPABLE, IN, b"* STATUS\r\nTAG OK so\r\n"], True),
        ([CAPABLE, IN, b"* STATUS x (\xff\xfe)\r\nTAG OK so\r\n"], True),
        ([CAPABLE, IN, b"* STATUS x (UIDNEXT 9)\r\nTAG OK so\r\n", b"TAG NO none\r\n"], False),
        (
            [CAPABLE, IN, b"* STATUS x (UIDNEXT 9)\r\nTAG OK so\r\n", IN, b"* SEARCH a b\r\nTAG OK so\r\n"],
            True,
        ),
    ],
)
def test_a_server_that_misbehaves_is_a_fetch_error(answers: list[bytes], temporary: bool) -> None:
    for port in told(answers):
        options = mailbox.Options.model_validate(
            {"host": "127.0.0.1", "port": port, "security": "plain", "user": "u", "password": SECRET}
        )
        with Client("x", ["127.0.0.1"], timeout=3) as client, pytest.raises(FetchError) as caught:
            mailbox.fetch(options, None, client)
        assert caught.value.temporary is temporary
        assert SECRET not in str(caught.value)


def test_a_mail_that_cannot_be_read_is_said_and_stops_no_other(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(note(1, Content_Type="multipart/mixed; boundary=x"), note(2))

    def broken(page: str, home: str) -> list[object]:
        raise RecursionError

    whole = mailbox.results
    monkeypatch.setattr(
        mailbox, "results", lambda page, home: whole(page, home) if page else broken(page, home)
    )
    batch = visit(server)
    assert links(batch) == ["https://forum.example/p/2"]
    assert batch.missed == "1 of 2 mails could not be read"
    assert visit(server, batch.cursor).mentions == ()


def test_a_huge_mail_is_cut_and_its_links_are_read(server: Server) -> None:
    server.put(note(1) + b"<p>" + b"word " * (_imap.MOST_MAIL // 4) + b"</p>")
    found = visit(server).mentions
    assert [one.url for one in found] == ["https://forum.example/p/1"]
    assert len(found[0].text) <= 20_000


def test_the_cursor_holds_two_numbers_and_a_spoilt_one_begins_anew(server: Server) -> None:
    server.put(note(1))
    cursor = visit(server).cursor
    assert set(json.loads(cursor or "")) == {"v", "validity", "uid"}
    assert links(visit(server, "{}")) == links(visit(server, "spoilt")) == ["https://forum.example/p/1"]


# --- what a mail says -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "believed"),
    [
        ("mx.oakfield.example; dmarc=pass header.from=forum.example", True),
        ("mx.oakfield.example 1; spf=fail; dkim=pass header.d=forum.example", True),
        ("mx.oakfield.example; dkim=pass (good) header.i=@forum.example; dmarc=none", True),
        ("mx.oakfield.example; dkim=pass header.d=evil.example; dmarc=fail", False),
        ("mx.oakfield.example; dkim=pass header.d=rum.example", False),
        ("mx.oakfield.example; dkim=fail header.d=forum.example", False),
        ("elsewhere.example; dmarc=pass", False),
        ("", False),
    ],
)
def test_with_trust_only_what_the_own_server_found_genuine_is_read(results: str, believed: bool) -> None:
    mail = note(1, Authentication_Results=results) if results else note(1)
    assert bool(parsed(mail, trust="mx.oakfield.example")) is believed


@pytest.mark.parametrize(
    "own_words",
    [
        "spf=pass smtp.mailfrom=dmarc=pass@evil.example",
        'spf=pass smtp.mailfrom="a; dmarc=pass"@evil.example',
        'spf=pass smtp.mailfrom="a\\"; dmarc=pass"@evil.example',
        "spf=pass (sender said ; dmarc=pass) smtp.mailfrom=evil.example",
        "spf=pass (said (they) ; dmarc=pass) smtp.mailfrom=evil.example",
        'spf=pass (sender said "; dmarc=pass") smtp.mailfrom=evil.example',
        'spf=pass (sender said ";) dmarc=pass" ; dmarc=pass',
        "spf=pass ((((said) they)) ; dmarc=pass ) smtp.mailfrom=evil.example",
        "spf=pass smtp.mailfrom=dkim=pass@evil.example header.d=forum.example",
        "dkim=pass header.d=evil.example header.b=header.d=forum.example",
    ],
)
def test_what_the_sender_wrote_is_no_finding_of_the_server(own_words: str) -> None:
    mail = note(1, Authentication_Results=f"mx.oakfield.example; dmarc=fail; {own_words}")
    assert parsed(mail, trust="mx.oakfield.example") == []


def test_a_forged_finding_below_the_servers_own_is_not_believed() -> None:
    forged = b"Authentication-Results: mx.oakfield.example; dmarc=pass\r\n"
    mail = b"Authentication-Results: mx.oakfield.example; dmarc=fail\r\n" + forged + note(1)
    assert parsed(mail, trust="mx.oakfield.example") == []


def test_an_alert_is_one_mention_a_result_with_the_page_it_leads_to() -> None:
    found = parsed(sample("google-alert"))
    assert [(one.url, one.title) for one in found] == [
        ("https://gazette.example/2026/05/wing?id=7", "Oakfield House opens a new wing"),
        ("https://www.reddit.com/comments/abc123", "Anyone worked at Oakfield House? : r/midshire"),
        ("https://letters.example/marsh", "Letters from the marsh"),
    ]
    assert [one.platform for one in found] == ["blog", "reddit", "blog"]
    assert "café" in found[0].text
    assert found[2].text == "A reader asks what Oakfield House costs."
    assert not any("irrelevant" in one.text or "Unsubscribe" in one.text for one in found)


def test_a_review_is_told_with_its_words_and_no_button_is_a_mention() -> None:
    (review,) = parsed(sample("review"))
    assert review.text.startswith("Pat M. wrote:\n\nMy father´s care at Oakfield House was poor.")
    assert (review.platform, review.kind, review.title) == (
        "review",
        "review",
        "You’ve got a new 1-star review",
    )
    assert review.posted_at == datetime(2026, 5, 30, 8, 0, tzinfo=UTC)


def test_plain_text_has_its_links_too() -> None:
    found = parsed(sample("plain"))
    assert [(one.url, one.text.splitlines()[0]) for one in found] == [
        ("https://groups.example/t/respite/41", "Lee wrote: has anyone tried Oakfield House for respite?"),
        ("https://groups.example/t/bus/42", "Kim wrote: the bus to Oakfield House stops at six."),
    ]


def test_a_mail_without_a_link_is_a_message_and_its_attachment_stays_shut() -> None:
    (message,) = parsed(sample("wordless"))
    assert (message.url, message.kind, message.title) == ("", "message", "For your attention")
    assert message.text == "A leaflet about Oakfield House lies in the library."


@pytest.mark.parametrize(
    "header",
    [
        {"From": ""},
        {"From": "=?utf-8?b?broken"},
        {"Date": "yesterday"},
        {"Message_ID": ""},
        {"Subject": "=?x-unknown?q?=FF?="},
        {"Content_Type": "text/html; charset=x-unknown"},
        {"Content_Transfer_Encoding": "base64"},
    ],
)
def test_a_broken_header_breaks_nothing(header: dict[str, str]) -> None:
    assert parsed(note(1, **header)) or "base64" in header.values()


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail_or_a_fetch_error(raw: bytes) -> None:
    for head in (
        b"",
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n",
        b"Content-Type: multipart/mixed\r\n",
    ):
        try:
            found = parsed(head + raw)
        except FetchError:
            continue
        assert len({one.key for one in found}) == len(found)


def test_the_stand_holds_what_the_samples_say() -> None:
    keys = {one.key for name in stand.MAILS for one in parsed(sample(name))}
    assert keys == set(stand.KEYS)
