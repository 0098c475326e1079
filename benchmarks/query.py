"""How many short posts a second a query is tried on, by ``Query.sift`` and by ``Query.matches`` one by one.

    PYTHONPATH=. python benchmarks/query.py [--posts 50000] [--rounds 3]

Posts are made up: 5 to 40 words drawn as a language draws them (a few words often, most rarely), a tenth with emoji,
accents or curly quotes, one in a hundred about the house. Both ways run on the same posts in the same process and must
keep the same ones; there is no peer that reads this language, so the plain matcher is what the filter is measured
beside. `filter of 20` is the query with nineteen more for other houses.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

from core.query import Filter, parse

QUERY = '"Oakfield House" OR (Oakfield NEAR/8 (care OR nurse* OR resident*)) NOT cricket'
WIDE = '{home} OR ((oakfield~ OR "oak field") NEAR/8 (care OR nurse* OR resident*)) NOT (cricket OR source:sports)'
HOME = {"home": ["Oakfield House", "oakfeild~ house", "mary's", "@oakfield_house"]}
COMMON = [
    "the",
    "to",
    "and",
    "of",
    "a",
    "in",
    "is",
    "it",
    "you",
    "that",
    "for",
    "on",
    "was",
    "with",
    "my",
    "what",
]
ABOUT = (
    "My gran is at Oakfield House and the food is cold.",
    "two nurses left Oakfield this month, who looks after the residents?",
    "Proud of the team at #OakfieldHouse today 🎉",
    "Оаkfield House again… the care is awful",
)
SIGNS = ("🎉", "café", "it’s", "“never”", "…", "😂😂", "naïve", "–")


def posts(count: int, seed: int = 1) -> list[str]:
    """Made-up posts, one in a hundred about the house."""
    chance = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    weights = [1 / (rank + 2) for rank in range(len(letters))]
    rare = ["".join(chance.choices(letters, weights, k=chance.randint(3, 10))) for _ in range(20_000)]
    made = []
    for _ in range(count):
        words = [
            chance.choice(COMMON) if chance.random() < 0.5 else chance.choice(rare)
            for _ in range(chance.randint(5, 40))
        ]
        if chance.random() < 0.1:
            words.insert(chance.randrange(len(words)), chance.choice(SIGNS))
        if chance.random() < 0.01:
            words.append(chance.choice(ABOUT))
        made.append(" ".join(words).capitalize() + ".")
    return made


def rate(work: Callable[[], object], count: int, rounds: int) -> float:
    """Posts a second: the median of the rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return count / statistics.median(times)


def main() -> None:
    """Prints a line for each query."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--posts", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    texts = posts(given.posts)
    print(f"{'query':<14}{'kept':>8}{'sift/s':>12}{'matches/s':>12}{'ratio':>8}")
    for name, query in (("plain", parse(QUERY)), ("with lists, ~", parse(WIDE, HOME))):
        kept = query.sift(texts)
        assert kept == [index for index, text in enumerate(texts) if query.matches(text).kept]
        fast = rate(lambda query=query: query.sift(texts), len(texts), given.rounds)
        slow = rate(lambda query=query: [query.matches(text) for text in texts], len(texts), given.rounds)
        print(f"{name:<14}{len(kept):>8,}{fast:>12,.0f}{slow:>12,.0f}{fast / slow:>8.1f}")
    others = [parse(QUERY.replace("Oakfield", f"{letter}elmstead")) for letter in "abcdefghijklmnopqrs"]
    queries = [parse(QUERY), *others]
    many, few = Filter(queries), texts[:2000]
    fast = rate(lambda: many.sift(texts), len(texts), given.rounds)
    slow = rate(lambda: [[query.matches(text) for query in queries] for text in few], len(few), given.rounds)
    print(f"{'filter of 20':<14}{len(many.sift(texts)):>8,}{fast:>12,.0f}{slow:>12,.0f}{fast / slow:>8.1f}")


if __name__ == "__main__":
    main()
