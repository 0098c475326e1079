"""What the commands share: where output goes, how progress and errors are shown.

Results go to standard output, everything else to standard error. With ``--json`` standard output holds one
JSON document and nothing else.
"""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from typer.exceptions import TyperException

from core.errors import ConfigError, RedshankError

Advance = Callable[[int], None]

_LOG = structlog.get_logger(__name__)
_STEERING = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_WIDE = 150
# What is printed is data: "[x]" in it is no mark-up, ":100:" no picture.
_PLAIN: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
FAILED, MISUSED, INTERRUPTED = 1, 2, 130


def out(*, wide: bool = False) -> Console:
    """Standard output, for results; ``wide`` gives a table room where no terminal limits it."""
    console = Console(**_PLAIN)
    return Console(**_PLAIN, width=_WIDE) if wide and not console.is_terminal else console


def err() -> Console:
    """Standard error, for messages."""
    return Console(**_PLAIN, stderr=True)


def say(message: str) -> None:
    """One plain line on standard error."""
    err().print(message, soft_wrap=True)


def harmless(text: str) -> str:
    """A text that somebody wrote, without what would steer a terminal: control, format and bidi characters."""
    return "".join(
        character
        if character in "\n\t\u200d" or unicodedata.category(character) not in _STEERING
        else "\ufffd"
        for character in text
    )


def print_json(document: object) -> None:
    """The one JSON document of a command."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """A bar on a terminal; elsewhere one plain line at the end. Yields the function that advances it."""
    console = err()
    done = 0
    if console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda step: bar.advance(task, step)
        return

    def count(step: int) -> None:
        nonlocal done
        done += step

    yield count
    say(f"{what}: {done}" + (f" of {total}" if total is not None else ""))


@contextmanager
def plain_errors() -> Iterator[None]:
    """Expected failures as one clear line and an exit code, without a traceback."""
    try:
        yield
    except ConfigError as error:
        say(f"error: {error}")
        raise typer.Exit(MISUSED) from None
    except RedshankError as error:
        say(f"error: {error}")
        raise typer.Exit(FAILED) from None
    except (typer.Exit, typer.Abort, TyperException):
        raise
    except KeyboardInterrupt:
        say("stopped; nothing is lost, run it again to go on")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader of our output went away (| head): no error of ours.
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        say(f"error: {error.filename or 'output'}: {error.strerror}")
        raise typer.Exit(FAILED) from None
    except Exception as error:  # noqa: BLE001 - nothing may leave with its own words
        # A mistake of ours. Its message, and a traceback's local variables, may hold what people wrote.
        _LOG.exception("command_broke")
        say(f"error: a mistake in Redshank itself ({type(error).__name__}); the line above says where")
        raise typer.Exit(FAILED) from None
