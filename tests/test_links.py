"""Links to take note by: ours alone, for a while, and saying nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from core.errors import ConfigError, RedshankError
from core.links import Links, signing_key

SITE = "https://redshank.oakfield.example"
LINKS = Links("a key", SITE + "/", timedelta(days=3))


def ticket(link: str) -> str:
    return link.rsplit("/", 1)[1]


@given(st.integers(1, 10**9))
def test_a_link_leads_back_to_its_notice_and_to_nothing_else(number: int) -> None:
    link = LINKS.make(number)
    assert link.startswith(f"{SITE}/acknowledge/")
    assert LINKS.read(ticket(link)) == number


@given(st.text())
def test_nothing_that_anybody_types_is_taken_for_one_of_ours(typed: str) -> None:
    with pytest.raises(RedshankError, match="not one of ours"):
        LINKS.read(typed)


@given(st.data())
def test_a_ticket_altered_in_one_place_is_refused(data: st.DataObject) -> None:
    whole = ticket(LINKS.make(12))
    at = data.draw(st.integers(0, len(whole) - 1))
    letter = data.draw(st.sampled_from("aZ9-_.").filter(lambda one: one != whole[at]))
    altered = whole[:at] + letter + whole[at + 1 :]
    try:
        number = LINKS.read(altered)
    except RedshankError:
        return
    # The last letter of a base64 part holds bits that mean nothing: it may change and say the same.
    assert number == 12
    assert at in {len(whole) - 1, whole.index(".") - 1, whole.rindex(".") - 1}


def test_another_installation_cannot_make_our_links() -> None:
    with pytest.raises(RedshankError, match="not one of ours"):
        LINKS.read(ticket(Links("another key", SITE, timedelta(days=3)).make(1)))


def test_what_was_signed_for_another_purpose_or_holds_no_number_is_refused() -> None:
    for signer in (
        URLSafeTimedSerializer("a key"),
        URLSafeTimedSerializer("a key", salt="redshank.acknowledge"),
    ):
        with pytest.raises(RedshankError, match="not one of ours"):
            LINKS.read(signer.dumps("12"))


def test_a_link_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ticket(LINKS.make(12))
    now = TimestampSigner("any").get_timestamp()
    days = timedelta(days=1).total_seconds()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(now + 3 * days))
    assert LINKS.read(whole) == 12
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(now + 3 * days + 2))
    with pytest.raises(RedshankError, match="run out"):
        LINKS.read(whole)


def test_without_an_address_there_is_no_link() -> None:
    assert Links("a key", "", timedelta(days=3)).make(12) == ""


def test_the_key_is_made_once_and_readable_to_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    made = signing_key("", folder)
    assert len(made) >= 40
    assert signing_key("", folder) == made
    assert (folder / "review.key").stat().st_mode & 0o777 == 0o600
    assert signing_key("given", folder) == "given"


def test_a_key_that_cannot_be_kept_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"review\.key"):
        signing_key("", tmp_path / "file")
