"""Policy packs from files: ``load`` one, list their ``names``, ``check`` that a pack keeps its own promises.

A pack of ours is ``policies/packs/NAME.yaml``, found by listing the folder; an operator's own is any path.
The YAML is composed before it is read, so that every complaint can name the line.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import ConfigError
from core.types import Assessment, Finding, Mention, Verdict
from core.vocabulary import LABELS
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
    path = _find(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the policy pack cannot be read ({type(error).__name__})", path=path) from error
    return _parse(text, path)


def check(pack: Pack) -> list[str]:
    """A sentence for each example of the pack that does not hold; an empty list when all do."""
    return [
        problem
        for number, example in enumerate(pack.examples, 1)
        for problem in _broken(number, example, pack)
    ]


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        return path
    if str(path) not in names():
        known = ", ".join(names())
        raise ConfigError(
            f"no policy pack is called '{name_or_path}': one of {known}, or a path to a .yaml file"
        )
    return FOLDER / f"{path}.yaml"


def _parse(text: str, path: Path) -> Pack:
    root, data = _read(text, path)
    try:
        return Pack.model_validate(data)
    except ValidationError as error:
        raise _first_complaint(error, root, path) from error


def _read(text: str, path: Path) -> tuple[yaml.MappingNode, object]:
    """The YAML twice: as nodes, which know their lines, and as plain values."""
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError("a policy pack is a mapping of keys to values", path=path, line=1)
        _refuse_repeated_keys(root, path)
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"not valid YAML: {error.problem or error.context}"
        raise ConfigError(problem, path=path, line=mark.line + 1 if mark else None) from error
    except (yaml.YAMLError, ValueError) as error:
        # A forbidden character and a date such as 2026-13-01 come without a mark.
        raise ConfigError(f"not valid YAML: {error}", path=path) from error


def _refuse_repeated_keys(root: yaml.Node, path: Path) -> None:
    """YAML would silently keep the last of two equal keys, and half a rule would be lost."""
    for node in _nodes(root):
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if str(key.value) in seen:
                raise ConfigError(f"key '{key.value}' stands twice", path=path, line=key.start_mark.line + 1)
            seen.add(str(key.value))


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every node once: an anchor may bring the same one back, even inside itself."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, yaml.MappingNode):
            below = [child for pair in node.value for child in pair]
        else:
            below = node.value if isinstance(node, yaml.SequenceNode) else []
        fresh = [child for child in below if id(child) not in seen]
        seen.update(id(child) for child in fresh)
        waiting += reversed(fresh)


def _first_complaint(error: ValidationError, root: yaml.Node, path: Path) -> ConfigError:
    """The complaint that stands first in the file, and how many more there are.

    A missing key comes last: it has no line of its own, and is mostly the other half of a misspelt one.
    """
    details = error.errors()
    complaints = sorted((d["type"] == "missing", _line(root, _place(d)), _words(d)) for d in details)
    _, line, problem = complaints[0]
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return ConfigError(problem + more, path=path, line=line)


def _place(detail: ErrorDetails) -> tuple[int | str, ...]:
    at = detail.get("ctx", {}).get("at")
    return detail["loc"] if at is None else (*detail["loc"], at)


def _words(detail: ErrorDetails) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"unknown key '{detail['loc'][-1]}'"
    if detail["type"] == "missing":
        return f"key '{detail['loc'][-1]}' is missing"
    if detail["type"] in {"value_error", "duplicate_id"}:
        return str(detail.get("ctx", {}).get("error") or detail["msg"])
    return f"{key}: {detail['msg']}"


def _line(root: yaml.Node, place: Sequence[int | str]) -> int:
    """The line, from 1, of the deepest part of ``place`` that stands in the file."""
    node, line = root, root.start_mark.line
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == part]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
    return line + 1


def _broken(number: int, example: Example, pack: Pack) -> Iterator[str]:
    verdict, expect = _try(example.given, pack), example.expect
    for what, is_, wanted in (
        ("flagged", verdict.flagged, expect.flagged),
        ("severity", verdict.severity, expect.severity),
        ("clauses", sorted(verdict.clauses), sorted(expect.clauses)),
        ("recipients", sorted(verdict.recipients), sorted(expect.recipients)),
    ):
        if is_ != wanted:
            yield f"example {number} ({example.case}): {what} should be {wanted}, is {is_}"


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
    )
    return judge(mention, assessment, pack)
