"""`redshank score`, `redact` and `evaluate`: what a text says, without whom it tells on, and how well it is told."""

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import ConfigError
from core.files import write_lines
from core.types import Assessment
from core.vocabulary import DEFINITIONS, TAGS
from redshank import terminal

if TYPE_CHECKING:
    from classifiers.evaluate import Report
    from flows.wiring import Judgement

app = typer.Typer()

_CHUNK = 256
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def score(
    ctx: typer.Context,
    text: Annotated[str | None, typer.Argument(help="The text, or - to read it from standard input.")] = None,
    as_json: JsonOption = False,
    file: Annotated[
        Path | None, typer.Option("--file", help="Score many: JSON Lines with id and text.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where the prediction lines go.")] = None,
) -> None:
    """Say which concerns a text bears, how grave they are and why."""
    if file is not None:
        if text is not None or out is None:
            raise ConfigError(
                "--file takes --out and no text: redshank score --file IN.jsonl --out OUT.jsonl"
            )
        if out.resolve() == file.resolve() or not out.parent.is_dir():
            raise ConfigError("--out must name another file, in a folder that is there", path=out)
        _score_file(_judgement(ctx), file, out)
        return
    text = _given(text)
    said = _judgement(ctx).assess([text])[0]
    if as_json:
        terminal.print_json(_document(said))
    else:
        _show(text, said)


@app.command()
def redact(
    ctx: typer.Context,
    text: Annotated[str | None, typer.Argument(help="The text, or - to read it from standard input.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a text with its personal data masked: names, places, numbers and contacts."""
    from classifiers.redact import redact as masked

    text = _given(text)
    findings = _judgement(ctx).assess([text], explain=False)[0].findings
    if as_json:
        terminal.print_json({"text": masked(text, findings), "findings": [asdict(hit) for hit in findings]})
    else:
        sys.stdout.write(terminal.harmless(masked(text, findings)).rstrip("\n") + "\n")
        terminal.say(f"{len(findings)} masked; read it before you pass it on: no machine finds them all")


@app.command()
def evaluate(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Labelled mentions, one JSON object a line.")],
    as_json: JsonOption = False,
    predictions: Annotated[Path | None, typer.Option(help="Also write a prediction line for each.")] = None,
) -> None:
    """Measure the model on labelled mentions: per label, per case, flags, severity and relevance."""
    from classifiers.evaluate import evaluate as measure
    from classifiers.evaluate import prediction_line
    from classifiers.labelled import read_examples

    examples = read_examples(file)
    judgement = _judgement(ctx)
    began = time.perf_counter()
    said = _assess_many(judgement, [example.text for example in examples])
    seconds = time.perf_counter() - began
    sure = {label: threshold.sure for label, threshold in judgement.thresholds.items()}
    report = measure(examples, said, model=judgement.model, thresholds=sure, seconds=seconds)
    if predictions is not None:
        pairs = zip(examples, said, strict=True)
        write_lines(predictions, (prediction_line(example.id, one) for example, one in pairs))
    if as_json:
        typer.echo(report.to_json())
    else:
        _show_report(report)


def _given(text: str | None) -> str:
    """The text of the call, or of standard input."""
    if text is not None and text != "-":
        return text
    if sys.stdin.isatty():
        terminal.say("reading a text from standard input; end it with Ctrl-D")
    return sys.stdin.read()


def _judgement(ctx: typer.Context) -> "Judgement":
    from flows import wiring

    return wiring.judgement(Path(ctx.find_root().params["config"]))


def _score_file(judgement: "Judgement", file: Path, out: Path) -> None:
    from classifiers.evaluate import prediction_line
    from classifiers.labelled import read_texts

    texts = read_texts(file)
    said = _assess_many(judgement, [line.text for line in texts])
    pairs = zip(texts, said, strict=True)
    write_lines(out, (prediction_line(line.id, one) for line, one in pairs))
    terminal.say(f"{len(texts)} predictions written to {out}")


def _assess_many(judgement: "Judgement", texts: list[str]) -> list[Assessment]:
    said: list[Assessment] = []
    with terminal.progress("texts", len(texts)) as advance:
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            said += judgement.assess(chunk, explain=False)
            advance(len(chunk))
    return said


def _show_report(report: "Report") -> None:
    from rich.table import Table

    table = Table("label", "precision", "recall", "F1", "support", "threshold", "recall at ask", box=None)
    for label, row in report.labels.items():
        table.add_row(
            label,
            *(f"{share:.3f}" for share in (row.precision, row.recall, row.f1)),
            str(row.support),
            f"{row.threshold:.2f}",
            f"{row.ask_recall:.3f}",
        )
    console = terminal.out()
    console.print(table)
    console.print(
        f"{report.n} mentions, {report.model}: macro-F1 {report.macro_f1:.3f}, micro-F1 {report.micro_f1:.3f}\n"
        f"flag: precision {report.flag.precision:.3f}, recall {report.flag.recall:.3f}; "
        f"{report.false_alarms_per_100_clean:.1f} false alarms per 100 clean mentions\n"
        f"severity: exact {report.severity.exact:.3f}, within one {report.severity.within_one:.3f}; "
        f"relevance: precision {report.relevance.precision:.3f}, recall {report.relevance.recall:.3f}\n"
        f"expected calibration error {report.calibration_error:.3f}; "
        f"{report.mentions_per_second:.1f} mentions per second",
        soft_wrap=True,
    )


def _document(said: Assessment) -> dict[str, object]:
    return {
        "labels": list(said.labels),
        "ask": list(said.ask),
        "scores": {label: round(probability, 4) for label, probability in said.scores.items()},
        "severity": str(said.severity),
        "relevant": said.relevant,
        "relevance": round(said.relevance, 4),
        "author_role": said.author_role,
        "language": said.language or "en",
        "tags": list(said.tags),
        "definitions": {label: DEFINITIONS[label] for label in said.ask},
        "reasons": [
            {"label": why.label, "start": why.start, "end": why.end, "weight": round(why.weight, 4)}
            for why in said.reasons
        ],
        "findings": [{"kind": hit.kind, "start": hit.start, "end": hit.end} for hit in said.findings],
        "model": said.model,
    }


def _show(text: str, said: Assessment) -> None:
    from rich.table import Table

    console = terminal.out()
    table = Table("label", "probability", "verdict", box=None)
    for label, probability in sorted(said.scores.items(), key=lambda pair: -pair[1]):
        verdict = "sure" if label in said.labels else "ask a person" if label in said.ask else ""
        table.add_row(label, f"{probability:.2f}", verdict)
    console.print(table)
    console.print(
        f"severity {said.severity}, author {said.author_role}, about us: {'yes' if said.relevant else 'no'}"
    )
    if said.language:
        terminal.say(f"this is probably not English (ISO 639: {said.language}): a person must read it")
    lines = [f"{label}: {DEFINITIONS[label]}" for label in said.ask]
    lines += [f"tag {tag}: {TAGS[tag]}" for tag in said.tags]
    lines += [
        f"{why.label} because of: {terminal.harmless(text[why.start : why.end].strip())!r}"
        for why in said.reasons
    ]
    lines += [f"personal data: {hit.kind} at {hit.start}-{hit.end}" for hit in said.findings]
    for line in lines:
        console.print(line, soft_wrap=True)
