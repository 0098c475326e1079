"""What stands over a case: it cannot be switched off, and it names people of the house without naming too many."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verdicts import FOCUS, any_pack, assessment, assessments, mention, mentions, packs, some

from core.types import Assessment, Mention, Severity
from core.vocabulary import GUARDS, LABELS, ROLES
from core.work import Member
from policies.books import books
from policies.guards import REPORTING, decides, guards, locked, offered, steps, told
from policies.judge import judge
from policies.naming import named
from policies.shape import Pack

BOOK = books().route
ROUTES = tuple(BOOK)


def member(id_: str, name: str, *roles: str, also: tuple[str, ...] = (), title: str = "") -> Member:
    return Member(id=id_, name=name, roles=roles, mail=f"{id_}@house.example", also=also, title=title)


FIELD = member("field", "Margaret Field", "governance", also=("Maggie Field",), title="Registered Manager")
OKAFOR = member("okafor", "Chidi O'Brien-Okafor", "safeguarding", title="Safeguarding Lead")
NUNEZ = member("nunez", "Zoë Núñez", "deputy")
MAY = member("may", "Anna May", "dpo")
TEAM = (FIELD, OKAFOR, NUNEZ, MAY)

a_member = st.builds(
    member,
    st.uuids().map(str),
    st.text(min_size=2, max_size=20),
    st.sampled_from(ROLES),
    also=st.lists(st.text(max_size=12), max_size=2).map(tuple),
    title=st.text(max_size=12),
)
crews = st.one_of(st.just(TEAM), st.lists(a_member, max_size=4).map(tuple))


# Not to be switched off.


@given(mentions, assessments(), any_pack, packs(), crews)
def test_no_pack_changes_what_stands_over_a_mention(
    said: Mention, found: Assessment, pack: Pack, other: Pack, crew: tuple[Member, ...]
) -> None:
    one, two = (judge(said, found, which, crew) for which in (pack, other))
    if one.flagged and two.flagged:
        assert (one.guards, one.conflicts) == (two.guards, two.conflicts)
        expected = guards(said, found, (*one.labels, *one.ask), crew)
        assert (one.guards, one.conflicts) == (expected.guards, expected.conflicts)


@given(mentions, assessments(), any_pack)
def test_under_the_speak_up_guard_the_guardian_is_told_and_removal_and_discipline_wait(
    said: Mention, found: Assessment, pack: Pack
) -> None:
    verdict = judge(said, found, pack)
    worker = found.author_role in {"staff", "ex-staff"} or "worker" in found.tags
    if (
        verdict.flagged
        and worker
        and {"reputation", "safeguarding", "internal"} & {*verdict.labels, *verdict.ask}
    ):
        assert "speak_up" in verdict.guards
        assert "speak_up" in verdict.recipients
        assert "speak_up_guardian" in verdict.routes
        shut = set(locked(verdict.routes, verdict.guards, False, BOOK))
        assert {route for route in verdict.routes if BOOK[route].kind in {"removal", "discipline"}} <= shut


@given(mentions, assessments(), any_pack)
def test_a_sealed_mention_goes_to_those_who_may_look_and_nobody_is_contacted(
    said: Mention, found: Assessment, pack: Pack
) -> None:
    verdict = judge(said, found, pack)
    if "child_images" in found.tags:
        assert verdict.flagged
        assert verdict.severity is Severity.critical
        assert "sealed" in verdict.guards
    if "sealed" in verdict.guards:
        assert verdict.routes[:3] == ("iwf", "ceop", "police")
        assert not {"contact_poster", "platform_notice"} & set(verdict.routes)
        assert "safeguarding" in verdict.recipients


@given(mentions, assessments(), any_pack)
def test_criticism_and_the_press_are_answered_and_never_taken_down(
    said: Mention, found: Assessment, pack: Pack
) -> None:
    verdict = judge(said, found, pack)
    if "criticism" in verdict.guards:
        assert not any(BOOK[route].kind == "removal" for route in verdict.routes)
        if "sealed" not in verdict.guards:
            first = [route for route in verdict.routes if BOOK[route].kind != "emergency"]
            assert [route for route in first if route != "speak_up_guardian"][:2] == ["answer", "complaints"]
    sure, borne = set(verdict.labels), {*verdict.labels, *verdict.ask}
    reported = found.author_role == "press" and borne <= REPORTING
    accuses = borne and (
        sure == {"reputation"} or (not sure and (borne == {"reputation"} or said.platform == "review"))
    )
    if verdict.flagged:
        assert ("criticism" in verdict.guards) == bool(reported or said.platform == "news" or accuses)


@given(st.permutations(sorted(BOOK)), st.sets(st.sampled_from(["speak_up", "criticism", "conflict"])))
def test_no_guard_delays_help_that_the_policy_puts_first(routes: list[str], over: set[str]) -> None:
    urgent = [route for route in routes if BOOK[route].kind == "emergency"]
    rest = [route for route in routes if route not in urgent]
    assert list(offered([*urgent, *rest], over, BOOK))[: len(urgent)] == urgent
    if "speak_up" in over:
        assert offered(rest, over, BOOK)[0] == "speak_up_guardian"


@given(mentions, assessments(), any_pack, crews)
def test_a_conflict_changes_who_is_told_and_nothing_else(
    said: Mention, found: Assessment, pack: Pack, crew: tuple[Member, ...]
) -> None:
    plain, watched = judge(said, found, pack), judge(said, found, pack, crew)
    assert watched.severity is plain.severity
    assert (watched.labels, watched.clauses, watched.routes) == (plain.labels, plain.clauses, plain.routes)
    assert set(watched.guards) - {"conflict"} == set(plain.guards)
    assert ("conflict" in watched.guards) == bool(watched.conflicts)
    assert watched.flagged == bool(watched.recipients)
    held = {role for one in crew if one.id in watched.conflicts for role in one.roles}
    instead = told((), crew, watched.conflicts)[1]
    if instead:
        assert held.isdisjoint(set(watched.recipients) - {instead})
        assert instead in watched.recipients
    assert set(plain.recipients) - held <= set(watched.recipients)


@given(some(ROUTES), some(tuple(GUARDS)))
def test_offering_routes_twice_offers_the_same(routes: tuple[str, ...], over: tuple[str, ...]) -> None:
    once = offered(routes, over, BOOK)
    assert offered(once, over, BOOK) == once
    assert len(set(once)) == len(once)


@given(some(ROUTES), some(tuple(GUARDS)), st.booleans())
def test_what_is_locked_is_one_of_the_routes_and_only_a_guard_locks(
    routes: tuple[str, ...], over: tuple[str, ...], released: bool
) -> None:
    shut = locked(routes, over, released, BOOK)
    assert set(shut) <= set(routes)
    assert not shut or {"speak_up", "sealed"} & set(over)
    assert set(locked(routes, over, True, BOOK)) <= set(locked(routes, over, False, BOOK))


# One by one.


def over(
    found: Assessment, labels: tuple[str, ...], text: str = "", platform: str = "facebook"
) -> tuple[str, ...]:
    return guards(mention(text, platform=platform), found, labels, TEAM).guards


@pytest.mark.parametrize("label", LABELS)
def test_only_what_may_be_a_disclosure_by_a_worker_is_gated(label: str) -> None:
    gated = label in {"reputation", "safeguarding", "internal"}
    assert ("speak_up" in over(assessment(author_role="ex-staff"), (label,))) == gated
    assert ("speak_up" in over(assessment(tags=("worker",)), (label,))) == gated
    assert "speak_up" not in over(assessment(author_role="family"), (label,))


def test_a_release_opens_the_gate_and_never_the_seal() -> None:
    routes = ("contact_poster", "hr", "professional_body", "legal_advice", "police")
    assert locked(routes, ("speak_up",), False, BOOK) == ("contact_poster", "hr", "professional_body")
    assert locked(routes, ("speak_up",), True, BOOK) == ()
    assert locked(routes, ("sealed", "speak_up"), True, BOOK) == ("contact_poster",)


def test_a_seal_needs_the_images_or_all_three_of_their_marks() -> None:
    marks = ("safeguarding", "sexual")
    assert "sealed" in over(assessment(tags=("child_images",)), ())
    assert "sealed" in over(assessment(tags=("child",)), marks)
    assert "sealed" not in over(assessment(), marks)
    assert all("sealed" not in over(assessment(tags=("child",)), (mark,)) for mark in marks)


def test_only_a_sealed_case_has_steps_and_they_come_from_the_route_book() -> None:
    found = steps(("sealed",), BOOK)
    assert found[: len(BOOK["iwf"].steps)] == BOOK["iwf"].steps
    assert any("999" in step for step in found)
    assert steps(("speak_up", "conflict", "criticism"), BOOK) == ()


def test_every_accusing_text_in_a_newspaper_is_criticism_and_a_threat_in_a_forum_is_not() -> None:
    assert "criticism" in over(assessment(author_role="unknown"), ("confidentiality",), platform="news")
    assert "criticism" in over(assessment(author_role="press"), ("safeguarding",))
    assert "criticism" not in over(assessment(), ("reputation", "threat"))
    assert "criticism" not in over(assessment(), ())


@pytest.mark.parametrize(
    ("sure", "doubts", "platform", "free"),
    [
        (("reputation",), ("harassment",), "facebook", True),
        (("reputation",), ("safeguarding", "threat"), "facebook", True),
        (("reputation",), ("impersonation",), "review", True),
        (("reputation", "harassment"), (), "review", False),
        ((), ("reputation",), "facebook", True),
        ((), ("reputation", "privacy"), "facebook", False),
        ((), ("reputation", "privacy"), "review", True),
        ((), ("harassment",), "review", True),
        ((), ("harassment",), "facebook", False),
        (("harassment",), ("reputation",), "facebook", False),
    ],
)
def test_an_accusation_stays_free_whatever_is_only_suspected_beside_it(
    sure: tuple[str, ...], doubts: tuple[str, ...], platform: str, free: bool
) -> None:
    verdict = judge(mention(platform=platform), assessment(*sure, ask=doubts), FOCUS)
    assert ("criticism" in verdict.guards) == free
    assert free != bool({"contact_poster", "platform_notice"} & set(verdict.routes))


# Who is named.


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Margaret Field lied to us.", "field"),
        ("MARGARET   FIELD lied", "field"),
        ("margaret\u00a0field lied", "field"),
        ("Margaret J. Field lied", "field"),
        ("Maggie Field lied", "field"),
        ("it was Mrs Field.", "field"),
        ("it was mrs.  field", "field"),
        ("Field? Sister Field!", "field"),
        ("M. Field did it", "field"),
        ("m field did it", "field"),
        ("M.J. Field did it", "field"),
        ("Mrs Field\u2019s keys", "field"),
        ("@MargaretField again", "field"),
        ("Zoe Nunez knew", "nunez"),
        ("ZOE\u0308 NU\u0301N\u0303EZ knew", "nunez"),
        ("Z\u200boë Núñez knew", "nunez"),
        ("Chidi O\u2019Brien\u2011Okafor knew", "okafor"),
        ("Mr OBrien Okafor knew", "okafor"),
        ("Anna May knew", "may"),
        ("A. May knew", "may"),
        ("Ms May knew", "may"),
        ("mrs o brien-okafor knew", "okafor"),
        ("Margaret Jane Field lied", "field"),
        ("Margaret (Mags) Field lied", "field"),
        ('margaret "mags" field lied', "field"),
        ("it was Field, Margaret", "field"),
        ("margaret.field was cruel", "field"),
        ("so says margaretfield82", "field"),
    ],
)
def test_a_person_of_the_house_is_known_by_name(text: str, who: str) -> None:
    assert named(text, TEAM, accuses=False) == (who,)


@pytest.mark.parametrize(
    "text",
    [
        "Margaret was kind to Mum.",
        "They sat in a field. Zoë waved.",
        "My field of work.",
        "I met Margaret. Field trips are fun.",
        "Margarets Fields, a farm",
        "I miss Anna",
        "The nurse may say so, and a May day will come.",
        "The registered manager was kind.",
        "Mr Fielding and Mrs Fields",
        "Margaret slept in the field, Margaret says.",
        "A green field, margaret.",
        "Zoë saw a green field.",
        "",
    ],
)
def test_a_first_name_a_word_or_a_namesake_is_nobody(text: str) -> None:
    assert named(text, TEAM, accuses=False) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria de Souza", "Mrs de Souza slapped her"),
        ("Maria de Souza", "mrs souza slapped her"),
        ("Jan van der Berg", "Mr van der Berg hit him"),
        ("Jan van der Berg", "@janvanderberg hit him"),
        ("Michał Włodarczyk", "Mr Wlodarczyk hit mum"),
        ("Søren Ødegård", "Soren Odegard knew"),
        ("Æsa Þórsdóttir", "Aesa Thorsdottir knew"),
        ("Anil Patel MBE", "Mr Patel hit him"),
        ("Anil Patel, RGN, BSc", "Anil Patel hit him"),
        ("Anil Patel (RM)", "Mr Patel hit him"),
        ("Patel, Anil", "Anil Patel hit him"),
        ("Rev Dr Anil Patel", "Anil Patel hit him"),
        ("ANIL PATEL", "mr patel hit him"),
        ("Sinéad O'Brien", "mrs o brien hit him"),
        ("Sinéad O'Brien", "S O'Brien hit him"),
        ("Will Power", "Will Power hit him"),
        ("May Day", "Ms Day hit him"),
        ("May Day", "@MayDay hit him"),
    ],
)
def test_a_name_is_known_however_it_is_configured_and_written(name: str, text: str) -> None:
    assert named(text, [member("one", name)], accuses=False) == ("one",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will Power", "It takes will power, and will.power"),
        ("Will Power", "willpower"),
        ("May Day", "mayday, mayday: may day I say"),
        ("Anil Patel MBE", "He has an MBE. Anil waved."),
        ("Maria de Souza", "She is from Souza, de Souza is a town."),
        ("Sinéad O'Brien", "O Brien, o brother"),
        ("Mark Green", "mark green fields on the map"),
    ],
)
def test_words_that_make_up_a_name_are_not_the_name(name: str, text: str) -> None:
    assert named(text, [member("one", name)], accuses=False) == ()


@pytest.mark.parametrize(
    "text",
    [
        "margaret " * 20_000,
        "Margaret Jane " * 20_000,
        "margaret (" * 20_000,
        "Field, " * 20_000,
        "mrs" + " " * 100_000,
        "m. " * 50_000,
        "-_ m" * 50_000,
    ],
)
def test_a_text_made_to_be_slow_to_read_is_read(text: str) -> None:
    assert named(text, TEAM, accuses=True) == ()


def test_a_job_title_is_enough_where_the_text_accuses() -> None:
    text = "The registered  manager hid it."
    assert named(text, TEAM, accuses=True) == ("field",)
    for label in ("harassment", "reputation", "threat", "safeguarding"):
        assert guards(mention(text), assessment(), (label,), TEAM).conflicts == ("field",)
    assert guards(mention(text), assessment(), ("confidentiality", "privacy"), TEAM).conflicts == ()


def test_the_author_of_a_post_does_not_judge_it_either() -> None:
    assert guards(mention("Hello", author="Margaret Field"), assessment(), (), TEAM).conflicts == ("field",)


@given(st.text(), crews, st.booleans())
def test_names_are_looked_for_in_any_text_and_nobody_of_an_empty_house_is_named(
    text: str, crew: tuple[Member, ...], accuses: bool
) -> None:
    assert set(named(text, crew, accuses=accuses)) <= {one.id for one in crew}
    assert named(text, (), accuses=accuses) == ()


# Who is told instead.


def test_the_deputy_stands_in_and_the_others_stay() -> None:
    assert told(("governance", "safeguarding"), TEAM, ("okafor",)) == (("governance", "deputy"), "deputy")
    assert told(("governance", "safeguarding"), TEAM, ("field",)) == (("deputy", "safeguarding"), "deputy")


def test_where_the_deputy_is_named_too_the_next_role_stands_in() -> None:
    named_both = ("field", "nunez")
    assert told(("governance", "dpo"), TEAM, named_both) == (("safeguarding", "dpo"), "safeguarding")
    both = replace(NUNEZ, roles=("deputy", "safeguarding"))
    assert told(("governance",), (FIELD, both), named_both) == (("dpo",), "dpo")
    assert told(("governance",), (FIELD, both, MAY), named_both) == (("dpo",), "dpo")


def test_whoever_decides_is_told_though_nobody_accused_would_be() -> None:
    assert told(("governance",), TEAM, ("may",)) == (("governance", "deputy"), "deputy")
    assert told(("governance",), TEAM, ()) == (("governance",), "")


def test_one_role_decides_the_first_that_somebody_holds_whom_the_case_does_not_name() -> None:
    assert decides(TEAM, ()) == "deputy"
    assert decides(TEAM, ("nunez",)) == "safeguarding"
    assert decides(TEAM, ("nunez", "okafor")) == "governance"
    assert decides(TEAM, ("nunez", "okafor", "field")) == "dpo"
    assert decides(TEAM, ("nunez", "okafor", "field", "may")) == ""
    assert decides((*TEAM, member("second", "Bo Second", "deputy")), ("nunez",)) == "deputy"
    assert decides((), ("nunez",)) == "deputy"


def test_where_one_person_holds_every_role_somebody_is_still_told() -> None:
    alone = member("one", "Ida One", *ROLES)
    assert told(("governance",), (alone,), ("one",)) == (("governance",), "")


def test_an_accused_safeguarding_lead_is_not_told_of_it_and_governance_is() -> None:
    found = assessment("safeguarding", severity=Severity.critical)
    said = mention("Mr O'Brien-Okafor hurt her.")
    verdict = judge(said, found, FOCUS, TEAM)
    assert (verdict.conflicts, verdict.guards) == (("okafor",), ("conflict",))
    assert verdict.recipients == ("governance", "deputy")
    assert verdict.severity is Severity.critical
    assert not any("Okafor" in reason for reason in verdict.reasons)
    assert "It names or accuses somebody of the house: deputy decides instead." in verdict.reasons
