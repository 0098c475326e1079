"""The posts of the invented town, as a careful reader would label them.

They lie in ``town/SOURCE.yaml``, one list a source. Labels, relevance and severity are a person's, by the
concern taxonomy; no model's opinion goes into them.
"""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Annotated, Self

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic.dataclasses import dataclass

from core.types import Severity
from core.vocabulary import LABELS

SOURCES: tuple[str, ...] = ("local-news", "town-forum", "mastodon-tag", "reviews-blog")


def _known_source(name: str) -> str:
    if name not in SOURCES:
        raise ValueError(f"unknown source {name!r}; one of {', '.join(SOURCES)}")
    return name


def _known_label(label: str) -> str:
    if label not in LABELS:
        raise ValueError(f"unknown label {label!r}; one of {', '.join(LABELS)}")
    return label


def _severity(value: object) -> object:
    return Severity.__members__.get(value, value) if isinstance(value, str) else value


_Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Labels = tuple[Annotated[str, AfterValidator(_known_label)], ...]
_Grade = Annotated[Severity, BeforeValidator(_severity)]


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Post:
    """One post of the demo world.

    ``text`` is plain, but HTML on the forum. ``case`` says in a few words what kind of example it is. Posts
    that share a ``story`` are copies by one author and make one case. Where the author changes the text
    later, the ``edited_…`` fields hold the new text and what a careful reader makes of that.
    """

    id: _Word
    source: Annotated[str, AfterValidator(_known_source)]
    author: _Word
    hours_ago: Annotated[float, Field(ge=0)]
    text: _Word
    relevant: bool
    case: _Word
    title: str = ""
    labels: _Labels = ()
    severity: _Grade = Severity.none
    story: str = ""
    edited_text: str | None = None
    edited_labels: _Labels = ()
    edited_severity: _Grade = Severity.none

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for labels, severity in (
            (self.labels, self.severity),
            (self.edited_labels, self.edited_severity),
        ):
            if bool(labels) != (severity is not Severity.none):
                raise ValueError(f"post {self.id}: a severity goes with labels, and none without")
        if self.labels and not self.relevant:
            raise ValueError(f"post {self.id}: a post about something else bears no label")
        if self.edited_labels and self.edited_text is None:
            raise ValueError(f"post {self.id}: edited_labels without an edited_text")
        return self

    @property
    def deserves_case(self) -> bool:
        """Whether a careful reader would want a person to look at the post as first published."""
        return bool(self.labels)

    @property
    def story_key(self) -> str:
        """The same for copies of one story by one author, else the post's own id."""
        return self.story or self.id

    def posted_at(self, now: datetime) -> datetime:
        """When it was posted, seen from ``now``."""
        return now - timedelta(hours=self.hours_ago)


_POSTS = TypeAdapter(list[Post])


def load() -> list[Post]:
    """All posts, source by source in the order of ``SOURCES``.

    Raises ``pydantic.ValidationError`` where a post breaks the rules above, ``ValueError`` where two share
    an id.
    """
    folder = files(__package__) / "town"
    posts: list[Post] = []
    for source in SOURCES:
        rows = yaml.safe_load((folder / f"{source}.yaml").read_text(encoding="utf-8"))
        posts += _POSTS.validate_python([{"source": source, **row} for row in rows])
    if len({post.id for post in posts}) != len(posts):
        raise ValueError("two posts of the demo world share an id")
    return posts
