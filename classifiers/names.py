"""Words that are somebody's name somewhere: a list beside the model, for the words that it is unsure of.

Names of organisations are made up like names of people, and the model alone takes many of them for people. The list
was drawn by ``python -m classifiers.training.names`` from the name lists of Faker (MIT) and from the people in our own
examples: first and last names of the countries that people in Britain and Ireland come from, in small letters. A
name that is not on it is still found where the model is sure of it.
"""

from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("names.txt")


@cache
def names() -> frozenset[str]:
    """Every name of the list, in small letters."""
    return frozenset(PATH.read_text(encoding="utf-8").split())


def is_name(word: str) -> bool:
    """Whether a word is on the list, or so short that it may be somebody's initial."""
    return len(word) <= 2 or word.casefold() in names()
