"""YAML files of ours and of operators, read so that every complaint can name the file and the line.

The YAML is composed before it is read: the nodes know their lines, the values do not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[int | str, ...]
Known = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file twice: as nodes, which know their lines, and as plain values."""

    path: Path
    root: yaml.MappingNode
    data: Mapping[str, object]

    def error(self, problem: str, place: Place = ()) -> ConfigError:
        """A complaint about what stands at ``place``, with its line."""
        return ConfigError(problem, path=self.path, line=_line(self.root, place))

    def check(self, shape: type[Model], data: object, known: Known, within: Place = ()) -> Model:
        """``data``, which stands at ``within``, in its ``shape``; ``known`` holds the ids of the books.

        Raises ConfigError with the complaint that stands first in the file, and how many more there are.
        """
        try:
            return shape.model_validate(data, context=known)
        except ValidationError as error:
            raise self._first_complaint(error, within) from error

    def _first_complaint(self, error: ValidationError, within: Place) -> ConfigError:
        # A missing key comes last: it has no line of its own, and is mostly the other half of a misspelt one.
        details = error.errors()
        complaints = sorted(
            (d["type"] == "missing", _line(self.root, (*within, *_place(d))), _words(d)) for d in details
        )
        _, line, problem = complaints[0]
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        return ConfigError(problem + more, path=self.path, line=line)


def read(path: Path, what: str) -> Document:
    """The file at ``path``, which holds ``what`` ("policy pack"); ConfigError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the {what} cannot be read ({type(error).__name__})", path=path) from error
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"a {what} is a mapping of keys to values", path=path, line=1)
        _refuse_repeated_keys(root, path)
        return Document(path, root, loader.construct_document(root))
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


def _place(detail: ErrorDetails) -> Place:
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


def _line(root: yaml.Node, place: Place) -> int:
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
