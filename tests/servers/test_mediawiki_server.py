"""The connector against a real MediaWiki with SQLite."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import machines
import pytest
import requests

from connectors import _wiki, mediawiki
from connectors._http import Client
from core.types import Batch

INSTALL = "/usr/share/mediawiki/maintenance/install.php"
machines.need("nginx", "php-fpm8.2", "php", INSTALL)

PASSWORD = "long-enough-for-a-test"


class Wiki:
    """A wiki that has just been installed, and its administrator."""

    def __init__(self, base: str, home: Path) -> None:
        self.api = f"{base}/mediawiki/api.php"
        self._home = home
        self._session = requests.Session()
        self._session.trust_env = False
        token = self._ask(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        self._do(action="login", lgname="Admin", lgpassword=PASSWORD, lgtoken=token)

    def _ask(self, **params: str) -> Any:
        return self._session.get(self.api, params={"format": "json", **params}, timeout=60).json()

    def _do(self, **params: str) -> Any:
        answer = self._session.post(self.api, data={"format": "json", **params}, timeout=60).json()
        assert "error" not in answer, answer
        return answer

    def _token(self) -> str:
        return str(self._ask(action="query", meta="tokens")["query"]["tokens"]["csrftoken"])

    def edit(self, title: str, words: str, summary: str = "") -> tuple[str, str]:
        """Write a page; gives its number and that of the edit."""
        made = self._do(action="edit", title=title, text=words, summary=summary, token=self._token())["edit"]
        return str(made["pageid"]), str(made["newrevid"])

    def delete(self, title: str) -> None:
        self._do(action="delete", title=title, token=self._token())

    def work(self) -> None:
        """Do what the wiki put off: the index of its search."""
        jobs = ["php", "/usr/share/mediawiki/maintenance/runJobs.php"]
        subprocess.run(jobs, check=True, capture_output=True, env=_environment(self._home))


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"MW_CONFIG_FILE": str(home / "conf" / "LocalSettings.php")}


@pytest.fixture(scope="module")
def wiki() -> Iterator[Wiki]:
    with machines.folder() as home:
        (home / "conf").mkdir()
        port = machines.free_port()
        install = ["php", INSTALL, "--dbtype", "sqlite", "--dbpath", str(home / "data"), "--dbname", "wiki"]
        install += ["--server", f"http://127.0.0.1:{port}", "--scriptpath", "/mediawiki", "--pass", PASSWORD]
        (home / "data").mkdir()
        subprocess.run(
            [*install, "--confpath", str(home / "conf"), "Marsh", "Admin"], check=True, capture_output=True
        )
        settings = home / "conf" / "LocalSettings.php"
        settings.write_text(settings.read_text() + "\n$wgJobRunRate = 0;\n$wgRateLimits = [];\n")
        settings.chmod(0o644)
        machines.given_to(machines.WEB_USER, home / "data")
        passed = {"MW_CONFIG_FILE": str(settings)}
        with machines.php_site(home, Path("/usr/share"), port, "", passed) as base:
            yield Wiki(base, home)


def visit(wiki: Wiki, cursor: str | None = None, **more: Any) -> Batch:
    wiki.work()
    given = {"name": "marsh-wiki", "base": wiki.api, "query": '"Oakfield House"'} | more
    with Client("Redshank/0.1 (+x@oakfield.example)", ["127.0.0.1"], timeout=30) as client:
        return mediawiki.fetch(mediawiki.Options.model_validate(given), cursor, client)


def test_pages_and_talk_are_found_by_their_words(wiki: Wiki) -> None:
    page, _ = wiki.edit("A home", "'''Oakfield House''' is a [[care home|home]].\n== Staff ==\n* kind")
    talk, _ = wiki.edit("Talk:A home", "Is it true what they say of Oakfield House?")
    other, _ = wiki.edit("Bittern", "A bird. A house in an oak field.")
    found = {one.key: one for one in visit(wiki).mentions}
    assert found[page].text == "Oakfield House is a home.\nStaff\nkind"
    assert (found[page].author, found[page].lang, found[page].kind) == ("Admin", "en", "page")
    assert found[page].url.endswith("/mediawiki/index.php?title=A_home") or found[page].url.endswith(
        "/A_home"
    )
    assert abs(datetime.now(UTC) - (found[page].posted_at or datetime.now(UTC))) < timedelta(minutes=5)
    assert talk in found
    assert other not in found


def test_an_edit_is_a_new_version_under_the_same_key(wiki: Wiki) -> None:
    page, _ = wiki.edit("Edited", "Oakfield House as it was.")
    first = visit(wiki)
    wiki.edit("Edited", "Oakfield House as it is.")
    assert {one.key: one.text for one in visit(wiki, first.cursor).mentions}[
        page
    ] == "Oakfield House as it is."


def test_a_late_visit_reads_every_page_of_hits(wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> None:
    first = visit(wiki)
    made = {wiki.edit(f"Day {day}", f"Oakfield House on day {day}.")[0] for day in range(25)}
    monkeypatch.setattr(mediawiki, "PER_SEARCH", 5)
    monkeypatch.setattr(mediawiki, "PER_LIST", 10)
    monkeypatch.setattr(_wiki, "AT_ONCE", 3)
    second = visit(wiki, first.cursor)
    assert made <= {one.key for one in second.mentions}
    assert not second.missed


def test_a_summary_that_matches_is_found_and_others_are_not_kept(wiki: Wiki) -> None:
    _, told = wiki.edit("Heron", "A bird.", "somebody at Oakfield House told me")
    _, other = wiki.edit("Egret", "A bird.", "so it is")
    found = {one.key: one for one in visit(wiki).mentions}
    assert found[f"edit:{told}"].text == "somebody at Oakfield House told me"
    assert f"edit:{other}" not in found


def test_what_is_deleted_is_gone(wiki: Wiki) -> None:
    page, _ = wiki.edit("Soon gone", "Oakfield House, soon gone.")
    first = visit(wiki)
    assert page in {one.key for one in first.mentions}
    wiki.delete("Soon gone")
    second = visit(wiki, first.cursor)
    assert page in second.deleted
    assert page not in {one.key for one in second.mentions}


def test_its_search_knows_no_order_of_edits_and_is_asked_without(wiki: Wiki) -> None:
    with Client("x", ["127.0.0.1"], timeout=30) as client, pytest.raises(_wiki.RefusedError) as caught:
        _wiki.ask(client, wiki.api, {"list": "search", "srsearch": "x", "srsort": "last_edit_desc"})
    assert caught.value.code in mediawiki.NO_SUCH_ORDER
