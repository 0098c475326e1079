"""Writes the list of names that stands beside the model, from the name lists of Faker and from our own examples.

python -m classifiers.training.names
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from faker.providers import person

from classifiers.names import PATH
from classifiers.training.data import EXAMPLES, json_lines
from classifiers.training.renaming import TITLES

LOCALES = re.compile(
    r"en(_|$)|ga_IE|pl_PL|ro_RO|pt_|es_|it_IT|de_|fr_|tr_TR|cs_CZ|sk_SK|lt_LT|lv_LV|et_EE|hu_HU|nl_|sv_SE|da_DK|no_NO|hr_HR"
    r"|zu_ZA|yo_NG|ha_NG|ig_NG|tw_GH|ne_NP|id_ID|az_AZ|uz_UZ|fil_PH"
)
WORD = re.compile(r"[^\W\d_]{3,}")
LISTS = re.compile(r"(first|last)_names?")


def words() -> Iterator[str]:
    """Every word of Latin letters in the first and last names of these countries, in small letters."""
    for module in iter_modules(person.__path__):
        if not LOCALES.match(module.name):
            continue
        provider = import_module(f"{person.__name__}.{module.name}").Provider
        for name in filter(LISTS.match, dir(provider)):
            value = getattr(provider, name)
            if isinstance(value, Mapping | tuple | list):
                for entry in value:
                    yield from (
                        word for word in re.findall(r"[^\W\d_]{2,}", str(entry).lower()) if word[0] < "\u0250"
                    )


def own_words() -> Iterator[str]:
    """The names of the people in our examples, since Faker knows few of West Africa and South Asia."""
    for path in sorted(EXAMPLES.glob("*.jsonl")):
        for row in json_lines(path):
            for span in row["spans"]:
                if span["kind"] == "person":
                    found = WORD.findall(row["text"][span["start"] : span["end"]])
                    yield from (
                        word.lower() for word in found if word.istitle() and word.lower() not in TITLES
                    )


if __name__ == "__main__":
    PATH.write_text("\n".join(sorted({*words(), *own_words()})) + "\n", encoding="utf-8")
