"""The operator's files: refused where others could have written or read them, written whole or not at all."""

import json
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.errors import ConfigError

# What is taken out of the database is its owner's to read and to pass on.
_OWN = stat.S_IRUSR | stat.S_IWUSR


def read_config(path: Path) -> str:
    """The text of a configuration file that only its owner may change; ConfigError otherwise."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("no such file; `redshank init` writes one", path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", path=path) from error
    if mode & stat.S_IWOTH:
        raise ConfigError(
            "anybody on this machine may change this file: run chmod o-w on it", path=path, line=1
        )
    return text


def check_secrets(folder: str | None) -> None:
    """Refuse a folder of secret files that others on the machine may read; None means there is none."""
    if not folder:
        return
    if not Path(folder).is_dir():
        raise ConfigError("the folder of secrets does not exist", path=folder)
    for file in sorted(Path(folder).iterdir()):
        if file.is_file() and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH | stat.S_IWOTH):
            raise ConfigError("others may read this secret: run chmod 600 on it", path=file)


def write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> None:
    """Write JSON Lines so that ``path``, which only its owner may read, holds all of them or what it held before.

    Raises:
        ConfigError: the file cannot be written (no such folder, no permission, disk full).
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=_OWN)
        with part.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(f"cannot be written: {error.strerror}", path=path) from error
