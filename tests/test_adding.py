"""A source put into the configuration file: the file stays what it was but for the block."""

import tomllib
from pathlib import Path

import pytest
from office_town import NOON, Clock, open_house
from town import open_town

from flows.adding import block, insert, trial


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, []) as town:
        yield town


def feed(town, *more: str) -> str:
    return block("rss", "more", [f"url={town.url}/feed", 'allow_hosts=["127.0.0.1"]', *more])


def test_a_source_that_is_switched_off_can_be_added(town) -> None:
    house = open_house(town, Clock(NOON))
    assert not trial(house, feed(town, "enabled=false")).source.enabled


@pytest.mark.parametrize("words", ["Oakfield 😀", "\u202eQ", 'a "quoted" \\ one'])
def test_whatever_a_value_holds_is_read_back(words: str) -> None:
    (source,) = tomllib.loads(block("rss", "more", [f"query={words}"]))["sources"]
    assert source["query"] == words


def test_the_ends_of_lines_stay_as_they_were(town) -> None:
    before = town.config.read_bytes().replace(b"\n", b"\r\n").rstrip()
    town.config.write_bytes(before)
    insert(town.config, feed(town))
    after = town.config.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    assert "more" in open_house(town, Clock(NOON)).readings


def test_whoever_stops_it_halfway_finds_nothing_changed(town, monkeypatch) -> None:
    before = town.config.read_bytes()

    def stopped(*_arguments, **_rest):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        insert(town.config, feed(town))
    assert town.config.read_bytes() == before
    assert not list(town.folder.glob(".*.part"))
