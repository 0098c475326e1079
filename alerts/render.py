"""A notice in words: subject, plain text, HTML and a short form, which say the same.

Need to know: a message holds labels, severities, clauses, sources, ages and links, and of these only what the
reader's role and the channel may be shown; no text of a post, no author, no personal data. Everything is escaped
by Jinja; the templates load nothing from anywhere.
"""

import quopri
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.digest import Digest
from alerts.offers import Offer
from alerts.routes import Routes
from alerts.showing import Shown
from alerts.trend import trend_png
from alerts.words import case_heads, case_views, digest_views, palette
from alerts.words.phrases import one_line, role_words, safe_link, when_words
from alerts.words.plain import fold
from alerts.words.views import AMPLE, Reader, Room
from core.telling import Image, Message, Notice
from core.work import Situation

_FOOT = (
    "Redshank reads only what is public, and drafts; people decide. This mail holds no text of a post and no names; "
    "please do not answer it."
)
_SEEN = (
    "The link opens a page with one button. It serves once and says nothing of what this is about. Pressing the "
    "button ends the repeats; the clocks run on."
)
_MOST = 98_000
_LESS = Room(critical=12, high=6, lesser=3, due=6, items=4, sources=15, names=80)
_LEAST = Room(critical=8, high=3, lesser=2, due=4, items=3, sources=10, names=60)
_NO_STEPS: Mapping[int, Sequence[str]] = MappingProxyType({})
_NO_OFFERS: Mapping[int, Offer] = MappingProxyType({})
_NO_TITLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Called:
    """What the message about a fault or an alarm says of its kind."""

    kind: str
    band: str
    again: str
    more: str
    command: str


_FAULT = _Called(
    "faults",
    "something is broken",
    "It is told once, again every seven days while it lasts, and the digest says it as well.",
    "To see everything at once:",
    "redshank check",
)
_ALARM = _Called(
    "alarms", "an alarm", "It is told at most once a day.", "To see the cases:", "redshank case list"
)


def render_case(
    notice: Notice,
    situations: Sequence[Situation],
    *,
    routes: Routes,
    now: datetime,
    shown: Shown = Shown.reasons,
    acknowledge: str = "",
    steps: Mapping[int, Sequence[str]] = _NO_STEPS,
    offers: Mapping[int, Offer] = _NO_OFFERS,
    titles: Mapping[str, str] = _NO_TITLES,
) -> Message:
    """The message about one case, or about several in a table, gravest first.

    ``shown`` is how much its reader may be shown on its channel, ``acknowledge`` the link by which to take note
    ("": none). ``steps`` are what to do at once about sealed cases and ``offers`` the routes that may be taken, both by
    number, ``titles`` the routes by id. Raises ValueError where there is no case.
    """
    if not situations:
        raise ValueError("a message about cases needs at least one")
    reader = Reader(to=notice.to, routes=routes, now=now, shown=shown)
    several = case_heads.gravest_first(situations)
    seen = safe_link(acknowledge)
    view: case_views.CaseView | case_views.CasesView
    if len(several) == 1:
        template, number = "case", several[0].case.id
        view = case_views.case_view(
            notice,
            several[0],
            reader,
            emergency=steps.get(number, ()),
            offer=offers.get(number, Offer()),
            titles=titles,
        )
    else:
        template, view = "cases", case_views.cases_view(notice, several, reader, steps)
    return _message(
        notice,
        case_heads.subject(notice, several, reader),
        template,
        short=case_heads.short(notice, several, reader, seen),
        why=_why(notice, reader),
        acknowledge=seen,
        site=reader.site,
        view=view,
    )


def render_digest(notice: Notice, digest: Digest, *, routes: Routes, shown: Shown = Shown.reasons) -> Message:
    """The digest, with the picture of its trend inside it where it has one.

    It stays below the 100 kB at which mail programs cut a message: where it would not, it shows fewer cases and
    counts more.
    """
    reader = Reader(to=notice.to, routes=routes, now=digest.now, shown=shown)
    trend = digest.watching.trend
    images = (trend_png(trend),) if trend else ()
    for room in (AMPLE, _LESS, _LEAST):
        message = _digest(notice, digest, replace(reader, room=room), images)
        if _size(message) <= _MOST:
            break
    return message


def _digest(notice: Notice, digest: Digest, reader: Reader, images: tuple[Image, ...]) -> Message:
    return _message(
        notice,
        digest_views.subject(digest),
        "digest",
        short=digest_views.short(digest, reader),
        why=_why(notice, reader),
        images=images,
        name=digest_views.name(digest),
        title=digest_views.title(digest),
        headline=digest_views.headline(digest),
        covers=digest_views.covers(digest),
        tiles=digest_views.tiles(digest),
        sections=digest_views.sections(digest, reader),
        unlinked=not reader.site and reader.full and bool(digest.open_count or digest.new_count),
    )


def _size(message: Message) -> float:
    """About as many bytes as it has as a mail: quoted-printable for the words, base64 for the pictures."""
    words = len(quopri.encodestring((message.text + message.html).encode()))
    return words + sum(len(image.png) for image in message.images) * 1.4 + 2_000


def render_fault(notice: Notice, *, routes: Routes, now: datetime) -> Message:
    """The message about something that is broken, or an alarm: the first line of ``why`` is its headline."""
    lines = [one_line(line) for line in notice.why.splitlines() if line.strip()] or ["Something is broken"]
    called = _ALARM if notice.key.startswith("spike/") else _FAULT
    return _message(
        notice,
        lines[0],
        "fault",
        short=one_line(" ".join(lines), case_heads.SHORT),
        why=f"{called.kind} are told to {role_words(notice.role)}",
        called=called,
        headline=lines[0],
        details=lines[1:],
        at=when_words(now, routes.timezone),
    )


def _why(notice: Notice, reader: Reader) -> str:
    """Why this reader is told; the whole of it where all may be shown, as it can say whom a case is kept from."""
    return one_line(notice.why) if reader.full else f"sent to you as {role_words(notice.role)}"


def _message(
    notice: Notice,
    subject: str,
    template: str,
    *,
    short: str,
    images: tuple[Image, ...] = (),
    **context: object,
) -> Message:
    text, html = (
        _environment().get_template(f"{template}.{kind}.j2").render(context, subject=subject, images=images)
        for kind in ("txt", "html")
    )
    return Message(
        key=notice.key,
        to=notice.to,
        subject=f"[Redshank] {one_line(subject, 150)}",
        text=fold(text.strip()) + "\n",
        html=html,
        images=images,
        short=short,
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
        light=palette.LIGHT, dark=palette.DARK, badges=palette.BADGES, band=palette.BAND
    )
    environment.globals.update(foot=_FOOT, seen_words=_SEEN)
    return environment
