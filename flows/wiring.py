"""Builds the house once from its settings: the one place where the rooms are joined.

Nothing is opened at import. A flow's parameters hold the path of ``redshank.toml`` and names, never values
that people wrote; each process builds its own house from that path.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine

import alerts.channels.mail as mail_channel
import policies
from classifiers import artefact, detectors, tags
from classifiers.about_us import judge_relevance
from classifiers.artefact import Threshold
from classifiers.assess import assess
from classifiers.languages import foreign
from classifiers.reading import read
from classifiers.scorer import Scorer
from core import logs
from core.errors import ConfigError
from core.organisation import Cues
from core.query import Item, Query
from core.settings import Settings, load
from core.types import Assessment, Batch, Mention, Rhythm
from flows.office import Office
from flows.reach import RAISED, Reach, Reading
from policies.pack import Pack
from storage.engine import open_engine, upgrade

DEFAULT_CONFIG = "redshank.toml"


class House:
    """Everything the flows call, made when first asked for."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] | None = None) -> None:
        self.settings = settings
        self.now = now or (lambda: datetime.now(UTC))

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
        if "reach" in self.__dict__:
            self.reach.close()
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def reach(self) -> Reach:
        """The places that are read."""
        return Reach(
            self.settings, now=self.now, user_agent=lambda: self.user_agent, engine=lambda: self.engine
        )

    @property
    def readings(self) -> dict[str, Reading]:
        """Every enabled source by name; raises ConfigError naming the line of a wrong option."""
        return self.reach.readings

    @property
    def query(self) -> Query | None:
        """The organisation's query, or None where every mention is taken as about it."""
        return self.reach.query

    @property
    def rhythms(self) -> dict[str, Rhythm]:
        """How often each source is visited, by name."""
        return {name: reading.rhythm for name, reading in self.readings.items()}

    @property
    def intervals(self) -> dict[str, timedelta]:
        """How long each source may at most go unvisited, by name."""
        return {name: rhythm.slowest for name, rhythm in self.rhythms.items()}

    def fetch(self, reading: Reading, cursor: str | None) -> Batch:
        """What a source holds now; raises FetchError."""
        return self.reach.fetch(reading, cursor)

    @property
    def var(self) -> Path:
        """Where what runs here keeps its own files, beside the configuration."""
        return self.settings.folder / "var"

    def only_about_us(self, mention: Mention) -> bool:
        """Whether everything from the mention's source is about the organisation."""
        reading = self.readings.get(mention.source)
        return mention.source == RAISED or (reading is not None and reading.source.about_us)

    def about_us(self, mention: Mention) -> tuple[bool, str]:
        """Whether the query keeps a mention, and why."""
        if self.only_about_us(mention):
            return True, "everything from this source is about us"
        reading = self.readings.get(mention.source)
        query = reading.query if reading else self.query
        if query is None:
            return True, "there is no query"
        match = query.matches(Item.of(mention))
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
            cues=organisation.cues,
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
    always are. ``cues`` tell the organisation from its namesakes; without any the model decides alone.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        contacts: Sequence[str] = (),
        accounts: Sequence[str] = (),
        name: str = "",
        sealed_premises: Sequence[str] = (),
        cues: Cues | None = None,
    ) -> None:
        self._scorer = scorer
        self._ours = partial(
            judge_relevance,
            cues=cues or Cues(),
            name=name,
            accounts=accounts,
            contacts=contacts,
            head_threshold=scorer.config.relevance_threshold,
        )
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
            about_us=_all_ours if about_us else self._about_us,
            model=self.model,
            explain=explain,
        )

    def _about_us(self, texts: Sequence[str], heads: Sequence[float]) -> list[tuple[bool, str]]:
        return [(one.relevant, one.why) for one in self._ours(texts, heads)]


def _all_ours(texts: Sequence[str], _heads: Sequence[float]) -> list[tuple[bool, str]]:
    return [(True, "everything from this source is about us")] * len(texts)


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
