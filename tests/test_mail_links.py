"""Which words of a mail belong to which of its links."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._mail_links import MOST_LINKS, from_plain, results


def told(page: str, home: str = "sender.example") -> dict[str, str]:
    return {one.url: " ".join(one.text.split()) for one in results(page, home)}


A, B, C = ("https://a.example/1", "https://b.example/2", "https://c.example/3")


def test_a_link_owns_the_box_that_it_stands_in_alone() -> None:
    rows = (f'<p>One</p><a href="{A}">The first of them</a>', f'<a href="{B}">Next</a> two')
    page = f"<table><tr><td>{rows[0]}</td></tr><tr><td>{rows[1]}</td></tr></table>"
    assert told(page) == {A: "One The first of them", B: "Next two"}


def test_links_of_one_sentence_share_its_words() -> None:
    assert told(f'<p>See <a href="{A}">this</a> and <a href="{B}">that</a>, said Jo.</p>') == dict.fromkeys(
        (A, B), "See this and that, said Jo."
    )


def test_words_in_nobodys_box_belong_to_the_next_link_and_the_last_to_the_last() -> None:
    boxes = f'<div><a href="{A}">Reply to it</a></div><div><a href="{B}">Other</a></div>'
    page = f"<h1>Today</h1><p>He said it leaks.</p>{boxes}<p>End</p>"
    assert told(page) == {A: "Today He said it leaks. Reply to it", B: "Other End"}


def test_two_links_to_one_page_are_one_and_the_longest_words_are_its_title() -> None:
    picture = f'<a href="{A}?utm_source=mail"><img src="x.png"></a>'
    page = f'<div>{picture}<a href="{A}">Oakfield House opens a new wing</a><a href="{A}">More</a></div>'
    (one,) = results(page)
    assert (one.title, one.text.count("Oakfield")) == ("Oakfield House opens a new wing", 1)


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://a.example/u/9">Unsubscribe</a>',
        '<a href="https://a.example/u/9">To unsubscribe from all of these e-mails</a>',
        '<a href="https://a.example/u/9">Manage your notification settings</a>',
        '<a href="https://a.example/account/settings/mail">Here</a>',
        '<a href="https://a.example/x">View this email in your browser</a>',
        '<a href="https://www.facebook.com/sender"><img alt="Facebook"></a>',
        '<a href="https://a.example/pixel"><img src="p.gif"></a>',
        '<a href="https://www.sender.example/">Sender</a>',
        '<a href="https://www.google.com/alerts/feedback?x=1">No good</a>',
        '<a href="mailto:jo@oakfield.example">write</a>',
        '<a href="javascript:alert(1)">run</a>',
        "<a>no address</a>",
    ],
)
def test_what_serves_the_mail_is_no_result(link: str) -> None:
    assert results(f"<p>Oakfield House</p><p>{link}</p>", "mail.sender.example") == []


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://news.example/care-home-settings-change">Settings to change at Oakfield House</a>',
        '<a href="https://news.example/help">Help for families of Oakfield House</a>',
        '<a href="https://oakfield-scandal.example/">Oakfield scandal</a>',
        '<a href="https://www.facebook.com/groups/1/posts/2">Facebook post by Jo</a>',
    ],
)
def test_a_result_that_only_looks_like_it_is_kept(link: str) -> None:
    assert len(results(f"<p>{link}</p>", "sender.example")) == 1


def test_a_redirector_is_read_and_never_asked() -> None:
    page = (
        '<p><a href="https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F1&h=x">Oakfield House</a></p>'
    )
    assert list(told(page)) == [A]


def test_buttons_alone_are_kept_rather_than_nothing() -> None:
    assert list(told(f'<p><a href="{A}">View</a></p>')) == [A]


def test_a_card_for_mail_programs_adds_what_the_page_lacks() -> None:
    cards = [{"title": "A card", "description": "Oakfield House", "url": B}, {"title": "B", "url": A}]
    card = json.dumps({"cards": cards})
    page = f'<script type="application/json">{card}</script><p><a href="{A}">Said on the page</a></p>'
    assert told(page) == {A: "Said on the page", B: "Oakfield House"}


@pytest.mark.parametrize("script", ["[" * 5000, '{"url": 7, "title": null}', "null", ""])
def test_a_broken_card_breaks_nothing(script: str) -> None:
    page = f'<script type="application/ld+json">{script}</script><p><a href="{A}">words</a></p>'
    assert list(told(page)) == [A]


def test_a_plain_paragraph_keeps_its_words_and_loses_its_address() -> None:
    found = results(from_plain(f"Jo said: 5 < 6 & more.\n<{A}>\n\nKim said no ({B})."))
    assert [(one.url, one.text) for one in found] == [(A, "Jo said: 5 < 6 & more."), (B, "Kim said no ().")]


def test_a_mail_of_very_many_links_is_bounded_and_quick() -> None:
    many = "".join(
        f'<td><a href="https://a.example/{number}">page</a><br>y<span>z</span></td>' for number in range(3000)
    )
    start = time.process_time()
    assert len(results(f"<table><tr>{many}</tr></table>")) == MOST_LINKS
    one = "<p>" + f'<a href="{A}">a</a><a href="{B}">b</a>' + "<i>w</i><br>" * 30_000 + "</p>"
    assert len(results(one)) == 2
    assert time.process_time() - start < 20


def test_no_mail_keeps_it_busy() -> None:
    """What took minutes when each link or card was looked at again for each one before it."""
    ours = '<a href="https://x.example/unsubscribe">.</a>' * 20_000
    cards = f'<script type="application/json">[{"[]," * 300_000}[]]</script>'
    assert results(f"<div>{ours}</div>") == results(f"{cards}<p>x</p>") == []


@given(st.text(alphabet='<>/="apdivt ribhftp:.éx\0&;!-', max_size=300))
def test_any_page_is_read(page: str) -> None:
    for one in results(page):
        assert one.url.startswith("http")


@given(st.text(max_size=200))
def test_any_plain_text_is_read(text: str) -> None:
    assert A in told(from_plain(f"{text}\n\n{A}"))


@given(
    st.lists(st.text(alphabet="aé1&<>\"';東", min_size=1), max_size=20), st.sampled_from((" ", "\n", "\n\n"))
)
def test_no_word_of_a_plain_text_is_lost(words: list[str], between: str) -> None:
    said = told(from_plain(f"{between.join(words)}\n\n{A}"))[A]
    assert said.split() == words
