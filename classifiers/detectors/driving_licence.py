"""Driving licences. Great Britain: 16 signs that hold surname, birthday, sex and initials. Northern Ireland: 8 digits.

The long form shows itself by its date (decade, month with 50 added for women, day, year); in small letters or with odd
spaces it needs the word, and eight digits need it always.
"""

import re

from classifiers.detectors._common import Samples, near, plain, spans_of
from core.types import Finding

KIND = "driving_licence"
PATTERNS = (
    re.compile(
        r"(?<![\w/=])(?=[A-Z])(?:[A-Z9][ .-]{0,2}){5}(?:\d[ .-]{0,2}){6}[A-Z][ .-]{0,2}[A-Z9][ .-]{0,2}[A-Z\d]"
        r"(?:[ .-]{0,2}[A-Z]){2}(?!\w)",
        re.I,
    ),
    re.compile(r"(?<![\w/=£])(?<!\d[.-])\d(?:[ .-]?\d){7}(?![ .-]?\d|\w)"),
)
USUAL = re.compile(r"[A-Z]{1,5}9{0,4}[ -]?\d{6}[ -]?[A-Z][A-Z9][ -]?[A-Z\d][A-Z]{2}")
LICENCE = re.compile(r"\blicen[cs]es?\b|\bdvla\b|\bdriver (?:no|num)", re.I)
NORTHERN = re.compile(r"\bnorthern ir|\bn\.?i\.?\b|\bdva\b|\bdriving licen|\bdriver", re.I)
OTHER = re.compile(r"\btv licen|\blicen[cs]ing\b|\bpremises licen|\bsoftware", re.I)

SAMPLES = Samples(
    hits=(
        ("QUILL905219T99YY on the copier", "QUILL905219T99YY"),
        ("licence PROSS 852137 D99ZZ", "PROSS 852137 D99ZZ"),
        ("my licence is pross852137d99zz", "pross852137d99zz"),
        ("FOX99-905219-T99YY", "FOX99-905219-T99YY"),
        ("Northern Irish driving licence 12345678", "12345678"),
    ),
    misses=(
        "QUILL995219T99YY on the copier",
        "pross852137d99zz with no cue",
        "booking 12345678 confirmed",
        "TV licence 12345678, NI form",
        "the licence took 8 weeks",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    named = near(LICENCE, text, *found.span(), before=70, after=30)
    sixteen = plain(found.group())
    if sixteen.isdigit():
        around = text[max(0, found.start() - 90) : found.end() + 40]
        return named and bool(NORTHERN.search(around)) and not OTHER.search(around)
    if not _holds_a_date(sixteen) or not re.fullmatch(r"[A-Z]{1,5}9{0,4}", sixteen[:5]):
        return False
    return named or bool(USUAL.fullmatch(found.group()))


def _holds_a_date(sixteen: str) -> bool:
    month, day = int(sixteen[6:8]) % 50, int(sixteen[8:10])
    return int(sixteen[6:8]) <= 62 and 1 <= month <= 12 and 1 <= day <= 31
