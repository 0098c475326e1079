"""The sections on how far the report can be trusted: what was missed, watched, told and audited. Pure."""

from alerts.board import paper
from alerts.board.paper import Section, Table, many, number, percent
from alerts.board.report import MonthReport
from alerts.words.phrases import and_list, were


def sections(report: MonthReport) -> tuple[Section, ...]:
    """The sections in their order."""
    return (_recall(report), _sources(report), _messages(report), _audit(report), _reading(report))


def _recall(report: MonthReport) -> Section:
    recall = report.recall
    if recall is None:
        line = (
            "There is no estimate yet of how much was missed. To get one, let a person read a random sample of "
            "what was not flagged (`redshank sample`); some 300 mentions are enough for a first figure."
        )
    else:
        line = (
            f"Of what should be flagged, an estimated {percent(recall.estimate)} is flagged (95% interval: "
            f"{percent(recall.low)} to {percent(recall.high)}). A person read "
            f"{many(recall.sampled, 'unflagged mention')} drawn at random; by them, some "
            f"{many(round(recall.missed), 'mention')} in all should have been flagged and "
            f"{were(round(recall.missed))} not."
        )
    return Section(heading="What may have been missed", lines=(line,))


def _sources(report: MonthReport) -> Section:
    if not report.sources:
        line = "No source was configured, so nothing was watched."
        return Section(heading="What was watched", lines=(line,))
    whole = sum(source.outages == 0 for source in report.sources)
    return Section(
        heading="What was watched",
        lines=(
            f"{many(len(report.sources), 'source')}; {number(whole)} {were(whole)} watched without a break.",
        ),
        tables=(paper.sources(report),),
        notes=("A share counts from the month's start, or from a source's first visit if that came later.",),
    )


def _messages(report: MonthReport) -> Section:
    sent = report.messages
    besides = and_list(
        [
            f"{number(sent.refused)} refused",
            f"{number(sent.bounced)} returned",
            f"{number(sent.waiting)} still waiting",
        ]
    )
    line = (
        f"{many(sent.sent, 'message')} {were(sent.sent)} sent, {number(sent.late)} of them more than an hour late; "
        f"{besides}."
    )
    return Section(heading="Whom we told", lines=(line,))


def _audit(report: MonthReport) -> Section:
    if not report.audit:
        return Section(heading="Audit", lines=("The audit found nothing.",))
    total = sum(finding.count for finding in report.audit)
    rows = tuple((finding.what, number(finding.count)) for finding in report.audit)
    table = Table(caption="Findings of the audit", columns=("Finding", "Times"), rows=rows)
    return Section(heading="Audit", lines=(f"{many(total, 'finding')} in all.",), tables=(table,))


def _reading(report: MonthReport) -> Section:
    return Section(
        heading="How to read this",
        lines=(
            "A mention is one public post or article. A case is a story that a rule of the policy flagged, with all "
            "its copies. Labels are the machine's; “upheld” means that a person agreed.",
            "Severity: critical is life, a child at risk or a credible threat; then high, medium and low. Nothing "
            "was removed, answered or reported by a machine: each step was taken by a person.",
            "Small numbers move a lot by chance. One month above or below the one before is not yet a trend.",
            *report.unknown,
        ),
    )
