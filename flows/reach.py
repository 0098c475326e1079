"""The places that are read: each source beside its connector, its query, its keys and what these may spend."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from threading import Lock
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import Engine

import connectors
from classifiers.names import names
from connectors import Connector
from connectors._http import Client
from connectors._limits import HostLimiter
from connectors._terms import Budget
from core.errors import BudgetError, ConfigError, FetchError
from core.lines import Place
from core.organisation import Permit
from core.query import Query, check, is_person, parse
from core.reach import SourceSettings
from core.settings import Settings
from core.types import Batch, Rhythm
from storage import budgets
from storage.engine import session

NOT_ABOUT_US = "the organisation's query does not match: not about us"
RAISED = "raised"  # the source of what people raise by hand
REQUESTS = "requests"  # what the budget without a name of its own is called in the configuration
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """A configured source beside the connector that reads it; ``asked`` gives the query for its mentions."""

    source: SourceSettings
    connector: Connector
    options: BaseModel
    asked: Callable[[], Query | None]

    @property
    def query(self) -> Query | None:
        """The query that its mentions must match; None where every one counts."""
        return self.asked()

    @property
    def key(self) -> str:
        """The name of its keys and budget."""
        return self.source.key or self.source.kind

    @property
    def rhythm(self) -> Rhythm:
        """How often it is visited."""
        return Rhythm(self.source.every, self.source.slowest or self.source.every)


class Reach:
    """Everything that is needed to ask the sources, made when first asked for."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime],
        user_agent: Callable[[], str],
        engine: Callable[[], Engine],
    ) -> None:
        self._settings = settings
        self._now = now
        self._user_agent = user_agent
        self._engine = engine
        self._limits = HostLimiter(settings.fetch.per_host)
        self._clients: dict[tuple[tuple[str, ...], str, str], Client] = {}
        self._lock = Lock()

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """Every enabled source by name; raises ConfigError naming the line of a wrong option."""
        found = {}
        for index, source in enumerate(self._settings.sources):
            if source.enabled:
                found[source.name] = self.reading(index, source)
        self._check_budgets(found.values())
        return found

    @cached_property
    def query(self) -> Query | None:
        """The organisation's query, or None where every mention is taken as about it."""
        organisation = self._settings.organisation
        query = self._parsed(organisation.query, organisation.permit, ("organisation", "query"))
        wrong = check(query, organisation.must_match, organisation.must_not_match) if query else []
        for failure in wrong:
            option = "must_match" if failure.must else "must_not_match"
            number = getattr(organisation, option).index(failure.example)
            raise self._settings.error(
                ("organisation", option, number),
                f"{option}: the query {'does not keep' if failure.must else 'keeps'} example {number + 1} "
                f"({failure.why}); mend the query or the example",
            )
        return query

    def reading(self, index: int, source: SourceSettings) -> Reading:
        """A source as it will be read; ConfigError names the line of what is wrong."""
        place: Place = ("sources", index)
        self._check_hosts(source, place)
        try:
            connector = connectors.load(source.kind)
        except ConfigError as error:
            raise self._settings.error((*place, "kind"), error.problem) from None
        approval = connector.TERMS.approval
        if approval and not source.approval.strip():
            raise self._settings.error(
                place, f'{source.kind} is off until approval = "…" names the platform\'s approval: {approval}'
            )
        own = self._parsed(source.query, source.permit, (*place, "query"))
        given: dict[str, Any] = {"name": source.name, **(source.model_extra or {})}
        if "query" in connector.Options.model_fields:
            # Where everything is about us nothing is sifted, so that it is not asked with the organisation's query.
            query = own or (None if source.about_us else self.query)
            given["query"] = query.expanded if query else ""
        try:
            options = connector.Options(**given, **self._secrets(source, connector, given, place))
        except ValidationError as error:
            raise self._settings.explain(error, place) from None
        return Reading(source, connector, options, lambda: None if source.about_us else own or self.query)

    def preview(self, kind: str, **options: Any) -> Reading:
        """A source that is not configured, for a look at it."""
        source = SourceSettings.model_validate({"name": "preview", "kind": kind, **options})
        return self.reading(len(self._settings.sources), source)

    def asks_for_person(self, query: Query) -> bool:
        """Whether a query asks for a person by name and for nothing else, so that it needs a permit."""
        ours = {word.casefold() for word in re.findall(r"\w+", self._settings.organisation.name)}
        return is_person(query, names() - ours)

    def fetch(self, reading: Reading, cursor: str | None) -> Batch:
        """What a source holds now; raises FetchError, also once the permit of its query has run out."""
        lapsed = self._lapsed(reading.source)
        if lapsed:
            raise FetchError(
                f"its query asks for a person by name and for nothing else, and the permit for that ran out on "
                f"{lapsed:%d %b %Y}: take the query out, or agree on a new permit",
                temporary=False,
            )
        return reading.connector.fetch(reading.options, cursor, self.client(reading))

    def client(self, reading: Reading) -> Client:
        """The way out for a source, which may reach private hosts only where the source names them.

        Sources of a kind that may reach the same hosts with the same keys share it, and the connections still open.
        """
        which = (reading.source.allow_hosts, reading.source.kind, reading.key)
        with self._lock:
            if which not in self._clients:
                self._clients[which] = Client(
                    user_agent=self._user_agent(),
                    allow_hosts=reading.source.allow_hosts,
                    timeout=self._settings.fetch.timeout.total_seconds(),
                    per_host=self._limits,
                    clock=self._now,
                    spend=partial(self._spend, reading.key, self.budgets(reading)),
                )
            return self._clients[which]

    def budgets(self, reading: Reading) -> dict[str, Budget]:
        """What a source's key may spend, by name: the platform's allowance, or what the operator made of it."""
        own = self._settings.budgets.get(reading.key, {})
        allowed = {name or REQUESTS: budget for name, budget in reading.connector.TERMS.budgets.items()}
        for name, given in own.items():
            zone = allowed[name].zone if name in allowed else "UTC"
            allowed[name] = Budget(units=given.units, per=given.per, zone=zone)
        return allowed

    def close(self) -> None:
        """Let all connections go; they are made again when they are needed."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _lapsed(self, source: SourceSettings) -> date | None:
        """The last day on which a source's query might ask for a person alone, where that is over.

        Looked at with each visit: the end of one permit is no reason to stop watching, or telling, everywhere else.
        """
        ours = self._settings.organisation
        text, permit = source.query, source.permit
        if not text.strip():
            text, permit = "" if source.about_us else ours.query, ours.permit
        today = self._now().astimezone(self._settings.zone).date()
        if permit is None or permit.until >= today or not text.strip():
            return None
        return permit.until if self.asks_for_person(parse(text, ours.aliases)) else None

    def _check_hosts(self, source: SourceSettings, place: Place) -> None:
        for entry in source.allow_hosts:
            try:
                connectors.check_allow_host(entry)
            except ValueError as error:
                raise self._settings.error((*place, "allow_hosts"), f"allow_hosts: {error}") from None

    def _check_budgets(self, readings: Iterable[Reading]) -> None:
        """A budget that nothing is counted against would seem to bound what is spent."""
        keys = {source.key or source.kind for source in self._settings.sources} | set(connectors.names())
        for key, own in self._settings.budgets.items():
            if key not in keys:
                raise self._settings.error(
                    ("budgets", key), f"budgets.{key}: no source has a key of this name"
                )
            allowed = [reading.connector.TERMS.budgets for reading in readings if reading.key == key]
            known = {REQUESTS} | {name for budgets in allowed for name in budgets if name}
            for name in own if allowed else ():
                if name not in known:
                    raise self._settings.error(
                        ("budgets", key, name),
                        f"budgets.{key}.{name}: there is no such budget; {key} has {', '.join(sorted(known))}",
                    )

    def _parsed(self, text: str, permit: Permit | None, place: Place) -> Query | None:
        """A query of the configuration; one that asks for nothing but a person needs a permit."""
        if not text.strip():
            return None
        try:
            query = parse(text, self._settings.organisation.aliases)
        except ConfigError as error:
            raise self._settings.error(place, error.problem) from None
        if permit is None and self.asks_for_person(query):
            raise self._settings.error(
                place,
                "this query asks for a person by name and for nothing else. Add words of the organisation's, or "
                'permit = { case = 12, reason = "…", until = 2026-12-31 } with a day that has not passed',
            )
        return query

    def _secrets(
        self, source: SourceSettings, connector: Connector, given: Mapping[str, Any], place: Place
    ) -> dict[str, SecretStr]:
        """The secrets that the connector's options ask for, from the environment; none may stand in the file."""
        wanted = {
            name for name, field in connector.Options.model_fields.items() if _is_secret(field.annotation)
        }
        name = source.key or source.kind
        for option in wanted & set(given):
            raise self._settings.error(
                (*place, option),
                f"secrets do not belong in this file: set {f'REDSHANK_KEYS__{name}__{option}'.upper()}, or use a "
                "secret file",
            )
        held = self._settings.keys.get(name, {})
        return {option: held[option] for option in wanted & set(held)}

    def _spend(self, key: str, allowed: Mapping[str, Budget], name: str, units: int) -> None:
        """Count a request against its budget before it is made; raises FetchError where too little is left."""
        budget = allowed.get(name or REQUESTS)
        if budget is None:
            return
        now = self._now()
        start, end = window(budget, now)
        with session(self._engine()) as db:
            granted = budgets.spend(db, f"{key}.{name or REQUESTS}", start, units, budget.units)
        if not granted:
            raise BudgetError(
                f"the budget of the key {key} ({budget.units} {name or REQUESTS} each {_length(budget.per)}) is spent",
                retry_after=end - now,
            )


def window(budget: Budget, now: datetime) -> tuple[datetime, datetime]:
    """When the budget's window began and when it ends: whole days from midnight in its zone, else from 1970 on."""
    if budget.per % _DAY:
        start = now - (now - _EPOCH) % budget.per
        return start, start + budget.per
    local = now.astimezone(ZoneInfo(budget.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    days = budget.per // _DAY
    first = local.toordinal() - local.toordinal() % days
    begin = local.fromordinal(first).replace(tzinfo=local.tzinfo)
    return begin.astimezone(UTC), (begin + budget.per).astimezone(UTC)


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in get_args(annotation)


def _length(per: timedelta) -> str:
    return "day" if per == _DAY else f"{int(per.total_seconds())} seconds"
