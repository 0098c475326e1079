"""Jetstream: where a visit begins and ends, what it keeps, and what it says when the stream misbehaves."""

import json
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from at_stand import NOW, anything, asking, by_key, options, visit
from hypothesis import given
from pydantic import ValidationError
from stands import jetstream as stand
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from connectors import jetstream
from connectors._json import Shape
from core.errors import FetchError

Asked = dict[str, list[str]]
MICRO = 1_000_000
NOW_US = int(NOW.timestamp()) * MICRO
WREN = f"{stand.WHO}wren/app.bsky.feed.post/3js1"


def event(seconds_ago: float, **commit: Any) -> str:
    given = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{seconds_ago}"} | commit
    moment = NOW_US - int(seconds_ago * MICRO)
    return json.dumps({"did": "did:plc:oakfieldsample", "time_us": moment, "kind": "commit", "commit": given})


def saying(*lines: str | bytes, close: int | None = None) -> stand.Talk:
    """A stream of these lines, which is closed then, or left open."""

    def talk(connection: ServerConnection, _asked: Asked) -> None:
        for line in lines:
            connection.send(line)
        if close is None:
            stand.wait(connection)
        else:
            connection.close(close)

    return talk


LAST = event(-1, operation="delete")


def cursor(seconds_ago: float) -> str:
    return json.dumps({"v": 1, "time_us": NOW_US - int(seconds_ago * MICRO)}, separators=(",", ":"))


def test_only_what_the_query_keeps_is_taken_in_its_last_version() -> None:
    with stand.serving() as base:
        batch = visit("jetstream", base)
    found = by_key(batch)
    assert set(found) == set(stand.KEYS)
    assert found[WREN].text == "Oakfield House has cold dinners again (edited: and cold tea)"
    assert found[WREN].posted_at == datetime(2026, 6, 1, 11, 50, 29, tzinfo=UTC)
    assert (found[WREN].author, found[WREN].lang) == ("did:plc:oakfieldsamplewren", "en")
    assert [found[key].kind for key in stand.KEYS] == ["post", "comment", "post"]
    assert found[stand.KEYS[2]].shared == found[WREN].url


def test_all_deletions_are_told_and_nothing_else_is() -> None:
    with stand.serving() as base:
        batch = visit("jetstream", base)
    assert batch.deleted == (
        f"{stand.WHO}gull/app.bsky.feed.post/3js4",
        f"{stand.WHO}long-ago/app.bsky.feed.post/3js0",
    )


def test_a_visit_asks_for_posts_from_a_little_before_the_last_one_ended() -> None:
    seen: list[Asked] = []

    def talk(connection: ServerConnection, asked: Asked) -> None:
        seen.append(asked)
        stand.replay(connection, asked)

    with stand.serving(talk) as base:
        first = visit("jetstream", base, backfill="20m")
        second = visit("jetstream", base, first.cursor)
    assert seen[0]["wantedCollections"] == ["app.bsky.feed.post"]
    assert int(seen[0]["cursor"][0]) == NOW_US - (20 * 60 + 5) * MICRO
    assert json.loads(first.cursor or "") == {"v": 1, "time_us": NOW_US}
    assert int(seen[1]["cursor"][0]) == NOW_US - 5 * MICRO
    assert not second.mentions
    assert not second.missed


def test_a_post_made_again_after_its_deletion_is_there() -> None:
    record = {"text": "Oakfield House, once more"}
    lines = [event(9, rkey="a", record=record), event(8, rkey="a", operation="delete")]
    with stand.serving(saying(*lines, event(7, rkey="a", record=record), LAST)) as base:
        batch = visit("jetstream", base)
    assert len(batch.mentions) == 1
    assert batch.mentions[0].key not in batch.deleted


def test_a_server_that_no_longer_holds_what_was_asked_for_is_told_of() -> None:
    with stand.serving(saying(event(3600), LAST)) as base:
        batch = visit("jetstream", base, cursor(3 * 3600))
    assert "does not keep events that long: 2 h 0 min" in batch.missed


def test_a_visit_that_ends_before_it_has_caught_up_goes_on_from_there() -> None:
    with stand.serving() as base:
        first = visit("jetstream", base, most=3)
        assert set(by_key(first)) == {WREN, stand.KEYS[1]}
        second = visit("jetstream", base, first.cursor)
    assert set(by_key(first)) | set(by_key(second)) == set(stand.KEYS)
    assert not first.missed


def test_how_far_the_reading_is_behind_is_told() -> None:
    with stand.serving(saying(event(5 * 3600), event(4 * 3600))) as base:
        batch = visit("jetstream", base, cursor(5 * 3600), most=2)
    assert "4 h 0 min behind" in batch.missed


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1013])
def test_a_stream_that_breaks_off_is_resumed_where_it_did(code: int) -> None:
    with stand.serving(saying(event(60, record={"text": "Oakfield House"}), close=code)) as base:
        batch = visit("jetstream", base, cursor(100))
        assert len(batch.mentions) == 1
        assert batch.cursor == cursor(60)
        # Where that brings nobody on, it is a failure, or the source would stand still in silence.
        with pytest.raises(FetchError, match=f"code {code}") as caught:
            visit("jetstream", base, batch.cursor)
    assert caught.value.temporary


def test_an_event_beyond_all_size_does_not_pass_unseen() -> None:
    with stand.serving(saying(b"x" * 300_000)) as base, pytest.raises(FetchError) as caught:
        visit("jetstream", base)
    assert caught.value.temporary


def test_what_is_no_event_is_counted_and_does_not_lead_the_cursor_astray() -> None:
    bad = ["", "no json", "[1]", '{"time_us": "soon"}', event(-86400), "[" * 50_000, b"\xff\xfe"]
    with stand.serving(saying(*bad, event(60, record={"text": "Oakfield House"}), LAST)) as base:
        batch = visit("jetstream", base)
    assert len(batch.mentions) == 1
    assert "7 events could not be read" in batch.missed
    assert json.loads(batch.cursor or "")["time_us"] == NOW_US


def test_a_silent_stream_is_told_of_and_keeps_its_place() -> None:
    with stand.serving(saying()) as base:
        batch = visit("jetstream", base, cursor(60), seconds=1)
    assert batch.missed == "no event came within 1 seconds"
    assert batch.cursor == cursor(60)


def test_more_deletions_than_can_be_kept_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jetstream, "MOST_DELETED", 2)
    lines = [event(9 - number, operation="delete", rkey=f"d{number}") for number in range(3)]
    with stand.serving(saying(*lines, event(-1, collection="x"))) as base:
        batch = visit("jetstream", base)
    assert [key[-2:] for key in batch.deleted] == ["d1", "d2"]
    assert "1 deletions" in batch.missed


@pytest.mark.parametrize(("status", "temporary"), [(401, False), (404, False), (429, True), (503, True)])
def test_a_refused_handshake_says_whether_to_come_again(status: int, temporary: bool) -> None:
    def refuse(connection: ServerConnection, _request: Request) -> Response:
        answer = connection.respond(status, "no\n")
        answer.headers["Retry-After"] = "90"
        return answer

    with stand.serving(process_request=refuse) as base, pytest.raises(FetchError) as caught:
        visit("jetstream", base)
    assert (caught.value.status, caught.value.temporary) == (status, temporary)
    assert caught.value.retry_after == timedelta(seconds=90)


def test_a_redirect_is_not_followed() -> None:
    def redirect(connection: ServerConnection, _request: Request) -> Response:
        answer = connection.respond(302, "")
        answer.headers["Location"] = "ws://127.0.0.2:1/"
        return answer

    with stand.serving(process_request=redirect) as base, pytest.raises(FetchError) as caught:
        visit("jetstream", base)
    assert caught.value.status == 302


def test_a_private_address_that_nobody_allowed_is_not_asked() -> None:
    with stand.serving() as base, asking() as client, pytest.raises(FetchError, match="allow_hosts"):
        jetstream.fetch(options("jetstream", base.replace("127.0.0.1", "127.0.0.3")), None, client)


def test_certificates_are_checked(tmp_path: Any) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with stand.serving(ssl=context) as base:
        with asking(ca_file=str(tmp_path / "ca.pem")) as client:
            assert jetstream.fetch(options("jetstream", base), None, client).mentions
        with pytest.raises(FetchError, match="certificate"):
            visit("jetstream", base)


def test_without_a_query_nothing_of_everybodys_is_read() -> None:
    with stand.serving() as base, pytest.raises(FetchError, match="no query") as caught:
        visit("jetstream", base, query="")
    assert not caught.value.temporary


@pytest.mark.parametrize("base", ["https://jetstream.example", "jetstream.example", 3])
def test_an_address_that_is_no_socket_is_refused(base: object) -> None:
    with pytest.raises(ValidationError, match="ws://"):
        jetstream.Options.model_validate({"base": base})


@given(anything("did", "time_us", "kind", "commit", "record", "text", "rkey"))
def test_whatever_an_event_holds_is_a_post_or_none(value: object) -> None:
    found = jetstream.parse(Shape(value), source="s", now=NOW)
    assert found is None or (found.url and found.text)
