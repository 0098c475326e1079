"""The pictures and tables of ``docs/cases.md``, drawn from the tables of a case's life so that they cannot drift.

``python -m policies.lifecycle`` rewrites the page between its two markers.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.types import CaseState
from policies.actions import ACTIONS
from policies.moves import BACK, MOVES, Move

BEGIN = "<!-- moves: written by python -m policies.lifecycle -->"
END = "<!-- moves: end -->"
PAGE = Path(__file__).parents[1] / "docs" / "cases.md"


def render() -> str:
    """The diagram (Mermaid), the table of moves and that of actions."""
    moves = [
        (_name(one), _before(one), _goes(one), ", ".join(one.roles), ", ".join(one.needs), one.says)
        for one in MOVES
    ]
    actions = [(one.verb, ", ".join(one.before), one.after, one.says) for one in ACTIONS]
    return "\n".join(
        (
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {line}" for line in _arrows()),
            "```",
            "",
            _table(("step", "from", "to", "roles", "must be stated", "because"), moves),
            _table(
                ("a route is", "from", "to", "when"), [("drafted", "–", "drafted", "with `act`"), *actions]
            ),
        )
    )


def update(page: str) -> str:
    """The page with the pictures between its markers; ValueError where a marker is missing."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the page has lost a marker: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{render()}\n{END}{after}"


def _arrows() -> Iterator[str]:
    """One arrow for each pair of states and its verbs; what may be done in nearly every state is one arrow."""
    yield f"[*] --> {CaseState.raised}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for one in MOVES:
        if one.after == BACK:
            arrows[one.before[0], "any_open_state"] = [one.verb]
        elif isinstance(one.after, CaseState):
            many = len(one.before) > len(CaseState) / 2
            for before in ("any_open_state",) if many else one.before:
                arrows.setdefault((before, one.after), []).append(one.verb)
    for (before, after), verbs in arrows.items():
        yield f"{before} --> {after}: {', '.join(verbs)}"
    yield f"{CaseState.closed} --> [*]"


def _name(one: Move) -> str:
    only = one.outcomes or one.destinations
    return f"{one.verb} ({', '.join(only)})" if only else one.verb


def _before(one: Move) -> str:
    left_out = [state for state in CaseState if state not in one.before]
    if not left_out:
        return "any"
    if len(left_out) <= 2:
        return f"any but {', '.join(left_out)}"
    return ", ".join(one.before)


def _goes(one: Move) -> str:
    if one.after is None:
        return "stays"
    return "where it was" if one.after == BACK else str(one.after)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
