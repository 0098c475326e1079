"""The house of benchmarks/month.py: its settings, its six people, and what the classifier may say. All invented."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from core.types import Assessment, Finding, Severity
from core.vocabulary import LABELS

LONDON = ZoneInfo("Europe/London")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = {
    "town-forum": "forum",
    "local-paper": "news",
    "care-reviews": "review",
    "town-group": "facebook",
    "short-posts": "x",
    "video-notes": "youtube",
}
VICTIM = "Colin Marsh"

CONFIG = """\
[organisation]
name = "Oakfield House"
query = '"Oakfield House"'
[governance]
dpia = "BENCHMARK"
[fetch]
contact = "benchmark@oakfield.example"
[storage]
url = "sqlite:///month.db"
[mail]
host = "127.0.0.1"
port = {mail}
security = "none"
from = "redshank@oakfield.example"
[review]
address = "{site}"
[alerts]
weekly_roles = ["governance"]
monthly_roles = ["governance", "auditor"]
"""
_MEMBER = (
    '[[team]]\nname = "{name}"\nroles = {roles}\nmail = "{mail}"\nhours = "{hours}"\nchannels = {channels}\n'
)
_CHANNEL = '[channels.{name}]\nkind = "webhook"\nurl = "{url}/{name}"\n'
_SOURCE = '[[sources]]\nname = "{name}"\nkind = "rss"\nevery = "5m"\nfirst_run = "tell"\nurl = "https://{name}.example/feed"\n'
# Name, roles, hours, further channel, leave (days of the month). Two are away over the last week.
TEAM = (
    ("Margaret Field", ("governance",), "Mon-Fri 08:00-18:00", "phone_margaret", None),
    ("Daniel Okafor", ("deputy", "legal"), "Mon-Fri 09:00-17:00", "phone_daniel", (24, 31)),
    ("Priya Nair", ("safeguarding", "deputy"), "always", "phone_priya", None),
    ("Tom Hughes", ("dpo", "operator"), "Mon-Fri 08:00-16:00", "", None),
    ("Ewa Nowak", ("hr", "comms"), "Mon-Fri 09:00-17:30", "phone_ewa", (21, 28)),
    ("Joan Bell", ("speak_up", "auditor"), "Mon,Wed,Fri 10:00-16:00", "phone_joan", None),
)


def config(month: date, *, mail: int, hooks: str, site: str) -> str:
    """The settings file of the house."""
    parts = [CONFIG.format(mail=mail, site=site)]
    for name, roles, hours, channel, leave in TEAM:
        channels = [channel] if channel else []
        member = _MEMBER.format(
            name=name, roles=list(roles), mail=address(name), hours=hours, channels=channels
        )
        parts += [member + _leave(month, leave)]
        parts += [_CHANNEL.format(name=one, url=hooks) for one in channels]
    return "\n".join([*parts, *(_SOURCE.format(name=name) for name in SOURCES)])


def address(name: str) -> str:
    """Somebody's mailbox."""
    return f"{name.split(maxsplit=1)[0].lower()}@oakfield.example"


def _leave(month: date, days: tuple[int, int] | None) -> str:
    if days is None:
        return ""
    last = (end_of(month) - DAY).day
    first, until = (month.replace(day=min(day, last)).isoformat() for day in days)
    return f'leave = ["{first}..{until}"]\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the classifier makes of a text: the labels that are sure and those in doubt, and its own severity."""

    name: str
    own: Severity
    labels: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    role: str = "public"
    tags: tuple[str, ...] = ()

    def assessment(self, text: str) -> Assessment:
        """The same as the real classifier would give it."""
        place = text.find(VICTIM)
        found = (Finding(kind="person", start=place, end=place + len(VICTIM)),) if place >= 0 else ()
        sure, doubt = set(self.labels), set(self.ask)
        return Assessment(
            scores={label: 0.9 if label in sure else 0.4 if label in doubt else 0.02 for label in LABELS},
            labels=self.labels,
            ask=(*self.labels, *self.ask),
            severity=self.own,
            relevance=0.9,
            relevant=True,
            author_role=self.role,
            model="the benchmark's",
            findings=found,
            tags=self.tags,
        )


def _kinds() -> Iterator[tuple[Severity, Kind]]:
    """The kinds by the severity that the policy "focus" gives them (the world asserts that it does)."""
    critical, high, medium, low = Severity.critical, Severity.high, Severity.medium, Severity.low
    yield critical, Kind(name="threat", own=critical, labels=("threat",))
    yield critical, Kind(name="child in danger", own=critical, labels=("safeguarding",), tags=("child",))
    yield critical, Kind(name="grave harassment", own=critical, labels=("harassment",))
    yield high, Kind(name="a threat", own=high, labels=("threat",))
    yield high, Kind(name="breach by staff", own=medium, labels=("confidentiality",), role="staff")
    yield high, Kind(name="harassment", own=high, labels=("harassment",))
    yield high, Kind(name="disclosure", own=medium, labels=("safeguarding",), role="staff")
    yield high, Kind(name="an address", own=high, labels=("privacy",))
    yield medium, Kind(name="rude", own=medium, labels=("harassment",))
    yield medium, Kind(name="breach", own=medium, labels=("confidentiality",))
    yield medium, Kind(name="accusation", own=high, labels=("reputation",))
    yield medium, Kind(name="whistle", own=medium, labels=("internal",), role="staff")
    yield medium, Kind(name="perhaps a threat", own=medium, ask=("threat",))
    yield low, Kind(name="grumble", own=low, labels=("reputation",))
    yield low, Kind(name="perhaps rude", own=medium, ask=("harassment",))
    yield low, Kind(name="leak", own=low, labels=("internal",))
    yield low, Kind(name="false account", own=low, labels=("impersonation",))
    yield low, Kind(name="family", own=low, labels=("confidentiality",), role="family")


BY_SEVERITY: dict[Severity, list[Kind]] = defaultdict(list)
for _severity, _kind in _kinds():
    BY_SEVERITY[_severity].append(_kind)
SEALED = Kind(
    name="sealed",
    own=Severity.critical,
    labels=("safeguarding", "sexual"),
    tags=("child", "child_images"),
)
HARMLESS = Kind(name="harmless", own=Severity.none)
KINDS = {kind.name: kind for kinds in (*BY_SEVERITY.values(), [SEALED, HARMLESS]) for kind in kinds}


def end_of(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1)
