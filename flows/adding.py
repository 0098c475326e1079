"""Adds a source to the configuration file: the block as TOML, tried whole before a byte of the file changes."""

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from core.errors import ConfigError
from core.settings import load
from flows.reach import Reading
from flows.wiring import House

_BARE = re.compile(r"-?\d+|true|false")


def block(kind: str, name: str, options: Sequence[str]) -> str:
    """The ``[[sources]]`` block of a source; each option is ``key=value``, its value TOML or else taken as a string.

    Raises ConfigError for an option that is not so written.
    """
    lines = ["", "[[sources]]", f"name = {json.dumps(name)}", f"kind = {json.dumps(kind)}"]
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or not re.fullmatch(r"[a-z_]+", key.strip()):
            raise ConfigError(f"write an option as key=value: {key.strip()[:40]!r} is none")
        lines.append(f"{key.strip()} = {_value(value.strip())}")
    return "\n".join(lines) + "\n"


def _value(value: str) -> str:
    """A value as it stands where it is TOML by itself (a list, a number, a quoted string), else as a string."""
    if _BARE.fullmatch(value) or value[:1] in ('"', "'", "[", "{"):
        try:
            tomllib.loads(f"value = {value}")
        except tomllib.TOMLDecodeError:
            return json.dumps(value)
        return value
    return json.dumps(value)


def trial(house: House, text: str) -> Reading:
    """The source of a block as the whole configuration reads it; raises ConfigError for what is wrong in it."""
    path = house.settings.path
    with tempfile.NamedTemporaryFile("w", suffix=".toml", dir=path.parent, encoding="utf-8") as file:
        file.write(_joined(path, text))
        file.flush()
        try:
            changed = House(load(Path(file.name)), house.now)
            return changed.readings[changed.settings.sources[-1].name]
        except ConfigError as error:
            raise ConfigError(f"the source cannot be added: {error.problem}", path=path) from None


def insert(path: Path, text: str) -> None:
    """Write the block behind the last line of the file, which is kept as it was beside it, named .bak.

    Raises ConfigError where it cannot be written; the file is then as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        joined = _joined(path, text)
        shutil.copy2(path, path.with_name(path.name + ".bak"))
        shutil.copy2(path, part)
        part.write_text(joined, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(f"cannot be written: {error.strerror}", path=path) from error


def _joined(path: Path, text: str) -> str:
    """The file with the block behind its sources: at its end, where no table of another kind can swallow it."""
    return path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n" + text
