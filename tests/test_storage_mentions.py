"""Adding what was said: nothing twice, nothing lost, every version kept."""

import itertools
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from storage_fixtures import HARMLESS, HOUR, MINUTE, NOW, an_assessment, mention

from core.types import Finding, Mention, Reason
from storage import mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

_sources = (f"source-{number}" for number in itertools.count())


def claim(engine: Engine, now=NOW, limit=10):
    with session(engine) as write:
        return mentions.unassessed(write, now, limit, 5 * MINUTE)


def add(engine: Engine, *batch: Mention, now=NOW) -> list[int]:
    with session(engine) as write:
        return mentions.add_new(write, batch, now)


def texts(engine: Engine, source: str) -> dict[str, list[str]]:
    """All versions of all mentions of a source, by key, oldest first."""
    rows = text(
        "SELECT m.key, v.version, v.text, m.version FROM mention m "
        "JOIN mention_version v ON v.mention_id = m.id "
        "WHERE m.source = :source ORDER BY m.key, v.version"
    )
    found: dict[str, list[str]] = {}
    with session(engine) as read:
        for key, version, words, newest in read.connection().execute(rows, {"source": source}):
            found.setdefault(key, []).append(words)
            assert version == len(found[key]) <= newest
    return found


def test_adding_the_same_again_changes_nothing(engine: Engine) -> None:
    first = add(engine, mention("1"), mention("2"))
    assert len(first) == 2
    assert add(engine, mention("2"), mention("1"), mention("3")) == [max(first) + 1]
    assert texts(engine, "news").keys() == {"1", "2", "3"}


def test_the_same_key_at_another_source_is_another_mention(engine: Engine) -> None:
    assert len(add(engine, mention("1", source="news"), mention("1", source="forum"))) == 2


def test_a_mention_comes_back_as_it_went_in(engine: Engine) -> None:
    said = mention("1", text="Größe 🐦", title="Two\nlines", author="@jo", platform="mastodon", posted_at=NOW)
    add(engine, said)
    (stored,) = claim(engine)
    assert (stored.mention, stored.version, stored.fetched_at, stored.attempts) == (said, 1, NOW, 0)


def test_an_edit_is_a_version_that_waits_for_assessment_again(engine: Engine) -> None:
    (first,) = add(engine, mention(text="before"))
    (stored,) = claim(engine)
    with session(engine) as write:
        mentions.settle(write, stored, HARMLESS, NOW)
    assert claim(engine) == []
    assert add(engine, mention(text="after", author="@jo"), now=NOW + HOUR) == [first]
    (again,) = claim(engine, now=NOW + HOUR)
    assert (again.id, again.version, again.mention.text, again.mention.author) == (first, 2, "after", "@jo")
    assert again.fetched_at == NOW + HOUR
    assert texts(engine, "news") == {"1": ["before", "after"]}


def test_going_back_to_earlier_words_is_an_edit_too(engine: Engine) -> None:
    for words in ("yes", "no", "yes"):
        assert add(engine, mention(text=words))
    assert texts(engine, "news") == {"1": ["yes", "no", "yes"]}


def test_a_changed_title_alone_is_an_edit(engine: Engine) -> None:
    assert add(engine, mention(title="one")) == add(engine, mention(title="two"))


def test_a_repeat_within_a_batch_is_kept_once(engine: Engine) -> None:
    assert len(add(engine, mention("1"), mention("1"))) == 1
    assert claim(engine)[0].version == 1


def test_a_feed_that_holds_an_item_in_two_wordings_makes_two_versions_once(engine: Engine) -> None:
    twice = mention(text="draft"), mention(text="final")
    assert len(add(engine, *twice)) == 1
    assert add(engine, *twice) == []
    assert texts(engine, "news") == {"1": ["draft", "final"]}


def test_characters_that_a_database_cannot_hold_are_replaced_in_place(engine: Engine) -> None:
    odd = mention("k\0", text="half \ud83d a pair\0, said 🐦", author="\udc00", title="\0")
    assert len(add(engine, odd)) == 1
    assert add(engine, odd) == []
    (stored,) = claim(engine)
    assert stored.mention.text == "half \ufffd a pair\ufffd, said 🐦"
    assert len(stored.mention.text) == len(odd.text)


def test_a_key_of_any_length_is_told_apart_from_its_like(engine: Engine) -> None:
    long = "https://news.example/" + "".join(map(str, range(4_000)))
    assert len(add(engine, mention(long + "a"), mention(long + "b"))) == 2
    assert add(engine, mention(long + "a")) == []


def test_a_batch_of_thousands_is_added_once(engine: Engine) -> None:
    batch = [mention(str(number), text=f"item {number}") for number in range(2_345)]
    assert len(set(add(engine, *batch))) == 2_345
    assert add(engine, *batch) == []
    assert len(add(engine, *(replace(said, text=said.text + "!") for said in batch))) == 2_345


def test_an_empty_batch_is_fine(engine: Engine) -> None:
    assert add(engine) == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])), max_size=5), max_size=5
    )
)
def test_any_batches_leave_each_place_once_with_its_newest_words(
    engine: Engine, batches: list[list[tuple[str, str]]]
) -> None:
    source = next(_sources)
    expected: dict[str, list[str]] = {}
    for batch in batches:
        changed = add(engine, *(mention(key, text=words, source=source) for key, words in batch))
        moved = 0
        for key in dict(batch):
            said = [words for where, words in batch if where == key]
            history = expected.setdefault(key, [])
            if history[-1:] != said[-1:]:
                moved += 1
                for words in said:
                    if history[-1:] != [words]:
                        history.append(words)
        assert len(changed) == len(set(changed)) == moved
    assert texts(engine, source) == expected


def test_what_was_forgotten_meanwhile_is_settled_in_silence(engine: Engine) -> None:
    add(engine, mention())
    (stored,) = claim(engine)
    with session(engine) as write:
        write.connection().execute(text("DELETE FROM mention"))
        mentions.record_assessment(write, stored, an_assessment(), NOW)
        assert mentions.settle(write, stored, HARMLESS, NOW) is None
        assert write.connection().execute(text("SELECT count(*) FROM mention_version")).scalar() == 0


def test_an_assessment_is_kept_and_the_same_model_replaces_its_own(engine: Engine) -> None:
    add(engine, mention())
    (stored,) = claim(engine)
    full = an_assessment(
        findings=(Finding(kind="phone", start=3, end=14),),
        reasons=(Reason(label="privacy", start=0, end=9, weight=0.5),),
        ask=("privacy", "hate"),
    )
    with session(engine) as write:
        assert mentions.assessment(write, stored) is None
        mentions.record_assessment(write, stored, an_assessment(relevance=0.1), NOW)
        mentions.record_assessment(write, stored, full, NOW)
    with session(engine) as read:
        assert mentions.assessment(read, stored) == full
    newer = replace(full, model="tiny-2", labels=())
    with session(engine) as write:
        mentions.record_assessment(write, stored, newer, NOW + MINUTE)
    with session(engine) as read:
        assert mentions.assessment(read, stored) == newer


def test_values_outlive_their_session(engine: Engine) -> None:
    (first,) = add(engine, mention())
    with session(engine, read_only=True) as read:
        found = mentions.read(read, [first, 999])
    assert [stored.mention for stored in found] == [mention()]


def test_two_models_words_on_one_version_are_both_kept(engine: Engine) -> None:
    add(engine, mention())
    (stored,) = claim(engine)
    with session(engine) as write:
        for model in ("tiny-1", "tiny-2", "tiny-1"):
            mentions.record_assessment(write, stored, an_assessment(model=model), NOW)
        kept = write.connection().execute(text("SELECT model FROM assessment ORDER BY model"))
        assert [model for (model,) in kept] == ["tiny-1", "tiny-2"]


def test_what_was_read_since_a_moment_counts_edits_too(engine: Engine) -> None:
    add(engine, mention("1"), mention("2"), now=NOW - HOUR)
    add(engine, mention("1"), mention("2", text="edited"), mention("3"))
    with session(engine, read_only=True) as read:
        assert mentions.read_since(read, NOW) == 2
        assert mentions.read_since(read, NOW - HOUR) == 4
        assert mentions.read_since(read, NOW + MINUTE) == 0
