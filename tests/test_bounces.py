"""Mails that come back: which of ours, with what code, and nothing that could make reading them fail."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.bounces import MAX_BYTES, Bounce, message_id, read
from alerts.channels._mime import build
from core.telling import Message

SAMPLES = Path(__file__).parent / "samples" / "bounces"
OURS = message_id("case/12/r1/mail/0", "oakfield.example")
ALL = sorted(path.name for path in SAMPLES.glob("*.eml"))


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "action", "status"),
    [
        ("postfix.eml", "failed", "5.1.1"),
        ("delayed.eml", "delayed", "4.4.1"),
        ("expired.eml", "failed", "4.4.7"),
        ("two-recipients.eml", "failed", "5.2.2"),
        ("international.eml", "failed", "5.1.1"),
        ("exim.eml", "failed", "5.1.1"),
        ("qmail.eml", "failed", "5.1.1"),
    ],
)
@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_a_bounce_tells_which_mail_it_was_and_what_became_of_it(
    name: str, action: str, status: str, ending: bytes
) -> None:
    bounce = read(sample(name).replace(b"\r\n", ending))
    assert bounce == Bounce(message_id=OURS, status=status, action=action)


@pytest.mark.parametrize(
    "name", ["delivered.eml", "out-of-office.eml", "read-receipt.eml", "of-somebody-else.eml"]
)
def test_what_did_arrive_or_is_not_ours_is_no_bounce(name: str) -> None:
    assert read(sample(name)) is None


def test_every_sample_is_read_by_a_test() -> None:
    written = Path(__file__).read_text()
    assert len(ALL) > 10
    assert all(f'"{name}"' in written for name in ALL)


def test_the_mail_that_was_sent_is_found_by_its_bounce() -> None:
    sent = build(
        Message(key="case/12/r1/mail/0", to="gone@oakfield.example", subject="s", text="t", html="<p>t</p>"),
        "alerts@oakfield.example",
        datetime(2026, 11, 20, tzinfo=UTC),
    )
    report, _, _ = sample("two-recipients.eml").partition(b"Received: from redshank")
    bounce = read(report + sent.as_bytes() + b"\r\n--b4--\r\n")
    assert bounce is not None
    assert bounce.message_id == sent["Message-ID"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(b"", "5.1.1"), (b"Status: 5.7.1 (refused)\r\n", "5.7.1"), (b"Status: none\r\n", "5.1.1")],
)
def test_a_missing_status_is_taken_from_the_servers_own_answer(status: bytes, expected: str) -> None:
    bounce = read(sample("postfix.eml").replace(b"Status: 5.1.1\r\n", status))
    assert bounce is not None
    assert bounce.status == expected


def test_an_address_of_four_numbers_is_no_status() -> None:
    bounce = read(sample("exim.eml").replace(b"550 5.1.1", b"550").replace(b"192.0.2.25", b"5.1.2.25"))
    assert bounce is not None
    assert bounce.status == "5.0.0"


def test_no_word_of_the_bounce_gets_out() -> None:
    assert "gone" not in repr([read(sample(name)) for name in ALL])


@pytest.mark.parametrize("kind", [b"multipart/mixed; boundary=b", b"message/rfc822"])
def test_parts_within_parts_without_end_are_no_bounce(kind: bytes) -> None:
    opening = b"--b\r\n" if b"boundary" in kind else b""
    assert read((b"Content-Type: " + kind + b"\r\n\r\n" + opening) * 20_000) is None


def test_a_huge_mail_is_read_up_to_a_limit() -> None:
    assert read(sample("postfix.eml") + b"x" * MAX_BYTES) is not None
    assert read(b"X: y\r\n" * MAX_BYTES + sample("postfix.eml")) is None


@given(st.binary(max_size=3000))
@example(b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n=")
@example(b"Content-Type: message/rfc822\r\n\r\n")
@example(b"Content-Type: text/plain; charset=no-such\r\n\r\nHi. This is the\xff")
def test_no_bytes_at_all_make_it_fail(raw: bytes) -> None:
    assert read(raw) is None or isinstance(read(raw), Bounce)


KINDS = ["text/plain", "message/delivery-status", "message/rfc822", "text/rfc822-headers", "multipart/x", "x"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.sampled_from(["idna", "punycode", "utf-7", "hex", "a\0", "utf-16", "*0*=x''%ff", '"', "é"]),
            st.sampled_from(["base64", "quoted-printable", "x-uuencode", "8bit", "é"]),
            st.sampled_from(
                ["Hi. This is the é", "Action: é", "Action: failed\r\nStatus: é\0", "begin 6", "="]
            ),
        ),
        max_size=4,
    )
)
def test_no_claim_about_a_part_makes_it_fail(parts: list[tuple[str, str, str, str]]) -> None:
    raw = "".join(
        f"Content-Type: {kind}; boundary=b; charset={charset}\r\nX-Failed-Recipients: é\r\n"
        f"Content-Transfer-Encoding: {coding}\r\n\r\n{body}\r\n--b\r\n"
        for kind, charset, coding, body in parts
    )
    assert read(raw.encode("latin-1")) is None


@given(st.sampled_from(ALL), st.data())
def test_no_damage_to_a_bounce_makes_it_fail_or_yields_another_mail(name: str, data: st.DataObject) -> None:
    raw = sample(name)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 200)))
    pieces = st.sampled_from(
        [b"", b"\xff", b"\0", b"Content-Type: message/rfc822\r\n", b"\r\n\r\n", b"Status: \xe9\r\n", b"--b1"]
    )
    bounce = read(raw[:start] + data.draw(pieces | st.binary(max_size=20)) + raw[end:])
    assert bounce is None or bounce.action in {"failed", "delayed"}
