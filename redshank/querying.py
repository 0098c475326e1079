"""`redshank query` and `search`: explain a query, try it on a text or on what is stored, and find what is stored."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import ConfigError
from redshank import terminal
from redshank.desks import AsOption, ByOption, ReasonOption, open_desk, reader, sitting
from redshank.desks import name as name_of
from redshank.desks import why as why_of
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
    from core.query import Failure, Part, Query
    from flows.asking import Kept, Tried
    from flows.wiring import House
    from review.desk import Desk, Who

app = typer.Typer()
_SHOWN = 20


@app.command()
def query(
    ctx: typer.Context,
    *,
    text: Annotated[
        str, typer.Argument(metavar="QUERY", help="The query; without one, that of the file.")
    ] = "",
    on: Annotated[str, typer.Option("--text", "-t", help="Try it on this text.")] = "",
    stored: Annotated[
        bool, typer.Option("--stored", help="Try it on what is stored; goes on record.")
    ] = False,
    days: Annotated[int, typer.Option("--days", help="With --stored: of the last so many days.", min=1)] = 90,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Explain a query: how it is read, what each platform is asked, and what it would have found and lost.

    Exits 1 where it gets an example wrong (`must_match`, `must_not_match`) or does not keep the text.
    """
    from core.query import check, explain

    house, desk = open_desk(ctx) if stored else (open_house(ctx), None)
    asked = _parsed(house, text)
    organisation = house.settings.organisation
    failures = check(asked, organisation.must_match, organisation.must_not_match)
    document = _explained(house, asked, failures)
    if on:
        match = asked.matches(on)
        document["text"] = {"kept": match.kept, "why": match.why, "parts": _part(explain(asked, on))}
    if desk:
        document["stored"] = _stored(house, asked, days, _asker(desk, by, role))
    if as_json:
        terminal.print_json(document)
    else:
        _show(document)
    if failures or (on and not document["text"]["kept"]):
        raise typer.Exit(terminal.FAILED)


@app.command()
def search(
    ctx: typer.Context,
    *,
    text: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, in the query language.")],
    reason: ReasonOption,
    days: Annotated[int, typer.Option("--days", help="Of the last so many days.", min=1)] = 90,
    words: Annotated[
        bool, typer.Option("--words", help="Also print what was written, of what is in no case.")
    ] = False,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Search what is stored, also what is not about us, while its words are kept. Each search goes on record."""
    from flows.asking import find

    house, desk = open_desk(ctx)
    why, person = why_of(reason), sitting(desk, by, role)
    found = find(house, _parsed(house, text), person, why, since=house.now() - timedelta(days=days))
    rows = [_kept(one) | {"relevant": one.relevant} for one in found]
    if words:
        rows = [row | {"words": one.words} for row, one in zip(rows, found, strict=True)]
    if as_json:
        terminal.print_json(rows)
        return
    for one in found:
        case = f", case {one.case}" if one.case else ""
        about = "" if one.relevant is not False else ", not about us"
        line = f"mention {one.id} from {one.source}{case}{about}  {one.url}"
        terminal.out().print(terminal.harmless(line), soft_wrap=True)
        if words and one.words:
            terminal.out().print(terminal.harmless(f"    {one.words}"), soft_wrap=True)
    terminal.say(f"{len(found)} mentions; this search is on record")


def _parsed(house: "House", text: str) -> "Query":
    """A query, or that of the file where none is given; one that is wrong is shown with a mark below its column."""
    from core.query import QuerySyntaxError, parse

    organisation = house.settings.organisation
    asked = text or organisation.query
    if not asked.strip():
        raise ConfigError("give a query, or one in organisation.query")
    try:
        return parse(asked, organisation.aliases)
    except QuerySyntaxError as error:
        problem = f"{error}\n{error.caret}"
    raise ConfigError(problem) if text else house.settings.error(("organisation", "query"), problem)


def _platforms(asked: "Query") -> dict[str, Any]:
    """What is asked of the platforms that are searched, by the name of their syntax."""
    from core.query import dialects, searches

    found: dict[str, Any] = {}
    for name, dialect in vars(dialects).items():
        if isinstance(dialect, dialects.Dialect):
            try:
                found[name.lower()] = list(searches(asked, dialect))
            except ConfigError as error:
                found[name.lower()] = {"error": error.problem}
    return found


def _explained(house: "House", asked: "Query", failures: "list[Failure]") -> dict[str, Any]:
    organisation = house.settings.organisation
    return {
        "query": asked.text,
        "expanded": asked.expanded,
        "version": asked.version,
        "person": house.reach.asks_for_person(asked),
        "asks": _platforms(asked),
        "examples": {
            "tried": len(organisation.must_match) + len(organisation.must_not_match),
            "wrong": [{"example": one.example, "must_match": one.must, "why": one.why} for one in failures],
        },
    }


def _part(part: "Part") -> dict[str, object]:
    return {
        "part": part.shown,
        "matched": part.matched,
        "parts": [_part(inner) for inner in part.parts],
    }


def _asker(desk: "Desk", by: str, role: str) -> "Who":
    from review.desk import Who

    return reader(desk, by, role) or Who(name_of(desk, by), "")


def _stored(house: "House", asked: "Query", days: int, who: "Who") -> dict[str, object]:
    from flows.asking import try_stored
    from storage import mentions, queries
    from storage.engine import session

    now = house.now()
    with session(house.engine, read_only=True) as db:
        total = mentions.counts(db, now).mentions
        used = queries.all_(db)
    with terminal.progress("mentions tried", total) as advance:
        tried = try_stored(house, asked, who, since=now - timedelta(days=days), report=advance)
    versions = [
        {"version": one.version, "query": one.text, "first_used": one.first_used.isoformat()} for one in used
    ]
    return _tried(tried) | {"versions": versions}


def _tried(tried: "Tried") -> dict[str, object]:
    return {
        "tried": tried.tried,
        "matched": tried.matched,
        "lost": [_kept(one) for one in tried.lost],
        "gained": [_kept(one) for one in tried.gained],
    }


def _kept(one: "Kept") -> dict[str, object]:
    shown = {"id": one.id, "source": one.source, "url": one.url, "case": one.case}
    return shown | {"found_at": one.found_at.isoformat()}


def _show(document: dict[str, Any]) -> None:
    console = terminal.out()

    def say(line: str) -> None:
        console.print(terminal.harmless(line), soft_wrap=True)

    say(f"version {document['version']}: {document['expanded']}")
    if document["person"]:
        say("it asks for a person by name and for nothing else: in the file it needs a permit")
    platforms: dict[str, list[str]] = {}
    for name, asked in document["asks"].items():
        words = asked["error"] if isinstance(asked, dict) else "; ".join(asked)
        platforms.setdefault(words, []).append(name)
    for words, names in platforms.items():
        say(f"  {', '.join(names)}: {words}")
    examples = document["examples"]
    if examples["tried"]:
        say(f"examples: {examples['tried'] - len(examples['wrong'])} of {examples['tried']} are right")
    for wrong in examples["wrong"]:
        say(f"  {'must' if wrong['must_match'] else 'must not'} match: {wrong['example']!r} ({wrong['why']})")
    if "text" in document:
        say(document["text"]["why"])
        _show_part(document["text"]["parts"], say)
    if "stored" in document:
        _show_stored(document["stored"], say)


def _show_part(part: dict[str, Any], say: Any, depth: int = 1) -> None:
    say(f"{'  ' * depth}{'yes' if part['matched'] else 'no '} {part['part']}")
    for inner in part["parts"]:
        _show_part(inner, say, depth + 1)


def _show_stored(tried: dict[str, Any], say: Any) -> None:
    say(
        f"of {tried['tried']} stored mentions it would have matched {tried['matched']}, "
        f"would have lost {len(tried['lost'])} and gained {len(tried['gained'])}"
    )
    for word in ("lost", "gained"):
        for one in tried[word][:_SHOWN]:
            case = f", case {one['case']}" if one["case"] else ""
            say(f"  {word}: mention {one['id']} from {one['source']}{case}  {one['url']}")
        if len(tried[word]) > _SHOWN:
            say(f"  {word}: and {len(tried[word]) - _SHOWN} more; --json gives them all")
    for one in tried["versions"]:
        say(f"  used since {one['first_used'][:10]}: version {one['version']}, {one['query']}")
