"""The tables of ``docs/policies.md``, made from the packs and the books so that the page cannot drift from them.

``python -m policies.table`` rewrites the page between its two markers.
"""

from collections.abc import Sequence
from pathlib import Path

from policies.books import Books, books
from policies.pack import load, names
from policies.shape import Clause, Handling, Pack, When

BEGIN = "<!-- packs: written by python -m policies.table -->"
END = "<!-- packs: end -->"
PAGE = Path(__file__).parents[1] / "docs" / "policies.md"


def render(pack: Pack) -> str:
    """A pack as Markdown: head, notes, what becomes of each clause, severity rules, the offences that it lists."""
    head = (
        f"### {pack.title} (clauses {pack.id}, version {pack.version})\n\n"
        f"Reviewed on {pack.reviewed_on}, next review by {pack.review_by}; {len(pack.examples)} examples.\n"
    )
    return "\n".join(
        (
            head,
            *(f"- {note}" for note in pack.notes),
            *([""] if pack.notes else []),
            _table(
                ("clause", "what it asks", "looks for", "when", "severity", "told", "routes", "law"),
                [_detected(clause) for clause in pack.detected],
            ),
            _table(("rule", "does", "for", "because"), _rules(pack)),
            *_some(
                ("clause that is acted on otherwise", "what it asks", "what Redshank does", "told", "routes"),
                [
                    (c.id, c.paraphrase, c.does, ", ".join(c.recipients), ", ".join(c.routes))
                    for c in pack.handled(Handling.routed)
                ],
            ),
            *_some(
                ("clause that no post can show", "what it asks", "why"),
                [(c.id, c.paraphrase, c.reason) for c in pack.handled(Handling.not_visible)],
            ),
            *_some(
                ("offence that the policy lists", "what it says", "law today", "note"),
                _offences(pack, books()),
            ),
        )
    )


def summary(packs: Sequence[Pack]) -> str:
    """How many clauses each policy has, and what becomes of them."""
    return _table(
        ("policy", "clauses", "version", "in all", *(str(how) for how in Handling), "examples"),
        [
            (
                pack.title,
                pack.id,
                pack.version,
                str(len(pack.clauses)),
                *(str(len(pack.handled(how))) for how in Handling),
                str(len(pack.examples)),
            )
            for pack in packs
        ],
    )


def render_books(found: Books) -> str:
    """The route book and the law book as Markdown."""
    routes = [
        (
            f"`{route.id}`",
            route.title,
            route.use_when,
            route.owner,
            route.kind,
            "yes" if route.second_approver else "",
            route.outside_clock or route.answer_within,
        )
        for route in found.routes
    ]
    law = [
        (
            f"`{law.id}`",
            law.offence,
            law.statute,
            law.maximum,
            law.nation,
            str(law.checked_on),
            law.source,
            law.note,
        )
        for law in found.law
    ]
    return (
        "### The route book\n\n"
        + _table(("route", "what it is", "use when", "owner", "kind", "second approver", "clock"), routes)
        + "\n### The law book\n\n"
        + _table(("law", "what", "statute", "maximum", "where", "checked on", "source", "note"), law)
    )


def update(page: str) -> str:
    """The page with the tables of all our packs and books between its markers; ValueError where one is missing."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the page has lost a marker: {BEGIN} … {END}")
    packs = [load(name) for name in names()]
    tables = "\n".join((summary(packs), *map(render, packs), render_books(books())))
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _detected(clause: Clause) -> tuple[str, ...]:
    return (
        clause.id,
        clause.paraphrase,
        ", ".join((*clause.labels, *(f"tag {tag}" for tag in clause.tags))),
        _conditions(clause.when),
        str(clause.severity),
        ", ".join(clause.recipients),
        ", ".join(clause.routes),
        ", ".join(clause.law),
    )


def _offences(pack: Pack, found: Books) -> list[tuple[str, ...]]:
    law = {one.id: one for one in found.law}
    return [
        (
            law[one.law].offence,
            one.said,
            f"{law[one.law].statute}: {law[one.law].maximum} (checked on {law[one.law].checked_on})",
            one.note,
        )
        for one in pack.offences
    ]


def _some(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [_table(head, rows)] if rows else []


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
        ("tag", ", ".join(when.tags)),
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
