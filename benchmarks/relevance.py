"""Is it about us, or about a namesake? The query alone, the model alone, and both with the organisation's cues.

    same-name noise (test parts), development set -> query | model | about_us -> precision, recall, posts lost

The noise is ours, written for this: posts about invented organisations with ordinary words for names, and as many about
cameras, cars, pubs and pitches of the same name. Its test part has topics and, but for one, organisations that nothing
was learned from. The other hand is a second writer's, who had seen neither the first's posts nor the program: all its
organisations are new, with cues written before the posts. The query alone keeps what has the name, or the name without
the negative senses.

The development set names no organisation that could have cues: there the answer must be the model's own.

    python benchmarks/relevance.py [--dev FILE]
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.about_us import Cues, judge_relevance
from classifiers.artefact import bundled, load
from classifiers.evaluate import share
from classifiers.labelled import read_examples
from classifiers.scorer import Scorer
from classifiers.training.relevance import NOISE, OTHER_HAND, Noise, Organisation, Post, read_noise

DEV = Path(__file__).parents[2] / "shared" / "data" / "mentions-dev.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How one way of asking did: precision, recall, posts about us that it lost, and others that it kept."""

    precision: float
    recall: float
    lost: int
    kept: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", type=Path, default=DEV, help="labelled mentions without cues")
    options = parser.parse_args()
    scorer = Scorer(load(bundled()))
    same_name("same-name noise, test part", NOISE, scorer)
    same_name("same-name noise by another hand, test part", OTHER_HAND, scorer)
    development(options.dev, scorer)
    return 0


def same_name(title: str, path: Path, scorer: Scorer) -> None:
    """The test part of a file of same-name noise."""
    limit, whole = scorer.config.relevance_threshold, read_noise(path)
    noise = Noise(whole.organisations, [post for post in whole.posts if post.part == "test"])
    heads = [scores.relevance for scores in scorer.score([post.text for post in noise.posts])]
    true = [post.relevant for post in noise.posts]
    print(f"{title}: {len(true)} posts, {sum(true)} about us")
    given = with_cues(noise, heads)
    tell("query: the name", true, [named(noise, post) for post in noise.posts])
    tell("query: the name NOT negative senses", true, [queried(noise, post) for post in noise.posts])
    tell("model alone", true, [head >= limit for head in heads])
    tell("about_us with cues", true, given)
    losing = sorted(head for head, yes in zip(heads, true, strict=True) if yes)[tally(true, given).lost]
    tell("model alone, losing as few", true, [head >= losing for head in heads])


def development(path: Path, scorer: Scorer) -> None:
    """The development set, without cues."""
    if not path.exists():
        print(f"development set left out: no {path.name} beside the project")
        return
    limit, examples = scorer.config.relevance_threshold, read_examples(path)
    true = [example.relevant for example in examples]
    texts = [example.text for example in examples]
    heads = [scores.relevance for scores in scorer.score(texts)]
    print(f"development set, no cues: {len(true)} posts, {sum(true)} relevant")
    tell("model alone", true, [head >= limit for head in heads])
    said = judge_relevance(texts, heads, Cues(), name="", head_threshold=limit)
    tell("about_us without cues", true, [one.relevant for one in said])


def with_cues(noise: Noise, heads: Sequence[float]) -> list[bool]:
    """The answers for posts, each asked with its own organisation's cues."""
    answers = []
    for post, head in zip(noise.posts, heads, strict=True):
        ours = noise.organisations[post.organisation]
        (said,) = judge_relevance(
            [post.text], [head], ours.cues, name=ours.name, accounts=ours.accounts, contacts=ours.contacts
        )
        answers.append(said.relevant)
    return answers


def named(noise: Noise, post: Post) -> bool:
    """Whether a query of the name, or of an account, keeps a post."""
    ours = noise.organisations[post.organisation]
    return any(found(term, post.text) for term in (post.organisation, *ours.accounts, *ours.contacts))


def queried(noise: Noise, post: Post) -> bool:
    """Whether it does with the negative senses taken away."""
    ours: Organisation = noise.organisations[post.organisation]
    return named(noise, post) and not any(found(cue, post.text) for cue in ours.cues.negative)


def found(term: str, text: str) -> bool:
    """Whether a word or words stand in a text, as a query reads them."""
    ending = r"\w*" if term.endswith("*") else ""
    return bool(re.search(rf"(?<!\w){re.escape(term.rstrip('*'))}{ending}(?!\w)", text, re.I))


def tally(true: Sequence[bool], said: Sequence[bool]) -> Tally:
    hits = sum(t and s for t, s in zip(true, said, strict=True))
    return Tally(
        precision=share(hits, sum(said)),
        recall=share(hits, sum(true)),
        lost=sum(true) - hits,
        kept=sum(said) - hits,
    )


def tell(name: str, true: Sequence[bool], said: Sequence[bool]) -> None:
    one = tally(true, said)
    print(
        f"  {name:<36} precision {one.precision:.3f}  recall {one.recall:.3f}"
        f"  lost {one.lost}  others kept {one.kept} of {len(true) - sum(true)}"
    )


if __name__ == "__main__":
    sys.exit(main())
