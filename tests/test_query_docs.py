"""Every example of docs/query.md does what the page says."""

import re
import tomllib
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.query import Item, QuerySyntaxError, dialects, is_person, parse, searches
from core.vocabulary import KINDS

PAGE = (Path(__file__).parents[1] / "docs" / "query.md").read_text()
SETTINGS = tomllib.loads(re.search(r"```toml\n(.*?)```", PAGE, re.S)[1])["organisation"]
NAMES = {"doris", "smith"}


def rows(heading):
    """The rows under each table with this heading, as the code in their cells."""
    found = []
    for table in re.findall(rf"^\| {re.escape(heading)} \|\n\|[-|]+\|\n((?:\|.*\|\n)+)", PAGE, re.M):
        for line in table.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            found.append(tuple(re.findall(r"`([^`]+)`", cell) or [cell] for cell in cells))
    return found


def item(written):
    fields, text = re.fullmatch(r"(?:\[([^\]]*)\] )?(.*)", written).groups()
    return Item(text, **dict(field.split("=") for field in (fields or "").split("; ") if field))


@pytest.mark.parametrize(("query", "finds", "misses"), rows("query | finds | does not find"))
def test_an_example_is_found_and_its_neighbour_is_not(query, finds, misses):
    tried = parse(*query, SETTINGS["aliases"])
    assert tried.matches(item(*finds)).kept
    assert not tried.matches(item(*misses)).kept
    assert tried.sift([item(*finds), item(*misses)]) == [0]


@pytest.mark.parametrize(("query", "column"), rows("query | column"))
def test_a_wrong_query_is_told_at_its_column(query, column):
    with pytest.raises(QuerySyntaxError) as caught:
        parse(*query, SETTINGS["aliases"])
    assert [str(caught.value.column)] == column


@pytest.mark.parametrize(("query", "dialect", "expected"), rows("query | platform | searches"))
def test_a_platform_is_asked_so(query, dialect, expected):
    assert list(searches(parse(*query), getattr(dialects, *dialect))) == expected


@pytest.mark.parametrize(("query", "answer"), rows("query | a person"))
def test_a_person_is_told_from_a_place(query, answer):
    assert [("no", "yes")[is_person(parse(*query), NAMES)]] == answer


def test_the_page_shows_the_caret_as_it_is():
    with pytest.raises(ConfigError) as caught:
        parse("oakfield -cricket")
    assert f"```\n{caught.value.caret}\n```" in PAGE


def test_the_query_of_the_page_is_one_and_every_kind_is_named():
    query = parse(SETTINGS["query"], SETTINGS["aliases"])
    assert query.matches("Oakfield House").why == 'matched {home}: "Oakfield House"'
    assert f"one of {', '.join(KINDS)}." in PAGE


def test_every_table_is_read():
    lines = [line for line in PAGE.splitlines() if line.startswith("| `")]
    headings = [
        "query | finds | does not find",
        "query | column",
        "query | platform | searches",
        "query | a person",
    ]
    assert len(lines) == sum(len(rows(heading)) for heading in headings)
