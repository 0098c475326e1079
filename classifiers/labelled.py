"""Labelled mentions and texts to score, as files hold them.

Files are JSON Lines in UTF-8; empty lines are passed over and unknown keys ignored. What is wrong with a line
is told with file, line and key, never with the text.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.errors import ConfigError
from core.types import Severity
from core.vocabulary import LABELS

_SURROGATE = re.compile("[\ud800-\udfff]")
SEVERITIES = tuple(str(severity) for severity in Severity)


def _whole(value: object) -> object:
    """A lone surrogate cannot be written out again; the sign for a lost character keeps the offsets."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def _label(value: str) -> str:
    if value not in LABELS:
        raise ValueError(f"unknown label; the labels are {', '.join(LABELS)}")
    return value


def _severity(value: str) -> Severity:
    if value not in SEVERITIES:
        raise ValueError(f"unknown severity; it is one of {', '.join(SEVERITIES)}")
    return Severity[value]


String = Annotated[str, BeforeValidator(_whole)]


class TextLine(BaseModel):
    """A line with a text to score; the id goes into the prediction as it came."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: String | int
    text: String


class Example(TextLine):
    """A labelled mention as the taxonomy defines it."""

    relevant: bool
    labels: Annotated[tuple[Annotated[str, AfterValidator(_label)], ...], Field(strict=False)]
    severity: Annotated[Severity, BeforeValidator(_severity)]
    case: String


def read_examples(path: Path) -> list[Example]:
    """The labelled examples in a file; ConfigError names file and line."""
    return list(_lines(path, Example))


def read_texts(path: Path) -> list[TextLine]:
    """The lines with ``id`` and ``text`` in a file, in order; ConfigError names file and line."""
    return list(_lines(path, TextLine))


Line = TypeVar("Line", bound=TextLine)


def _lines(path: Path, shape: type[Line]) -> Iterator[Line]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from error
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield shape.model_validate(json.loads(line.decode("utf-8")))
        except ValidationError as error:
            raise ConfigError(_problem(error), path=path, line=number) from None
        except (ValueError, RecursionError):
            raise ConfigError("not a line of JSON in UTF-8", path=path, line=number) from None


def _problem(error: ValidationError) -> str:
    """What is wrong, without what was written."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if not first["loc"]:
        return "not a JSON object"
    key = first["loc"][0]
    return (
        f"{key}: missing"
        if first["type"] == "missing"
        else f"{key}: {first['msg'].removeprefix('Value error, ')}"
    )
