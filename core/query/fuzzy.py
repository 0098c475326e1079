"""Small misspellings: how many a word may have, whether another word is one, and what none of them changes.

Distances are Damerau's with restricted swaps ("optimal string alignment"): a letter added, left out or changed, or two
neighbours swapped, is one slip.
"""

from itertools import pairwise

from rapidfuzz.distance import OSA

FEWEST_LETTERS = {1: 4, 2: 6}  # by slips: in shorter words they make anything of anything
LONG = 8


def default_slips(word: str) -> int:
    """How many slips a word may have where the query gives no number."""
    return 2 if len(word) >= LONG else 1


def is_misspelt(word: str, meant: str, slips: int) -> bool:
    """Whether a word is another with at most so many slips."""
    return abs(len(word) - len(meant)) <= slips and OSA.distance(meant, word, score_cutoff=slips) <= slips


def pieces(word: str, slips: int) -> tuple[str, ...]:
    """Pieces of which every misspelling of a word holds at least one.

    A slip spoils one of ``slips + 1`` pieces, but for a swap over a seam, which spoils both beside it: the swapped
    seams are pieces too, with the piece on the side where no second slip can have reached.
    """
    count = slips + 1
    cuts = [round(index * len(word) / count) for index in range(count + 1)]
    parts = [word[start:end] for start, end in pairwise(cuts)]
    first, last = parts[0], parts[-1]
    swapped = (first[:-1] + parts[1][0] + first[-1], last[0] + parts[-2][-1] + last[1:])
    return tuple(sorted({*parts, *swapped[:slips]}))
