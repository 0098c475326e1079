"""The flows under a real Prefect server: one task a source, retried only where that may help."""

import pytest
from town import HARMLESS, Post, open_town

from core.settings import load
from flows import collect, wiring
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


def test_a_connector_that_breaks_is_a_recorded_failure(town, monkeypatch):
    house = wiring.House(load(town.config))

    def broken(*_):
        raise ZeroDivisionError("Maureen")

    monkeypatch.setattr(house.readings["town"].connector, "fetch", broken)
    (result,) = collect.collect_all(house, ["town"])
    assert "ZeroDivisionError" in result.error
    assert "Maureen" not in result.error
    house.close()
