"""`redshank demo`: the whole path, offline, over real HTTP and real SMTP on loopback.

    serve the town -> collect -> triage -> tell -> some authors edit -> collect and triage again -> the digest

Nothing is staged: the cases are what the bundled model and the focus policy make of the posts.
"""

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from core.errors import ConfigError
from core.settings import load
from core.types import Case
from flows.collect import Collected, collect_all
from flows.tell import send_digest, tell_all
from flows.triage import Triaged, triage_all, waiting
from flows.wiring import House
from rich.table import Table
from storage import cases, mentions
from storage.engine import session

from redshank import terminal
from redshank.demo.sink import mails, sink
from redshank.demo.world import serve

_MARK = ".redshank-demo"
_TEMPLATE = Path(__file__).with_name("demo.toml")


def demonstrate(folder: Path, *, as_json: bool) -> None:
    """Run the demonstration in ``folder`` (emptied first if it is an earlier demonstration's) and print it.

    Raises:
        ConfigError: the folder holds something else.
    """
    _prepare(folder)
    with serve(datetime.now(UTC)) as world, sink(folder / "mails") as (host, port):
        house = House(load(_configure(folder, world.urls, host, port)))
        try:
            collected, triaged = _pass(house)
            told = tell_all(house)
            world.edit()
            edited, again = _pass(house)
            told += tell_all(house) + send_digest(house, house.now().astimezone(house.settings.zone).date(), "governance")
            _print(house, folder, collected, triaged + again, sum(one.new for one in edited), told, as_json)
        finally:
            house.engine.dispose()


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
        text += f'\n[[sources]]\nname = "{name}"\nkind = "rss"\nurl = "{url}"\nallow_hosts = ["127.0.0.1"]\n'
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def _pass(house: House) -> tuple[list[Collected], Triaged]:
    house.require_assessment()
    with terminal.progress("sources read", len(house.readings)) as advance:
        collected = collect_all(house, list(house.readings), lambda: advance(1))
    with terminal.progress("mentions assessed", waiting(house)) as advance:
        return collected, triage_all(house, advance)


def _print(
    house: House, folder: Path, collected: list[Collected], triaged: Triaged, edits: int, told: int, as_json: bool
) -> None:
    with session(house.engine, read_only=True) as db:
        found, count = cases.open_(db), mentions.counts(db, house.now()).mentions
    written = mails(folder / "mails")
    page = _digest_page(folder, written)
    if as_json:
        terminal.print_json(
            {"mentions": count, "cases": [_document(case) for case in found], "mails": [str(mail) for mail in written]}
        )
        return
    console = terminal.out()
    console.print(_table(found))
    by_severity = Counter(str(case.severity) for case in found)
    shares = ", ".join(f"{number} {severity}" for severity, number in by_severity.items())
    console.print(
        f"\n{count} posts from {len(collected)} sources; {triaged.dropped} not about us by the query, {edits} edited later; "
        f"{len(found)} cases ({shares}).",
        soft_wrap=True,
    )
    console.print(f"{told} messages sent; they lie in {folder / 'mails'}/", soft_wrap=True)
    console.print(f"the digest as a page: {page}   as text: redshank -c {folder / 'redshank.toml'} digest --preview", soft_wrap=True)


def _document(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "severity": str(case.severity),
        "labels": list(case.labels or case.ask),
        "clauses": list(case.clauses),
        "source": case.copies[0].source,
        "reason": case.reasons[0] if case.reasons else "",
    }


def _table(found: list[Case]) -> Table:
    table = Table("case", "severity", "labels", "clause", "source", "reason", title="Cases", title_justify="left")
    for case in found:
        row = _document(case)
        labels = ", ".join(case.labels) or f"ask: {', '.join(case.ask)}"
        copies = f" (+{len(case.copies) - 1})" if len(case.copies) > 1 else ""
        table.add_row(
            str(case.id), str(case.severity), labels, ", ".join(case.clauses), f"{row['source']}{copies}", str(row["reason"])
        )
    return table


def _digest_page(folder: Path, written: list[Path]) -> Path:
    """The HTML part of the newest digest as a file that a browser opens."""
    page = folder / "digest.html"
    for path in reversed(written):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("html",)) if isinstance(mail, EmailMessage) else None
        if body is not None and "Digest" in str(mail["subject"]):
            page.write_text(body.get_content(), encoding="utf-8")
            break
    return page
