"""Who is told what, when: routes, immediate notices, digests and faults."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.faults import plan_faults
from alerts.plan import covers_from, digest_notices, due_at, latest_due, plan, plan_digest
from alerts.routes import Routes, fingerprint
from core.errors import ConfigError
from core.types import Case, CaseState, Notice, Severity, SourceState
from core.vocabulary import LABELS, ROLES

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GOV, SAFE, OPS, DPO = (f"{name}@oakfield.example" for name in ("gov", "safe", "ops", "dpo"))
PEOPLE = {"governance": (GOV,), "safeguarding": (SAFE,), "operator": (OPS,)}


def routes(**changes: object) -> Routes:
    return Routes(**{"people": PEOPLE, "timezone": LONDON, **changes})  # type: ignore[arg-type]


def case(number: int = 12, severity: Severity = Severity.high, **changes: object) -> Case:
    values: dict[str, object] = {
        "state": CaseState.triaged,
        "labels": ("confidentiality",),
        "ask": (),
        "clauses": (),
        "recipients": ("governance",),
        "reasons": (),
        "detected_at": NOW - timedelta(minutes=5),
    }
    return Case(id=number, severity=severity, **{**values, **changes})  # type: ignore[arg-type]


def keys(notices: list[Notice]) -> set[str]:
    return {notice.key for notice in notices}


# Routes


def test_a_role_without_an_address_falls_to_governance_and_says_so() -> None:
    assert routes().to("dpo") == (GOV,)
    assert routes().note("dpo") == "no address for dpo: told governance instead"
    assert routes().note("governance") == ""


def test_without_governance_the_first_role_that_has_an_address_stands_in() -> None:
    alone = routes(people={"operator": (OPS,)})
    assert alone.to("governance") == alone.to("dpo") == (OPS,)
    assert alone.note("governance") == "no address for governance: told operator instead"


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": {}},
        {"people": {"governance": ()}},
        {"people": {"boss": (GOV,)}},
        {"people": {"governance": ("no address",)}},
        {"people": {"governance": ("a@b.example\r\nBcc: c@d.example",)}},
        {"people": {"governance": ("a@b.example, c@d.example",)}},
        {"digest_roles": ()},
        {"digest_roles": ("boss",)},
        {"link_base": "javascript:alert(1)"},
        {"digest_at": time(7, 30, tzinfo=UTC)},
    ],
)
def test_routes_that_could_leave_somebody_untold_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        routes(**wrong)


def test_an_address_error_does_not_quote_the_address() -> None:
    with pytest.raises(ConfigError) as raised:
        routes(people={"governance": ("jo bloggs@oakfield.example",)})
    assert "bloggs" not in str(raised.value)


# Immediate notices


def test_a_high_case_is_told_to_each_of_its_recipients_under_a_key_without_the_address() -> None:
    first, second = plan([case(recipients=("governance", "safeguarding"))], routes(), set(), NOW)
    assert (first.to, first.role, first.case_id) == (GOV, "governance", 12)
    assert (second.to, second.role) == (SAFE, "safeguarding")
    assert first.key == f"case/12/r1/mail/{fingerprint(GOV)}"


def test_a_person_with_several_roles_gets_one_message_under_the_first() -> None:
    shared = routes(people={"governance": (GOV,), "dpo": (GOV.upper(),), "hr": (GOV, DPO)})
    notices = plan([case(recipients=("dpo", "governance", "hr"))], shared, set(), NOW)
    assert [(notice.to, notice.role) for notice in notices] == [(GOV.upper(), "dpo"), (DPO, "hr")]


def test_the_fallback_is_told_in_the_reason_even_where_messages_were_merged() -> None:
    [notice] = plan([case(recipients=("governance", "dpo"))], routes(), set(), NOW)
    assert "no address for dpo: told governance instead" in notice.why


def test_a_graver_revision_is_told_anew_and_says_why() -> None:
    told = keys(plan([case()], routes(), set(), NOW))
    assert plan([case()], routes(), told, NOW) == []
    [again] = plan([case(revision=2)], routes(), told, NOW)
    assert "graver (revision 2)" in again.why


def test_closed_and_lesser_cases_are_not_told_at_once() -> None:
    cases = [case(1, state=CaseState.closed), case(2, Severity.medium), case(3, Severity.none)]
    assert plan(cases, routes(), set(), NOW) == []
    assert len(plan(cases, routes(immediate_from=Severity.medium), set(), NOW)) == 1


def test_a_case_whose_policy_names_nobody_is_told_to_governance() -> None:
    assert [notice.to for notice in plan([case(recipients=())], routes(), set(), NOW)] == [GOV]


def test_a_case_told_late_says_so() -> None:
    [notice] = plan([case(detected_at=NOW - timedelta(hours=30))], routes(), set(), NOW)
    assert "told late, 30 hours after it was found" in notice.why


CASES = st.lists(
    st.builds(
        case,
        number=st.integers(1, 30),
        severity=st.sampled_from(Severity),
        state=st.sampled_from(CaseState),
        labels=st.lists(st.sampled_from(LABELS), max_size=3, unique=True).map(tuple),
        recipients=st.lists(st.sampled_from(ROLES), max_size=4).map(tuple),
        revision=st.integers(1, 3),
        detected_at=st.datetimes(
            datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-11-20"), timezones=st.just(UTC)
        ),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)
ROUTES = st.dictionaries(
    st.sampled_from(ROLES),
    st.lists(st.sampled_from((GOV, SAFE, OPS, DPO, "Gov@Oakfield.example")), min_size=1, max_size=3).map(
        tuple
    ),
    min_size=1,
).map(lambda people: routes(people=people))


@given(CASES, ROUTES)
def test_every_open_grave_case_is_told_exactly_once_and_planning_again_adds_nothing(
    cases: list[Case], there: Routes
) -> None:
    notices = plan(cases, there, set(), NOW)
    assert len(keys(notices)) == len(notices)
    grave = {c.id for c in cases if c.severity >= Severity.high and c.state is not CaseState.closed}
    assert {notice.case_id for notice in notices} == grave
    assert len({(n.case_id, n.to.casefold()) for n in notices}) == len(notices)
    assert plan(cases, there, keys(notices), NOW) == []


@given(CASES, ROUTES, st.randoms(use_true_random=False), st.integers(0, 5))
def test_the_order_is_stable_and_a_crash_between_notices_loses_none(
    cases: list[Case], there: Routes, chance: object, done: int
) -> None:
    notices = plan(cases, there, set(), NOW)
    shuffled = list(cases)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(shuffled, there, set(), NOW) == notices
    assert plan(cases, there, keys(notices[:done]), NOW) == notices[done:]


# Digests


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)


def test_the_digest_is_due_from_its_local_hour() -> None:
    assert plan_digest(routes(), set(), at("2026-11-20T07:29"), since=date(2026, 11, 20)) == []
    notices = plan_digest(routes(), set(), at("2026-11-20T07:30"), since=date(2026, 11, 20))
    assert [notice.role for notice in notices] == ["governance", "safeguarding", "operator"]
    assert notices[0].key == f"digest/2026-11-20/governance/{fingerprint(GOV)}"
    assert notices[0].day == date(2026, 11, 20)


def test_before_its_hour_yesterdays_digest_is_due_if_it_never_went() -> None:
    early = at("2026-11-20T06:00")
    [notice, *_] = plan_digest(routes(), set(), early, since=date(2026, 11, 1))
    assert notice.day == date(2026, 11, 19)
    assert plan_digest(routes(), set(), early) == []
    assert plan_digest(routes(), {"case/1/r1/mail/0"}, early)[0].day == date(2026, 11, 19)


def test_after_days_asleep_only_the_latest_digest_goes_and_covers_all_of_them() -> None:
    since = date(2026, 11, 1)
    sent = keys(plan_digest(routes(), set(), at("2026-11-16T08:00"), since=since))
    late = plan_digest(routes(), sent, at("2026-11-20T10:00"), since=since)
    assert {notice.day for notice in late} == {date(2026, 11, 20)}
    assert "caught up, the last one was of 16 November" in late[0].why
    assert covers_from(late[0], routes(), sent | keys(late)) == at("2026-11-16T07:30")


def test_the_first_digest_covers_from_the_beginning() -> None:
    [first, *_] = plan_digest(routes(), set(), NOW)
    assert covers_from(first, routes(), set()) is None
    assert "caught up" not in first.why


def test_a_digest_by_hand_takes_nothing_from_the_one_of_the_schedule() -> None:
    since, today = date(2026, 11, 1), date(2026, 11, 20)
    sent = keys(plan_digest(routes(), set(), at("2026-11-19T08:00"), since=since))
    by_hand = digest_notices(
        today, ("governance",), routes(), sent, today=today, by_hand_at=at("2026-11-20T06:00")
    )
    assert [notice.key for notice in by_hand] == [
        f"digest-by-hand/2026-11-20/20261120T060000.000000Z/governance/{fingerprint(GOV)}"
    ]
    assert by_hand[0].why == "the digest of 20 November, sent by hand to you as governance"
    assert covers_from(by_hand[0], routes(), sent) == at("2026-11-19T07:30")
    sent |= keys(by_hand)
    [scheduled, *_] = plan_digest(routes(), sent, at("2026-11-20T07:30"), since=since)
    assert (scheduled.to, scheduled.day) == (GOV, today)
    assert covers_from(scheduled, routes(), sent) == at("2026-11-19T07:30")


def test_a_digest_may_be_sent_by_hand_as_often_as_somebody_asks() -> None:
    today, sent = date(2026, 11, 20), set[str]()
    for minute in range(3):
        moment = NOW + timedelta(minutes=minute)
        sent |= keys(digest_notices(today, ("governance",), routes(), sent, today=today, by_hand_at=moment))
    assert len(sent) == 3


def test_a_digest_of_a_day_to_come_is_refused() -> None:
    with pytest.raises(ConfigError, match="2026-11-21 has not come yet"):
        digest_notices(
            date(2026, 11, 21), ("governance",), routes(), today=date(2026, 11, 20), by_hand_at=NOW
        )


def test_what_a_refused_digest_would_have_told_is_told_by_the_next_which_says_so() -> None:
    since = date(2026, 11, 1)
    arrived = keys(plan_digest(routes(), set(), at("2026-11-18T08:00"), since=since))
    refused = keys(plan_digest(routes(), arrived, at("2026-11-19T08:00"), since=since))
    sent = arrived | refused
    assert plan_digest(routes(), sent, at("2026-11-19T09:00"), since=since, refused=refused) == []
    [after, *_] = plan_digest(routes(), sent, at("2026-11-20T08:00"), since=since, refused=refused)
    assert covers_from(after, routes(), sent, refused) == at("2026-11-18T07:30")
    assert "caught up, the last one was of 18 November" in after.why


def test_one_digest_for_an_address_with_several_roles() -> None:
    [notice] = plan_digest(routes(people={"governance": (GOV,)}), set(), NOW)
    assert notice.role == "governance"
    assert "no address for safeguarding: told governance instead" in notice.why


def test_an_hour_that_the_clock_skips_comes_later_and_one_that_comes_twice_counts_once() -> None:
    assert due_at(date(2026, 3, 29), time(1, 30), LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due_at(date(2026, 10, 25), time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(
        datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-01-01"), timezones=st.just(UTC)
    ),
    st.times().map(lambda moment: moment.replace(tzinfo=None)),
    st.sampled_from(
        ["Europe/London", "America/Santiago", "Asia/Beirut", "Pacific/Apia", "Australia/Lord_Howe"]
    ),
)
def test_the_day_due_is_the_one_whose_hour_has_come_and_whose_next_has_not(
    now: datetime, hour: time, zone: str
) -> None:
    day = latest_due(now, hour, ZoneInfo(zone))
    assert due_at(day, hour, ZoneInfo(zone)) <= now < due_at(day + timedelta(days=1), hour, ZoneInfo(zone))


@given(st.lists(st.integers(1, 60 * 24 * 3), min_size=1, max_size=30), ROUTES)
def test_however_often_it_runs_no_day_has_two_digests_and_none_is_from_before_the_start(
    minutes: list[int], there: Routes
) -> None:
    now, sent, start = datetime(2026, 3, 26, tzinfo=UTC), set[str](), date(2026, 3, 27)
    for step in minutes:
        now += timedelta(minutes=step)
        notices = plan_digest(there, sent, now, since=start)
        told = {(notice.day, fingerprint(notice.to)) for notice in notices}
        assert len(told) == len(notices)
        assert not keys(notices) & sent
        assert all(notice.day is not None and notice.day >= start for notice in notices)
        sent |= keys(notices)
        assert plan_digest(there, sent, now, since=start) == []


# Faults


def state(name: str = "local-news", **changes: object) -> SourceState:
    values: dict[str, object] = {"last_try_at": NOW, "last_ok_at": NOW, **changes}
    return SourceState(name=name, **values)  # type: ignore[arg-type]


def faults(
    *states: SourceState,
    sent: set[str] | None = None,
    now: datetime = NOW,
    every: timedelta = timedelta(minutes=15),
    **changes: object,
) -> list[Notice]:
    values: dict[str, object] = {"stuck": 0, "undelivered": 0, "routes": routes(), **changes}
    configured = {one.name: every for one in states}
    return plan_faults(states, configured, sent=sent or set(), now=now, **values)  # type: ignore[arg-type]


def test_a_source_in_health_is_not_spoken_of() -> None:
    assert faults(state()) == []


def test_a_passing_failure_is_told_after_a_day_and_a_lasting_one_at_once() -> None:
    hour_ago = NOW - timedelta(hours=1)
    assert faults(state(failing_since=hour_ago)) == []
    [lasting] = faults(state(failing_since=hour_ago, error="HTTP 404", error_temporary=False))
    assert (lasting.to, lasting.kind) == (OPS, "fault")
    assert "HTTP 404" in lasting.why
    assert len(faults(state(failing_since=NOW - timedelta(hours=24)))) == 1


def test_a_retired_source_is_told_at_once() -> None:
    [gone] = faults(state(retired_at=NOW))
    assert gone.why.startswith("Source local-news is gone")


def test_a_source_that_nothing_visits_is_told_after_a_day_unless_it_asked_for_the_wait() -> None:
    old = NOW - timedelta(hours=25)
    assert len(faults(state(last_try_at=old))) == 1
    assert faults(state(last_try_at=old, not_before=NOW + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    ("every", "quiet", "told"),
    [
        (timedelta(hours=12), 23, 24),
        (timedelta(days=1), 47, 48),
        (timedelta(days=7), 14 * 24 - 1, 14 * 24),
    ],
)
def test_a_source_visited_seldom_may_be_passed_over_once(every: timedelta, quiet: int, told: int) -> None:
    assert faults(state(last_try_at=NOW - timedelta(hours=quiet)), every=every) == []
    [late] = faults(state(last_try_at=NOW - timedelta(hours=told)), every=every)
    assert "has not been visited since" in late.why
    assert "reminder" not in late.why


def test_a_configured_source_that_was_never_visited_is_told_once_operation_is_a_day_old() -> None:
    never = SourceState(name="care-opinion")
    assert faults(never, since=date(2026, 11, 19)) == []
    assert len(faults(never, since=date(2026, 11, 18))) == 1
    [unknown] = plan_faults(
        [], {"care-opinion": timedelta(days=9)}, stuck=0, undelivered=0, routes=routes(), sent=set(), now=NOW
    )
    assert "never been read" in unknown.why


def test_a_source_added_long_after_the_first_day_is_not_told_as_a_reminder() -> None:
    [added] = faults(SourceState(name="care-opinion"), since=date(2026, 1, 1))
    assert "reminder" not in added.why


def test_a_fault_is_told_once_and_again_every_seven_days() -> None:
    broken = state(failing_since=NOW - timedelta(hours=30), error_temporary=True)
    sent: set[str] = set()
    days = []
    for day in range(22):
        new = faults(broken, sent=sent, now=NOW + timedelta(days=day))
        days += [day] * len(new)
        sent |= keys(new)
    assert days == [0, 6, 13, 20]


def test_a_second_failure_of_the_same_source_is_told_anew() -> None:
    first = faults(state(failing_since=NOW - timedelta(days=3)))
    assert len(faults(state(failing_since=NOW - timedelta(days=1)), sent=keys(first))) == 1


def test_stuck_mentions_without_a_known_start_are_told_weekly_and_anew_after_a_pause() -> None:
    sent: set[str] = set()
    told = []
    for day in (0, 1, 6, 7, 8, 13, 14, 60, 61):
        new = faults(stuck=3, sent=sent, now=NOW + timedelta(days=day))
        told += [(day, "reminder" in notice.why) for notice in new]
        sent |= keys(new)
    assert told == [(0, False), (7, True), (14, True), (60, False)]


def test_refused_mails_are_told_to_governance_as_well_in_case_the_operators_address_is_the_one() -> None:
    assert [notice.to for notice in faults(undelivered=1)] == [OPS, GOV]


def refusals(days: dict[int, int], until: int) -> list[tuple[int, str]]:
    """On which days of ``until`` the operator is told, if on each day of ``days`` so many were refused."""
    sent: set[str] = set()
    told = []
    for day in range(until):
        before = [when for when in days if when <= day]
        new = faults(
            sent=sent,
            now=NOW + timedelta(days=day),
            undelivered=sum(days[when] for when in before),
            undelivered_at=NOW + timedelta(days=max(before, default=0)),
        )
        told += [(day, notice.why) for notice in new if notice.to == OPS]
        sent |= keys(new)
    return told


def test_one_refused_message_is_told_once_and_never_again() -> None:
    [(day, why)] = refusals({3: 1}, until=60)
    assert day == 3
    assert why.startswith("1 message was refused for good\nThe last time was 23 November, 09:00.")


def test_while_messages_go_on_being_refused_it_is_told_every_seven_days() -> None:
    told = refusals(dict.fromkeys(range(20), 1), until=60)
    assert [day for day, _ in told] == [0, 7, 14, 21]
    assert "More were refused since 20 November, up to which you were told." in told[1][1]
    assert "More were refused" not in told[0][1]


def test_a_refusal_soon_after_another_is_not_forgotten() -> None:
    assert [day for day, _ in refusals({0: 1, 2: 2}, until=60)] == [0, 7]
    assert [day for day, _ in refusals({0: 1, 30: 1}, until=60)] == [0, 30]


def test_a_fault_mail_that_is_refused_itself_leads_to_no_other() -> None:
    sent: set[str] = set()
    for minute in range(5):
        moment = NOW + timedelta(minutes=minute)
        new = faults(undelivered=1 + minute, undelivered_at=moment, sent=sent, now=moment)
        assert len(new) == (0 if minute else 2)
        sent |= keys(new)


def test_faults_fall_to_governance_where_there_is_no_operator() -> None:
    [notice] = faults(stuck=1, routes=routes(people={"governance": (GOV,)}))
    assert notice.to == GOV
    assert "no address for operator" in notice.why


def test_a_strange_name_of_a_source_does_not_enter_the_key() -> None:
    [notice] = faults(state("a/b\r\nBcc: x", retired_at=NOW))
    assert "Bcc" not in notice.key
    assert notice.key.count("/") == 5


@given(
    st.lists(
        st.builds(
            state,
            name=st.text(max_size=8),
            last_try_at=st.none() | st.just(NOW - timedelta(days=2)) | st.just(NOW),
            failing_since=st.none() | st.just(NOW - timedelta(days=9)) | st.just(NOW + timedelta(days=1)),
            error_temporary=st.booleans(),
            retired_at=st.none() | st.just(NOW),
        ),
        max_size=5,
    ),
    st.integers(0, 2),
    st.integers(0, 2),
    ROUTES,
)
def test_faults_have_unique_keys_and_are_not_planned_twice(
    states: list[SourceState], stuck: int, undelivered: int, there: Routes
) -> None:
    notices = faults(*states, stuck=stuck, undelivered=undelivered, routes=there)
    assert len(keys(notices)) == len(notices)
    again = faults(*states, sent=keys(notices), stuck=stuck, undelivered=undelivered, routes=there)
    assert again == []
