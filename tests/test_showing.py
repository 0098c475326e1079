"""How much of a case is shown, to whom and where."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.showing import DEFAULTS, Showing, Shown, parse
from core.errors import ConfigError
from core.vocabulary import ROLES

KINDS = {"mail": "mail", "desk": "webhook", "teams": "apprise"}


def test_without_rules_each_kind_of_channel_shows_its_own_and_an_unknown_one_the_least() -> None:
    showing = Showing(kinds=KINDS)
    assert [showing.level("hr", channel) for channel in ("mail", "desk", "teams", "pigeon")] == [
        Shown.reasons,
        Shown.labels,
        Shown.number,
        Shown.number,
    ]
    assert Showing().level("hr", "mail") is Shown.reasons


def test_the_levels_are_ordered_from_the_least_to_the_most() -> None:
    assert Shown.number < Shown.labels < Shown.reasons


@pytest.mark.parametrize(
    ("role", "channel", "expected"),
    [
        ("governance", "mail", Shown.reasons),
        ("hr", "mail", Shown.labels),
        ("hr", "teams", Shown.number),
        ("comms", "teams", Shown.labels),
        ("legal", "mail", Shown.number),
        ("legal", "teams", Shown.number),
        ("dpo", "desk", Shown.labels),
    ],
)
def test_the_most_specific_rule_counts_and_of_two_alike_the_one_that_shows_less(
    role: str, channel: str, expected: Shown
) -> None:
    table = {"mail": "reasons", "hr.mail": "labels", "*.teams": "number", "comms.teams": "labels"}
    assert parse({**table, "legal.*": "number"}, KINDS).level(role, channel) is expected


def test_a_rule_for_all_channels_comes_before_what_their_kinds_show() -> None:
    showing = parse({"*": "number", "mail": "labels"}, KINDS)
    assert [showing.level("hr", name) for name in KINDS] == [Shown.labels, Shown.number, Shown.number]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"pigeon": "labels"}, "'pigeon' is not a channel; the channels are desk, mail, teams"),
        ({"chef.mail": "labels"}, "'chef' is not a role; the roles are governance"),
        ({"mail": "all"}, "must be one of number, labels, reasons, not 'all'"),
        ({"mail": "labels", "*.mail": "number"}, r"speaks of '\*\.mail' twice"),
        ({"hr.": "labels"}, "'' is not a channel"),
        ({".mail": "labels"}, "'' is not a role"),
        ({"hr.mail.x": "labels"}, "'mail.x' is not a channel"),
        ({"": "labels"}, "'' is not a channel"),
    ],
)
def test_a_wrong_rule_says_what_is_wrong_with_it(table: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        parse(table, KINDS)
    assert "[alerts.show]" in str(raised.value)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["*", *ROLES]), st.sampled_from(["*", *KINDS])), st.sampled_from(Shown)
    ),
    st.sampled_from(ROLES),
    st.sampled_from(sorted(KINDS)),
)
def test_what_is_shown_was_said_by_a_rule_that_fits_or_by_the_default(
    rules: dict[tuple[str, str], Shown], role: str, channel: str
) -> None:
    fitting = {(role, channel), (role, "*"), ("*", channel), ("*", "*")} & rules.keys()
    shown = Showing(rules=rules, kinds=KINDS).level(role, channel)
    assert shown in ({rules[pair] for pair in fitting} or {DEFAULTS[KINDS[channel]]})
    read = parse({f"{a}.{b}": str(level) for (a, b), level in rules.items()}, KINDS)
    assert read.level(role, channel) is shown


def test_the_rules_shown_in_the_documentation_are_accepted() -> None:
    page = (Path(__file__).parents[1] / "docs" / "alerts.md").read_text()
    [shown] = [block for block in page.split("```toml\n") if block.startswith("[alerts.show]")]
    showing = parse(tomllib.loads(shown.partition("```")[0])["alerts"]["show"], KINDS)
    assert len(showing.rules) == 4
    assert showing.level("legal", "mail") is Shown.labels
