"""The model card: fixed words around measured figures. Pure Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """What it was trained on: rows of our own, public rows, epochs over our own."""

    own: int
    public: int
    epochs: int


def label_table(config: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    """One line for each label."""
    lines = [
        "| label | examples | precision | recall | F1 | F1 cross-fitted | sure | ask "
        "| recall at ask | flagged at ask |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for label, row in figures["labels"].items():
        limits = config["thresholds"][label]
        lines.append(
            f"| `{label}` | {row['support']} "
            f"| {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} "
            f"| {figures['crossed'][label]:.2f} | {limits['sure']:.3f} | {limits['ask']:.3f} "
            f"| {row['ask_recall']:.2f} | {row['ask_share']:.0%} |"
        )
    lines.append(
        f"| mean | | | | **{figures['macro_f1']:.3f}** | **{figures['crossed_macro_f1']:.3f}** | | | | |"
    )
    return "\n".join(lines)


def other_table(figures: Mapping[str, Any]) -> str:
    """What else was measured."""
    other = figures["other"]
    sure, ask = figures["flags"]["sure"], figures["flags"]["ask"]
    rows = [
        ("concerns with any label, at `sure` and at `ask`", f"{sure['recall']:.2f}, {ask['recall']:.2f}"),
        (
            "clean texts in 100 with any label, at `sure` and at `ask`",
            f"{sure['false_alarms']:.0f}, {ask['false_alarms']:.0f}",
        ),
        ("severity exactly right", f"{other['severity_exact']:.2f}"),
        ("severity within one step", f"{other['severity_within_one']:.2f}"),
        (
            "relevance: precision, recall, irrelevant found",
            f"{other['relevance_precision']:.2f}, {other['relevance_recall']:.2f}, "
            f"{other['irrelevant_found']:.2f}",
        ),
        (
            "author role right, of all and of those not `unknown`",
            f"{other['role_accuracy']:.2f}, {other['role_accuracy_known']:.2f}",
        ),
        ("macro-F1 in fp32 (int8)", f"{figures['fp32_macro_f1']:.3f} ({figures['macro_f1']:.3f})"),
        (
            "cross-fitted macro-F1 in fp32 (int8)",
            f"{figures['fp32_crossed_macro_f1']:.3f} ({figures['crossed_macro_f1']:.3f})",
        ),
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
    return "\n\n".join((label_table(config, figures), other_table(figures), source_table(figures)))


def write(config: Mapping[str, Any], figures: Mapping[str, Any], recipe: Recipe) -> str:
    """The whole card."""
    return CARD.format(
        name=config["name"],
        date=config["trained_on"],
        relevance=config["relevance_threshold"],
        epochs=recipe.epochs,
        own=recipe.own,
        public=recipe.public,
        labels=label_table(config, figures),
        other=other_table(figures),
        sources=source_table(figures),
    )


CARD = """# {name}

A small text classifier that reads a public mention of a care, health, housing or education organisation and
says which concerns it bears: ten labels, each with a probability, and a severity, a guess at the author's
role and whether the organisation is meant at all. Trained {date}.

## For, and not for

It puts mentions in front of people, the gravest first. It decides nothing about anybody.

- For English posts, comments, reviews and articles about one organisation that somebody is paid to look
  after.
- Not for watching people, for discipline, dismissal or law enforcement, nor for removing posts unseen.
  Above `sure` a label is stated; between `ask` and `sure` a person is asked; below `ask` nothing was seen,
  which is no proof that nothing is there.
- Not for private messages, nor for languages other than English.

## Base and form

all-MiniLM-L6-v2 (22 M parameters, Apache-2.0), fine-tuned. Each answer has its own attention over the
tokens and a linear head. int8: the words with a scale for each word, the matrices with one for each column
(seven bits, so that processors without VNNI do not saturate), activations with ranges measured on our
training texts, heads in fp32. Ranges are fixed rather than taken from each batch, so that a text's score
does not depend on padding or on its batch.

Inputs `input_ids` and `attention_mask`, int64 [batch, seq]; outputs `labels` [batch, 10], `relevant`
[batch, 1], `author_role` [batch, 9], `severity` [batch, 5], all logits. A label's probability is
sigmoid(scale * logit + bias) with the numbers of `config.json`; relevance is sigmoid(logit) against
`relevance_threshold` ({relevance:.3f}). Texts over 256 tokens are read in windows that overlap by 64: the
highest label and relevance logit of any window, severity and role of the gravest.

## Data

| what | rows | licence |
|---|---:|---|
| our own invented mentions, every answer known | {own:,} | that of this repository |
| public abuse and privacy data, 21 sources, a balanced sample | {public:,} | open ones only, below |

No text of the data is in the repository. A source teaches only the labels that its people judged; labels
presumed absent weigh a tenth. Sources: Jigsaw toxic comments (CC0, text CC BY-SA 3.0), Civil Comments toxic
spans (CC0), EDOS (CC0), HatemojiBuild (CC BY 4.0), ConvAbuse (CC BY 4.0), Online Misogyny (MIT), Measuring
Hate Speech (CC BY 4.0), Davidson et al. (MIT), HateXplain (MIT), Stormfront sentences (CC BY-SA 3.0 ES),
Implicit Hate (MIT), ToxiGen annotated (MIT and CDLA-Permissive-2.0), MLMA (MIT), CrowdCounter (MIT), Surge
toxicity (MIT), bias madlibs (Apache-2.0), XSTest (CC BY 4.0), GoEmotions (Apache-2.0), NHS Friends and
Family (MIT), Presidio research (MIT), pii-anon (CC0, Apache-2.0).

`internal`, `reputation`, `impersonation` and `safeguarding` are learned from our own rows alone.

## Recipe

First up to 1,750 batches of the public sample (to 128 tokens) mixed with our rows five times over (to 384
tokens), then {epochs} epochs of our rows with an eighth as much public replay, weights averaged (EMA 0.995).
AdamW, batches of 32 texts of about one length, rates 1e-4 and 6e-5 that fall by a tenth a layer downwards and
are tenfold for the heads, warm-up, dropout 0.1, word vectors frozen, bfloat16 where the processor has it.
Masked binary cross-entropy for the labels and relevance, cross-entropy for role and severity.

## Figures

Development set: 480 mentions of our own, never trained on. Thresholds and calibration were chosen on it, so
the plain F1 flatters; cross-fitted means chosen on one half and measured on the other, and the reverse.

{labels}

{other}

Public dev rows (at most 250 a source) at the `sure` thresholds, which were chosen for our mentions and not
for these: sources disagree on what hate is, and an insult to a politician is no `harassment` of ours.

{sources}

## Limits

- It over-flags dialect (African American English above all), reclaimed words, and anger that attacks
  nobody: the public sets do, and it learned from them.
- English only. Other languages give numbers without meaning: send them to a person.
- Irony, in-jokes, coded language, and harm told without any telling word are often missed. Deliberately
  misspelt text too.
- Our own rows are invented; real mentions will differ. Rare labels (`sexual`, `impersonation`) rest on few
  examples, and their figures on twenty.
- The author's role is a guess from the text alone, mostly a weak one.
- It knows nothing of context: earlier posts, pictures, who is who.

## Rebuild

    pip install -r classifiers/training/requirements.txt
    python -m classifiers.training --data ../shared/data --out classifiers/model

Half an hour on two free cores, an hour on busy ones; `--resume` goes on with a training that was broken off. The
seed is fixed, but threads and resuming (the optimiser starts afresh, as it did once at step 1,500 of the first
stage for version 1) move the last digits, so a rebuild is not the same file byte for byte. `SHA256SUMS` is
checked when the program loads the model.
"""
