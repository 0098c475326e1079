"""Policy packs from files: ``load`` one, list their ``names``, ``check`` that a pack keeps its own promises.

A pack of ours is ``policies/packs/NAME.yaml``, found by listing the folder; an operator's own is any path. One
that has the key ``extends`` builds on others: see ``policies.extend``.
"""

from collections.abc import Iterator
from pathlib import Path

from core.errors import ConfigError
from core.types import Assessment, Finding, Mention, Verdict
from core.vocabulary import LABELS
from policies._yaml import read
from policies.books import books
from policies.extend import extend
from policies.judge import judge
from policies.shape import Example, Given, Pack

__all__ = ["FOLDER", "Pack", "check", "load", "names"]

FOLDER = Path(__file__).parent / "packs"


def names() -> list[str]:
    """The packs that come with the program, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if not path.stem.startswith("_"))


def load(name_or_path: str | Path) -> Pack:
    """One of our packs by its name, or an operator's by its path (with a folder or ending in .yaml or .yml).

    Raises ConfigError, with the file and the line, for a pack that cannot be found, is not YAML or does not
    have the shape of a pack. Whether its examples hold is a question for ``check``.
    """
    return _load(_find(name_or_path), ())


def check(pack: Pack) -> list[str]:
    """A sentence for each example of the pack that does not hold; an empty list when all do."""
    return [
        problem
        for number, example in enumerate(pack.examples, 1)
        for problem in _broken(number, example, pack)
    ]


def _load(path: Path, above: tuple[Path, ...]) -> Pack:
    """The pack at ``path``, which the files ``above`` extend."""
    document = read(path, "policy pack")
    known = books().known
    if "extends" not in document.data:
        return document.check(Pack, document.data, known)
    above = (*above, path.resolve())

    def base(name: str) -> Pack:
        found = _find(path.parent / name if _is_path(name) else name)
        if found.resolve() in above:
            raise ConfigError(f"'{name}' extends itself, by way of this file")
        return _load(found, above)

    return extend(document, base, known)


def _is_path(name_or_path: str | Path) -> bool:
    path = Path(name_or_path)
    return path.suffix in {".yaml", ".yml"} or len(path.parts) > 1


def _find(name_or_path: str | Path) -> Path:
    if _is_path(name_or_path):
        return Path(name_or_path)
    if str(name_or_path) not in names():
        known = ", ".join(names())
        raise ConfigError(
            f"no policy pack is called '{name_or_path}': one of {known}, or a path to a .yaml file"
        )
    return FOLDER / f"{name_or_path}.yaml"


def _broken(number: int, example: Example, pack: Pack) -> Iterator[str]:
    verdict, expect = _try(example.given, pack), example.expect
    exact = expect.exact
    for what, is_, wanted in (
        ("flagged", verdict.flagged, expect.flagged if exact else expect.flagged or verdict.flagged),
        ("severity", verdict.severity, expect.severity if exact else verdict.severity),
        ("clauses", *_compared(verdict.clauses, expect.clauses, exact=exact)),
        ("recipients", *_compared(verdict.recipients, expect.recipients, exact=exact)),
        ("routes", list(verdict.routes), list(verdict.routes if expect.routes is None else expect.routes)),
        (
            "guards",
            *_compared(verdict.guards, expect.guards or (), exact=exact and expect.guards is not None),
        ),
    ):
        if is_ != wanted:
            yield f"example {number} ({example.case}): {what} should be {wanted}, is {is_}"


def _compared(found: tuple[str, ...], wanted: tuple[str, ...], *, exact: bool) -> tuple[list[str], list[str]]:
    """Both in one order; where not ``exact``, of what was found only what is wanted."""
    return sorted(found if exact else set(found) & set(wanted)), sorted(wanted)


def _try(given: Given, pack: Pack) -> Verdict:
    mention = Mention(source="example", key="1", url="", text="", platform=given.platform)
    assessment = Assessment(
        scores={
            label: 0.9 if label in given.labels else 0.4 if label in given.ask else 0.0 for label in LABELS
        },
        labels=given.labels,
        ask=tuple(dict.fromkeys((*given.labels, *given.ask))),
        severity=given.severity,
        relevance=1.0 if given.relevant else 0.0,
        relevant=given.relevant,
        author_role=given.author_role,
        model="example",
        findings=tuple(Finding(kind=kind, start=0, end=0) for kind in given.findings),
        tags=given.tags,
    )
    return judge(mention, assessment, pack)
