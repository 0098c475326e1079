"""`redshank case assign`, `review`, `decide`, … : what a person does to a case, one command for each step."""

from datetime import datetime
from typing import Annotated

import typer

from core.errors import ConfigError
from policies.moves import ASKERS, DECISIONS, DESTINATIONS, DISMISSED, OUTCOMES, STANDINGS, Facts
from redshank import desks
from redshank.desks import AsOption, ByOption, NumberArgument, ReasonOption, one_of, take
from redshank.judging import JsonOption

app = typer.Typer()

MemberArgument = Annotated[str, typer.Argument(help="A member of the team.")]


@app.command()
def assign(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    member: MemberArgument,
    reason: ReasonOption = "takes it on",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give a case to a member, whom it must not name."""
    take(ctx, number, "assign", reason, by=by, role=role, as_json=as_json, facts=Facts(to=member))


@app.command("hand-over")
def hand_over(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    to: Annotated[str, typer.Argument(help="A member, or a role, which is then told.")],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Hand a case over to another member or role."""
    take(ctx, number, "hand_over", reason, by=by, role=role, as_json=as_json, facts=Facts(to=to))


@app.command()
def aware(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption = "confirmed by a person",
    own_breach: Annotated[
        bool | None,
        typer.Option("--own-breach/--not-own-breach", help="Whether it came from our own staff or systems."),
    ] = None,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Confirm a case: the second clock. With --own-breach the 72 hours of the data protection law run."""
    verb = "aware" if own_breach is None else "own_breach"
    facts = Facts(own_breach=own_breach)
    take(ctx, number, verb, reason, by=by, role=role, as_json=as_json, facts=facts)


@app.command()
def review(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption = "taken into review; no conflict of interest",
    conflict: Annotated[
        list[str] | None, typer.Option("--conflict", help="A member whom it touches besides those found.")
    ] = None,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take a case into review; the check for conflicts of interest is run."""
    facts = Facts(conflicts=tuple(conflict or ()))
    take(ctx, number, "review", reason, by=by, role=role, as_json=as_json, facts=facts)


@app.command()
def divert(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    to: Annotated[str, typer.Argument(help=one_of(DESTINATIONS))],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Send a case where it belongs: no route is taken on it here."""
    take(ctx, number, "divert", reason, by=by, role=role, as_json=as_json, facts=Facts(to=to))


@app.command()
def dismiss(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    outcome: Annotated[str, typer.Argument(help=one_of(DISMISSED))],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Close a case that is none."""
    take(ctx, number, "dismiss", reason, by=by, role=role, as_json=as_json, facts=Facts(outcome=outcome))


@app.command()
def decide(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    decision: Annotated[str, typer.Argument(help=one_of(DECISIONS))],
    reason: ReasonOption,
    ours: Annotated[
        bool | None, typer.Option("--ours/--not-ours", help="Is somebody of ours really meant?")
    ] = None,
    known: Annotated[
        bool | None, typer.Option("--known/--not-known", help="Is it true and public already?")
    ] = None,
    own_breach: Annotated[
        bool | None,
        typer.Option("--own-breach/--not-own-breach", help="Did it come from our staff or systems?"),
    ] = None,
    standing: Annotated[str, typer.Option(help=f"Who may ask for removal. {one_of(STANDINGS)}")] = "",
    balance: Annotated[str, typer.Option(help="A note on free expression and the public interest.")] = "",
    upheld: Annotated[list[str] | None, typer.Option("--upheld", help="A label that you confirm.")] = None,
    nothing_upheld: Annotated[bool, typer.Option("--nothing-upheld", help="You confirm none.")] = False,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decide a case in review, once its facts are confirmed."""
    if upheld and nothing_upheld:
        raise ConfigError("--upheld and --nothing-upheld contradict each other")
    facts = Facts(
        decision=decision,
        ours=ours,
        known=known,
        own_breach=own_breach,
        standing=standing,
        balance=balance,
        upheld=tuple(upheld) if upheld else () if nothing_upheld else None,
    )
    take(ctx, number, "decide", reason, by=by, role=role, as_json=as_json, facts=facts)


@app.command()
def hold(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    asked_by: Annotated[str, typer.Option(help=one_of(ASKERS))],
    reason: ReasonOption,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="If they named a day.")] = None,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put a case on hold because the police, the LADO or a court ask for it."""
    facts = Facts(asked_by=asked_by, until=until.replace(tzinfo=desks.zone(ctx)) if until else None)
    take(ctx, number, "hold", reason, by=by, role=role, as_json=as_json, facts=facts)


@app.command()
def close(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    outcome: Annotated[str, typer.Argument(help=one_of(OUTCOMES))],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Close a case with its outcome; what was removed must have been seen to be gone."""
    take(ctx, number, "close", reason, by=by, role=role, as_json=as_json, facts=Facts(outcome=outcome))


@app.command()
def join(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    into: Annotated[int, typer.Argument(help="The case that keeps everything.", min=1)],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Join a case to another: its copies go there, and it is closed. `split` undoes it."""
    take(ctx, number, "join", reason, by=by, role=role, as_json=as_json, facts=Facts(into=into))


@app.command()
def split(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    mention: Annotated[list[int], typer.Option("--mention", help="A copy to take out; may be repeated.")],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make some copies of a case a case of their own. `join` undoes it."""
    house, desk = desks.open_desk(ctx)
    made = desk.split(number, mention, desks.sitting(desk, by, role), reason)
    desks.tell(house, desk, made.id, f"case {made.id} made of case {number}", as_json=as_json)


@app.command()
def triage(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption = "sorted by the machine, seen by a person",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Confirm that the machine sorted a case rightly; `review` does it too."""
    take(ctx, number, "triage", reason, by=by, role=role, as_json=as_json)


@app.command()
def resume(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Go on with a case that was on hold, where it stood."""
    take(ctx, number, "resume", reason, by=by, role=role, as_json=as_json)


@app.command()
def reopen(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open a closed case again: a repost, an appeal, a new fact."""
    take(ctx, number, "reopen", reason, by=by, role=role, as_json=as_json)


@app.command()
def seal(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption = "suspected child sexual abuse material",
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Seal a case: suspected images of child sexual abuse. Link and text are shut at once."""
    take(ctx, number, "seal", reason, by=by, role=role, as_json=as_json)


@app.command()
def release(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open the routes that wait because a worker may be speaking up; for somebody outside the line."""
    take(ctx, number, "release_disclosure", reason, by=by, role=role, as_json=as_json)


@app.command()
def note(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    words: Annotated[str, typer.Argument(help="What is to be on record; it names nobody.")],
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put a line on the record of a case."""
    take(ctx, number, "note", words, by=by, role=role, as_json=as_json)
