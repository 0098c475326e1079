"""Where each key of a TOML file stands, so that an error can name its line.

tomllib tells values only; the positions come from the tree-sitter grammar of TOML 1.0.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import tree_sitter
import tree_sitter_toml
from pydantic import ValidationError

from core.errors import ConfigError

Place = tuple[str | int, ...]

_LANGUAGE = tree_sitter.Language(tree_sitter_toml.language())
_KEYS = ("bare_key", "quoted_key", "dotted_key")
_WORDS = {
    "dict_type": "must be a table, as in { key = 1 }",
    "extra_forbidden": "there is no such key",
    "missing": "must be given",
    "model_type": "must be a table, as in { key = 1 }",
    "string_type": "must be a text in quotation marks",
    "tuple_type": 'must be a list, as in ["one", "two"]',
}


def key_lines(toml: str) -> dict[Place, int]:
    """The line (from 1) of every table and key, by its path: ``("sources", 0, "url")``."""
    lines: dict[Place, int] = {}
    seen: Counter[Place] = Counter()
    for node in tree_sitter.Parser(_LANGUAGE).parse(toml.encode()).root_node.named_children:
        if node.type == "pair":
            _note_pair(node, (), lines)
        elif node.type in ("table", "table_array_element"):
            place = _inside_arrays(tuple(_names(node.named_children[0])), seen)
            if node.type == "table_array_element":
                seen[place] += 1
                lines.setdefault(place, node.start_point.row + 1)
                place = (*place, seen[place] - 1)
            lines[place] = node.start_point.row + 1
            for child in node.named_children[1:]:
                if child.type == "pair":
                    _note_pair(child, place, lines)
    return lines


def nearest_line(lines: dict[Place, int], place: Place) -> int | None:
    """The line of the key at ``place``, or of the nearest table around it; None where there is neither."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return None


def _inside_arrays(names: Place, seen: Counter[Place]) -> Place:
    """``[sources.options]`` after ``[[sources]]`` speaks of the newest source: put its index in."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if seen[place]:
            place = (*place, seen[place] - 1)
    return (*place, *names[-1:])


def _names(key: tree_sitter.Node) -> Iterator[str]:
    if key.type == "dotted_key":
        for part in key.named_children:
            yield from _names(part)
    else:
        yield (key.text or b"").decode().strip("\"'")


def _note_pair(pair: tree_sitter.Node, above: Place, lines: dict[Place, int]) -> None:
    key = next(child for child in pair.named_children if child.type in _KEYS)
    place = (*above, *_names(key))
    lines[place] = pair.start_point.row + 1
    _note_value(pair.named_children[-1], place, lines)


def _note_value(value: tree_sitter.Node, place: Place, lines: dict[Place, int]) -> None:
    if value.type == "inline_table":
        for child in value.named_children:
            if child.type == "pair":
                _note_pair(child, place, lines)
    elif value.type == "array":
        items = [child for child in value.named_children if child.type != "comment"]
        for index, item in enumerate(items):
            lines[(*place, index)] = item.start_point.row + 1
            _note_value(item, (*place, index), lines)


def explain(error: ValidationError, path: Path, lines: dict[Place, int], within: Place = ()) -> ConfigError:
    """Pydantic's findings in our words, each with its line; never the value itself (it may be a secret)."""
    problems = []
    for finding in error.errors(include_url=False, include_input=False):
        place = (*within, *(part for part in finding["loc"] if part != "[key]"))
        key = ".".join(str(part) for part in place)
        line = nearest_line(lines, place)
        problems.append(
            (line, f"{key}: {_WORDS.get(finding['type'], finding['msg'].removeprefix('Value error, '))}")
        )
    problems.sort(key=lambda problem: problem[0] or 0)
    (first_line, first), others = problems[0], problems[1:]
    more = "".join(f"\n{path}:{line or ''}: {problem}" for line, problem in others)
    return ConfigError(first + more, path=path, line=first_line)
