"""`redshank demo`: the whole path, offline, over real HTTP and real SMTP on loopback.

    serve the town -> collect -> triage -> tell -> some authors edit -> collect and triage again -> the digest

Nothing is staged: the cases are what the bundled model and the focus policy make of the posts.
"""

import shutil
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from textwrap import shorten

from rich.table import Table

from core.errors import ConfigError
from core.settings import load
from core.types import Case
from flows.collect import Collected, collect_all
from flows.tell import send_digest, tell_all
from flows.triage import Triaged, triage_all, waiting
from flows.wiring import House
from redshank import terminal
from redshank.demo.feeds import CHANNELS
from redshank.demo.sink import mails, sink
from redshank.demo.world import serve
from storage import cases, mentions
from storage.engine import session

_MARK = ".redshank-demo"
_TEMPLATE = Path(__file__).with_name("demo.toml")


@dataclass(frozen=True, slots=True)
class _Told:
    triaged: Triaged
    edits: int
    messages: int


def demonstrate(folder: Path, *, as_json: bool) -> None:
    """Run the demonstration in ``folder`` (emptied first if it is an earlier demonstration's) and print it.

    Raises:
        ConfigError: the folder holds something else.
    """
    _prepare(folder)
    with serve(datetime.now(UTC)) as world, sink(folder / "mails") as (host, port):
        house = House(load(_configure(folder, world.urls, host, port)))
        try:
            _, first = _pass(house)
            messages = tell_all(house)
            world.edit()
            edited, second = _pass(house)
            today = house.now().astimezone(house.settings.zone).date()
            messages += tell_all(house) + send_digest(house, today, "governance")
            edits = sum(one.new for one in edited)
            _print(house, folder, _Told(first + second, edits, messages), as_json=as_json)
        finally:
            house.close()


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise ConfigError("holds something else; name another folder with --folder", path=folder)
        shutil.rmtree(folder)
    (folder / "mails").mkdir(parents=True)
    (folder / _MARK).touch()


def _configure(folder: Path, urls: Mapping[str, str], host: str, port: int) -> Path:
    """The configuration of a real set-up, pointed at the served town and the local mail server."""
    path = folder / "redshank.toml"
    text = _TEMPLATE.read_text(encoding="utf-8").replace("{host}", host).replace("{port}", str(port))
    for name, url in urls.items():
        text += f'\n[[sources]]\nname = "{name}"\nkind = "rss"\nurl = "{url}"\n'
        # Nobody waits for tomorrow's digest in a demonstration.
        text += 'allow_hosts = ["127.0.0.1"]\nfirst_run = "tell"\n'
        text += f'platform = "{CHANNELS[name].platform}"\n'
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def _pass(house: House) -> tuple[list[Collected], Triaged]:
    house.require_assessment()
    with terminal.progress("sources read", len(house.readings)) as advance:
        collected = collect_all(house, list(house.readings), advance)
    with terminal.progress("mentions assessed", waiting(house)) as advance:
        return collected, triage_all(house, advance)


def _print(house: House, folder: Path, told: _Told, *, as_json: bool) -> None:
    with session(house.engine, read_only=True) as db:
        found, count = cases.open_(db), mentions.counts(db, house.now()).mentions
    written = mails(folder / "mails")
    page = _digest_page(folder, written)
    if as_json:
        terminal.print_json(
            {
                "mentions": count,
                "cases": [_document(case) for case in found],
                "mails": [str(mail) for mail in written],
            }
        )
        return
    console = terminal.out(wide=True)
    console.print(_table("Cases", [case for case in found if case.labels]))
    console.print(_table("\nIn doubt: a person is asked", [case for case in found if not case.labels]))
    by_severity = Counter(str(case.severity) for case in found)
    shares = ", ".join(f"{number} {severity}" for severity, number in by_severity.items())
    doubtful = sum(not case.labels for case in found)
    lines = (
        f"\n{count} posts from {len(house.readings)} sources: {told.triaged.dropped} not about us by the query, "
        f"{told.edits} edited later, {len(found)} cases ({shares}), {doubtful} of them in doubt.",
        f"{told.messages} messages sent; they lie in {folder / 'mails'}/",
        f"the digest as a page: {page}",
        f"the digest as text: redshank -c {folder / 'redshank.toml'} digest --preview",
    )
    for line in lines:
        console.print(line, soft_wrap=True)


def _document(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "severity": str(case.severity),
        "labels": list(case.labels or case.ask),
        "clauses": list(case.clauses),
        "source": case.copies[0].source,
        "reason": case.reasons[0] if case.reasons else "",
    }


_REASON = 90
_MOST = {"labels": 30, "clause": 20}
_WIDTHS = {"case": 4, "severity": 8, "labels": 16, "clause": 15, "source": 12, "reason": 20}


def _table(title: str, found: list[Case]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading, width in _WIDTHS.items():
        table.add_column(heading, min_width=width, max_width=_MOST.get(heading), overflow="fold")
    for case in found:
        labels = ", ".join(case.labels or case.ask) or "not read"
        more = f" +{len(case.clauses) - 1}" if len(case.clauses) > 1 else ""
        copies = f" +{len(case.copies) - 1}" if len(case.copies) > 1 else ""
        # The clause has a column of its own.
        reason = case.reasons[0].partition(", ")[2] if case.reasons else ""
        table.add_row(
            str(case.id),
            str(case.severity),
            labels,
            f"{case.clauses[0] if case.clauses else ''}{more}",
            f"{case.copies[0].source}{copies}",
            shorten(reason, _REASON, placeholder=" …"),
        )
    return table


def _with_pictures(mail: EmailMessage, html: str) -> str:
    """The HTML part with the mail's pictures inside it, as a browser knows nothing of the parts beside it."""
    for part in mail.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name:
            data = b64encode(bytes(part.get_content())).decode()
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{data}")
    return html


def _digest_page(folder: Path, written: list[Path]) -> Path:
    """The HTML part of the newest digest as a file that a browser opens."""
    page = folder / "digest.html"
    for path in reversed(written):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("html",)) if isinstance(mail, EmailMessage) else None
        if body is not None and "Digest" in str(mail["subject"]):
            page.write_text(_with_pictures(mail, body.get_content()), encoding="utf-8")
            break
    return page
