"""Keys that tell the entries of a feed apart for good, also where the feed's own ids do not."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from connectors._entry import By, Entry
from core.types import Mention

LONGEST = 500  # characters


def short(*parts: str) -> str:
    """A short hash: 12 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def mark(mention: Mention) -> str:
    """How a mention is known again: hash of its key, dot, hash of its words as the feed gave them."""
    return f"{short(mention.key)}.{mention.content_hash[:8]}"


def base_key(entry: Entry) -> str:
    """The entry's id, else its link, else a hash of its words."""
    key = entry.id or entry.link or f"sha256:{short(entry.title, entry.text)}"
    return (
        key if len(key) <= LONGEST else f"sha256:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"
    )


def keys(entries: Sequence[Entry], shared: dict[str, By]) -> tuple[list[str], dict[str, By]]:
    """A key for each entry, and which ids several entries share (short hash of the id: how they differ).

    Entries of one id are told apart by their links, or by their words if the links are the same too. Pass in
    what is ``shared`` from earlier visits, so that the keys stay when but one such entry is left on the page.
    """
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[base_key(entry)].append(entry)
    known = dict(shared)
    for key, group in groups.items():
        if (by := _difference(group)) is not None and known.get(short(key)) != "content":
            known[short(key)] = by
    return [_key(entry, known) for entry in entries], known


def _difference(group: Iterable[Entry]) -> By | None:
    entries = list(group)
    different = {(entry.link, entry.title, entry.text) for entry in entries}
    if len(different) == 1:
        return None
    links = {entry.link for entry in entries}
    return "link" if len(links) == len(different) and "" not in links else "content"


def _key(entry: Entry, shared: dict[str, By]) -> str:
    key = base_key(entry)
    by = shared.get(short(key))
    if by is None:
        return key
    rest = entry.link if by == "link" else short(entry.link, entry.title, entry.text)
    return f"{key}#{short(rest)}"
