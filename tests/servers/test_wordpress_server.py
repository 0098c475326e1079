"""The connector against a real WordPress with MariaDB."""

import re
import shutil
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import machines
import pytest
import requests

from connectors import wordpress
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

machines.need("nginx", "php-fpm8.2", "mariadbd", "mariadb-install-db", "/usr/share/wordpress/wp-load.php")

USER, PASSWORD = "warden", "long-enough-for-a-test"


class Site:
    """A WordPress that has just been installed."""

    def __init__(self, base: str, socket: Path) -> None:
        self.base = base
        self._socket = socket
        self._calls = xmlrpc.client.ServerProxy(f"{base}/xmlrpc.php", allow_none=True)

    def close(self) -> None:
        self._calls("close")()

    def sql(self, *statements: str) -> None:
        command = [
            "mariadb",
            "--no-defaults",
            f"--socket={self._socket}",
            "-uroot",
            "wp",
            "-e",
            ";".join(statements),
        ]
        subprocess.run(command, check=True, capture_output=True)

    def install(self) -> None:
        form = {
            "weblog_title": "The Marsh",
            "user_name": USER,
            "admin_password": PASSWORD,
            "admin_password2": PASSWORD,
        }
        form |= {"pw_weak": "on", "admin_email": "warden@oakfield.example", "blog_public": "1"}
        requests.post(f"{self.base}/wp-admin/install.php?step=2", data=form, timeout=60).raise_for_status()
        self.sql(
            "update wp_options set option_value='/%year%/%postname%/' where option_name='permalink_structure'",
            "delete from wp_options where option_name='rewrite_rules'",
        )

    def post(self, title: str, words: str, **more: Any) -> str:
        content = {
            "post_title": title,
            "post_content": words,
            "post_status": "publish",
            "comment_status": "open",
        }
        return str(self._calls.wp.newPost(0, USER, PASSWORD, content | more))

    def edit(self, post: str, words: str) -> None:
        self._calls.wp.editPost(0, USER, PASSWORD, post, {"post_content": words})

    def delete(self, post: str) -> None:
        self._calls.wp.deletePost(0, USER, PASSWORD, post)

    def comment(self, post: str, words: str) -> str:
        return str(self._calls.wp.newComment(0, USER, PASSWORD, post, {"content": words}))

    def uncomment(self, comment: str) -> None:
        self._calls.wp.deleteComment(0, USER, PASSWORD, comment)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with machines.folder() as home, _database(home) as port:
        web, data = machines.free_port(), home / "content"
        shutil.copytree(
            "/usr/share/wordpress", home / "site", ignore=shutil.ignore_patterns(".htaccess", "languages")
        )
        machines.given_to(machines.WEB_USER, home / "site" / "wp-content", data)
        (home / "site" / "wp-config.php").write_text(_config(web, port))
        rules = "location / { try_files $uri $uri/ /index.php?$args; }"
        with machines.php_site(home, home / "site", web, rules, {}) as base:
            made = Site(base, home / "db.sock")
            made.install()
            yield made
            made.close()


def _database(home: Path) -> Any:
    machines.given_to("mysql", home / "db")
    port, socket = machines.free_port(), home / "db.sock"
    home.chmod(0o777)  # for the socket
    common = ["--no-defaults", "--user=mysql", f"--datadir={home}/db"]
    first = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(first, check=True, capture_output=True)
    serve = [
        "mariadbd",
        *common,
        "--bind-address=127.0.0.1",
        f"--port={port}",
        f"--socket={socket}",
        "--skip-log-bin",
    ]
    return _made(serve, port, socket, home)


@machines.contextmanager
def _made(serve: list[str], port: int, socket: Path, home: Path) -> Iterator[int]:
    with machines.started(
        [*serve, f"--pid-file={home}/db/pid"], lambda: machines.listens(port), home / "db.log"
    ):
        make = "create database wp; create user wp@127.0.0.1 identified by 'wp'; grant all on wp.* to wp@127.0.0.1"
        subprocess.run(["mariadb", "--no-defaults", f"--socket={socket}", "-uroot", "-e", make], check=True)
        yield port


def _config(web: int, port: int) -> str:
    here = f"http://127.0.0.1:{web}"
    values = {"DB_NAME": "wp", "DB_USER": "wp", "DB_PASSWORD": "wp", "DB_HOST": f"127.0.0.1:{port}"}
    values |= {"DB_CHARSET": "utf8mb4", "DB_COLLATE": "", "WP_HOME": here, "WP_SITEURL": here}
    lines = [f"define('{name}', '{value}');" for name, value in values.items()]
    lines += [f"define('{name}', true);" for name in ("WP_HTTP_BLOCK_EXTERNAL", "DISABLE_WP_CRON")]
    lines += ["$table_prefix = 'wp_';", "if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');"]
    return "<?php\n" + "\n".join(lines) + "\nrequire_once ABSPATH . 'wp-settings.php';\n"


def visit(site: Site, cursor: str | None = None, **more: Any) -> Batch:
    given = {"name": "marsh", "base": site.base, "query": '"Oakfield House"'} | more
    with Client("Redshank/0.1 (+x@oakfield.example)", ["127.0.0.1"], timeout=30) as client:
        return wordpress.fetch(wordpress.Options.model_validate(given), cursor, client)


def keys(batch: Batch) -> set[str]:
    return {mention.key for mention in batch.mentions}


def test_a_first_visit_finds_what_matches_and_nothing_else(site: Site) -> None:
    ours = site.post(
        "A visit to Oakfield House – “tea” & <b>cake</b>", "<p>They were kind &amp; patient.</p>"
    )
    others = site.post("Birds", "A redshank stood on the lawn.")
    found = {one.key: one for one in visit(site).mentions}
    assert f"posts-{others}" not in found
    mention = found[f"posts-{ours}"]
    assert (mention.title, mention.text) == (
        "A visit to Oakfield House – “tea” & cake",
        "They were kind & patient.",
    )
    assert (mention.author, mention.kind, mention.platform) == (USER, "article", "blog")
    assert mention.url.startswith(site.base)
    assert abs(datetime.now(UTC) - (mention.posted_at or datetime.now(UTC))) < timedelta(minutes=5)


def test_a_late_visit_turns_pages_and_a_page_too_far_is_the_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = visit(site).cursor
    made = {f"posts-{site.post(f'Oakfield House, day {day}', 'Words.')}" for day in range(25)}
    monkeypatch.setattr(wordpress, "PER_PAGE", 10)
    batch = visit(site, cursor)
    assert made <= keys(batch)
    assert not batch.missed
    with Client("x", ["127.0.0.1"], timeout=30) as client:
        address = f"{site.base}/wp-json/wp/v2/posts?per_page=10&page=99"
        answer = client.get(address, errors=(400,))
    assert b"rest_post_invalid_page_number" in answer.content
    assert wordpress._past_the_end(answer, 99, datetime.now(UTC)).mentions == ()


def test_an_edit_is_a_new_version_under_the_same_key(site: Site) -> None:
    old = (datetime.now(UTC) - timedelta(days=400)).replace(tzinfo=None, microsecond=0)
    post = site.post("Oakfield House, long ago", "As it was.", post_date_gmt=old)
    first = visit(site)
    time.sleep(1.1)  # WordPress counts whole seconds
    site.edit(post, "As it is now.")
    found = {one.key: one for one in visit(site, first.cursor).mentions}
    assert found[f"posts-{post}"].text == "As it is now."
    assert found[f"posts-{post}"].posted_at == old.replace(tzinfo=UTC)


def test_comments_are_found_and_what_is_deleted_is_gone(site: Site) -> None:
    post = site.post("A walk", "Mud.")
    comment = site.comment(post, "I walked past Oakfield House.")
    gone = site.post("Oakfield House, soon gone", "Words.")
    first = visit(site)
    assert {f"comments-{comment}", f"posts-{gone}"} <= keys(first)
    site.delete(gone)
    site.uncomment(comment)
    second = visit(site, first.cursor)
    assert {f"comments-{comment}", f"posts-{gone}"} <= set(second.deleted)
    assert not second.missed


def test_without_a_query_all_is_read(site: Site) -> None:
    post = site.post("Nothing of note", "Rain.")
    assert f"posts-{post}" in keys(visit(site, query=""))


def test_a_site_that_closed_the_interface_says_what_to_do(site: Site) -> None:
    plugins = "add_filter('rest_authentication_errors', fn() => new WP_Error('rest_closed', 'no', ['status' => 401]));"
    where = Path(_root(site)) / "wp-content" / "mu-plugins"
    where.mkdir(exist_ok=True)
    (where / "closed.php").write_text(f"<?php\n{plugins}\n")
    try:
        with pytest.raises(FetchError, match='use kind "rss"'):
            visit(site)
    finally:
        (where / "closed.php").unlink()
        time.sleep(2.5)  # PHP looks at its files again after two seconds


def _root(site: Site) -> Path:
    return site._socket.parent / "site"


def test_the_address_of_a_mention_can_be_read(site: Site) -> None:
    post = site.post("Oakfield House, to be opened", "Words.")
    found = {one.key: one for one in visit(site).mentions}
    page = requests.get(found[f"posts-{post}"].url, timeout=30)
    assert page.status_code == 200
    assert re.search("to be opened", page.text)
