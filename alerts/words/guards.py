"""What stands over a case, as a person reads it (pure)."""

from alerts.words.views import sealed
from core.types import Case
from core.vocabulary import GUARDS

_RELEASED = "Perhaps a worker's disclosure: an independent reviewer has released the takedown and HR routes."
SEALED = (
    f"{GUARDS['sealed']} Open, copy and send nothing on. If a child is in danger now, ring 999; the link goes to "
    "the Internet Watch Foundation, suspected grooming to CEOP."
)
_BRIEF = {
    "sealed": "sealed, open nothing",
    "speak_up": "perhaps a disclosure, takedown and HR wait",
    "conflict": "the deputy decides",
    "criticism": "criticism, no removal is offered",
}


def guard_lines(case: Case) -> tuple[str, ...]:
    """What stands over a case, each in a sentence."""
    lines = {**GUARDS, "sealed": SEALED}
    if case.work.released_at is not None:
        lines["speak_up"] = _RELEASED
    return tuple(lines[guard] for guard in _over(case))


def guard_words(case: Case) -> str:
    """The names of what stands over a case."""
    return ", ".join(guard.replace("_", "-") for guard in _over(case))


def brief_guards(case: Case) -> tuple[str, ...]:
    """What stands over a case in a few words each."""
    released = case.work.released_at is not None
    return tuple(_BRIEF[guard] for guard in _over(case) if not (guard == "speak_up" and released))


def _over(case: Case) -> list[str]:
    return [guard for guard in GUARDS if guard in case.guards or (guard == "sealed" and sealed(case))]
