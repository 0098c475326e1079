"""Builds the house once from its settings: the one place where the rooms are joined.

Nothing is opened at import. A flow's parameters hold the path of ``redshank.toml`` and names, never values
that people wrote; each process builds its own house from that path.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine

import alerts.channels.mail as mail_channel
import connectors
import policies
from classifiers import artefact, detectors, tags
from classifiers.artefact import Threshold
from classifiers.assess import assess
from classifiers.languages import foreign
from classifiers.reading import read
from classifiers.relevance import Query
from classifiers.scorer import Scorer
from connectors import Connector
from connectors._http import Client
from connectors._limits import HostLimiter
from core import logs
from core.errors import ConfigError
from core.settings import Settings, SourceSettings, load
from core.types import Assessment, Batch, Mention
from flows.office import Office
from policies.pack import Pack
from storage.engine import open_engine, upgrade

DEFAULT_CONFIG = "redshank.toml"


@dataclass(frozen=True, slots=True)
class Reading:
    """A configured source beside the connector that reads it."""

    source: SourceSettings
    connector: Connector
    options: BaseModel


class House:
    """Everything the flows call, made when first asked for."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] | None = None) -> None:
        self.settings = settings
        self.now = now or (lambda: datetime.now(UTC))
        self._limits = HostLimiter(settings.fetch.per_host)
        self._clients: dict[tuple[str, ...], Client] = {}
        self._lock = Lock()

    @cached_property
    def engine(self) -> Engine:
        """The database, brought to the newest schema."""
        engine = open_engine(self.settings.database)
        upgrade(engine)
        return engine

    def require_all(self) -> None:
        """Open every part now: what is wrong in the settings shows before anything is collected."""
        self.require_assessment()
        _ = self.readings, self.user_agent, self.query, self.pack, self.mail, self.judgement
        self.office.require()

    def close(self) -> None:
        """Let the database and all connections go; the house can be used again after it."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """Every enabled source by name; raises ConfigError naming the line of a wrong option."""
        found = {}
        for index, source in enumerate(self.settings.sources):
            if source.enabled:
                found[source.name] = self._reading(index, source)
        return found

    def _reading(self, index: int, source: SourceSettings) -> Reading:
        for entry in source.allow_hosts:
            try:
                connectors.check_allow_host(entry)
            except ValueError as error:
                raise self.settings.error(
                    ("sources", index, "allow_hosts"), f"allow_hosts: {error}"
                ) from None
        try:
            connector = connectors.load(source.kind)
            options = connector.Options(name=source.name, **(source.model_extra or {}))
        except ConfigError as error:
            raise self.settings.error(("sources", index, "kind"), error.problem) from None
        except ValidationError as error:
            raise self.settings.explain(error, ("sources", index)) from None
        return Reading(source, connector, options)

    @property
    def intervals(self) -> dict[str, timedelta]:
        """How often at most each source is asked, by name."""
        return {name: reading.source.every for name, reading in self.readings.items()}

    def client(self, source: SourceSettings) -> Client:
        """The way out for a source, which may reach private hosts only where the source names them.

        Sources that may reach the same hosts share it, and with it the connections that are still open.
        """
        with self._lock:
            if source.allow_hosts not in self._clients:
                self._clients[source.allow_hosts] = Client(
                    user_agent=self.user_agent,
                    allow_hosts=source.allow_hosts,
                    timeout=self.settings.fetch.timeout.total_seconds(),
                    per_host=self._limits,
                    clock=self.now,
                )
            return self._clients[source.allow_hosts]

    def fetch(self, reading: Reading, cursor: str | None) -> Batch:
        """What a source holds now; raises FetchError."""
        return reading.connector.fetch(reading.options, cursor, self.client(reading.source))

    def reading_of(self, url: str) -> Reading:
        """A feed that is not configured, for a look at it."""
        source = SourceSettings.model_validate({"name": "preview", "kind": "rss", "url": url})
        return self._reading(len(self.settings.sources), source)

    @property
    def var(self) -> Path:
        """Where what runs here keeps its own files, beside the configuration."""
        return self.settings.folder / "var"

    def only_about_us(self, mention: Mention) -> bool:
        """Whether everything from the mention's source is about the organisation."""
        reading = self.readings.get(mention.source)
        return reading is not None and reading.source.about_us

    def about_us(self, mention: Mention) -> tuple[bool, str]:
        """Whether the query keeps a mention, and why."""
        if self.only_about_us(mention):
            return True, "everything from this source is about us"
        if self.query is None:
            return True, "there is no query"
        match = self.query.matches(mention.full_text)
        return match.kept, match.why

    def require_assessment(self) -> None:
        """UK GDPR art. 35: watching people unseen needs an impact assessment first; raises ConfigError."""
        if not self.settings.governance.dpia:
            raise self.settings.error(
                ("governance",),
                "governance.dpia must name your data protection impact assessment before anything is collected",
            )

    @cached_property
    def user_agent(self) -> str:
        """Who asks, and where a site's owner may complain."""
        contact = self.settings.fetch.contact or (self.settings.mail.sender if self.settings.mail else "")
        if not contact:
            raise self.settings.error(
                ("fetch",), "fetch.contact must be given: an address where a site's owner can reach you"
            )
        return f"Redshank/{version('redshank')} (+{contact}; public mentions of {self.settings.organisation.name})"

    @cached_property
    def query(self) -> Query | None:
        """The organisation's query, or None where every mention is taken as about it."""
        text = self.settings.organisation.query
        if not text:
            return None
        try:
            return Query.parse(text)
        except ConfigError as error:
            raise self.settings.error(("organisation", "query"), error.problem) from None

    @cached_property
    def pack(self) -> Pack:
        """The policy pack that judges."""
        name = self.settings.organisation.policy
        path = self.settings.folder / name
        try:
            return policies.load(str(path) if path.suffix in (".yaml", ".yml") else name)
        except ConfigError as error:
            if error.line:
                raise
            raise self.settings.error(("organisation", "policy"), error.problem) from None

    @cached_property
    def judgement(self) -> "Judgement":
        """The model and the detectors, loaded and the model's hashes checked."""
        path, organisation = self.settings.model.path, self.settings.organisation
        folder = artefact.bundled() if path == "bundled" else self.settings.folder / path
        return Judgement(
            Scorer(artefact.load(folder), threads=self.settings.model.threads),
            contacts=organisation.contacts,
            accounts=organisation.accounts,
            name=organisation.name,
            sealed_premises=organisation.sealed_premises,
        )

    @cached_property
    def office(self) -> Office:
        """Who is there, when, and how they are reached."""
        return Office(self.settings)

    @cached_property
    def mail(self) -> mail_channel.Options:
        """The mail server's options; ConfigError where none is configured."""
        mail = self.settings.mail
        if mail is None:
            raise self.settings.error((), "[mail] must be given before anybody can be told")
        try:
            return mail_channel.Options(
                **mail.model_dump(by_alias=True, exclude={"timeout", "password", "ca_file"}),
                ca_file=self.settings.folder / mail.ca_file if mail.ca_file else None,
                timeout=mail.timeout.total_seconds(),
                password=mail.password if mail.password.get_secret_value() else None,
            )
        except ValidationError as error:
            raise self.settings.explain(error, ("mail",)) from None


class Judgement:
    """What a text says: the model beside the detectors of personal data.

    The organisation's own ``contacts``, ``accounts`` and ``name`` are never personal data; ``sealed_premises``
    always are.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        contacts: Sequence[str] = (),
        accounts: Sequence[str] = (),
        name: str = "",
        sealed_premises: Sequence[str] = (),
    ) -> None:
        self._scorer = scorer
        self._known = {"allow": contacts, "accounts": accounts, "sealed": sealed_premises, "names": (name,)}

    @property
    def model(self) -> str:
        """Which model it is, with its version."""
        return self._scorer.title

    @property
    def thresholds(self) -> Mapping[str, Threshold]:
        """The limits above which a label is sure, or a person is asked."""
        return self._scorer.config.thresholds

    def assess(
        self, texts: Sequence[str], *, explain: bool = True, about_us: bool = False
    ) -> list[Assessment]:
        """One assessment a text, in order; ``explain`` False leaves the reasons out, for speed.

        ``about_us`` says that all of them are known to be about the organisation, whatever the model thinks.
        """
        return assess(
            texts,
            score=self._scorer.score,
            detect=lambda text, spans: detectors.find(text, read=spans, **self._known),
            foreign=lambda text: foreign(read(text).text),
            tags=tags.find,
            thresholds=self.thresholds,
            relevance_threshold=0.0 if about_us else self._scorer.config.relevance_threshold,
            model=self.model,
            explain=explain,
        )


def judgement(config: Path) -> Judgement:
    """The judgement of a configuration; where there is no such file, the bundled model alone."""
    if config.exists():
        return House(load(config)).judgement
    return Judgement(Scorer(artefact.load(artefact.bundled())))


@cache
def house(config: str) -> House:
    """The house of this process for the configuration file at ``config``; its log tells no exception's words."""
    logs.configure(verbose=True)
    return House(load(Path(config or os.environ.get("REDSHANK_CONFIG", DEFAULT_CONFIG))))
