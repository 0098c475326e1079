"""Writes the list of names that stands beside the model, from the name lists of Faker.

python -m classifiers.training.names
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from faker.providers import person

from classifiers.names import PATH

LOCALES = re.compile(
    r"en(_|$)|ga_IE|pl_PL|ro_RO|pt_|es_|it_IT|de_|fr_|tr_TR|cs_CZ|sk_SK|lt_LT|lv_LV|et_EE|hu_HU|nl_|sv_SE|da_DK|no_NO|hr_HR"
    r"|zu_ZA|yo_NG|ha_NG|ig_NG|tw_GH|ne_NP|id_ID|az_AZ|uz_UZ|fil_PH"
)
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


if __name__ == "__main__":
    PATH.write_text("\n".join(sorted(set(words()))) + "\n", encoding="utf-8")
