"""A notice in words: subject, plain text and HTML, which say the same.

Need to know: a mail holds labels, severities, clauses, sources, ages and links; no text of a post, no author,
no personal data. Everything is escaped by Jinja; the templates load nothing from anywhere.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts import _palette, _views
from alerts._words import age_words, count, day_words, one_line, when_words
from alerts.digest import Digest, Watch
from alerts.routes import Routes
from core.types import Case, Image, Message, Notice, Severity


def render_case(notice: Notice, case: Case, routes: Routes, now: datetime) -> Message:
    """The mail about one case: what it is, why it counts, how old it is and where to open it."""
    what = _views.what_words(case)
    severity = str(case.severity)
    more = len(case.copies) - len(_views.copy_rows(case, notice.to, routes, now))
    return _message(
        notice,
        f"{severity.capitalize()}: {what} – case {case.id}",
        "case",
        case=case,
        severity=severity,
        what=what,
        state=str(case.state).replace("_", " "),
        detected=when_words(case.detected_at, routes.timezone),
        age=age_words(now - case.detected_at),
        clauses=[one_line(clause, 120) for clause in case.clauses],
        reasons=_views.reason_lines(case),
        copies=_views.copy_rows(case, notice.to, routes, now),
        more=f"and {count(more, 'more copy', 'more copies')}" if more else "",
        link=_views.case_link(case, notice.to, routes),
        site=bool(routes.link_base),
        danger=case.severity is Severity.critical,
    )


def render_digest(notice: Notice, digest: Digest, routes: Routes, images: Sequence[Image] = ()) -> Message:
    """The morning digest; ``images`` (plots of numbers) travel inside the mail, at its end."""
    subject = f"Digest {day_words(digest.day)}: {digest.new_count} new, {digest.open_count} open"
    if broken := digest.sources(Watch.broken):
        subject += f", {count(broken, 'source')} broken"
    elif unseen := digest.sources(Watch.not_watched):
        subject += f", {count(unseen, 'source')} not watched"
    return _message(
        notice,
        subject,
        "digest",
        images=tuple(images),
        digest=digest,
        title=f"{digest.day:%A} {day_words(digest.day)} {digest.day.year}",
        headline=_views.headline(digest),
        covers=_covers(digest),
        new=[_views.group_view(group, digest, notice.to, routes) for group in digest.new],
        open=[_views.group_view(group, digest, notice.to, routes) for group in digest.open],
        troubled=len(digest.coverage) - digest.sources(Watch.watched),
        sources=_views.source_rows(digest),
        others=_views.other_sources(digest),
        coverage=_views.coverage_words(digest),
        queues=_views.queue_words(digest),
        site=bool(routes.link_base),
    )


def render_fault(notice: Notice, routes: Routes, now: datetime) -> Message:
    """The mail about something that is broken: the first line of ``why`` is its headline."""
    lines = [one_line(line) for line in notice.why.splitlines() if line.strip()] or ["Something is broken"]
    return _message(
        notice,
        lines[0],
        "fault",
        headline=lines[0],
        details=lines[1:],
        at=when_words(now, routes.timezone),
    )


def _covers(digest: Digest) -> str:
    until = when_words(digest.now, digest.tz)
    if digest.since is None:
        return f"The first digest: covers everything until {until}."
    return f"Covers {when_words(digest.since, digest.tz)} to {until}."


def _message(
    notice: Notice, subject: str, template: str, *, images: tuple[Image, ...] = (), **context: object
) -> Message:
    environment = _environment()
    why = one_line(notice.why) if notice.kind != "fault" else f"faults are told to {notice.role}"
    text, html = (
        environment.get_template(f"{template}.{kind}.j2").render(
            context, subject=subject, why=why, images=images, role=notice.role
        )
        for kind in ("txt", "html")
    )
    return Message(
        key=notice.key,
        to=notice.to,
        subject=f"[Redshank] {one_line(subject, 150)}",
        text=text.strip() + "\n",
        html=html,
        images=images,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        light=_palette.LIGHT, dark=_palette.DARK, badges=_palette.BADGES, band=_palette.BAND
    )
    return environment
