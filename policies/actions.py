"""One use of a route, from draft to answer: a small table, and ``advance``, which applies it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.types import Case, CaseState
from core.work import Action, ActionState
from policies.books import Route
from policies.checks import locked
from policies.moves import IllegalMove

_S = ActionState


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionMove:
    """One line of the table: ``acting`` says that the case must be in action, and nothing may lock the route."""

    verb: str
    before: tuple[ActionState, ...]
    after: ActionState
    says: str
    acting: bool = False


ACTIONS: tuple[ActionMove, ...] = (
    ActionMove(
        verb="approve",
        before=(_S.drafted,),
        after=_S.approved,
        acting=True,
        says="by another person than its drafter, where the route asks for a second one",
    ),
    ActionMove(
        verb="sent", before=(_S.approved,), after=_S.sent, acting=True, says="by a person, with a reference"
    ),
    ActionMove(
        verb="acknowledged", before=(_S.sent,), after=_S.acknowledged, says="the other side has received it"
    ),
    ActionMove(
        verb="refused",
        before=(_S.sent, _S.acknowledged),
        after=_S.refused,
        says="the other side will not, or did not answer by the date",
    ),
    ActionMove(
        verb="answered", before=(_S.sent, _S.acknowledged), after=_S.answered, says="the other side answered"
    ),
    ActionMove(
        verb="withdrawn",
        before=(_S.drafted, _S.approved, _S.sent, _S.acknowledged),
        after=_S.withdrawn,
        says="no longer wanted, or taken back",
    ),
)


def advance(
    action: Action,
    verb: str,
    case: Case,
    *,
    actor: str,
    at: datetime,
    book: Mapping[str, Route],
    words: str = "",
    answer_due_at: datetime | None = None,
) -> Action:
    """The action after ``verb``; ``words`` are the reference that it was sent under, or the answer.

    Raises:
        IllegalMove: it may not be done now, or not by this person, or something is missing for it.
    """
    line = next((one for one in ACTIONS if one.verb == verb), None)
    if line is None or action.state not in line.before:
        raise IllegalMove(f"action {action.id} ({action.route}) is {action.state}: it cannot be {verb} now")
    if actor in case.conflicts:
        raise IllegalMove(f"case {case.id} names or accuses {actor}, who may not act on it")
    if line.acting:
        _check_open(action, case, book)
    if verb == "approve" and book[action.route].second_approver and actor == action.drafted_by:
        raise IllegalMove(f"route {action.route} is approved by another person than the one who drafted it")
    if verb == "sent" and not words:
        raise IllegalMove("say under which reference it was sent (--reference), or how if there is none")
    after = replace(action, state=line.after)
    match verb:
        case "approve":
            return replace(after, approved_by=actor)
        case "sent":
            return replace(after, sent_at=at, reference=words, answer_due_at=answer_due_at)
        case _:
            return replace(after, answer=words or action.answer)


def _check_open(action: Action, case: Case, book: Mapping[str, Route]) -> None:
    if case.state is not CaseState.actioning:
        state = case.state.replace("_", " ")
        raise IllegalMove(f"case {case.id} is {state}: nothing is sent unless it is being acted upon")
    if action.route not in book or locked(case, [action.route], book):
        raise IllegalMove(f"route {action.route} is locked on case {case.id}")
