"""Where the messages of benchmarks/month.py arrive: a mail server and a receiver of webhooks, both real, on loopback.

They stamp what comes with the simulated time, and read it as its reader would: which cases it names, for which step,
and the link by which to take note.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

STEPS = (
    "Overdue",
    "Now for you too",
    "Time is short",
    "Again",
    "Half the time is gone",
    "Reminder",
    "Settled meanwhile",
)
SETTLED = STEPS[-1]
SEVERAL = "several"
_CASE = re.compile(r"\b[Cc]ase (\d+)\b")
_ROW = re.compile(r"^[A-Z]+ +Case (\d+)\b.*\n {10}([^\n;]*)", re.MULTILINE)
_DIGEST = re.compile(r"\[Redshank\] (?:Weekly d|Monthly d|D)igest [^:]*: (\d+) new")
_SHORT = re.compile(r"(?:case (\d+)\.|\(([\d, ]+))")
_LINK = re.compile(r"https?://\S+/acknowledge/\S+")
_FAULT = "faults are told to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as it came: ``ident`` is its Message-ID or webhook-id, ``steps`` what of each case it tells."""

    at: datetime
    channel: str
    to: str
    ident: str
    kind: str
    subject: str
    text: str
    steps: dict[int, str]

    @property
    def link(self) -> str:
        """The link by which to take note; "" where there is none."""
        found = _LINK.search(self.text)
        return found[0] if found else ""

    @property
    def new(self) -> int:
        """How many new cases a digest counts."""
        found = _DIGEST.match(self.subject)
        return int(found[1]) if found else 0


def read_mail(raw: bytes, at: datetime) -> Received:
    """A mail as its reader sees it."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain",))
    text, subject = (body.get_content() if body else ""), str(mail["subject"]).strip()
    kind = "digest" if _DIGEST.match(subject) else "fault" if _FAULT in text else "case"
    return Received(
        at=at,
        channel="mail",
        to=str(mail["to"]),
        ident=str(mail["message-id"]),
        kind=kind,
        subject=subject,
        text=text,
        steps=_steps(subject, text) if kind != "fault" else {},
    )


def _steps(subject: str, text: str) -> dict[int, str]:
    """The cases that a mail names, with the step that stands before each or before the subject."""
    common = _step(subject.removeprefix("[Redshank] ").partition(":")[0])
    rows = {int(number): _step(words) for number, words in _ROW.findall(text)}
    return {
        number: common or rows.get(number, "") for number in map(int, _CASE.findall(f"{subject}\n{text}"))
    }


def _step(words: str) -> str:
    return words.strip() if words.strip() in STEPS else ""


def read_hook(channel: str, ident: str, body: bytes, at: datetime) -> Received:
    """A webhook as its receiver shows it."""
    said = json.loads(body)
    found = _SHORT.findall(said["text"])
    # The short form tells of several cases without saying which step each is told for, unless it is the same.
    step = _step(said["text"].partition(":")[0]) or (SEVERAL if any(many for _, many in found) else "")
    numbers = [part for one in found for part in "".join(one).split(", ") if part.strip()]
    return Received(
        at=at,
        channel=channel,
        to=channel,
        ident=ident,
        kind=said["type"] if said["type"] == "case" else "fault",
        subject=said["subject"],
        text=said["text"],
        steps={int(number): step for number in numbers} if said["type"] == "case" else {},
    )


class Inbox:
    """All that arrived, first first. ``spoil`` may lose, keep back or double a message: to prove that it is noticed."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now, self.all, self.beats = now, list[Received](), 0
        self.spoil: Callable[[Received], list[Received]] = lambda one: [one]
        self._fresh: list[Received] = []
        self._lock = threading.Lock()

    def take(self, one: Received) -> None:
        """A message has arrived."""
        with self._lock:
            for kept in self.spoil(one):
                self.all.append(kept)
                self._fresh.append(kept)

    def fresh(self) -> list[Received]:
        """What arrived since this was asked last."""
        with self._lock:
            found, self._fresh = self._fresh, []
        return found


class MailServer:
    """The mail server, which can be down: then nothing listens, and whoever connects is refused."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._running: Controller | None = None

    def start(self) -> None:
        """Listen; nothing changes where it does already."""
        if self._running is None:
            self._running = Controller(self, hostname="127.0.0.1", port=self.port)
            self._running.start()

    def stop(self) -> None:
        """Stop listening."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd, one message at a time."""
        self._inbox.take(read_mail(envelope.original_content or b"", self._inbox.now()))
        return "250 Message accepted for delivery"


class _Hooks(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        inbox: Inbox = self.server.inbox
        inbox.take(read_hook(self.path.strip("/"), self.headers["webhook-id"], body, inbox.now()))
        self._answer()

    def do_GET(self) -> None:
        self.server.inbox.beats += 1
        self._answer()

    def _answer(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def hooks(inbox: Inbox) -> Iterator[str]:
    """The receiver of webhooks and of the heartbeat; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hooks) as server:
        server.inbox = inbox  # type: ignore[attr-defined]
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def spoilt(how: str) -> Callable[[Received], list[Received]]:
    """What ``--break`` does to all messages about the first high case that is told: "lost" none arrives, "late" they
    do after two hours, "twice" the first comes again under another identifier.
    """
    chosen: list[tuple[int, datetime]] = []

    def spoil(one: Received) -> list[Received]:
        if not chosen and one.subject.startswith("[Redshank] High: "):
            chosen.append((next(iter(one.steps)), one.at))
        if not chosen or chosen[0][0] not in one.steps:
            return [one]
        if how == "twice":
            return [one, replace(one, ident=f"{one.ident}-again")] if one.at == chosen[0][1] else [one]
        return [one] if how == "late" and one.at - chosen[0][1] >= timedelta(hours=2) else []

    return spoil
