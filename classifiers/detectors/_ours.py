"""What is the organisation's own and never counts, and the premises that always do."""

import re
from collections.abc import Sequence

from classifiers.detectors import address, postcode, url_profile
from classifiers.detectors._normalise import normalise
from classifiers.names import is_name
from core.types import Finding

_WITHIN = re.compile(r"\b(?:flat|apartment|apt|room|bungalow)\b", re.I)
_CODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}")
# What stands in forms before a name, and is none.
_NO_PERSON = frozenset(
    {"dob", "pt", "pts", "ref", "nok", "upn", "nhs", "gp", "cqc", "fao", "hca", "dnar", "re"}
)


class Ours:
    """The organisation's name, contact points and accounts, in any format."""

    def __init__(self, contacts: Sequence[str], accounts: Sequence[str], names: Sequence[str] = ()) -> None:
        self._names = [words for words in map(_words, names) if words]
        self._name_words = {word for name in self._names for word in name}
        self._addresses = [words for words in map(_words, contacts) if any(map(str.isdigit, "".join(words)))]
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
            return _is_no_person(written) or self._is_our_name(_words(written))
        key = contact_key(written)
        if key in self._keys:
            return True
        return (
            finding.kind == address.KIND
            and not _WITHIN.search(written)
            and any(_begins(_words(written), own) for own in self._addresses)
        )

    def _is_our_name(self, words: list[str]) -> bool:
        """The whole name, or a part of it that is nobody's: of "Grace House", not "Grace"."""
        return words in self._names or (self._name_words.issuperset(words) and not any(map(is_name, words)))


def _begins(words: list[str], own: list[str]) -> bool:
    """Whether an address agrees with ours from its number on, as far as both go, and at least in number and street.

    A town may be left out before the postcode, which must be ours where one is given.
    """
    words, code = _without_code(words)
    own, ours = _without_code(own)
    if code and code != ours:
        return False
    for at in range(len(own)):
        most = min(len(words), len(own) - at)
        if most >= 2 and words[0][:1].isdigit() and words[:most] == own[at : at + most]:
            return True
    return False


def _without_code(words: list[str]) -> tuple[list[str], str]:
    """The words of an address before its postcode, and the postcode."""
    for size in (2, 1):
        code = "".join(words[-size:])
        if _CODE.fullmatch(code):
            return words[:-size], code
    return words, ""


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
