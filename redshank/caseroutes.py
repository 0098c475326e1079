"""`redshank case act`, `approve`, `sent`, `answer`, …: routes taken on a case, and what came of them."""

from typing import Annotated

import typer

from core.errors import ConfigError, RedshankError
from policies.moves import OUTCOMES, Facts
from redshank import desks
from redshank.desks import AsOption, ByOption, NumberArgument, ReasonOption, one_of, take
from redshank.judging import JsonOption

app = typer.Typer()

RouteArgument = Annotated[str, typer.Argument(help="The route, or the number of the action.")]


@app.command()
def act(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    route: Annotated[list[str], typer.Option("--route", help="A route to take; may be repeated.")],
    reason: ReasonOption,
    approver: Annotated[str, typer.Option(help="Who approves, where a route needs a second person.")] = "",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take lawful routes on a decided case; each becomes an action, which a person sends."""
    facts = Facts(routes=tuple(route), approver=approver)
    take(ctx, number, "act", reason, by=by, role=role, as_json=as_json, facts=facts)


@app.command()
def approve(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    route: RouteArgument,
    reason: ReasonOption = "approved",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve what another person drafted."""
    _advance(ctx, number, route, "approve", reason=reason, by=by, role=role, as_json=as_json)


@app.command()
def sent(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    route: RouteArgument,
    reference: Annotated[
        str, typer.Option(help="The number or name that the other side gave it, or how it went.")
    ],
    reason: ReasonOption = "sent by hand",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that you sent it: the machine sends nothing to anybody outside."""
    _advance(ctx, number, route, "sent", reason=reason, words=reference, by=by, role=role, as_json=as_json)


@app.command()
def answer(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    route: RouteArgument,
    how: Annotated[str, typer.Argument(help="One of acknowledged, answered, refused, withdrawn.")],
    words: Annotated[str, typer.Option(help="What was answered, in a few words that name nobody.")] = "",
    reason: ReasonOption = "as the other side answered",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record what came back from a route; `outcome` then says what became of the post."""
    if how not in ("acknowledged", "answered", "refused", "withdrawn"):
        raise ConfigError(f"unknown answer {how!r}: one of acknowledged, answered, refused, withdrawn")
    _advance(ctx, number, route, how, reason=reason, words=words, by=by, role=role, as_json=as_json)


@app.command()
def outcome(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    result: Annotated[str, typer.Argument(help=one_of(OUTCOMES))],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what came of acting: what was removed must then be seen to be gone; else the next route."""
    take(ctx, number, "outcome", reason, by=by, role=role, as_json=as_json, facts=Facts(outcome=result))


@app.command()
def gone(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    mention: Annotated[
        list[int],
        typer.Option("--mention", help="A copy that you found gone: link, search, quotes, reposts."),
    ],
    reason: ReasonOption = "looked for and not found",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Confirm that every copy is gone; each must be named."""
    take(ctx, number, "gone", reason, by=by, role=role, as_json=as_json, facts=Facts(gone=tuple(mention)))


@app.command("still-up")
def still_up(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say that a post is still there, or has moved: it is acted upon again."""
    take(ctx, number, "still_up", reason, by=by, role=role, as_json=as_json)


def _advance(
    ctx: typer.Context,
    number: int,
    route: str,
    verb: str,
    *,
    reason: str,
    by: str,
    role: str,
    as_json: bool,
    words: str = "",
) -> None:
    """Take the action of a case on that is named by its route or its number: the newest of that route."""
    house, desk = desks.open_desk(ctx)
    actor = desks.sitting(desk, by, role)
    found = [one.id for one in desk.show(number, actor).actions if route in (one.route, str(one.id))]
    if not found:
        raise RedshankError(
            f"case {number} has no action {route}: `redshank case act {number} --route {route}` first"
        )
    after = desk.advance(found[-1], verb, actor, reason, words)
    desks.tell(house, desk, number, f"case {number}: {after.route} is {after.state}", as_json=as_json)
