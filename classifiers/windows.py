"""Texts cut into windows of tokens, and where in the text each token stands.

A long text is read whole: windows of ``max_tokens`` (special tokens included), each of which begins ``stride``
tokens before the end of the one before it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from classifiers.artefact import Artefact
from classifiers.casing import SIGN, cases
from core.errors import ModelError

Window = tuple[
    tuple[int, ...], tuple[int, ...]
]  # token ids, and how each token is written (classifiers.casing)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Tokenised:
    """One text in tokens.

    ``windows`` holds tokens, special ones included, at least one window. After ``skipped`` special tokens,
    window ``w`` holds ``sizes[w]`` tokens of the text from token ``starts[w]`` on. ``offsets`` holds start and end of
    each token in code points of the text.
    """

    windows: tuple[Window, ...]
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    skipped: int
    offsets: tuple[tuple[int, int], ...]


class Windows:
    """Cuts texts into windows of token ids; ModelError where the tokenizer cannot be read."""

    def __init__(self, artefact: Artefact) -> None:
        try:
            self._tokenizer = Tokenizer.from_str(artefact.tokenizer.decode("utf-8"))
        except Exception as error:  # the library raises no narrower class
            raise ModelError(f"{artefact.folder}: tokenizer.json cannot be read by this program") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        probe = self._tokenizer.encode("a")
        special = [index for index, mark in enumerate(probe.special_tokens_mask) if mark]
        first = next(
            (index for index, mark in enumerate(probe.special_tokens_mask) if not mark), len(special)
        )
        self._before = tuple(probe.ids[index] for index in special if index < first)
        self._after = tuple(probe.ids[index] for index in special if index >= first)
        self._room = artefact.config.max_tokens - len(special)
        self._step = self._room - artefact.config.stride

    def of(self, texts: Sequence[str]) -> list[Tokenised]:
        """Each text in windows, in order."""
        # A lone surrogate is no character: the tokenizer would refuse the whole text for it.
        clean = [_SURROGATE.sub("\ufffd", text) for text in texts]
        return [
            self._cut(encoded.ids, cases(text, encoded.offsets), encoded.offsets)
            for text, encoded in zip(
                clean, self._tokenizer.encode_batch(clean, add_special_tokens=False), strict=True
            )
        ]

    def _cut(self, ids: list[int], written: list[int], offsets: list[tuple[int, int]]) -> Tokenised:
        before, after = [SIGN] * len(self._before), [SIGN] * len(self._after)
        last = max(0, len(ids) - self._room)
        starts = (*range(0, last, self._step), last)
        parts = [(ids[start : start + self._room], written[start : start + self._room]) for start in starts]
        return Tokenised(
            windows=tuple(
                ((*self._before, *some, *self._after), (*before, *ways, *after)) for some, ways in parts
            ),
            starts=starts,
            sizes=tuple(len(some) for some, _ in parts),
            skipped=len(self._before),
            offsets=tuple(offsets),
        )
