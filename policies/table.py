"""The clause tables of ``docs/policies.md``, made from the packs so that the page cannot drift from them.

``python -m policies.table`` rewrites the page between its two markers.
"""

from collections.abc import Sequence
from pathlib import Path

from policies.pack import load, names
from policies.shape import Clause, Pack, When

BEGIN = "<!-- packs: written by python -m policies.table -->"
END = "<!-- packs: end -->"
PAGE = Path(__file__).parents[1] / "docs" / "policies.md"


def render(pack: Pack) -> str:
    """A pack as Markdown: head, notes, visible clauses, severity rules, and the clauses no post can show."""
    head = (
        f"### {pack.title} (clauses {pack.id}, version {pack.version})\n\n"
        f"Reviewed on {pack.reviewed_on}, next review by {pack.review_by}; {len(pack.examples)} examples.\n"
    )
    hidden = [(clause.id, clause.paraphrase, clause.reason) for clause in pack.clauses if not clause.visible]
    return "\n".join(
        (
            head,
            *(f"- {note}" for note in pack.notes),
            *([""] if pack.notes else []),
            _table(
                ("clause", "what it asks", "labels", "when", "default severity", "told"),
                [_visible(clause) for clause in pack.visible],
            ),
            _table(("rule", "does", "for", "because"), _rules(pack)),
            _table(("clause that no post can show", "what it asks", "why"), hidden),
        )
    )


def update(page: str) -> str:
    """The page with the tables of all our packs between its markers; ValueError where a marker is missing."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the page has lost a marker: {BEGIN} … {END}")
    tables = "\n".join(render(load(name)) for name in names())
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _visible(clause: Clause) -> tuple[str, ...]:
    return (
        clause.id,
        clause.paraphrase,
        ", ".join(clause.labels),
        _conditions(clause.when),
        str(clause.severity),
        ", ".join(clause.recipients),
    )


def _rules(pack: Pack) -> list[tuple[str, ...]]:
    raises = [
        (
            r.id,
            f"one step up, to {r.at_most}",
            _also(f"any of {', '.join(r.labels)}", _conditions(r.when)),
            r.why,
        )
        for r in pack.raises
    ]
    lowers = [
        (
            r.id,
            "one step down",
            f"only {', '.join(r.only_labels)}; author {', '.join(r.author_roles)}; "
            f"the model says {r.maximum_severity} at most",
            r.why,
        )
        for r in pack.lowers
    ]
    ceilings = [
        (r.id, f"{r.at_most} at most", f"only {', '.join(r.only_labels)}", r.why) for r in pack.ceilings
    ]
    limits = (
        f"{pack.doubt.at_most} at most; {pack.doubt.grave_at_most} for safeguarding and threat, "
        f"{pack.doubt.critical_at_most} where the model calls the text critical"
    )
    doubt = ("doubt", limits, "labels at the “ask a person” threshold", "A person has still to judge.")
    return [*raises, *lowers, *ceilings, doubt]


def _conditions(when: When) -> str:
    parts = (
        ("author", ", ".join(when.author_roles)),
        ("author not", ", ".join(when.not_author_roles)),
        ("on", ", ".join(when.platforms)),
        ("holds", ", ".join(when.findings)),
        ("the model says at least", str(when.minimum_severity) if when.minimum_severity else ""),
    )
    return "; ".join(f"{name} {value}" for name, value in parts if value)


def _also(first: str, second: str) -> str:
    return f"{first}; {second}" if second else first


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = ([" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


if __name__ == "__main__":
    PAGE.write_text(update(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
