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

    Raises ConfigError for an option that is not so written, or is given twice.
    """
    values = {"name": _text(name), "kind": _text(kind)}
    for option in options:
        key, equals, value = option.partition("=")
        key = key.strip()
        if not equals or not re.fullmatch(r"[a-z_]+", key):
            raise ConfigError(f"write an option as key=value, in small letters: {key[:40]!r} is none")
        if key in values:
            raise ConfigError(f"{key} is given twice")
        values[key] = _value(value.strip())
    return "\n".join(["", "[[sources]]", *(f"{key} = {value}" for key, value in values.items()), ""])


def _value(value: str) -> str:
    """A value as it stands where it is TOML by itself (a list, a number, a quoted string), else as a string."""
    if _BARE.fullmatch(value) or value[:1] in ('"', "'", "[", "{"):
        try:
            tomllib.loads(f"value = {value}")
        except tomllib.TOMLDecodeError:
            return _text(value)
        return value
    return _text(value)


def _text(value: str) -> str:
    """A string as TOML writes it, which knows no halves of a character where JSON does."""
    return json.dumps(value, ensure_ascii=False)


def trial(house: House, text: str) -> Reading:
    """The source of a block as the whole configuration reads it.

    Raises ConfigError for what is wrong in the block, or was wrong before, and where nothing can be written beside
    the file.
    """
    path, before = house.settings.path, len(house.settings.sources)
    list(house.readings)  # what is wrong without the block is told as such
    try:
        # Beside the file, as relative paths in it start there.
        with tempfile.NamedTemporaryFile("w", suffix=".toml", dir=path.parent, encoding="utf-8") as file:
            file.write(_joined(path, text))
            file.flush()
            try:
                changed = House(load(Path(file.name)), house.now)
                list(changed.readings)
                return changed.reach.reading(before, changed.settings.sources[-1])  # it may be switched off
            except ConfigError as error:
                problem = _of_the_block(error.problem, file.name, before)
            raise ConfigError(f"the source cannot be added: {problem}", path=path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _of_the_block(problem: str, file: str, index: int) -> str:
    """A problem in the words of the block, without the name of the trial's file and the place in it."""
    problem = re.sub(rf"\n{re.escape(file)}:\d*: ", "; ", problem)
    return re.sub(rf"\bsources\.{index}(\.|: )", "", problem)


def insert(path: Path, text: str) -> None:
    """Write the block behind the last line of the file, which is kept as it was beside it, named .bak.

    Raises ConfigError where it cannot be written; the file is then as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        joined = _joined(path, text)
        shutil.copy2(path, path.with_name(path.name + ".bak"))
        shutil.copy2(path, part)
        part.write_text(joined, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"cannot be written ({error.strerror}), so nothing was added", path=path)


def _joined(path: Path, text: str) -> str:
    """The file with the block behind its sources: at its end, where no table of another kind can swallow it."""
    before = path.read_bytes().decode("utf-8-sig")
    end = "\r\n" if "\r\n" in before else "\n"
    return before.rstrip("\r\n") + end + text.replace("\n", end)
