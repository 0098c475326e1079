"""The town with people in it: a team, rotas, a second channel and a clock that the test sets. All invented."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

from storage_fixtures import mention, verdict

from core.settings import load
from core.types import Case, Verdict
from flows import collect, tell, triage
from flows.wiring import House
from storage import cases, mentions
from storage.engine import session

# A Monday.
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
THREAT = "I will kill the manager of Oakfield House. I know where she lives and I will stab her tonight, just wait."
GRUMBLE = "Oakfield House is a dump. Worst care home ever, they are liars and thieves, avoid."
DISCLOSURE = (
    "I work at Oakfield House as a carer. They falsify the medication records and the residents are left without "
    "food. I reported it to the CQC and my manager threatened to sack me."
)
TEAM = """
[[team]]
name = "Gale Sorrel"
roles = ["governance"]
mail = "gale@oakfield.example"
[[team]]
name = "Dee Fenwick"
roles = ["deputy"]
mail = "dee@oakfield.example"
[[team]]
name = "Sal Thrift"
roles = ["safeguarding"]
mail = "sal@oakfield.example"
[[team]]
name = "Una Birch"
roles = ["speak_up"]
mail = "una@oakfield.example"
[[team]]
name = "Hari Moss"
roles = ["hr"]
mail = "hari@oakfield.example"
[[team]]
name = "Ozzy Larch"
roles = ["operator"]
mail = "ozzy@oakfield.example"
"""


class Clock:
    """The house's clock, set by the test."""

    def __init__(self, now: datetime = NOON):
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def staff(town, *parts: str, team: str = TEAM) -> None:
    """Give the town a team instead of mere addresses, and further ``parts`` of a configuration."""
    text = town.config.read_text().partition("[[team]]")[0]
    before, people, after = text.partition("[people]")
    if people:
        text = before + "[alerts]" + after.partition("[alerts]")[2]
    town.config.write_text(text + team + "".join(parts))


def open_house(town, clock) -> House:
    return House(load(town.config), clock)


def run(house: House) -> int:
    """Collect, triage and tell; says how many messages went out."""
    collect.collect_all(house, list(house.readings))
    triage.triage_all(house)
    return tell.tell_all(house)


def open_cases(house: House) -> list[Case]:
    with session(house.engine, read_only=True) as db:
        return cases.open_(db)


def raise_case(house: House, key: str = "1", judged: Verdict | None = None, text: str = "") -> Case:
    """A case out of thin air, which nobody has been told of."""
    with session(house.engine) as db:
        (id_,) = mentions.add_new(
            db, [mention(key, text or f"words of {key}", author=f"@{key}")], house.now()
        )
        (stored,) = mentions.read(db, [id_])
        case = mentions.settle(db, stored, judged or verdict(), house.now())
    assert case is not None
    return case


def read(path):
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def body(mail, kind: str = "plain") -> str:
    return mail.get_body((kind,)).get_content()


def mails_to(town, name: str, words: str = "") -> list:
    """The mails to one person, first first, with these words in the subject."""
    found = [read(path) for path in town.mails]
    return [one for one in found if one["to"].startswith(f"{name}@") and words in one["subject"]]


def about_cases(town, name: str) -> list:
    """The mails to one person that tell of cases, not the digests nor the faults."""
    return [
        one
        for one in mails_to(town, name)
        if "case" in one["subject"].casefold() and "Digest" not in one["subject"]
    ]
