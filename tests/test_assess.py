"""Scores become assessments that agree with themselves, and a flag says which sentences carry it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.artefact import Threshold
from classifiers.assess import assess
from classifiers.reasons import LONG, MOST_STRETCHES, sentences, stretches
from classifiers.scores import Scores
from core.types import Finding, Severity
from core.vocabulary import AUTHOR_ROLES, LABELS

THRESHOLDS = {label: Threshold(sure=0.6, ask=0.3) for label in LABELS}


def scores(labels=None, *, relevance=0.9, severity="none", role="public"):
    return Scores(
        labels=dict.fromkeys(LABELS, 0.05) | (labels or {}),
        relevance=relevance,
        author_role={name: float(name == role) for name in AUTHOR_ROLES},
        severity={str(s): float(str(s) == severity) for s in Severity},
    )


class Reader:
    """Counts what it is asked; a text's score for threat rises with the words it holds."""

    def __init__(self, words):
        self.words = words
        self.asked = []

    def __call__(self, texts):
        self.asked.append(list(texts))
        return [self.read(text) for text in texts]

    def read(self, text):
        labels = {}
        for label, word, weight in self.words:
            if word in text:
                labels[label] = labels.get(label, 0.05) + weight
        return scores(labels, severity="high" if labels else "none")


def at_half(texts, heads):
    return [(head >= 0.5, "") for head in heads]


def one(text, score, **more):
    [said] = assess(
        [text],
        score=score,
        detect=more.pop("detect", lambda text, spans: ()),
        foreign=more.pop("foreign", lambda text: ""),
        tags=more.pop("tags", lambda text: ()),
        thresholds=THRESHOLDS,
        about_us=at_half,
        model="toy 1",
        **more,
    )
    return said


def given_scores(**more):
    return lambda texts: [scores(**more) for _ in texts]


def test_labels_are_those_at_sure_and_ask_holds_them_too():
    said = one("x", given_scores(labels={"hate": 0.6, "threat": 0.3, "privacy": 0.29}, severity="medium"))
    assert said.labels == ("hate",)
    assert said.ask == ("hate", "threat")
    assert said.severity is Severity.medium
    assert (said.relevant, said.author_role, said.model) == (True, "public", "toy 1")


@pytest.mark.parametrize(
    ("probability", "head", "severity"),
    [
        (0.1, "critical", Severity.none),  # nothing to be grave about
        (0.9, "none", Severity.low),
        (0.4, "none", Severity.none),
        (0.4, "high", Severity.high),
        (0.9, "critical", Severity.critical),
    ],
)
def test_severity_agrees_with_the_labels(probability, head, severity):
    assert one("x", given_scores(labels={"hate": probability}, severity=head)).severity is severity


def test_an_irrelevant_mention_bears_no_label_and_what_is_sure_is_asked():
    said = one("x", given_scores(labels={"hate": 0.9, "threat": 0.4}, relevance=0.49, severity="high"))
    assert (said.labels, said.ask, said.severity, said.relevant) == ((), ("hate",), Severity.high, False)
    assert said.scores["hate"] == 0.9
    assert said.reasons == ()


def test_findings_of_the_detectors_are_passed_on():
    found = Finding(kind="phone", start=0, end=3)
    assert one("x", given_scores(), detect=lambda text, spans: [found]).findings == (found,)


def test_the_detectors_are_told_what_the_model_read():
    name = Finding(kind="person", start=0, end=5)
    read = lambda texts: [replace(scores(), spans=(name,)) for _ in texts]  # noqa: E731
    assert one("Doris", read, detect=lambda text, spans: spans).findings == (name,)


def test_a_text_that_the_model_cannot_read_names_its_language():
    assert one("Bore da", given_scores(), foreign=lambda text: "cy").language == "cy"
    assert one("Good morning", given_scores()).language == ""


def test_the_sentence_that_carries_a_label_is_its_reason():
    text = "Lovely day. 😀 I will hit you! See you soon."
    said = one(text, Reader([("threat", "hit", 0.9)]))
    [reason] = said.reasons
    assert text[reason.start : reason.end] == "😀 I will hit you!"
    assert (reason.label, reason.weight) == ("threat", pytest.approx(0.9))


def test_two_sentences_that_weigh_alike_are_both_reasons_and_a_light_one_is_not():
    text = "I will hit you. Nice weather. I will kick you. I will shout."
    reader = Reader([("threat", "hit", 0.4), ("threat", "kick", 0.5), ("threat", "shout", 0.05)])
    assert [text[r.start : r.end] for r in one(text, reader).reasons] == [
        "I will kick you.",
        "I will hit you.",
    ]


def test_each_label_has_its_own_reason():
    text = "I will hit you. You vermin."
    reader = Reader([("threat", "hit", 0.8), ("hate", "vermin", 0.8)])
    assert {r.label: text[r.start : r.end] for r in one(text, reader).reasons} == {
        "threat": "I will hit you.",
        "hate": "You vermin.",
    }


def test_a_label_that_hangs_on_no_one_sentence_still_has_a_reason():
    [reason] = one("Bad. Bad.", Reader([("threat", "Bad", 0.9)])).reasons
    assert reason.weight == 0.0


def test_only_flagged_texts_are_scored_again():
    reader = Reader([("threat", "hit", 0.9), ("threat", "maybe", 0.3)])
    said = assess(
        ["All well.", "maybe", "I hit. He ran."],
        score=reader,
        detect=lambda text, spans: (),
        foreign=lambda text: "",
        tags=lambda text: (),
        thresholds=THRESHOLDS,
        about_us=at_half,
        model="toy 1",
    )
    assert [bool(one.reasons) for one in said] == [False, False, True]
    assert reader.asked[1:] == [[" He ran.", "I hit. "]]


def test_without_explaining_nothing_is_scored_twice():
    reader = Reader([("threat", "hit", 0.9)])
    assert one("I hit.", reader, explain=False).reasons == ()
    assert len(reader.asked) == 1


def test_a_very_long_text_is_not_read_once_for_every_stretch():
    text = "All is calm here. " * (LONG // 18) + "I will hit you. " + "And calm again. " * 300
    reader = Reader([("threat", "hit", 0.9)])
    [reason] = one(text, reader).reasons
    assert "I will hit you." in text[reason.start : reason.end]
    assert sum(len(part) for batch in reader.asked[1:] for part in batch) < 4 * len(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("line one\n\n  line two ", ["line one", "line two"]),
        ('He said "go." Then left', ['He said "go."', "Then left"]),
        ("At 3.30 on v1.2… ok", ["At 3.30 on v1.2…", "ok"]),
        ("  \n ", []),
    ],
)
def test_sentences_end_at_stops_and_lines(text, parts):
    assert [text[start:end] for start, end in sentences(text)] == parts


@given(st.text(alphabet="ab .!\n”😀", max_size=400))
def test_stretches_lie_in_order_and_hold_every_sign_that_is_no_space(text):
    spans = stretches(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert len(spans) <= MOST_STRETCHES
    outside = "".join(text[a:b] for a, b in zip([0, *edges[1::2]], [*edges[::2], len(text)], strict=True))
    assert not outside.strip()


LEVELS = st.floats(0, 1)


@given(st.fixed_dictionaries(dict.fromkeys(LABELS, LEVELS)), LEVELS, st.sampled_from(list(Severity)))
def test_an_assessment_never_contradicts_itself(labels, relevance, severity):
    said = one("x", given_scores(labels=labels, relevance=relevance, severity=str(severity)))
    assert set(said.labels) <= set(said.ask)
    assert said.relevant or not said.labels
    assert bool(said.ask) or said.severity is Severity.none
    assert not said.labels or said.severity > Severity.none
    assert {reason.label for reason in said.reasons} == set(said.labels)
