"""What stands over a case and above every pack: no pack, override or setting reaches these functions.

sealed      suspected child sexual abuse material: IWF, CEOP and police first, nobody is contacted
speak_up    perhaps a worker's disclosure (Employment Rights Act 1996, Part IVA): removal and discipline are
            locked until an independent reviewer releases them
conflict    it names or accuses somebody of the house: the roles they hold are left out
criticism   free expression (Human Rights Act 1998, article 10): answer and complaint first, no removal
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from core.types import Assessment, Mention
from core.vocabulary import GUARDS, ROLES
from core.work import Member
from policies.books import Route
from policies.naming import named

Book = Mapping[str, Route]

GRAVE = frozenset({"safeguarding", "threat"})
WORKERS = frozenset({"staff", "ex-staff"})
DISCLOSURE = frozenset({"reputation", "safeguarding", "internal"})
# With these a job title is enough to say who is accused.
ACCUSING = frozenset({"harassment", "hate", "threat", "sexual", "safeguarding", "reputation"})
FIRST_WHEN_SEALED = ("iwf", "ceop", "police")
FIRST_FOR_CRITICISM = ("answer", "complaints")
# What the speak-up gate locks, and what warns a suspect or asks for a copy of what must not be copied.
LOCKED_KINDS = frozenset({"removal", "discipline"})
# What the press may have reason to publish. Who wrote a post is guessed, and a wrong guess must not shield a threat or
# somebody's address for good; what stands at a newspaper's own place is the press, whatever it says.
REPORTING = frozenset({"reputation", "internal", "confidentiality", "safeguarding", "impersonation"})
REMOVAL, EMERGENCY = "removal", "emergency"
NEWS = "news"
# Who decides where somebody of the house is named, and who is told where none of these is left. Human resources come
# last, as a disclosure must not reach them by accident.
DECIDES = ("deputy", "safeguarding", "governance", "dpo", "legal")
STAND_INS = (*DECIDES, *(role for role in ROLES if role not in {*DECIDES, "comms", "hr"}), "comms", "hr")
# An accusation, and nothing else: it is answered. Reviews are made for it.
ACCUSATION = frozenset({"reputation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The guards that stand over a mention, in the order of the vocabulary, and the ids of the members named."""

    guards: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def guards(
    mention: Mention, assessment: Assessment, labels: Iterable[str], members: Sequence[Member]
) -> Over:
    """What stands over a mention that bears ``labels``, whether for sure or in doubt."""
    borne, tags = frozenset(labels), frozenset(assessment.tags)
    conflicts = named(
        f"{mention.full_text}\n{mention.author}", members, accuses=not ACCUSING.isdisjoint(borne)
    )
    worker = assessment.author_role in WORKERS or "worker" in tags
    stands = {
        "sealed": "child_images" in tags or ("child" in tags and borne >= {"safeguarding", "sexual"}),
        "speak_up": worker and not DISCLOSURE.isdisjoint(borne),
        "conflict": bool(conflicts),
        "criticism": reported(mention, assessment, borne) or _accuses_only(mention, assessment, borne),
    }
    return Over(guards=tuple(guard for guard in GUARDS if stands[guard]), conflicts=conflicts)


def reported(mention: Mention, assessment: Assessment, labels: Iterable[str]) -> bool:
    """Whether the press said it: it stands at a newspaper's place, or seems to be by the press and is its business."""
    return mention.platform == NEWS or (assessment.author_role == "press" and set(labels) <= REPORTING)


def _accuses_only(mention: Mention, assessment: Assessment, borne: frozenset[str]) -> bool:
    """Whether nothing but an accusation is sure: a doubt beside it makes it no less free, until a person confirms it.

    Where nothing is sure, all that is in doubt must be an accusation, save in a review, which is one by its nature.
    """
    sure = frozenset(assessment.labels)
    return bool(borne) and (
        sure == ACCUSATION or (not sure and (borne == ACCUSATION or mention.platform == "review"))
    )


def offered(routes: Iterable[str], over: Iterable[str], book: Book) -> tuple[str, ...]:
    """The routes that may be offered under the guards ``over``, in the order in which to try them."""
    stands, wanted = frozenset(over), list(routes)
    # Where the policy puts danger first, it stays first: no guard delays help for somebody who is being harmed.
    urgent = list(takewhile(lambda route: route in book and book[route].kind == EMERGENCY, wanted))
    wanted = wanted[len(urgent) :]
    if "criticism" in stands:
        wanted = [*FIRST_FOR_CRITICISM, *wanted]
    if "speak_up" in stands:
        wanted = ["speak_up_guardian", *wanted]
    wanted = [*urgent, *wanted]
    if "sealed" in stands:
        wanted = [*FIRST_WHEN_SEALED, *wanted]
    refused = REMOVAL if stands & {"criticism", "sealed"} else ""
    return tuple(route for route in dict.fromkeys(wanted) if route in book and book[route].kind != refused)


def locked(routes: Iterable[str], over: Iterable[str], released: bool, book: Book) -> tuple[str, ...]:
    """Those of ``routes`` that nobody may take now.

    ``released`` is whether an independent reviewer has opened what the speak-up gate had locked; what is sealed
    stays locked for good.
    """
    stands = frozenset(over)
    shut = LOCKED_KINDS if "speak_up" in stands and not released else frozenset()
    if "sealed" in stands:
        shut |= {REMOVAL}
    return tuple(route for route in dict.fromkeys(routes) if route in book and book[route].kind in shut)


def steps(over: Iterable[str], book: Book) -> tuple[str, ...]:
    """What a person does, sentence by sentence, about a sealed case; nothing for any other."""
    if "sealed" not in set(over):
        return ()
    return tuple(step for route in FIRST_WHEN_SEALED if route in book for step in book[route].steps)


def decides(members: Sequence[Member], conflicts: Iterable[str]) -> str:
    """The role that decides where a case names somebody: the first of ``DECIDES`` that somebody unnamed holds.

    It is the deputy where no members are known, and empty where nobody is left.
    """
    accused = frozenset(conflicts)
    held = {role for member in members if member.id not in accused for role in member.roles}
    return next((role for role in DECIDES if role in held), "") if members else DECIDES[0]


def told(
    recipients: Iterable[str], members: Sequence[Member], conflicts: Iterable[str]
) -> tuple[tuple[str, ...], str]:
    """The roles to tell where the members in ``conflicts`` are left out, and the role that decides instead of them.

    Where nobody of ``DECIDES`` is left it is the first role that none of them holds. It is empty where nobody is
    named, and where they hold every role between them: then nobody of the house could be told instead, and silence
    would be worse.
    """
    wanted, accused = set(recipients), frozenset(conflicts)
    held = {role for member in members if member.id in accused for role in member.roles}
    if not accused:
        return _in_order(wanted), ""
    instead = decides(members, accused) or next((role for role in STAND_INS if role not in held), "")
    return (_in_order((wanted - held) | {instead}), instead) if instead else (_in_order(wanted), "")


def _in_order(roles: Iterable[str]) -> tuple[str, ...]:
    wanted = set(roles)
    return tuple(role for role in ROLES if role in wanted)
