"""Functional tests of the abuse labels: one accuracy for each thing that such models get wrong.

    functionalities/*.yaml -> read, expand -> cases -> judge -> report

The method is that of HateCheck (Röttger et al., ACL 2021): short sentences of one kind each, made from templates,
every kind with one right answer. The templates and words are our own. A functionality expects ``flag`` (one of its
``any_of`` labels is sure) or ``clean`` (none of hate, harassment, threat and sexual is). A spelling functionality
takes its sentences from another and alters the marked words, so that the drop is the spelling's alone.

A label counts as given when its probability reaches "sure", whatever the relevance head says. That head answers
whether a text is about the organisation or a namesake; most of these sentences name no organisation that anybody
watches, and it would hide the answer that is asked for here. Redshank itself asks a person about a label that is
cleared that way, so it isn't lost there either.

The set is for measuring only: nothing is trained or tuned on it.

    python benchmarks/functional.py [--json] [--model FOLDER] [--errors 3]
    python benchmarks/functional.py --out CASES.jsonl      # then: redshank evaluate CASES.jsonl
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from functional_cases import ABUSE, Case, digest, expand, read

from classifiers.artefact import bundled, load
from classifiers.evaluate import share
from classifiers.scorer import Scorer
from core.errors import RedshankError
from core.files import write_lines
from flows.wiring import Judgement

PLATFORMS = ("x", "facebook", "reddit", "instagram", "forum", "bluesky")
SEVERITIES = {"threat": "critical", "hate": "high", "harassment": "medium"}  # the first that a case bears
PEER = 0.766
PEER_SAYS = "Perspective on HateCheck (Röttger et al., ACL 2021): other sentences, not measured in this run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One functionality: the share answered rightly, and of the same sentences in plain spelling.

    ``any_abuse`` is the share that bears a sure abuse label, right or wrong.
    """

    name: str
    says: str
    family: str
    expect: str
    n: int
    accuracy: float
    plain: float | None
    any_abuse: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Accuracy over some cases, over those of them to flag, and over the clean ones."""

    n: int
    overall: float
    flag: float
    clean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Accuracies over all cases and over parts of them; ``macro`` is the mean over functionalities."""

    model: str
    all: Sides
    macro: float
    families: Mapping[str, Sides]
    traits: Mapping[str, Sides]
    groups: Mapping[str, Sides]
    rows: Sequence[Row]
    perspective_on_hatecheck: float = PEER


Given = frozenset[str]


def main() -> int:
    options = arguments()
    try:
        functionalities, words = read()
        cases = expand(functionalities, words)
        if options.out:
            write_lines(options.out, map(line, cases))
            return 0
        judgement = Judgement(Scorer(load(options.model)))
    except RedshankError as error:
        print(error, file=sys.stderr)
        return 2
    given = judge(judgement, cases)
    traits = {group["group"]: group["trait"] for group in words["group"]}
    report = measure(cases, given, traits, judgement.model)
    print(json.dumps(asdict(report), ensure_ascii=False, indent=2) if options.json else table(report))
    for text in errors(cases, given, options.errors):
        print(text)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--model", type=Path, default=bundled(), help="folder of the artefact")
    parser.add_argument(
        "--errors", type=int, default=0, help="also print so many wrong answers a functionality"
    )
    parser.add_argument("--out", type=Path, help="write the cases as labelled mentions, and judge nothing")
    options = parser.parse_args()
    if options.json and options.errors:
        parser.error("--errors is for the table, not for --json")
    return options


def line(case: Case) -> dict[str, object]:
    """A case in the line format of the taxonomy."""
    labels = case.functionality.labels or case.functionality.any_of
    return {
        "id": case.id,
        "text": case.text,
        "platform": PLATFORMS[digest("platform", case.id) % len(PLATFORMS)],
        "author_role": "public",
        "relevant": True,
        "labels": list(labels),
        "case": case.functionality.name,
        "severity": next((grave for label, grave in SEVERITIES.items() if label in labels), "none"),
    }


def judge(judgement: Judgement, cases: Sequence[Case]) -> list[Given]:
    """The sure abuse labels of each case, whether relevant or not."""
    sure = {label: judgement.thresholds[label].sure for label in ABUSE}
    said = judgement.assess([case.text for case in cases], explain=False)
    return [frozenset(label for label in ABUSE if one.scores[label] >= sure[label]) for one in said]


def right(case: Case, given: Given) -> bool:
    """Whether the answer is the one that the functionality expects."""
    wanted = case.functionality.any_of
    return bool(given.intersection(wanted)) if wanted else not given


def measure(cases: Sequence[Case], given: Sequence[Given], traits: Mapping[str, str], model: str) -> Report:
    """The report on a model's answers; ``traits`` says which characteristic a group is of."""
    answers = {case.id: right(case, labels) for case, labels in zip(cases, given, strict=True)}
    flagged = {case.id: bool(labels) for case, labels in zip(cases, given, strict=True)}
    rows = [row(own, answers, flagged) for own in by(cases, lambda case: case.functionality.name).values()]
    grouped = [case for case in cases if case.group]

    def parts(some: Iterable[Case], key: Callable[[Case], str]) -> dict[str, Sides]:
        return {name: sides(own, answers) for name, own in by(some, key).items()}

    return Report(
        model=model,
        all=sides(cases, answers),
        macro=share(sum(one.accuracy for one in rows), len(rows)),
        families=parts(cases, lambda case: case.functionality.family),
        traits=parts(grouped, lambda case: traits[case.group]),
        groups=parts(grouped, lambda case: case.group),
        rows=rows,
    )


def row(own: Sequence[Case], answers: Mapping[str, bool], flagged: Mapping[str, bool]) -> Row:
    """The row of one functionality's cases; without its sources there is no plain figure."""
    one = own[0].functionality
    sources = [answers[case.source] for case in own if case.source in answers]
    return Row(
        name=one.name,
        says=one.says,
        family=one.family,
        expect=one.expect,
        n=len(own),
        accuracy=_mean(answers, own),
        plain=share(sum(sources), len(sources)) if sources else None,
        any_abuse=_mean(flagged, own),
    )


def sides(cases: Sequence[Case], answers: Mapping[str, bool]) -> Sides:
    """The accuracies over these cases."""
    expected = by(cases, lambda case: case.functionality.expect)
    return Sides(
        n=len(cases),
        overall=_mean(answers, cases),
        flag=_mean(answers, expected.get("flag", ())),
        clean=_mean(answers, expected.get("clean", ())),
    )


def by(cases: Iterable[Case], key: Callable[[Case], str]) -> dict[str, list[Case]]:
    """The cases of each key, in the order in which the keys come up."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(key(case), []).append(case)
    return found


def _mean(truths: Mapping[str, bool], cases: Sequence[Case]) -> float:
    return share(sum(truths[case.id] for case in cases), len(cases))


def table(report: Report) -> str:
    """The report for a person's eyes, in per cent."""
    lines = [f"{'functionality':<27}{'':45}{'expect':<7}{'n':>4}{'right':>8}{'plain':>8}{'any abuse':>11}"]
    for one in report.rows:
        plain = "" if one.plain is None else f"{one.plain:.1%}"
        lines.append(
            f"{one.name:<27}{one.says:<45}{one.expect:<7}{one.n:>4}{one.accuracy:>8.1%}{plain:>8}{one.any_abuse:>11.1%}"
        )
    lines.append(f"\n{'accuracy':<44}{'n':>6}{'all':>8}{'to flag':>9}{'clean':>8}")
    lines += [
        f"{title:<10}{name:<34}{part.n:>6}{part.overall:>8.1%}{part.flag:>9.1%}{part.clean:>8.1%}"
        for title, parts in (
            ("about", report.groups),
            ("of", report.traits),
            ("family", report.families),
            ("all", {"": report.all}),
        )
        for name, part in parts.items()
    ]
    lines += [
        f"\n{report.model}: {report.all.n} cases, mean of {len(report.rows)} functionalities {report.macro:.1%}",
        f"peer of the hate family: {PEER:.1%}, {PEER_SAYS}",
    ]
    return "\n".join(lines)


def errors(cases: Sequence[Case], given: Sequence[Given], most: int) -> list[str]:
    """The first wrong answers of each functionality."""
    labels = {case.id: ", ".join(sorted(one)) or "nothing" for case, one in zip(cases, given, strict=True)}
    wrong = [case for case, one in zip(cases, given, strict=True) if not right(case, one)]
    return [
        f"{case.id}: {labels[case.id]}: {case.text}"
        for own in by(wrong, lambda case: case.functionality.name).values()
        for case in own[:most]
    ]


if __name__ == "__main__":
    sys.exit(main())
