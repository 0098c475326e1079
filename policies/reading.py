"""Who may read what was written: the roles to which a case's text opens, and whom it accuses. Pure.

sealed        nobody; role safeguarding gets the link for a report
safeguarding  that role, and whoever decides where the case accuses somebody of the house
speak_up      the guardian and safeguarding
in doubt      the roles that are told of the case, by name: a doubt locks nobody out of their own case
anything else anybody, but for whom it accuses
"""

from collections.abc import Sequence

from core.types import Case
from core.work import Member
from policies.checks import any_of, decider, restricted
from policies.moves import IllegalMove

_GUARDIAN = "safeguarding"


def on_record(case: Case) -> bool:
    """Whether reading it needs a name and goes on record: somebody may be at risk behind it."""
    return _GUARDIAN in (*case.labels, *case.ask)


def may_read(case: Case, name: str, role: str, members: Sequence[Member] = ()) -> None:
    """Raise IllegalMove unless this person, in this role, may read what was written; both may be empty."""
    if "sealed" in case.guards:
        raise IllegalMove(
            f"case {case.id} is sealed: nobody reads it here. Role safeguarding gets the link for IWF, CEOP or the "
            f"police with `redshank case link {case.id}`"
        )
    readers = _readers(case, members)
    if readers and role not in readers:
        raise IllegalMove(
            f"the text of case {case.id} opens to {any_of(sorted(readers))} only: say who you are with --by and --as"
        )
    if name in case.conflicts:
        raise IllegalMove(f"case {case.id} names or accuses {name}, who may not read it")
    if not name and ("conflict" in case.guards or on_record(case)):
        raise IllegalMove(f"case {case.id} opens to somebody known only: say who reads it with --by and --as")


def _readers(case: Case, members: Sequence[Member]) -> set[str]:
    """The roles that may read it; none where anybody may."""
    instead = {decider(case, members)} - {""}
    if restricted(case):
        return {_GUARDIAN} if "speak_up" in case.guards else {_GUARDIAN, *instead}
    if "speak_up" in case.guards:
        return {"speak_up", _GUARDIAN}
    return {*case.recipients, _GUARDIAN, *instead} if on_record(case) else set()
