"""The review site, so far the one page that people need away from their desk: taking note of a message.

    GET  /acknowledge/TICKET    says what the button does; changes nothing (mail scanners open every link)
    POST /acknowledge/TICKET    takes note, once
    GET  /health                for whoever watches over this machine

No page holds anything that anybody wrote, nor what a case is about: whoever finds the link learns its number. A link
takes note of what its message told and no more, and of nothing that its reader may no longer know of.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Engine

from alerts.need_to_know import kept_from
from alerts.roster import Roster
from alerts.routes import fingerprint
from core.errors import RedshankError, StorageError
from core.links import Links
from core.telling import Notice
from core.types import Case
from storage import acknowledgements
from storage.engine import revision, session

_LOG = structlog.get_logger(__name__)
_STYLE = (Path(__file__).parent / "static" / "review.css").read_text(encoding="utf-8")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create(engine: Engine, links: Links, now: Callable[[], datetime], roster: Roster) -> FastAPI:
    """The site over a database; it answers on whatever address it is served on. ``roster`` says who reads a link."""
    app = FastAPI(title="Redshank", docs_url=None, redoc_url=None, openapi_url=None)
    _close(app)

    # Plain functions: the database waits, so each runs in a thread of its own.
    @app.get("/acknowledge/{ticket}")
    def offer(ticket: str) -> HTMLResponse:
        number = links.read(ticket)
        with session(engine, read_only=True) as db:
            notice = acknowledgements.notice(db, number)
            if notice is None:
                raise RedshankError("what this link belonged to is no longer there")
            noted = acknowledgements.offered(db, notice, _barred(roster, notice))
            used = acknowledgements.used(db, number)
        return _page(
            "done" if used else "offer", cases=_words(noted.cases), grown=_words(noted.grown), again=used
        )

    @app.post("/acknowledge/{ticket}")
    def take_note(ticket: str) -> HTMLResponse:
        number = links.read(ticket)
        with session(engine) as db:
            notice = acknowledgements.notice(db, number)
            if notice is None:
                raise RedshankError("what this link belonged to is no longer there")
            who, barred = fingerprint(notice.to), _barred(roster, notice)
            noted = acknowledgements.by_link(db, number, who, now(), barred=barred)
        _LOG.info("acknowledged", notice=number)
        return _page("done", cases=_words(noted.cases), grown=_words(noted.grown), again=False)

    @app.get("/health")
    def health() -> PlainTextResponse:
        return PlainTextResponse(f"ok, database at {revision(engine)}\n")

    @app.get("/review.css")
    def style() -> Response:
        return Response(_STYLE, media_type="text/css")

    return app


def _close(app: FastAPI) -> None:
    """Shut every page to other sites and to memory, and say what went wrong in words."""

    @app.middleware("http")
    async def guarded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call(request)
        response.headers.update(_HEADERS)
        return response

    @app.exception_handler(RedshankError)
    def refused(_request: Request, error: RedshankError) -> HTMLResponse:
        broken = isinstance(error, StorageError)
        _LOG.warning("link_refused", error=str(error))
        words = "The database cannot be reached just now. Try again in a minute." if broken else str(error)
        return _page("refused", 503 if broken else 410, problem=words)

    @app.exception_handler(404)
    def missing(_request: Request, _error: Exception) -> HTMLResponse:
        return _page("refused", 404, problem="There is nothing at this address.")


def _barred(roster: Roster, notice: Notice) -> Callable[[Case], bool]:
    """Whether those who read a notice, at its address or in its room, must not take note of a case by now."""
    return lambda case: kept_from(case, roster, notice.to, notice.channel, to_review=True)


def _words(cases: Sequence[int]) -> str:
    numbers = ", ".join(map(str, sorted(cases)))
    return f"case{'s' if len(cases) > 1 else ''} {numbers}" if cases else ""


def _page(template: str, status: int = 200, **context: object) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(f"{template}.html.j2").render(context), status)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
