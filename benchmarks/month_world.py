"""The month of benchmarks/month.py: what is said about the house, drawn from a seed. All invented.

What the classifier would say is drawn with each post (``Kind``); how grave that is and whom it concerns follows from
the real ``judge`` and the real policy, which the caller hands in.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from month_town import BY_SEVERITY, DAY, HARMLESS, HOUR, KINDS, LONDON, SEALED, SOURCES, VICTIM, Kind, end_of

from core.types import Assessment, Mention, Severity, Verdict
from core.work import Member

TICK = timedelta(minutes=5)
# With fewer than so many, what is harmless is seen at the full hour, for speed.
MANY = 20_000
# Half of what is said comes between 16:00 and 23:00.
_BY_HOUR = (1, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 7, 6, 6, 7, 9, 10, 11, 12, 11, 9, 6, 3)
_TOPICS = (
    "the car park",
    "the summer fair",
    "a visit",
    "the choir",
    "the bus stop",
    "an open day",
    "the garden",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Something as a source shows it from a tick on; a later post with the same key is its edit."""

    at: datetime
    source: str
    key: str
    text: str
    author: str
    kind: str = HARMLESS.name

    @property
    def mention(self) -> Mention:
        """What the connector would bring."""
        return Mention(
            source=self.source,
            key=self.key,
            url=f"https://{self.source}.example/{self.key}",
            text=self.text,
            author=self.author,
            platform=SOURCES[self.source],
            posted_at=self.at,
        )


@dataclass(slots=True, kw_only=True)
class Story:
    """What must become one case: its posts in order, the verdict on each, and the ids of whom it names."""

    number: int
    posts: list[Post]
    accused: tuple[str, ...] = ()
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def sealed(self) -> bool:
        """Whether its link must be shown to nobody."""
        return any("sealed" in verdict.guards for verdict in self.verdicts)

    @property
    def flagged(self) -> int:
        """How many of its posts the policy flags."""
        return sum(verdict.flagged for verdict in self.verdicts)

    def severity(self, at: datetime) -> Severity:
        """How grave it is known to be at a moment."""
        known = (
            verdict.severity for post, verdict in zip(self.posts, self.verdicts, strict=True) if post.at <= at
        )
        return max(known, default=Severity.none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """A silence that somebody will set."""

    starts_at: datetime
    ends_at: datetime
    labels: tuple[str, ...] = ()
    severity: Severity | None = None
    sources: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class World:
    """All that happens in the month. The mail server is down from ``down`` to ``up``."""

    month: date
    begin: datetime
    end: datetime
    down: datetime
    up: datetime
    crashes: dict[str, datetime]
    hushes: tuple[Hush, ...]
    stories: list[Story]
    batches: dict[datetime, list[Post]]

    @property
    def posts(self) -> int:
        """How many versions of mentions there are."""
        return sum(map(len, self.batches.values()))


def local(month: date, day: int, hour: int, minute: int = 0) -> datetime:
    """A local time of a day of the month (UTC)."""
    return datetime(month.year, month.month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def build(
    month: date,
    *,
    days: int,
    mentions: int,
    cases: int,
    seed: int,
    verdict: Callable[[Mention, Assessment], Verdict],
    members: tuple[Member, ...],
) -> World:
    """Draw the first days of the month (all: 31).

    Raises AssertionError where the policy no longer gives a kind the severity under which it is listed.
    """
    after = min(month + days * DAY, end_of(month))
    world = World(
        month=month,
        begin=local(month, 1, 0),
        # Two mornings more, so that the digest of the last day is seen.
        end=datetime.combine(after + DAY, datetime.min.time(), LONDON).astimezone(UTC) + 12 * HOUR,
        down=local(month, 8, 10),
        up=local(month, 9, 10),
        crashes={"triage": local(month, 2, 9), "send": local(month, 3, 9), "record": local(month, 4, 9)},
        hushes=(
            Hush(starts_at=local(month, 10, 9), ends_at=local(month, 14, 9), sources=("town-forum",)),
            Hush(
                starts_at=local(month, 18, 14),
                ends_at=local(month, 21, 14),
                labels=("harassment",),
                severity=Severity.high,
            ),
        ),
        stories=[],
        batches={},
    )
    _Drawing(world, random.Random(seed), verdict, members).draw(mentions, cases)
    return world


class _Drawing:
    """Fills a world."""

    def __init__(
        self,
        world: World,
        rng: random.Random,
        verdict: Callable[[Mention, Assessment], Verdict],
        members: tuple[Member, ...],
    ) -> None:
        self.world, self.rng, self.verdict, self.members = world, rng, verdict, members
        self.keys = (f"p{number}" for number in count(1))
        self.last = world.end - 36 * HOUR
        days = (self.last - world.begin) // DAY
        self.days = [world.month + n * DAY for n in range(max(days, 1))]

    def draw(self, mentions: int, cases: int) -> None:
        planted = [one for one in self._planted() if one[0] <= self.last]
        self.visits = TICK if mentions > MANY else HOUR
        wanted = {Severity.critical: 0.02, Severity.high: 0.12, Severity.medium: 0.26, Severity.low: 0.60}
        for severity, share in wanted.items():
            already = sum(one is severity for _, one, _, _ in planted)
            planted += [
                (self._moment(), severity, self.rng.choice(BY_SEVERITY[severity]), "")
                for _ in range(max(round(cases * share) - already, 0))
            ]
        for at, severity, kind, source in sorted(planted, key=lambda one: one[0]):
            self._story(at, severity, kind, source or self.rng.choice(list(SOURCES)))
        posts = [post for story in self.world.stories for post in story.posts]
        posts += [self._harmless() for _ in range(max(mentions - len(posts), 0))]
        posts += [self._edited(post) for post in posts[::200] if post.kind == HARMLESS.name]
        batches: dict[datetime, list[Post]] = defaultdict(list)
        for post in sorted(posts, key=lambda one: (one.at, one.key)):
            batches[post.at].append(post)
        self.world.batches = dict(batches)

    def _planted(self) -> Iterator[tuple[datetime, Severity, Kind, str]]:
        """What must happen in any month, however small: at the hours when it is hardest to tell anybody."""
        month, critical, high = self.world.month, Severity.critical, Severity.high
        for day, hour, minute in ((8, 12, 0), (9, 1, 10), (25, 3, 5), (26, 13, 20)):
            yield local(month, day, hour, minute), critical, self.rng.choice(BY_SEVERITY[critical]), ""
        for day, hour in ((8, 14), (24, 16)):
            yield local(month, day, hour), high, BY_SEVERITY[high][0], ""
        # What a silence would cover, were it not critical; and what it does cover.
        yield local(month, 19, 11), critical, KINDS["grave harassment"], ""
        yield local(month, 11, 11), critical, KINDS["threat"], "town-forum"
        yield local(month, 11, 12), high, KINDS["an address"], "town-forum"
        yield local(month, 5, 20, 15), critical, SEALED, ""
        # For the triage that is killed while it settles them, and the sender that is killed with them in hand.
        yield local(month, 2, 9, 30), critical, KINDS["threat"], ""
        for day in (3, 4):
            yield local(month, day, 9, 30), high, KINDS["a threat"], ""

    def _moment(self) -> datetime:
        day = self.rng.choice(self.days)
        hour = self.rng.choices(range(24), _BY_HOUR)[0]
        at = datetime(day.year, day.month, day.day, hour, self.rng.randrange(60), tzinfo=LONDON)
        return self._tick(at.astimezone(UTC))

    def _tick(self, at: datetime, every: timedelta = TICK) -> datetime:
        """The next visit to the sources."""
        return at + (-(at - self.world.begin)) % every

    def _story(self, at: datetime, severity: Severity, kind: Kind, source: str) -> None:
        number = len(self.world.stories) + 1
        crowd = local(self.world.month, 18, 9) + self.rng.random() * 10 * HOUR
        pile = kind.name in {"harassment", "rude"} and crowd <= self.last and self.rng.random() < 0.5
        if pile:
            at = self._tick(crowd)
        accused: tuple[Member, ...] = ()
        if not pile and (self.rng.random() < 0.03 or number % 31 == 7):
            accused = (self.rng.choice(self.members),)
        about = VICTIM if pile else accused[0].name if accused else self.rng.choice(_TOPICS)
        text = f"Story {number} of Oakfield House, about {about}: {kind.name}."
        author = f"neighbour{self.rng.randrange(10_000)}"
        story = Story(number=number, posts=[], accused=tuple(one.id for one in accused))
        story.posts.append(self._post(at, source, text, author, kind))
        chance = self.rng.random()
        if chance < 0.04 or number % 40 == 11:
            story.posts += [
                self._post(
                    self._tick(at + self.rng.random() * 72 * HOUR),
                    self.rng.choice(list(SOURCES)),
                    text,
                    author,
                    kind,
                )
                for _ in range(9)
            ]
        elif chance < 0.08 or number % 40 == 21:
            story.posts.append(self._flagged_edit(story.posts[0], severity, kind))
        story.posts = sorted((one for one in story.posts if one.at <= self.last), key=lambda one: one.at)
        story.verdicts = [
            self.verdict(post.mention, KINDS[post.kind].assessment(post.text)) for post in story.posts
        ]
        if story.verdicts[0].severity is not severity:
            raise AssertionError(f"{kind.name} is {story.verdicts[0].severity}, not {severity}")
        if set(story.verdicts[0].conflicts) != set(story.accused):
            raise AssertionError(
                f"story {number} names {story.accused}, and {story.verdicts[0].conflicts} were seen"
            )
        self.world.stories.append(story)

    def _flagged_edit(self, post: Post, severity: Severity, kind: Kind) -> Post:
        """The same post with other words a while later: half of the time they are graver."""
        graver = Severity(min(severity + 1, Severity.critical))
        other = self.rng.choice(BY_SEVERITY[graver]) if self.rng.random() < 0.5 else kind
        return self._post(
            self._tick(post.at + (0.5 + self.rng.random() * 20) * HOUR),
            post.source,
            f"{post.text} Edited: {other.name}.",
            post.author,
            other,
            key=post.key,
        )

    def _post(
        self, at: datetime, source: str, text: str, author: str, kind: Kind = HARMLESS, *, key: str = ""
    ) -> Post:
        return Post(
            at=self._tick(at),
            source=source,
            key=key or next(self.keys),
            text=text,
            author=author,
            kind=kind.name,
        )

    def _harmless(self) -> Post:
        """Two of three are about us, the others about a namesake, which the query drops."""
        key, at = next(self.keys), self._tick(self._moment(), self.visits)
        whose = "Oakfield House" if self.rng.random() < 0.67 else "the Oakfield cricket club"
        text = f"Post {key} about {self.rng.choice(_TOPICS)} of {whose}, and nothing else."
        author = f"neighbour{self.rng.randrange(10_000)}"
        return self._post(at, self.rng.choice(list(SOURCES)), text, author, key=key)

    def _edited(self, post: Post) -> Post:
        later = self._tick(min(post.at + (0.5 + self.rng.random() * 40) * HOUR, self.last))
        return self._post(
            max(later, post.at + TICK), post.source, f"{post.text} Edited.", post.author, key=post.key
        )
