"""Every error a room may raise across its door.

Each message says what is wrong and what to do about it, and never holds a name or a sentence that
somebody wrote in public (need to know: messages end up in logs and mails).
"""

from datetime import timedelta
from pathlib import Path


class RedshankError(Exception):
    """The root of all expected failures; its text is fit to be shown to an operator."""


class ConfigError(RedshankError):
    """Something in a file of the operator's is wrong; names the file, the line and the key."""

    def __init__(self, problem: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        place = ":".join(str(part) for part in (path, line) if part is not None)
        super().__init__(f"{place}: {problem}" if place else problem)


class FetchError(RedshankError):
    """A source could not be read.

    ``temporary`` says whether asking again may help; ``retry_after`` is the wait that the other side asked
    for (RFC 9110 section 10.2.3), and ``gone`` that it said the source is retired for good (410).
    """

    def __init__(
        self,
        problem: str,
        *,
        temporary: bool,
        retry_after: timedelta | None = None,
        status: int | None = None,
        gone: bool = False,
    ) -> None:
        super().__init__(problem)
        self.temporary = temporary
        self.retry_after = retry_after
        self.status = status
        self.gone = gone


class BudgetError(FetchError):
    """A source was not asked, as what its key may spend is spent: nothing is wrong with the source."""

    def __init__(self, problem: str, *, retry_after: timedelta) -> None:
        super().__init__(problem, temporary=True, retry_after=retry_after)


class SendError(RedshankError):
    """A message could not be handed over; ``temporary`` says whether sending again may help."""

    def __init__(self, problem: str, *, temporary: bool) -> None:
        super().__init__(problem)
        self.temporary = temporary


class WithdrawnError(SendError):
    """A message is not sent, as there is nothing left in it that its reader is to be told."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, temporary=False)


class ModelError(RedshankError):
    """The model artefact is missing, altered or not of the expected shape."""


class StorageError(RedshankError):
    """The database cannot be reached, or is of another version than this program."""
