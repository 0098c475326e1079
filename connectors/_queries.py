"""What a platform's own search is asked for the organisation's query."""

from connectors._options import Asking
from core.errors import ConfigError, FetchError
from core.query import parse, searches
from core.query.dialects import Dialect


def asked(options: Asking, dialect: Dialect) -> tuple[str, ...]:
    """The searches to put; raises FetchError where there is no query, or the platform can't be asked for it."""
    if not options.query.strip():
        raise FetchError("there is no query to search with; give organisation.query", temporary=False)
    try:
        return searches(parse(options.query), dialect)
    except ConfigError as error:
        raise FetchError(f"the query cannot be asked there: {error}", temporary=False) from None
