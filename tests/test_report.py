"""The board report: whether its numbers are right, and whether HTML and PDF say them and nothing else."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from month_samples import HOUR, MADE, MONTH, START, busy_month, case, clock, facts

from alerts.board import as_pdf as pdf_module
from alerts.board.as_html import report_html
from alerts.board.as_pdf import report_pdf
from alerts.board.month import AuditFinding, DayVolume, MonthFacts, Outage, Recall, SourceMonth, Totals
from alerts.board.paper import long_words, percent, share
from alerts.board.report import MonthReport, compose
from alerts.board.whole import paper
from core.types import CaseState, Severity, Work
from core.work import Situation

HOSTILE = '<script>alert(1)</script> #panic("x") #eval("1") *bold* $x$ @ref \\ "quoted" {{ 7*7 }}'


def situation(number: int = 1, *clocks, **changes) -> Situation:
    return Situation(case=case(number, **changes), clocks=clocks)


def words(report: MonthReport) -> str:
    """Everything that the paper says."""
    return json.dumps(json.loads(pdf_module.document(report)), ensure_ascii=False)


class Seen(HTMLParser):
    """The tags of a page and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._quiet = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._quiet = tag == "style"

    def handle_endtag(self, tag):
        self._quiet = False

    def handle_data(self, data):
        self.text += "" if self._quiet else f" {data.strip()}"


# ---- the numbers ----


def test_cases_are_counted_as_found_closed_and_open_by_the_months_ends():
    before, within, after = START - HOUR, START + HOUR, datetime(2026, 12, 1, tzinfo=UTC)
    report = compose(
        facts(
            situations=(
                situation(1, at=before),
                situation(
                    2, at=before, state=CaseState.closed, work=Work(closed_at=within, outcome="no_reply")
                ),
                situation(3, at=within, state=CaseState.closed, work=Work(closed_at=after, outcome="edited")),
                situation(4, at=after),
            )
        )
    )
    assert (report.found, report.opened_before, report.closed, report.still_open) == (1, 2, 1, 2)
    assert [(row.name, row.cases) for row in report.outcomes] == [("no reply", 1)]


def test_a_month_is_that_of_the_organisations_zone():
    """Summer time: July in London begins at 23:00 UTC on the last of June."""
    found = compose(
        facts(
            month=date(2026, 7, 1),
            generated_at=datetime(2026, 8, 1, 6, tzinfo=UTC),
            situations=(situation(1, at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC)),),
        )
    )
    assert found.found == 1
    assert len(found.days) == 31


def test_labels_count_what_was_found_decided_and_upheld():
    report = compose(
        facts(
            situations=(
                situation(1, labels=("threat", "privacy"), work=Work(upheld=("threat",))),
                situation(2, labels=("threat",), work=Work(upheld=())),
                situation(3, labels=("threat",)),
            )
        )
    )
    assert [(row.label, row.found, row.decided, row.upheld) for row in report.labels] == [
        ("threat", 3, 2, 1),
        ("privacy", 1, 1, 0),
    ]


def test_clauses_carry_the_paraphrase_and_unknown_ones_say_so():
    report = compose(
        facts(
            situations=(situation(1, clauses=("a/1", "a/2")), situation(2, clauses=("a/1",))),
            paraphrases={"a/1": "Kind."},
        )
    )
    assert [(row.clause, row.paraphrase, row.cases) for row in report.clauses] == [
        ("a/1", "Kind.", 2),
        ("a/2", "no longer in the policy pack", 1),
    ]


def test_service_levels_are_met_late_or_running_and_their_times_told():
    begun = MADE - 3 * HOUR  # not in November: not counted
    report = compose(
        facts(
            situations=(
                *(situation(n, clock(due=4, met=n)) for n in range(1, 4)),
                situation(4, clock(due=4, met=10)),
                situation(5, clock(due=4, start=START + HOUR, paused=True)),
                situation(6, clock(due=4, start=begun, met=1)),
            )
        )
    )
    (row,) = report.responses
    assert (row.severity, row.clock, row.number) == ("high", "first_eyes", 5)
    assert (row.met_in_time, row.late, row.running) == (3, 1, 1)
    assert (row.median, row.nine_in_ten, row.worst) == (2.5, 10, 10)
    assert (report.clocks, report.late) == (4, 1)


def test_what_has_run_out_and_is_not_met_counts_as_late_at_its_time_so_far():
    report = compose(
        facts(situations=(situation(1, clock(due=4, start=MADE - 20 * HOUR)),), generated_at=MADE)
    )
    assert (report.responses[0].late, report.responses[0].worst) == (1, 20)


def test_what_still_runs_has_no_times():
    report = compose(facts(situations=(situation(1, clock(due=100, start=MADE - 20 * HOUR)),)))
    row = report.responses[0]
    assert (row.running, row.median, row.worst, report.clocks) == (1, None, None, 0)


def test_service_levels_stand_gravest_first_and_in_the_course_of_a_case():
    rows = compose(
        facts(
            situations=(
                situation(1, clock("first_route", met=1), clock("first_eyes", met=1), severity=Severity.low),
                situation(
                    2, clock("own_breach", met=1), clock("owner_told", met=1), severity=Severity.critical
                ),
            )
        )
    ).responses
    assert [(row.severity, row.clock) for row in rows] == [
        ("critical", "owner_told"),
        ("critical", "own_breach"),
        ("low", "first_eyes"),
        ("low", "first_route"),
    ]


def test_outages_that_overlap_are_one_and_are_cut_at_the_month():
    days = 24 * HOUR
    source = SourceMonth(
        name="news",
        since=START - 90 * days,
        outages=(
            Outage(since=START - days, until=START + 2 * days, kind="refused"),
            Outage(since=START + days, until=START + 3 * days, kind="refused"),
            Outage(since=START + 10 * days, until=START + 10 * days + HOUR, kind="slow"),
            Outage(since=START - 9 * days, until=START - 8 * days, kind="long ago"),
        ),
    )
    (row,) = compose(facts(sources=(source,))).sources
    assert row.watched == pytest.approx(1 - (72 + 1) / 720, abs=1e-6)
    assert (row.outages, row.longest, row.kinds) == (2, 72, (("refused", 2), ("slow", 1)))


def test_a_source_counts_from_its_first_visit_and_one_never_visited_was_not_watched():
    half = START + 15 * 24 * HOUR
    late = SourceMonth(name="late", since=half, outages=(Outage(since=half, until=None, kind="gone"),))
    fine = SourceMonth(name="fine", since=half)
    never = SourceMonth(name="never", since=None)
    rows = compose(facts(sources=(fine, never, late))).sources
    assert [(row.name, row.watched, row.longest) for row in rows] == [
        ("late", 0, 360),
        ("never", 0, 720),
        ("fine", 1, 0),
    ]


def test_weeks_and_days_add_up_to_the_month():
    report = compose(busy_month())
    assert (
        sum(week.read for week in report.weeks)
        == report.total.read
        == sum(day.read for day in busy_month().days)
    )
    assert sum(week.flagged for week in report.weeks) == report.total.flagged
    assert [week.first for week in report.weeks] == [
        MONTH,
        *(date(2026, 11, day) for day in (2, 9, 16, 23, 30)),
    ]
    assert len(report.days) == 30


def test_a_running_month_is_told_up_to_today():
    made = datetime(2026, 11, 10, 12, tzinfo=UTC)
    report = compose(facts(generated_at=made, days=(DayVolume(day=date(2026, 11, 9), read=3, about_us=1),)))
    assert not report.complete
    assert len(report.days) == 10
    assert "up to 10 November" in paper(report).headline
    assert "the month so far" in paper(report).covers


def test_a_month_that_has_not_begun_is_refused():
    with pytest.raises(ValueError, match="November 2026 has not begun"):
        compose(facts(generated_at=START))


def test_criticism_left_alone_is_told_and_a_removal_asked_all_the_same_too():
    report = compose(
        facts(
            situations=(situation(1, guards=("criticism",)), situation(2, guards=("criticism",))),
            removal_asked=frozenset({2}),
            days=(DayVolume(day=MONTH, read=90, about_us=50, flagged={Severity.low: 2}),),
        )
    )
    assert (report.criticism.cases, report.criticism.left_alone, report.criticism.unflagged) == (2, 1, 48)
    assert "A removal was asked all the same in 1 case with criticism." in words(report)


def test_a_long_wait_for_a_persons_word_is_told():
    report = compose(facts(situations=(situation(1, work=Work(aware_at=START + timedelta(days=5))),)))
    assert report.confirmation
    assert (report.confirmation.long, report.confirmation.worst) == (1, 120)
    assert "1 case confirmed by a person only after more than three days" in words(report)


# ---- what needs attention ----


def heads(report: MonthReport) -> list[str]:
    return [point.head for point in paper(report).points]


def sound(**changes: object) -> MonthFacts:
    """A month without fault."""
    recall = Recall(estimate=0.97, low=0.93, high=0.99, sampled=400, missed=1)
    source = SourceMonth(name="news", since=START - HOUR)
    return facts(**{"recall": recall, "sources": (source,), **changes})


def test_a_sound_month_needs_no_attention_and_says_so():
    report = compose(sound(situations=(situation(1, clock(met=1)),)))
    assert heads(report) == []
    assert "Nothing in this month needs the board’s attention." in Seen(report_html(report)).text


def test_the_gravest_stands_first():
    late = clock(due=1, met=2)
    report = compose(
        sound(
            situations=(
                situation(1, late, severity=Severity.low),
                situation(2, late, severity=Severity.critical, work=Work(own_breach=True)),
                situation(3, guards=("speak_up",)),
            ),
            audit=(AuditFinding(what="A gap", count=3),),
            recall=None,
        )
    )
    assert heads(report) == [
        "1 breach of our own",
        "1 service level missed in critical cases",
        "1 service level missed in other cases",
        "1 possible disclosure by a worker waits for an independent reviewer",
        "Nobody knows yet how much was missed",
        "3 findings of the audit",
    ]


def test_without_an_estimate_of_recall_the_report_says_how_to_get_one():
    assert "let a person read a random sample" in words(compose(facts()))


# ---- words ----


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0%"), (1, "100%"), (0.9996, "99.9%"), (0.0001, "0.1%"), (0.954, "95%"), (0.993, "99.3%")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value, said):
    assert percent(value) == said


def test_nothing_of_nothing_is_a_dash():
    assert share(0, 0) == "–"


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.5, "30 minutes"), (1, "1 hour"), (3.5, "3.5 hours"), (47.9, "47.9 hours"), (72, "3.0 days")],
)
def test_spans_in_words(hours, said):
    assert long_words(hours) == said


# ---- HTML ----


def test_the_html_holds_every_word_of_the_paper():
    report = compose(busy_month())
    text = Seen(report_html(report)).text
    whole = paper(report)
    said = [whole.headline, *(part for point in whole.points for part in (point.head, point.words))]
    for section in whole.sections:
        said += [section.heading, *section.lines, *section.notes]
        said += [cell for table in section.tables for row in table.rows for cell in row]
    assert [part for part in said if part not in text] == []


def test_the_html_loads_nothing_and_every_picture_and_table_is_told_in_words():
    page = report_html(compose(busy_month()))
    seen = Seen(page)
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", page)
    assert "url(" not in page
    assert {tag for tag, _ in seen.tags} & {"script", "link", "iframe", "svg"} == set()
    assert all(attrs["alt"] for tag, attrs in seen.tags if tag == "img")
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in seen.tags if tag == "th")
    assert page.count("<table") == page.count("<caption>")
    assert '<html lang="en-GB">' in page
    assert "@page { size: A4;" in page


def _worded(word: str) -> MonthFacts:
    """A month with this word wherever one can come from outside."""
    outage = Outage(since=START, until=None, kind=word)
    ended = Work(closed_at=START + HOUR, outcome=word)
    return facts(
        organisation=word,
        sources=(SourceMonth(name=word, since=START, outages=(outage,)),),
        audit=(AuditFinding(what=word),),
        situations=(situation(1, clauses=(word,), state=CaseState.closed, work=ended),),
    )


@given(st.text(max_size=60) | st.just(HOSTILE))
@settings(max_examples=60)
def test_no_name_or_cause_becomes_a_tag(text):
    plain, hostile = (Seen(report_html(compose(_worded(word)))) for word in ("plain", text))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]


# ---- PDF ----


def queried(report: MonthReport, selector: str) -> list[dict]:
    return json.loads(
        typst.query(
            pdf_module._template(),
            selector,
            sys_inputs={"paper": pdf_module.document(report)},
            ignore_system_fonts=True,
        )
    )


def leaves(value: object) -> str:
    """The words within what Typst gives back."""
    if isinstance(value, dict):
        return " ".join(filter(None, (leaves(part) for key, part in value.items() if key != "func")))
    if isinstance(value, list):
        return " ".join(filter(None, (leaves(part) for part in value)))
    return value if isinstance(value, str) else ""


def test_the_pdf_is_tagged_titled_and_the_same_every_time():
    report = compose(busy_month())
    made = report_pdf(report)
    assert made.startswith(b"%PDF-")
    assert made == report_pdf(report)
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang(en-GB)", b"pdfuaid:part>1<"):
        assert mark in made
    assert "November 2026 – Oakfield House</rdf:li></rdf:Alt></dc:title>".encode() in made


def test_the_pdf_holds_every_number_of_the_papers_tables():
    report = compose(busy_month())
    printed = [leaves(table) for table in queried(report, "table")]
    tables = [table for section in paper(report).sections for table in section.tables]
    assert len(printed) == len(tables)
    for text, table in zip(printed, tables, strict=True):
        assert [cell for row in (table.columns, *table.rows) for cell in row if cell not in text] == []


def test_the_pdf_has_the_papers_headings_in_order():
    report = compose(busy_month())
    whole = paper(report)
    assert [leaves(heading["body"]) for heading in queried(report, "heading")] == [
        "For the board’s attention",
        *(point.head for point in whole.points),
        *(section.heading for section in whole.sections),
    ]


def test_every_picture_of_the_pdf_is_told_in_words():
    assert [bool(image["alt"]) for image in queried(compose(busy_month()), "image")] == [True, True]


def test_hostile_words_are_printed_and_not_obeyed():
    source = SourceMonth(name="s", since=START, outages=(Outage(since=START, until=None, kind=HOSTILE),))
    report = compose(facts(organisation=HOSTILE, sources=(source,), audit=(AuditFinding(what=HOSTILE),)))
    assert report_pdf(report).startswith(b"%PDF-")
    assert HOSTILE in leaves(queried(report, "table")[-1])
    assert queried(report, "strong") == queried(report, "math.equation") == queried(report, "ref") == []


def test_a_letter_that_no_font_has_costs_the_standard_and_not_the_report():
    made = report_pdf(compose(facts(organisation="橡树之家")))
    assert made.startswith(b"%PDF-")
    assert b"pdfuaid" not in made
    assert b"/StructTreeRoot" in made


# ---- edges ----


def test_an_empty_month_is_a_report_too():
    report = compose(facts())
    assert paper(report).headline == "In November 2026 nothing was read and no case was found."
    assert report_pdf(report).startswith(b"%PDF-")
    text = Seen(report_html(report)).text
    for said in ("No case was found in this month.", "nothing was watched", "The audit found nothing."):
        assert said in text


def test_the_month_before_stands_beside_this_one():
    before = Totals(read=1234, about_us=5, flagged=2, cases=1)
    assert "1,234" in words(compose(facts(before=before)))
