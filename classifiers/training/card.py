"""The model card: fixed words around measured figures. Pure Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """What it was trained on: our rows and their writers, public rows, epochs over ours, seeds, folds of writers."""

    own: int
    writers: int
    public: int
    epochs: int
    seeds: int
    folds: int
    fold_epochs: int


WHOLE = "development set"


def label_table(config: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    """One line for each label: on the development set, and on writers left out."""
    lines = [
        "| label | examples | precision | recall | F1 | recall at ask | flagged at ask | sure | ask "
        "| F1, writers left out |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    sets = figures["sets"]
    for label, row in sets[WHOLE]["labels"].items():
        limits = config["thresholds"][label]
        lines.append(
            f"| `{label}` | {row['support']} "
            f"| {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} "
            f"| {row['ask_recall']:.2f} | {row['ask_share']:.0%} "
            f"| {limits['sure']:.2f} | {limits['ask']:.3f} | {sets['writers left out']['labels'][label]['f1']:.2f} |"
        )
    lines.append(
        f"| mean | | | | **{sets[WHOLE]['macro_f1']:.3f}** | | | | "
        f"| **{sets['writers left out']['macro_f1']:.3f}** |"
    )
    return "\n".join(lines)


MEASURES = (
    ("texts", "n", "{:,}"),
    ("macro-F1", "macro_f1", "{:.3f}"),
    ("micro-F1", "micro_f1", "{:.3f}"),
    ("concerns with any label, at `sure`", "sure_recall", "{:.2f}"),
    ("clean texts in 100 with any label, at `sure`", "sure_alarms", "{:.1f}"),
    ("concerns with any label, at `ask`", "ask_recall", "{:.2f}"),
    ("clean texts in 100 with any label, at `ask`", "ask_alarms", "{:.0f}"),
    ("expected calibration error, mean of the labels", "calibration_error", "{:.3f}"),
)
OTHERS = (
    ("severity exactly right", "severity_exact"),
    ("severity within one step", "severity_within_one"),
    ("relevance: precision", "relevance_precision"),
    ("relevance: recall", "relevance_recall"),
    ("irrelevant texts found", "irrelevant_found"),
    ("author role right", "role_accuracy"),
    ("author role right, of those not `unknown`", "role_accuracy_known"),
)


def set_table(figures: Mapping[str, Any]) -> str:
    """One column for each set of texts."""
    sets = figures["sets"]
    lines = ["| measure | " + " | ".join(sets) + " |", "|---|" + "---:|" * len(sets)]
    for name, key, form in MEASURES:
        lines.append(f"| {name} | " + " | ".join(form.format(one[key]) for one in sets.values()) + " |")
    for name, key in OTHERS:
        lines.append(f"| {name} | " + " | ".join(f"{one['other'][key]:.2f}" for one in sets.values()) + " |")
    return "\n".join(lines)


def writer_table(figures: Mapping[str, Any]) -> str:
    """Micro-F1 on each writer, by a model that had read none of that writer's rows."""
    lines = ["| writer | micro-F1 |", "|---|---:|"]
    lines += [f"| {writer} | {score:.3f} |" for writer, score in figures["writers"].items()]
    return "\n".join(lines)


def other_table(figures: Mapping[str, Any]) -> str:
    """What else was measured."""
    whole = figures["sets"][WHOLE]["macro_f1"]
    rows = [
        ("macro-F1 in fp32 (int8)", f"{figures['fp32_macro_f1']:.3f} ({whole:.3f})"),
        (
            "shift of a probability by the rest of its batch, most and mean",
            f"{figures['shift_most']:.1e}, {figures['shift_mean']:.1e}",
        ),
        (
            "texts a second, int8 and fp32 graph, on the machine that exported",
            f"{figures['int8_speed']:.0f}, {figures['fp32_speed']:.0f}",
        ),
        ("size of `model.onnx`", f"{figures['size'] / 1e6:.1f} MB"),
    ]
    return "\n".join(["| measure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def source_table(figures: Mapping[str, Any]) -> str:
    """The public dev split, source by source."""
    lines = [
        "| source | label | judged | positive | F1 | false alarms among negatives |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for source, label, judged, positive, score, alarms in figures["sources"]:
        shown = f"{score:.2f}" if positive else "–"
        lines.append(f"| {source} | `{label}` | {judged} | {positive} | {shown} | {alarms:.0%} |")
    return "\n".join(lines)


def tables(config: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    """All the figures, for the screen."""
    return "\n\n".join(
        (
            label_table(config, figures),
            set_table(figures),
            writer_table(figures),
            other_table(figures),
            source_table(figures),
        )
    )


def write(config: Mapping[str, Any], figures: Mapping[str, Any], recipe: Recipe) -> str:
    """The whole card."""
    return CARD.format(
        name=config["name"],
        date=config["trained_on"],
        relevance=config["relevance_threshold"],
        epochs=recipe.epochs,
        seeds=recipe.seeds,
        fold_epochs=recipe.fold_epochs,
        folds=recipe.folds,
        own=recipe.own,
        writers=recipe.writers,
        public=recipe.public,
        labels=label_table(config, figures),
        sets=set_table(figures),
        by_writer=writer_table(figures),
        other=other_table(figures),
        sources=source_table(figures),
    )


CARD = """# {name}

A small text classifier that reads a public mention of a care, health, housing or education organisation and
says which concerns it bears: ten labels, each with a probability, and a severity, a guess at the author's
role, whether the organisation is meant at all, and which words name or place a person. Trained {date}.

## For, and not for

It puts mentions in front of people, the gravest first. It decides nothing about anybody.

- For English posts, comments, reviews and articles about one organisation that somebody is paid to look
  after.
- Not for watching people, for discipline, dismissal or law enforcement, nor for removing posts unseen.
  Above `sure` a label is stated; between `ask` and `sure` a person is asked; below `ask` nothing was seen,
  which is no proof that nothing is there.
- Not for private messages, nor for languages other than English: those are told apart first and go to a person.

## Base and form

all-MiniLM-L6-v2 (22 M parameters, Apache-2.0), fine-tuned. Each answer has its own attention over the
tokens and a linear head; severity also sees the labels; a head on every token names persons, rooms, handles and
addresses. int8: the words with a scale for each word, the matrices with one for each column (seven bits, so
that processors without VNNI do not saturate), activations with ranges measured on our training texts, heads
in fp32. Ranges are fixed rather than taken from each batch, so that a text's score does not depend on padding
or on its batch.

Inputs `input_ids` and `attention_mask`, int64 [batch, seq]; outputs `labels` [batch, 10], `relevant`
[batch, 1], `author_role` [batch, 9], `severity` [batch, 5], `tokens` [batch, seq, 9], all logits. A label's
probability is sigmoid(scale * logit + bias) with the numbers of `config.json`; relevance is sigmoid(logit)
against `relevance_threshold` ({relevance:.3f}). A text is read through `classifiers/reading.py`, which undoes
disguises. Texts over 256 tokens are read in windows that overlap by 64: the highest label and relevance logit of
any window, severity and role of the gravest.

## Data

| what | rows | licence |
|---|---:|---|
| our own invented mentions by {writers} writers, every answer known | {own:,} | that of this repository |
| public abuse, privacy and entity data, 23 sources, a balanced sample | {public:,} | open ones only, below |

The own rows that were written for this repository are in `classifiers/training/examples/`. No public text is in
it. A source teaches only the labels that its people judged; labels presumed absent weigh a tenth. Sources: Jigsaw
toxic comments (CC0, text CC BY-SA 3.0), Civil Comments toxic spans (CC0), EDOS (CC0), HatemojiBuild (CC BY 4.0),
ConvAbuse (CC BY 4.0), Online Misogyny (MIT), Measuring Hate Speech (CC BY 4.0), Davidson et al. (MIT), HateXplain
(MIT), Stormfront sentences (CC BY-SA 3.0 ES), Implicit Hate (MIT), ToxiGen annotated (MIT and
CDLA-Permissive-2.0), MLMA (MIT), CrowdCounter (MIT), Surge toxicity (MIT), bias madlibs (Apache-2.0), XSTest (CC
BY 4.0), GoEmotions (Apache-2.0), NHS Friends and Family (MIT), W-NUT 2017 and Broad Twitter Corpus entities (CC BY
4.0), Presidio research (MIT), pii-anon (CC0, Apache-2.0).

`internal`, `reputation`, `impersonation` and `safeguarding` are learned from our own rows alone.

## Recipe

One epoch of the public sample (to 128 tokens), then {epochs} epochs of our rows (to 256 tokens), a tenth of them
again in disguise (typing errors, signs for letters, letters apart, other alphabets), some again with other people's
names, an eighth as many sentences from templates, 330 public texts that we labelled ourselves, and three tenths as
much public replay; weights averaged along the way, and at the end over {seeds} seed(s). Where writers are left out,
{fold_epochs} epochs, which are about as many steps. AdamW, batches of 32 texts of about one length, a rate of 2.5e-4
that falls by a tenth a layer downwards and is tenfold for the heads, warm-up, dropout 0.1, word vectors frozen,
bfloat16 where the processor has it. Masked binary cross-entropy for the labels and relevance, cross-entropy for
role, severity and tokens. `docs/model-log.md` tells what else was tried.

## Figures

Thresholds and calibration were chosen on our training rows alone, each row scored by one of {folds} models that had
read nothing of its writer. The development set (480 mentions) was never trained on and no threshold was fitted to it;
its errors were read in one half, while the other was only scored. How many false alarms and what recall the thresholds
aim at was settled with a look at it. "Writers left out" are our training rows under the same models, with thresholds
chosen on the other folds.

{labels}

{sets}

Micro-F1 on each writer, by a model that had read none of that writer's rows:

{by_writer}

{other}

Public dev rows (at most 250 a source) at the `sure` thresholds, which were chosen for our mentions and not
for these: sources disagree on what hate is, and an insult to a politician is no `harassment` of ours.

{sources}

`python benchmarks/functional.py` measures negation, counter-speech, quotes, reclaimed words, disguises and the like,
one by one; `python benchmarks/personal_data.py` measures personal data beside Presidio.

## Limits

- It over-flags dialect (African American English above all), reclaimed words, and anger that attacks
  nobody: the public sets do, and it learned from them.
- English only. Other languages give numbers without meaning.
- Irony, in-jokes, coded language, and harm told without any telling word are often missed.
- Our own rows are invented; real mentions will differ.
- The author's role is a guess from the text alone, mostly a weak one.
- It knows nothing of context: earlier posts, pictures, who is who.

## Rebuild

    pip install -r classifiers/training/requirements.txt
    python -m classifiers.training --data ../shared/data --out classifiers/model

About an hour and a half on two free cores, most of it for the folds; `--resume` goes on with a training that was broken
off. The seed is fixed, but threads and resuming (the optimiser starts afresh) move the last digits, so a rebuild is
not the same file byte for byte. `SHA256SUMS` is checked when the program loads the model.
"""
