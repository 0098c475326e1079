"""Us or a namesake: what counts for and against, that cues only ever help, and that few posts about us are lost."""

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from classifiers.about_us import Cues, bundled, judge_relevance
from classifiers.about_us.features import AGAINST, FEATURES, FOR
from classifiers.about_us.organisation import short_name
from classifiers.about_us.words import some
from classifiers.artefact import bundled as bundled_model
from classifiers.artefact import load
from classifiers.scorer import Scorer
from classifiers.training.relevance import (
    NOISE,
    OTHER_HAND,
    WEIGHTS,
    Noise,
    Organisation,
    Post,
    digest,
    learn,
    read_noise,
    thinned,
    threshold_of,
)
from core.organisation import Organisation as Settings

CUES = Cues(
    places=("Ellermouth",),
    services=("supported living", "day centre"),
    staff=("support worker*",),
    other=("Larch Court",),
    negative=("camera", "Ford", "autofocus", "focus group"),
)
OURS = {
    "name": "Focus Supported Living",
    "accounts": ("@focus_ellermouth", "focus.example"),
    "contacts": ("01632 960410", "hello@focus.example"),
}


def judged(text, head=0.5, cues=CUES, **more):
    (one,) = judge_relevance([text], [head], cues, **(OURS | more))
    return one


@pytest.mark.parametrize(
    "text",
    [
        "Focus put my nan in a room with a stranger",
        "my shift at focus tonight, two staff off sick",
        "FOCUS HAVE LOST MY SISTER'S TABLETS",
        "The Focus support worker in Ellermouth is a gem",
        "Focus",
        "focus supported living are shut today",
        "",
    ],
)
def test_what_nothing_speaks_against_is_ours(text):
    assert judged(text).relevant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("my camera won't focus on the bird", "negative sense: camera"),
        ("ford focus for sale, one owner", "negative sense: Ford"),
        ("Ford Focus estate", "our name is part of another name"),
        ("sat in a focus group about yoghurt", "negative sense: focus group"),
        ("I need to focus on the exam", "our name is used as a common word"),
        ("refocused the lens by hand", "our name stands only inside other words"),
        ("i cant focus on this film", "our name is used as a common word"),
        ("Cllr Focus says potholes are a state of mind", "our name is part of another name"),
        ("Focus, Melbeck: the sofas are cheaper", "another place stands behind our name"),
    ],
)
def test_what_speaks_against_is_told(text, why):
    one = judged(text, head=0.02)
    assert not one.relevant
    assert why in one.why
    assert "no cue of ours" in one.why


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("my mum is at Focus in Melbeck", True),
        ("The Focus, Lower Sallow", True),
        ("the focus home near Melbeck", True),
        ("the Focus day centre in Ellermouth", False),
        ("Focus, Ellermouth", False),
        ("she went to Focus in May", False),
        ("left Focus at Christmas", False),
        ("Focus. In Melbeck it rains", False),
        ("Focus is shut and I am in Melbeck", False),
        ("Focus put her in A&E", False),
        ("my nan at Focus in Melbeck, the same Focus that lost her tablets", False),
    ],
)
def test_a_place_that_is_not_ours_speaks_against_us_only_close_behind_the_name(text, elsewhere):
    assert ("another place stands behind our name" in judged(text).why) is elsewhere


@pytest.mark.parametrize(
    "text",
    [
        "lovely camera work @focus_ellermouth, my Ford Focus says hi",
        "ring 01632-960 410 about the camera",
        "+44 (0)1632 960410? it is a camera shop",
        "see social.example/focus_ellermouth, camera and all.",
        "https://focus.example/camera is down",
        "the autofocus camera people at Hello@Focus.Example",
    ],
)
def test_an_account_or_contact_of_ours_settles_it(text):
    one = judged(text, head=0.001)
    assert one.relevant
    assert one.why.startswith("an account or contact of ours")


def test_the_account_of_somebody_else_settles_nothing():
    assert "account" not in judged("my camera and @focus_ellermouth_cameras").why
    assert "account" not in judged("ring 01632 9604101").why


def test_an_account_that_is_a_common_word_counts_only_as_an_account():
    ours = {"accounts": ("mastodon:@focus@social.example",)}
    assert not judged("my camera has lost focus", head=0.02, **ours).relevant
    assert judged("my camera, says @focus", head=0.02, **ours).relevant


def test_what_stands_beside_a_text_counts():
    texts, heads = ["ford focus, nice camera"] * 2, [0.02] * 2
    plain, ours = judge_relevance(texts, heads, CUES, beside=["", "by @focus_ellermouth"], **OURS)
    assert (plain.relevant, ours.relevant) == (False, True)


def test_without_cues_the_model_alone_decides():
    heads = [0.0, 0.49, 0.5, 1.0]
    said = judge_relevance(["ford focus"] * 4, heads, Cues(), head_threshold=0.5, **OURS)
    assert [one.relevant for one in said] == [False, False, True, True]
    assert [one.probability for one in said] == heads


def test_aliases_are_names_of_ours():
    cues = Cues(negative=("camera",))
    assert "common word" not in judged("the lantern on the hill", name="Hilltop", cues=cues).why
    assert (
        "common word" in judged("lost my lantern again", name="Hilltop", aliases=("Lantern",), cues=cues).why
    )


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Oakfield House", "Oakfield"),
        ("The Bridge Project", "Bridge"),
        ("St Osric's Hospice", "St Osric's"),
        ("focus", "focus"),
        ("The", "The"),
    ],
)
def test_a_name_is_called_by_its_first_telling_word(name, short):
    assert short_name(name) == short


@pytest.mark.parametrize(
    "text", ["Nightfall at Larch Courts", "LARCH COURT", "Lárch  court's lift", "larch-court"]
)
def test_a_cue_is_found_in_any_writing(text):
    assert "cue of ours (other): Larch Court" in judged(text).why


def test_a_cue_is_no_part_of_a_word():
    assert "cue of ours" not in judged("Larch Courtyard is a shop").why.replace("no cue of ours", "")


def test_the_reason_holds_words_of_the_configuration_only():
    said = judged("Zebedee Quill of Focus supported living took my camera", head=0.4)
    assert said.why == (
        "our full name; cue of ours (services): supported living; negative sense: camera; the model gives it 0.40"
    )


WORDS = st.sampled_from(
    sorted(
        some(
            "focus Focus FOCUS the my a at on camera Ford Larch Court support workers Ellermouth, road Road day "
            "centre. staff nan refocus #focus @x supported living"
        )
    )
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
CUE = st.sampled_from(
    ["Larch Court", "Larch", "Court*", "day centre", "day", "Road", "support worker*", "staff"]
)


@settings(deadline=None)
@given(
    TEXTS,
    st.floats(0, 1),
    st.sets(CUE, max_size=4),
    CUE,
    st.sampled_from(["places", "services", "staff", "other"]),
)
def test_a_further_cue_of_ours_never_speaks_against_us(text, head, held, more, kind):
    base = {"negative": ("camera", "Ford"), "places": tuple(held)}
    before = judged(text, head, Cues(**base))
    after = judged(text, head, Cues(**(base | {kind: (*base.get(kind, ()), more)})))
    assert after.probability >= before.probability - 1e-12
    assert after.relevant >= before.relevant


@settings(deadline=None)
@given(TEXTS, st.floats(0, 1), CUE)
def test_a_negative_sense_never_speaks_for_us(text, head, more):
    before = judged(text, head, CUES)
    after = judged(text, head, CUES.model_copy(update={"negative": (*CUES.negative, more)}))
    assert after.probability <= before.probability + 1e-12
    assert after.relevant <= before.relevant


@settings(deadline=None)
@given(st.text(), st.floats(0, 1), st.text(max_size=20))
def test_any_string_is_taken(text, head, name):
    one = judged(text, head, name=name)
    assert 0.0 <= one.probability <= 1.0
    assert one.why


@pytest.mark.parametrize("cue", ["", "a", "*", "nur*se", "**", "- -"])
def test_a_cue_that_says_nothing_is_refused(cue):
    with pytest.raises(ValidationError, match="two letters or more"):
        Cues(places=(cue,))


def test_the_configuration_takes_cues_and_alias_sets():
    held = Settings(
        name="focus",
        aliases={"us_2-b": ("focus", "the hub")},
        must_match=("care",),
        cues={"negative": ["camera"]},
    )
    assert held.cues.given
    assert not Settings(name="focus").cues.given
    with pytest.raises(ValidationError):
        Settings(name="focus", aliases={"Us": ("focus",)})


def test_the_weights_keep_their_signs_and_were_learned_from_these_posts():
    learned = json.loads(WEIGHTS.read_text())
    weights = bundled().weights
    assert set(weights) == set(learned["weights"]) == set(FEATURES)
    assert all(weights[name] >= 0 for name in FOR)
    assert all(weights[name] <= 0 for name in AGAINST)
    train = [post for post in read_noise().posts if post.part == "train"]
    assert len(train) == learned["posts"]
    assert learned["learned_from"] == digest(train), "run python -m classifiers.training.relevance"


def test_topics_of_the_test_part_are_not_in_the_train_part():
    posts = read_noise().posts
    parts = {part: {post.topic for post in posts if post.part == part} for part in ("train", "test")}
    assert parts["train"].isdisjoint(parts["test"])
    assert len({post.text for post in posts}) == len(posts) >= 400


def test_the_other_hand_tests_organisations_that_nothing_was_learned_from():
    first, other = read_noise(NOISE), read_noise(OTHER_HAND)
    parts = {
        part: {one.organisation for one in other.posts if one.part == part} for part in ("train", "test")
    }
    assert parts["train"].isdisjoint(parts["test"])
    assert first.organisations.keys().isdisjoint(other.organisations)


@pytest.mark.parametrize(("path", "least", "most"), [(NOISE, 0.98, 0.7), (OTHER_HAND, 0.97, 0.82)])
def test_few_posts_about_us_are_lost_among_namesakes(path, least, most):
    noise = read_noise(path)
    posts = [post for post in noise.posts if post.part == "test"]
    heads = [
        scores.relevance for scores in Scorer(load(bundled_model())).score([post.text for post in posts])
    ]
    said = []
    for post, head in zip(posts, heads, strict=True):
        ours = noise.organisations[post.organisation]
        said += judge_relevance(
            [post.text], [head], ours.cues, name=ours.name, accounts=ours.accounts, contacts=ours.contacts
        )
    relevant = np.array([post.relevant for post in posts])
    kept = np.array([one.relevant for one in said])
    assert kept[relevant].mean() >= least
    assert kept[~relevant].mean() <= most


def test_learning_finds_what_tells_and_is_the_same_each_time():
    cues = Cues(places=("Ellermouth",), negative=("camera",))
    noise = Noise(
        {key: Organisation(key, (), (), cues) for key in ("Focus", "Beacon")},
        [
            Post(f"{key} {word} {n}", "train", key, "t", relevant)
            for key in ("Focus", "Beacon")
            for n in range(20)
            for word, relevant in (("in Ellermouth", True), ("and a camera", False))
        ],
    )
    weights, threshold = learn(noise, [0.5] * len(noise.posts))
    assert weights["places"] > 0 > weights["negative"]
    assert (weights, threshold) == learn(noise, [0.5] * len(noise.posts))


def test_the_threshold_counts_only_what_can_be_lost():
    true = np.array([True] * 4)
    probabilities = np.array([0.1, 0.2, 0.3, 0.4])
    assert threshold_of(probabilities, true, np.array([True] * 4)) == pytest.approx(0.1)
    assert threshold_of(probabilities, true, np.array([False, True, True, True])) == pytest.approx(0.2)


def test_thinned_cues_are_some_of_them():
    fewer = thinned(CUES, random.Random(1))
    assert set(fewer.negative) < set(CUES.negative)
