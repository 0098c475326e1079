"""The places that are read: options, queries, approvals, keys and budgets, from the configuration to the request."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_town import Clock
from town import Post, open_town

from connectors._terms import Budget
from core.errors import ConfigError, FetchError
from core.settings import load
from flows.reach import window
from flows.wiring import House

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
REDDIT_NAME = 'name = "r"'
REDDIT = '\n[[sources]]\nname = "r"\nkind = "reddit"\nsubreddits = ["marsh"]\n'
YOUTUBE = (
    '\n[[sources]]\nname = "v"\nkind = "youtube"\nbase = "http://127.0.0.1:9"\nallow_hosts = ["127.0.0.1"]\n'
)


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("x", "Nothing of ours.")]) as town:
        yield town


def house(town, more: str = "", *, old: str = "", new: str = "", now: datetime = NOON) -> House:
    text = town.config.read_text()
    assert old in text
    town.config.write_text(text.replace(old, new) + more)
    return House(load(town.config), Clock(now))


def wrong(town, more: str = "", **changes) -> str:
    made = house(town, more, **changes)
    with pytest.raises(ConfigError) as caught:
        _ = made.query, made.readings
    return str(caught.value)


def line_of(town, words: str) -> int:
    return next(n for n, line in enumerate(town.config.read_text().split("\n"), start=1) if words in line)


def test_a_platform_that_asks_for_approval_is_off_until_it_is_recorded(town) -> None:
    said = wrong(town, REDDIT)
    assert "approval" in said
    assert f":{line_of(town, REDDIT_NAME) - 1}:" in said


def test_once_the_approval_is_recorded_it_is_read(town) -> None:
    made = house(town, REDDIT + 'approval = "contract 2026-7"\n')
    assert set(made.readings) == {"town", "r"}
    assert made.readings["r"].options.query == '"Oakfield House"'


def test_a_secret_in_the_file_is_refused_with_the_name_of_its_variable(town) -> None:
    said = wrong(town, REDDIT + 'approval = "yes"\nclient_secret = "abc"\n')
    assert "REDSHANK_KEYS__REDDIT__CLIENT_SECRET" in said
    assert "abc" not in said


def test_secrets_come_from_the_environment_by_the_name_of_the_key(town, monkeypatch) -> None:
    monkeypatch.setenv("REDSHANK_KEYS__CARE_TEAM__CLIENT_SECRET", "abc")
    made = house(town, REDDIT + 'approval = "yes"\nkey = "care_team"\n')
    assert made.readings["r"].options.client_secret.get_secret_value() == "abc"
    assert "abc" not in repr(made.readings["r"])


def test_a_source_may_have_a_query_of_its_own(town) -> None:
    made = house(town, 'query = "marsh AND heron*"\n')
    assert made.readings["town"].query.text == "marsh AND heron*"
    assert made.query.text == '"Oakfield House"'


def test_aliases_are_written_out_before_a_platform_is_asked(town) -> None:
    made = house(
        town,
        REDDIT + 'approval = "yes"\n',
        old="query = '\"Oakfield House\"'",
        new='query = "{home}"\naliases = { home = ["Oakfield House", "Oakfield Hse"] }',
    )
    asked = made.readings["r"].options.query
    assert "Oakfield Hse" in asked
    assert "{" not in asked


@pytest.mark.parametrize(
    "query", ['"Maureen Tibbs"', "author:@maureen", '"Dr Maureen Tibbs" OR "Maureen Tibbs"']
)
def test_a_query_for_a_person_alone_is_refused(town, query: str) -> None:
    said = wrong(town, old="query = '\"Oakfield House\"'", new=f"query = '{query}'")
    assert "permit" in said
    assert f":{line_of(town, 'query =')}:" in said


PERMIT = 'permit = {{ case = 12, reason = "Agreed with the police", until = {} }}'


def test_a_query_for_a_person_needs_a_permit_that_has_not_run_out(town) -> None:
    query = "query = '\"Maureen Tibbs\"'\n"
    made = house(town, old="query = '\"Oakfield House\"'", new=query + PERMIT.format(NOON.date().isoformat()))
    assert made.query is not None
    made.fetch(made.readings["town"], None)
    made.now.now += timedelta(days=1)
    with pytest.raises(FetchError, match="ran out on 02 Mar 2026") as caught:
        made.fetch(made.readings["town"], None)
    assert not caught.value.temporary
    made.close()


def test_a_permit_that_ran_out_stops_its_source_and_nothing_else(town) -> None:
    own = YOUTUBE + "query = '\"Maureen Tibbs\"'\n" + PERMIT.format("2026-03-01") + "\n"
    made = house(town, own)
    assert set(made.readings) == {"town", "v"}
    assert made.fetch(made.readings["town"], None).mentions
    with pytest.raises(FetchError, match="permit"):
        made.fetch(made.readings["v"], None)
    made.close()


def test_the_name_of_the_house_is_no_person(town) -> None:
    made = house(
        town,
        old='"Oakfield House"\nquery = \'"Oakfield House"\'',
        new='"Martha Tydfil"\nquery = \'"Martha Tydfil"\'',
    )
    assert made.query is not None


def test_examples_beside_the_query_are_tried_at_every_start(town) -> None:
    said = wrong(
        town,
        old="query = '\"Oakfield House\"'",
        new='query = \'"Oakfield House"\'\nmust_match = [\n  "Oakfield House again",\n  "our Oakfield",\n]\n',
    )
    assert "example 2" in said
    assert f":{line_of(town, 'our Oakfield')}:" in said


def test_what_must_not_match_is_tried_as_well(town) -> None:
    said = wrong(
        town,
        old="query = '\"Oakfield House\"'",
        new="query = 'oakfield'\nmust_not_match = [\"Oakfield cricket club\"]\n",
    )
    assert "keeps example 1" in said


def test_a_budget_that_is_spent_asks_nothing_and_says_until_when(town) -> None:
    made = house(town, YOUTUBE + '[budgets.youtube.search]\nunits = 1\nper = "1d"\n')
    client = made.reach.client(made.readings["v"])
    client.spend(1, "search")
    with pytest.raises(FetchError, match="budget of the key youtube") as caught:
        client.spend(1, "search")
    assert caught.value.temporary
    assert caught.value.retry_after is not None
    assert timedelta() < caught.value.retry_after <= timedelta(days=1)
    made.close()


def test_two_sources_of_one_key_share_its_budget(town) -> None:
    second = YOUTUBE.replace('"v"', '"w"')
    made = house(town, YOUTUBE + second + "[budgets.youtube.search]\nunits = 3\n")
    for name in ("v", "w", "v"):
        made.reach.client(made.readings[name]).spend(1, "search")
    with pytest.raises(FetchError):
        made.reach.client(made.readings["w"]).spend(1, "search")
    made.close()


def test_a_new_window_is_a_new_budget(town) -> None:
    made = house(town, YOUTUBE + "[budgets.youtube.search]\nunits = 1\n")
    client = made.reach.client(made.readings["v"])
    client.spend(1, "search")
    made.now.now += timedelta(days=1)
    client.spend(1, "search")
    made.close()


LONDON_DAY = Budget(units=1, per=timedelta(days=1), zone="America/Los_Angeles")


@given(
    st.integers(0, 700 * 86_400).map(
        lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    st.sampled_from(
        [timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)]
    ),
    st.sampled_from(["UTC", "America/Los_Angeles", "Europe/London"]),
)
def test_every_moment_lies_in_exactly_one_window(now: datetime, per: timedelta, zone: str) -> None:
    budget = Budget(units=1, per=per, zone=zone)
    start, end = window(budget, now)
    assert start <= now < end
    assert window(budget, start) == (start, end)
    assert window(budget, end)[0] == end


def test_the_day_of_a_quota_begins_at_midnight_where_the_platform_is() -> None:
    summer = datetime(2026, 7, 1, 6, 59, tzinfo=UTC)
    assert window(LONDON_DAY, summer)[1] == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    change = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    start, end = window(LONDON_DAY, change)
    assert (start, end) == (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), datetime(2026, 3, 9, 7, 0, tzinfo=UTC))


def test_an_interval_beyond_its_bounds_is_an_error_of_its_line(town) -> None:
    text = town.config.read_text() + 'every = "1h"\nslowest = "10m"\n'
    town.config.write_text(text)
    with pytest.raises(ConfigError, match="slowest must not be shorter"):
        load(town.config)


@pytest.mark.parametrize("per", ["0s", "90d"])
def test_a_budget_is_of_a_second_at_the_least_and_a_month_at_the_most(town, per: str) -> None:
    town.config.write_text(town.config.read_text() + f'[budgets.youtube.search]\nunits = 1\nper = "{per}"\n')
    with pytest.raises(ConfigError, match="per"):
        load(town.config)


def test_two_kinds_with_keys_of_one_name_keep_their_budgets(town) -> None:
    made = house(town, YOUTUBE + 'key = "shared"\n', old='kind = "rss"', new='kind = "rss"\nkey = "shared"')
    first, second = (made.reach.client(made.readings[name]) for name in ("town", "v"))
    assert first is not second
    made.close()
