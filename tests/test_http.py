"""The one way out: addresses, limits, redirects, failures."""

import gzip
import ipaddress
import re
import socket
import ssl
import threading
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import _guard, _limits, check_allow_host
from connectors._dates import LONGEST_WAIT, fresh_for, http_date, retry_after
from connectors._guard import Guard, is_public
from connectors._http import Client
from connectors._limits import HostLimiter
from core.errors import FetchError

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
AGENT = "Redshank/0.1 (+mailto:watch@oakfield.example)"


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(AGENT, ["127.0.0.1"], clock=lambda: NOW, timeout=20) as client:
        yield client


def refused(client: Client, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        client.get(url)
    return caught.value


Talk = Callable[[socket.socket, threading.Event], None]


@contextmanager
def raw_server(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that talks as it likes to one connection; the event is set when the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                with listener.accept()[0] as plain:
                    if context is None:
                        plain.recv(65536)
                        talk(plain, over)
                    else:
                        with context.wrap_socket(plain, server_side=True) as wrapped:
                            wrapped.recv(65536)
                            talk(wrapped, over)
            except OSError:
                pass  # the client has hung up, which is what most tests are about

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        thread.join(10)


# --- addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://2130706433:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://0x7f000001:{port}/",
        "http://127.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::1]:{port}/",
        "http://localhost:{port}/",
        "http://localhost.:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://１２７.０.０.１:{port}/",
        "http://127。0。0。1:{port}/",
        "http://good@127.0.0.1:{port}/",
        "http://good.example:80@127.0.0.1:{port}/",
        "http://good.example\\@127.0.0.1:{port}/",
        "http://0.0.0.0:{port}/",
        "http://0:{port}/",
    ],
)
def test_no_spelling_of_a_private_address_is_asked(httpserver: HTTPServer, url: str) -> None:
    httpserver.expect_request("/").respond_with_data("secret")
    with Client(AGENT) as stranger:
        error = refused(stranger, url.format(port=httpserver.port))
    assert not httpserver.log, "a request went out"
    assert not error.temporary or "cannot be reached" in str(error)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::1",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "100::1",
        "localhost",
        "",
    ],
)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "193.0.6.139"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_whatever_python_calls_not_global_is_refused(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    translated = str(ip).startswith("2002:") or str(ip).startswith("64:ff9b::")
    if (not ip.is_global or ip.is_multicast or ip.is_reserved) and not translated:
        assert not is_public(str(ip))


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_like_the_address(ip: ipaddress.IPv4Address) -> None:
    assert is_public(str(ipaddress.IPv6Address((0x64FF9B << 96) | int(ip)))) == is_public(str(ip))
    assert is_public(str(ipaddress.IPv6Address((0x2002 << 112) | int(ip) << 80))) == is_public(str(ip))


@pytest.mark.parametrize(
    ("allowed", "host", "port", "named"),
    [
        ("intranet", "INTRANET.", 80, True),
        ("intranet:8080", "intranet", 8080, True),
        ("intranet:8080", "intranet", 80, False),
        ("intranet", "intranet.example", 80, False),
        ("127.0.0.1", "127.0.0.2", 80, False),
        ("[::1]:8080", "::1", 8080, True),
        ("::1", "[::1]", 443, True),
        ("[::1]:8080", "::1", 80, False),
        ("0:0:0:0:0:0:0:1", "[::1]", 80, True),
        ("[FD00::1]", "fd00:0::1", 80, True),
        (" my_host.local ", "my_host.local.", 80, True),
    ],
)
def test_allow_hosts_name_a_host_or_a_host_and_port(allowed: str, host: str, port: int, named: bool) -> None:
    assert Guard([allowed]).names(host, port) is named


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("http://intranet", "web addresses"),
        ("https://jo:secret@intranet/feed", "web addresses"),
        ("10.0.0.0/8", "ranges"),
        ("intranet/feed", "paths"),
        ("*", "wildcards"),
        ("*.oakfield.example", "wildcards"),
        ("intranet:", "no host"),
        ("intranet:http", "no host"),
        ("intranet:0", "between 1 and 65535"),
        ("intranet:65536", "between 1 and 65535"),
        ("intranet:" + "9" * 5000, "between 1 and 65535"),
        ("", "no host"),
        (":80", "no host"),
        ("two words", "no host"),
        ("jo@intranet", "no host"),
        (".intranet", "no host"),
        ("1::2::3", "no host"),
        ("fe80::1%eth0", "zone"),
        ("büro.example", "ASCII"),
    ],
)
def test_an_entry_of_allow_hosts_that_could_never_match_is_refused(entry: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        check_allow_host(entry)
    assert "secret" not in str(caught.value)
    with pytest.raises(ValueError, match=why):
        Client(AGENT, ["127.0.0.1", entry])


@given(st.text(max_size=30))
def test_an_entry_is_refused_or_names_some_host(entry: str) -> None:
    try:
        check_allow_host(entry)
    except ValueError:
        return
    ((host, port),) = Guard([entry])._allowed
    assert Guard([entry]).names(host, port or 80)


def test_only_the_public_ones_of_a_names_addresses_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(2, 1, 6, "", (ip, 80)) for ip in ("10.0.0.5", "8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(_guard.socket, "getaddrinfo", lambda *a, **k: rows)
    assert [row[4][0] for row in Guard().resolve("mixed.example", 80)] == ["8.8.8.8"]


def test_a_name_is_resolved_once_and_connected_to_as_checked(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A rebinding name: public when first asked, private ever after.
    answers = iter(["192.0.2.7", "127.0.0.1"])
    asked: list[str] = []

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list[object]:
        asked.append(host)
        return [(2, 1, 6, "", (next(answers), httpserver.port))]

    reached: list[object] = []

    def connect(self: socket.socket, address: object) -> None:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(_guard.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(_guard, "is_public", lambda ip: ip == "192.0.2.7")
    monkeypatch.setattr(_guard._Budget, "connect", connect)
    with Client(AGENT) as stranger:
        refused(stranger, f"http://rebinding.example:{httpserver.port}/")
    assert asked == ["rebinding.example"]
    assert reached == [("192.0.2.7", httpserver.port)]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/hostname",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "//[",
        "http://",
        "http://127.0.0.1:99999/",
        "http://a" + "b" * 70 + ".example/",
        "http://[::1]/",
        "data:text/plain,hello",
        "http://xn--\xff/",
        "http://127.0.0.1:0/",
    ],
)
def test_a_redirect_to_where_nobody_may_go_is_refused(
    httpserver: HTTPServer, client: Client, target: str
) -> None:
    httpserver.expect_request("/go").respond_with_response(
        Response(status=302, headers=[("Location", target)], mimetype="text/plain")
    )
    assert isinstance(refused(client, httpserver.url_for("/go")), FetchError)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed",
        "http:",
        "http:///x",
        "http://\x00/",
        "http://a b/",
        "file:///etc/passwd",
        "http://[",
        "http://.example/",
        "http://user:pass@127.0.0.1/",
        "javascript:1",
    ],
)
def test_an_unusable_address_is_refused_for_good(client: Client, url: str) -> None:
    assert not refused(client, url).temporary


@pytest.mark.parametrize(
    "url",
    [
        "https://bad_host:99999/?token=s3cret",
        "http://[::1/?token=s3cret",
        "http://bad host/?token=s3cret",
        "http://\udcff.example/?token=s3cret",
        "http://127.0.0.1:1/?token=s3cret",
    ],
)
def test_no_traceback_shows_the_query_of_an_address(client: Client, url: str) -> None:
    assert "s3cret" not in "".join(traceback.format_exception(refused(client, url)))


def test_an_answer_shows_neither_its_address_nor_its_words(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/search").respond_with_data(
        "what somebody wrote", headers={"Set-Cookie": "t0ken"}
    )
    shown = repr(client.get(httpserver.url_for("/search?api-key=t0ken"), {"Authorization": "t0ken"}))
    assert "t0ken" not in shown
    assert "somebody" not in shown


def test_no_traceback_shows_where_an_unreadable_redirect_leads(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/").respond_with_data(
        "", status=302, headers={"Location": "http://[s3cret/?token=s3cret"}
    )
    error = refused(client, httpserver.url_for("/"))
    assert "s3cret" not in "".join(traceback.format_exception(error))


@given(st.text(max_size=40))
def test_no_address_raises_anything_but_a_fetch_error(tail: str) -> None:
    with Client(AGENT, timeout=5) as stranger, pytest.raises(FetchError):
        stranger.get(f"http://127.0.0.1:1{tail}")


def test_environment_proxies_are_ignored(
    httpserver: HTTPServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/").respond_with_data("direct")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert client.get(httpserver.url_for("/")).content == b"direct"


# --- asking -----------------------------------------------------------------------------------------------


def test_it_says_who_asks_and_what_it_can_read(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/").respond_with_data("ok", headers={"ETag": '"1"'})
    response = client.get(httpserver.url_for("/"), {"If-None-Match": '"0"'})
    sent = httpserver.log[0][0].headers
    assert (sent["User-Agent"], sent["Accept-Encoding"]) == (AGENT, "gzip, deflate")
    assert sent["If-None-Match"] == '"0"'
    assert (response.status, response.content, response.headers["etag"]) == (200, b"ok", '"1"')
    assert response.permanent_url == ""


def test_304_is_an_answer(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/").respond_with_data("", status=304)
    assert client.get(httpserver.url_for("/")).status == 304


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((301,), True),
        ((308, 301), True),
        ((302,), False),
        ((301, 302), False),
        ((307,), False),
        ((303, 301), False),
    ],
)
def test_only_a_chain_of_permanent_redirects_says_moved_for_good(
    httpserver: HTTPServer, client: Client, statuses: tuple[int, ...], permanent: bool
) -> None:
    for step, status in enumerate(statuses):
        httpserver.expect_request(f"/{step}").respond_with_data(
            "", status=status, headers={"Location": f"/{step + 1}"}
        )
    httpserver.expect_request(f"/{len(statuses)}").respond_with_data("here")
    response = client.get(httpserver.url_for("/0"))
    end = httpserver.url_for(f"/{len(statuses)}")
    assert (response.content, response.url) == (b"here", end)
    assert response.permanent_url == (end if permanent else "")


def test_redirects_in_a_circle_end(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/b"})
    httpserver.expect_request("/b").respond_with_data("", status=302, headers={"Location": "/a"})
    assert not refused(client, httpserver.url_for("/a")).temporary
    assert len(httpserver.log) == 2


def test_endless_redirects_end_after_five(httpserver: HTTPServer, client: Client) -> None:
    def onward(request: Request) -> Response:
        return Response(status=302, headers={"Location": f"{request.path}x"})

    httpserver.expect_request(re.compile(".*")).respond_with_handler(onward)
    assert not refused(client, httpserver.url_for("/x")).temporary
    assert len(httpserver.log) == 6


def test_credentials_do_not_follow_a_redirect_to_another_origin(
    httpserver: HTTPServer, client: Client
) -> None:
    with HTTPServer(host="127.0.0.1", port=0) as other:
        other.expect_request("/").respond_with_data("ok")
        httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": "/same"})
        httpserver.expect_request("/same").respond_with_data(
            "", status=302, headers={"Location": other.url_for("/")}
        )
        client.get(httpserver.url_for("/"), {"Authorization": "Bearer t", "Cookie": "c", "Accept": "a/b"})
        assert httpserver.log[1][0].headers["Authorization"] == "Bearer t"
        sent = other.log[0][0].headers
    assert "Authorization" not in sent
    assert "Cookie" not in sent
    assert sent["Accept"] == "a/b"


def test_cookies_are_not_kept(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/").respond_with_data("ok", headers={"Set-Cookie": "a=b"})
    client.get(httpserver.url_for("/"))
    client.get(httpserver.url_for("/"))
    assert "Cookie" not in httpserver.log[1][0].headers


# --- failures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "temporary", "gone"),
    [
        (400, False, False),
        (401, False, False),
        (403, False, False),
        (404, False, False),
        (408, True, False),
        (410, False, True),
        (425, True, False),
        (429, True, False),
        (451, False, False),
        (500, True, False),
        (502, True, False),
        (503, True, False),
        (599, True, False),
        (300, False, False),
    ],
)
def test_a_status_says_whether_asking_again_may_help(
    httpserver: HTTPServer, client: Client, status: int, temporary: bool, gone: bool
) -> None:
    httpserver.expect_request("/").respond_with_data("Jo Bloggs said", status=status)
    error = refused(client, httpserver.url_for("/?token=s3cret"))
    assert (error.status, error.temporary, error.gone) == (status, temporary, gone)
    assert "s3cret" not in str(error)
    assert "Bloggs" not in str(error)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Mon, 01 Jun 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 01 Jun 2026 11:00:00 GMT", timedelta(0)),
        ("-5", timedelta(0)),
        ("9" * 5000, LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_carried(
    httpserver: HTTPServer, client: Client, value: str, wait: timedelta | None
) -> None:
    httpserver.expect_request("/").respond_with_data("", status=429, headers={"Retry-After": value})
    assert refused(client, httpserver.url_for("/")).retry_after == wait


@given(st.text(max_size=60))
def test_retry_after_never_raises_and_stays_within_a_week(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT


@given(st.integers(min_value=0, max_value=604800))
def test_retry_after_reads_every_number_of_seconds(seconds: int) -> None:
    assert retry_after(str(seconds), NOW) == timedelta(seconds=seconds)


@given(st.text(max_size=40))
def test_an_http_date_is_utc_or_nothing(value: str) -> None:
    when = http_date(value)
    assert when is None or when.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("headers", "own", "wait"),
    [
        ({}, None, None),
        ({}, timedelta(hours=1), timedelta(hours=1)),
        ({"cache-control": "public, max-age=300"}, timedelta(hours=1), timedelta(minutes=5)),
        ({"cache-control": "max-age=31536000"}, None, timedelta(days=1)),
        ({"cache-control": "no-cache, max-age=300"}, timedelta(hours=1), None),
        ({"cache-control": "no-store"}, timedelta(hours=1), None),
        ({"cache-control": "max-age=0"}, timedelta(hours=1), None),
        ({"cache-control": "max-age=x"}, timedelta(hours=1), timedelta(hours=1)),
        ({"cache-control": "s-maxage=9"}, None, None),
        ({"expires": "Mon, 01 Jun 2026 12:30:00 GMT"}, None, timedelta(minutes=30)),
        ({"expires": "0"}, timedelta(hours=1), None),
        (
            {"expires": "Mon, 01 Jun 2026 10:00:00 GMT", "date": "Mon, 01 Jun 2026 09:00:00 GMT"},
            None,
            timedelta(hours=1),
        ),
        ({}, timedelta(days=30), timedelta(days=1)),
    ],
)
def test_an_answer_is_fresh_for_as_long_as_its_source_says(
    headers: dict[str, str], own: timedelta | None, wait: timedelta | None
) -> None:
    assert fresh_for(headers, NOW, own) == wait


def test_a_reset_connection_is_temporary(client: Client) -> None:
    def reset(connection: socket.socket, over: threading.Event) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with raw_server(reset) as port:
        assert refused(client, f"http://127.0.0.1:{port}/").temporary


def test_nobody_listening_is_temporary(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refused(client, f"http://127.0.0.1:{port}/").temporary


def test_an_unknown_name_is_temporary(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(_guard.socket, "getaddrinfo", unknown)
    assert refused(client, "http://nowhere.example/").temporary


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
)
def test_a_server_that_drips_is_left_at_the_deadline(start: bytes) -> None:
    def drip(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(0.02):
            connection.sendall(b"x")

    with raw_server(drip) as port, Client(AGENT, ["127.0.0.1"], timeout=0.3) as hasty:
        error = refused(hasty, f"http://127.0.0.1:{port}/")
    assert error.temporary
    assert "too long" in str(error)


def test_a_server_that_drips_over_tls_is_left_at_the_deadline(tmp_path: object) -> None:
    authority = trustme.CA()
    with authority.cert_pem.tempfile() as ca_file:

        def drip(connection: socket.socket, over: threading.Event) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not over.wait(0.02):
                connection.sendall(b"x")

        with (
            raw_server(drip, server_context(authority, "127.0.0.1")) as port,
            Client(AGENT, ["127.0.0.1"], timeout=1.5, ca_file=ca_file) as hasty,
        ):
            error = refused(hasty, f"https://127.0.0.1:{port}/")
    assert error.temporary
    assert "too long" in str(error)


def server_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def say_ok(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def test_a_certificate_of_a_trusted_authority_for_the_name_is_accepted() -> None:
    authority = trustme.CA()
    with (
        authority.cert_pem.tempfile() as ca_file,
        raw_server(say_ok, server_context(authority, "localhost")) as port,
        Client(AGENT, ["localhost"], ca_file=ca_file) as client,
    ):
        assert client.get(f"https://localhost:{port}/").content == b"ok"


@pytest.mark.parametrize(("name", "trusted"), [("other.example", True), ("localhost", False)])
def test_a_wrong_or_untrusted_certificate_is_refused_for_good(name: str, trusted: bool) -> None:
    authority = trustme.CA()
    with (
        authority.cert_pem.tempfile() as ca_file,
        raw_server(say_ok, server_context(authority, name)) as port,
        Client(AGENT, ["localhost"], ca_file=ca_file if trusted else None) as client,
    ):
        error = refused(client, f"https://localhost:{port}/")
    assert not error.temporary
    assert "certificate" in str(error)


# --- sizes and encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "raw deflate", "members"])
def test_compressed_answers_are_read(httpserver: HTTPServer, client: Client, encoding: str) -> None:
    body = b"the same words again " * 5000
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(body),
        "x-gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw deflate": raw.compress(body) + raw.flush(),
        "members": gzip.compress(body[:50000]) + gzip.compress(body[50000:]),
    }[encoding]
    name = {"raw deflate": "deflate", "members": "gzip"}.get(encoding, encoding)
    httpserver.expect_request("/").respond_with_data(packed, headers={"Content-Encoding": name})
    assert client.get(httpserver.url_for("/")).content == body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"x" * 5000, ""),
        (gzip.compress(b"\0" * 10_000_000), "gzip"),
        (zlib.compress(b"\0" * 10_000_000), "deflate"),
    ],
)
def test_an_answer_that_is_or_grows_too_large_is_refused_for_good(
    httpserver: HTTPServer, body: bytes, encoding: str
) -> None:
    httpserver.expect_request("/").respond_with_data(
        body, headers={"Content-Encoding": encoding} if encoding else None
    )
    with Client(AGENT, ["127.0.0.1"], max_bytes=4000 if not encoding else 20_000) as small:
        error = refused(small, httpserver.url_for("/"))
    assert not error.temporary
    assert "larger" in str(error)


def test_an_endless_answer_is_cut_off(httpserver: HTTPServer) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 10_000

    httpserver.expect_request("/").respond_with_handler(lambda _: Response(endless(), status=200))
    with Client(AGENT, ["127.0.0.1"], max_bytes=100_000) as small:
        assert "larger" in str(refused(small, httpserver.url_for("/")))


@pytest.mark.parametrize(
    ("body", "encoding", "temporary"),
    [
        (gzip.compress(b"words " * 1000)[:-20], "gzip", True),
        (b"not gzip at all", "gzip", True),
        (b"anything", "br", False),
        (b"anything", "gzip, gzip", False),
    ],
)
def test_an_answer_that_cannot_be_decompressed_is_refused(
    httpserver: HTTPServer, client: Client, body: bytes, encoding: str, temporary: bool
) -> None:
    httpserver.expect_request("/").respond_with_data(body, headers={"Content-Encoding": encoding})
    assert refused(client, httpserver.url_for("/")).temporary is temporary


def test_an_answer_shorter_than_it_says_is_refused(client: Client) -> None:
    def short(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with raw_server(short) as port:
        assert refused(client, f"http://127.0.0.1:{port}/").temporary


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_is_no_http_is_a_fetch_error(client: Client, answer: bytes) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(answer)

    with raw_server(talk) as port:
        assert isinstance(refused(client, f"http://127.0.0.1:{port}/"), FetchError)


def test_a_body_of_endless_empty_members_is_not_unpacked_to_its_end(
    httpserver: HTTPServer, client: Client
) -> None:
    body = gzip.compress(b"") * 5000 + gzip.compress(b"words")
    httpserver.expect_request("/").respond_with_data(body, headers={"Content-Encoding": "gzip"})
    assert isinstance(refused(client, httpserver.url_for("/")), FetchError)


# --- politeness -------------------------------------------------------------------------------------------


def test_a_host_gets_two_requests_at_a_time_and_another_host_its_own() -> None:
    limiter = HostLimiter(patience=0)
    with (
        limiter.slot("a"),
        limiter.slot("a"),
        limiter.slot("b"),
        pytest.raises(FetchError, match="busy") as caught,
        limiter.slot("a"),
    ):
        pass
    assert caught.value.temporary
    with limiter.slot("a"), limiter.slot("a"):
        pass


def test_a_waiting_request_goes_when_another_has_ended() -> None:
    limiter, entered = HostLimiter(concurrent=1), threading.Event()

    def wait_for_it() -> None:
        with limiter.slot("a"):
            entered.set()

    with limiter.slot("a"):
        thread = threading.Thread(target=wait_for_it)
        thread.start()
        assert not entered.is_set()
    thread.join(10)
    assert entered.is_set()


def test_the_wait_for_a_turn_is_no_part_of_the_sources_time(httpserver: HTTPServer) -> None:
    class Crowded(HostLimiter):
        @contextmanager
        def slot(self, host: str) -> Iterator[float]:
            clock[0] += 300  # as if other requests had been answered in the meantime
            with super().slot(host):
                yield 300.0

    clock = [0.0]
    httpserver.expect_request("/go").respond_with_data("", status=302, headers={"Location": "/feed"})
    httpserver.expect_request("/feed").respond_with_data("feed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_limits, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        with Client(AGENT, ["127.0.0.1"], timeout=10, per_host=Crowded()) as client:
            assert client.get(httpserver.url_for("/go")).content == b"feed"


# --- robots.txt -------------------------------------------------------------------------------------------


def test_a_page_is_read_unless_robots_txt_forbids_it(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data(
        "\ufeffUser-agent: other\nDisallow: /\n\nUser-agent: redshank\nDisallow: /private\n"
    )
    httpserver.expect_request("/news").respond_with_data("news")
    assert client.get(httpserver.url_for("/news"), robots=True).content == b"news"
    with pytest.raises(FetchError, match=r"robots\.txt") as caught:
        client.get(httpserver.url_for("/private/1"), robots=True)
    assert not caught.value.temporary
    assert [request.path for request, _ in httpserver.log] == ["/robots.txt", "/news"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_robots_txt_that_is_not_there_allows(httpserver: HTTPServer, client: Client, status: int) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=status)
    httpserver.expect_request("/news").respond_with_data("news")
    assert client.get(httpserver.url_for("/news"), robots=True).content == b"news"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_robots_txt_that_cannot_be_reached_forbids_for_now(httpserver: HTTPServer, status: int) -> None:
    now = [NOW]
    httpserver.expect_oneshot_request("/robots.txt").respond_with_data("", status=status)
    httpserver.expect_request("/news").respond_with_data("news")
    with Client(AGENT, ["127.0.0.1"], clock=lambda: now[0]) as client:
        with pytest.raises(FetchError, match=r"robots\.txt") as caught:
            client.get(httpserver.url_for("/news"), robots=True)
        assert caught.value.temporary
        now[0] += timedelta(minutes=11)
        httpserver.expect_request("/robots.txt").respond_with_data("")
        assert client.get(httpserver.url_for("/news"), robots=True).content == b"news"


def test_robots_txt_of_the_host_that_a_redirect_leads_to_counts_too(
    httpserver: HTTPServer, client: Client
) -> None:
    with HTTPServer(host="127.0.0.1", port=0) as other:
        other.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
        httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
        httpserver.expect_request("/go").respond_with_data(
            "", status=302, headers={"Location": other.url_for("/page")}
        )
        with pytest.raises(FetchError, match=r"robots\.txt"):
            client.get(httpserver.url_for("/go"), robots=True)
        assert [request.path for request, _ in other.log] == ["/robots.txt"]


def test_feeds_are_asked_for_without_robots_txt(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data("feed")
    client.get(httpserver.url_for("/feed"))
    assert len(httpserver.log) == 1
