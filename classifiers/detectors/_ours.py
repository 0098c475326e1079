"""What is the organisation's own and never counts, and the premises that always do."""

import re
from collections.abc import Sequence

from classifiers.detectors import address, postcode, url_profile
from classifiers.detectors._normalise import normalise
from core.types import Finding

_AT_LEAST = 5  # signs of a contact point that may be looked for inside another
_WITHIN = re.compile(r"\b(?:flat|apartment|apt|room|bungalow)\b", re.I)


# What stands in forms before a name, and is none.
_NO_PERSON = frozenset(
    {"dob", "pt", "pts", "ref", "nok", "upn", "nhs", "gp", "cqc", "fao", "hca", "dnar", "re"}
)


class Ours:
    """The organisation's name, contact points and accounts, in any format."""

    def __init__(self, contacts: Sequence[str], accounts: Sequence[str], names: Sequence[str] = ()) -> None:
        self._names = {word for name in names for word in _words(name)}
        parts = (part for value in contacts for part in value.split(",") if re.search(r"[\d@]", part))
        links = (value for value in contacts if "/" in value)
        self._keys = {key for key in map(contact_key, (*contacts, *parts)) if key}
        self._accounts = {name for name in map(account_key, (*accounts, *links)) if name}

    def holds(self, finding: Finding, text: str) -> bool:
        """Whether what was found is ours; a flat at our address is its tenant's."""
        written = text[finding.start : finding.end]
        if finding.kind in {url_profile.KIND, "handle"}:
            return account_key(written) in self._accounts
        if finding.kind == "person":
            return _is_no_person(written) or set(_words(written)) <= self._names
        key = contact_key(written)
        if key in self._keys:
            return True
        return finding.kind == address.KIND and not _WITHIN.search(written) and self._is_our_address(key)

    def _is_our_address(self, key: str) -> bool:
        long = [own for own in self._keys if len(own) >= _AT_LEAST and "@" not in own]
        return any(key.endswith(own) or own.startswith(key) or key.startswith(own) for own in long)


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", normalise(name).text.casefold())


def _is_no_person(written: str) -> bool:
    """An abbreviation of forms; "" is what is left of a span of signs."""
    return re.sub(r"[\W_]", "", written.casefold()) in _NO_PERSON


def contact_key(value: str) -> str:
    """One form for every way to write the same telephone, e-mail, postcode or address."""
    folded = normalise(value).text.casefold()
    if "@" in folded:
        return re.sub(r"\s", "", folded)
    plain = re.sub(r"[\W_]", "", folded)
    return re.sub(r"^(?:00)?44(?=\d)0?", "0", plain)


def account_key(value: str) -> str:
    """The bare name of an account: "mastodon:@oakfield@social.example", "@Oakfield", "facebook.com/oakfield"."""
    folded = normalise(value).text.casefold().strip()
    folded = re.sub(r"^(?!https?:)[a-z]+:(?=@|\w)", "", folded)
    return folded.partition("?")[0].rstrip("/").rpartition("/")[2].lstrip("@").partition("@")[0]


def sealed_premises(text: str, premises: Sequence[str]) -> list[Finding]:
    """Every place where a sealed address, or a part of it that holds a number, is written."""
    page = normalise(text)
    findings = []
    for value in premises:
        for part in {value, *(piece for piece in value.split(",") if re.search(r"\d", piece))}:
            words = re.findall(r"[^\W_]+", normalise(part).text)
            kind = postcode.KIND if postcode.PATTERNS[0].fullmatch(part.strip()) else address.KIND
            # A postcode may be written in one word, an address with any signs between its words.
            pattern = r"[\W_]{0,3}".join(map(re.escape, words))
            if words:
                places = re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", page.text, re.I)
                findings += [page.finding(kind, *place.span()) for place in places]
    return findings
