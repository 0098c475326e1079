"""What small detectors see in a text besides the labels: every module of this folder finds the tag of its name.

    text -> disguises undone -> each tag's patterns -> what its sentence takes back -> tags, in the order of TAGS

A tag holds ``PATTERNS``, ``UNLESS`` and ``SAMPLES``; a new one is a new file and a word in ``core.vocabulary.TAGS``.
It is a hint that routes and grades, never a finding: it would rather miss than call out wrongly.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from classifiers.reading import read
from classifiers.tags import _common
from core.vocabulary import TAGS


class Tag(Protocol):
    """What a module of this folder holds: what says so, and what in the same sentence takes it back."""

    PATTERNS: _common.Patterns
    UNLESS: _common.Patterns
    SAMPLES: _common.Samples


@cache
def tags() -> dict[str, Tag]:
    """The tags in this folder, in the order of ``core.vocabulary.TAGS``."""
    names = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
    return {
        name: cast("Tag", import_module(f"{__name__}.{name}")) for name in sorted(names, key=list(TAGS).index)
    }


def find(text: str) -> tuple[str, ...]:
    """The tags of a text, in the order of ``core.vocabulary.TAGS``."""
    page = read(text).text
    return tuple(name for name, tag in tags().items() if _common.says(page, tag.PATTERNS, tag.UNLESS))
