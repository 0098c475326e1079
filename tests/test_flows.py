"""The flows under a real Prefect server: one task a source, retried only where that may help."""

from dataclasses import replace

import pytest
from town import HARMLESS, Post, open_town

from core.settings import load
from core.types import Mention
from flows import collect, quiet, wiring
from storage import cursors
from storage.engine import session

pytestmark = [
    pytest.mark.usefixtures("prefect_database"),
    # Prefect leaves sockets and database connections of its own to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setattr(collect.collect_source, "retry_delay_seconds", 0)
    with open_town(tmp_path, [Post("a", HARMLESS)]) as town:
        yield town
        wiring.house(str(town.config)).close()


def test_a_temporary_failure_is_tried_again(town):
    town.passing = [503, 503]
    assert collect.collect(str(town.config)) == {"sources": 1, "failed": 0, "new": 1}
    assert town.requests == 3


def test_a_permanent_failure_is_not(town):
    town.status = 404
    assert collect.collect(str(town.config)) == {"sources": 1, "failed": 1, "new": 0}
    assert town.requests == 1


def test_a_source_that_asks_for_a_wait_is_not_asked_again_at_once(town):
    town.passing, town.headers = [429], {"Retry-After": "30"}
    assert collect.collect(str(town.config)) == {"sources": 1, "failed": 1, "new": 0}
    assert town.requests == 1
    house = wiring.house(str(town.config))
    assert collect.due(house) == []


def test_a_flow_that_is_still_running_here_is_not_started_again(town):
    house = wiring.house(str(town.config))
    with quiet.alone(house.var, "collect") as first:
        assert first
        assert collect.collect(str(town.config))["sources"] == 0
    assert collect.collect(str(town.config))["sources"] == 1


def test_one_broken_source_holds_up_no_other(town):
    text = town.config.read_text()
    block = text[text.index("[[sources]]") :].replace('name = "town"', 'name = "broken"')
    town.config.write_text(text + block.replace("/feed", "/feed#").replace(town.url, "http://127.0.0.1:1"))
    assert collect.collect(str(town.config)) == {"sources": 2, "failed": 1, "new": 1}
    house = wiring.house(str(town.config))
    with session(house.engine) as db:
        states = {state.name: state for state in cursors.states(db)}
    assert states["broken"].error
    assert states["broken"].error_temporary
    assert states["town"].error == ""


def test_what_one_visit_brought_and_cannot_be_kept_costs_no_other(town, monkeypatch):
    house = wiring.House(load(town.config))
    honest = collect.mentions.add_new

    def choosy(db, batch, now, how):
        if any(mention.source == "bad" for mention in batch):
            raise ValueError("Maureen")
        return honest(db, batch, now, how)

    monkeypatch.setattr(collect.mentions, "add_new", choosy)
    good = collect.ask(house, "town", None)
    bad = replace(good, source="bad", outcome=replace(good.outcome, mentions=(_mention("bad"),)))
    kept = collect.keep(house, [bad, good])
    assert [(one.source, one.new) for one in kept] == [("bad", 0), ("town", 1)]
    assert "could not be kept: ValueError" in kept[0].error
    with session(house.engine) as db:
        assert "could not be kept" in cursors.state(db, "bad").error
    house.close()


def _mention(source):
    return Mention(source=source, key="k", url="", text="x", platform="news")


def test_a_connector_that_breaks_is_a_recorded_failure(town, monkeypatch):
    house = wiring.House(load(town.config))

    def broken(*_):
        raise ZeroDivisionError("Maureen")

    monkeypatch.setattr(house.readings["town"].connector, "fetch", broken)
    (result,) = collect.collect_all(house, ["town"])
    assert "ZeroDivisionError" in result.error
    assert "Maureen" not in result.error
    house.close()
