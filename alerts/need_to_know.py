"""Who must not learn of a case, in whatever role or place: one rule for mails, rooms, digests and faults. Pure."""

from alerts.addresses import fingerprint
from alerts.roster import MAIL, Roster
from core.types import Case


def locked(case: Case) -> bool:
    """Whether it may be a worker's disclosure, which nobody has released yet: hr is not told."""
    return "speak_up" in case.guards and case.work.released_at is None


def excluded(case: Case, roster: Roster) -> frozenset[str]:
    """The ids of the members who must not be told: whom it names, and hr while a disclosure is locked.

    Whoever holds hr and a role that the policy names for the case is told in that role.
    """
    accused = frozenset(case.conflicts)
    if not locked(case):
        return accused
    named = set(case.recipients) - {"hr"}
    hr = {one.id for one in roster.holders("hr") if not named & set(one.roles)}
    # Where hr is all that is left it is told rather than the accused, or nobody.
    alone = len(roster.barred(accused | hr)) == len(roster.members)
    return accused if alone else accused | hr


def kept_from(case: Case, roster: Roster, to: str, channel: str = MAIL, *, to_review: bool = False) -> bool:
    """Whether who reads an address, or a room, must not learn of a case; ``to_review``: must not act on it.

    Where it concerns everybody there is, it is kept from all but those who are told in the last resort. They are
    told, and yet review nothing: whoever is accused never does.
    """
    barred = roster.barred(excluded(case, roster))
    if not to_review and all(one.id in barred for one in roster.members if one.roles):
        barred -= {one.id for one in roster.last_resort()}
    shut_out = [one for one in roster.members if one.id in barred]
    if channel == MAIL:
        return fingerprint(to) in {fingerprint(one.mail) for one in shut_out}
    return any(channel in one.channels for one in shut_out)
