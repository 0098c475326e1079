"""Reads the concerns of a file: CSV with a line of names, or JSON Lines. Pure but for reading the file."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from core.errors import ConfigError, RedshankError
from flows.intake import Concern, check

MOST = 100_000
_YES = dict.fromkeys(("yes", "y", "true", "1"), True) | dict.fromkeys(("no", "n", "false", "0", ""), False)
# In place of pydantic's words, by the type of its error.
_WORDS = {
    "datetime_from_date_parsing": "write 2026-03-01, or 2026-03-01T10:00 in UTC",
    "extra_forbidden": "there is no such field",
}
_NO_JSON = "is no JSON: write one object a line (CSV is read from a file whose name ends in .csv)"


class _Line(BaseModel):
    """One line of a file; the names are those of ``Concern``, but that ``raised_by`` is its ``by``."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    link: str = ""
    text: str = ""
    title: str = ""
    author: str = ""
    platform: str = ""
    posted_at: datetime | None = None
    raised_by: str = ""
    own_post: bool = False

    @field_validator("own_post", mode="before")
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        if isinstance(value, str):
            if value.strip().casefold() not in _YES:
                raise ValueError("write yes or no")
            return _YES[value.strip().casefold()]
        return value

    @field_validator("posted_at", mode="before")
    @classmethod
    def _given(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value


def read(path: Path, by: str, now: datetime) -> list[Concern]:
    """The concerns of a file, raised by ``by`` where a line names nobody; times without a zone are in UTC.

    CSV may part its fields with commas, semicolons or tabs, as spreadsheets do; lines with nothing in them are passed.

    Raises:
        ConfigError: the file cannot be read, or a line of it; names the line and the field. None of it counts then.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("no such file", path=path) from None
    except UnicodeDecodeError:
        raise ConfigError('is no text in UTF-8: save it as "CSV UTF-8"', path=path) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
    rows = _csv(text, path) if path.suffix.lower() == ".csv" else _json_lines(text, path)
    found = [_concern(number, row, path, by=by, now=now) for number, row in rows]
    if not found:
        raise ConfigError("it holds no concerns", path=path)
    if len(found) > MOST:
        raise ConfigError(f"it holds more than {MOST} concerns: cut it up", path=path)
    return found


def _concern(number: int, row: dict[str, Any], path: Path, *, by: str, now: datetime) -> Concern:
    try:
        line = _Line.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        words = _WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise ConfigError(f"{field}: {words}", path=path, line=number) from None
    values = line.model_dump(exclude={"raised_by"})
    if line.posted_at and line.posted_at.tzinfo is None:
        values["posted_at"] = line.posted_at.replace(tzinfo=UTC)
    concern = Concern(by=line.raised_by or by, **values)
    try:
        check(concern, now)
    except RedshankError as error:
        raise ConfigError(str(error), path=path, line=number) from None
    return concern


def _csv(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    heading = text.partition("\n")[0]
    mark = max(",;\t", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    begun = 1  # the line on which a row that cannot be read begins
    try:
        reader.fieldnames = _fields(reader.fieldnames or (), path)
        begun = reader.line_num + 1
        for row in reader:
            begun = reader.line_num + 1
            if None in row or None in row.values():
                raise ConfigError(
                    "it has more or fewer fields than the first line", path=path, line=reader.line_num
                )
            if any(value.strip() for value in row.values()):
                yield reader.line_num, row
    except csv.Error as error:
        raise ConfigError(f"is no CSV: {error}", path=path, line=begun) from None


def _fields(heading: Sequence[str], path: Path) -> list[str]:
    """The names of the first line, each a field, and once."""
    names = [name.strip().casefold() for name in heading]
    for name in names:
        if name not in _Line.model_fields:
            raise ConfigError(
                f"the first line must hold names of fields, and {name[:40]!r} is none: "
                f"{', '.join(_Line.model_fields)}",
                path=path,
                line=1,
            )
        if names.count(name) > 1:
            raise ConfigError(f"the first line names {name} twice", path=path, line=1)
    return names


def _json_lines(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise ConfigError(_NO_JSON, path=path, line=number) from None
        if not isinstance(row, dict):
            raise ConfigError("must be an object, {…}", path=path, line=number)
        yield number, row
