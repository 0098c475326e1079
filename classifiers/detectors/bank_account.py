"""Bank details: a sort code, an account number, an IBAN.

Six and eight digits mean nothing by themselves: a sort code needs its name or an account number beside it, an
account number needs its name and a bank or a sort code near. An IBAN carries a check (modulus 97) and its own length.
"""

import re

from stdnum import iban

from classifiers.detectors import phone
from classifiers.detectors._common import Samples, near, plain
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "bank_account"
_SORT = r"\d\d[ .-]?\d\d[ .-]?\d\d"
_ACCOUNT = r"\d(?:[ -]?\d){6,7}"
_END = r"(?![ .-]?\d|[\w/%])"
PATTERNS = (
    re.compile(rf"(?<![\w£$€/:+])(?<!\d[.-]){_SORT}{_END}"),
    re.compile(rf"(?<![\w£$€/:+])(?<!\d[.-]){_ACCOUNT}{_END}"),
    re.compile(r"(?<![\w/=])[A-Z]{2}\d\d(?:[ -]?[A-Z\d]{2,4}){3,8}(?![\w-])", re.I),
    # Both, one after the other.
    re.compile(
        rf"(?<![\w£$€/:+])(?<!\d[.-])(?P<sort>{_SORT})[\s,;:/&]{{1,3}}(?:and )?"
        rf"(?:(?:acc(?:oun)?t?|a/c)\.?(?: ?(?:no|num|number))?\.?[\s:]{{1,2}})?(?P<account>{_ACCOUNT}){_END}",
        re.I,
    ),
)
SORT = re.compile(r"\bsort ?-?codes?\b|\bs/c\b|\bs\.c\.|\bsc\b[: ]{1,2}$|\bsort\b[: ]{1,2}$", re.I)
ACCOUNT = re.compile(r"\bacc(?:oun)?ts?\b|\bacc\b|\ba/c\b|\bacc?t?\.? ?(?:no|num)", re.I)
BANK = re.compile(
    r"\bbank|\bwages?\b|\bsort ?-?code|\bs/c\b|\bpaye[er]\b|\bpay(?:ment)? (?:in)?to\b|\bbuilding society\b|\brefund"
    r"|\btransfer|\bmoney\b|\bsalary\b|\bpension\b",
    re.I,
)
NO_BANK = re.compile(
    r"\b(?:booking|order|tracking|invoice|ref(?:erence)?|customer|member(?:ship)?|library|meter|charity|company"
    r"|licence|council tax|rent|ticket|case)\b[\w .:#-]{0,20}$",
    re.I,
)

SAMPLES = Samples(
    hits=(
        ("wages went to sort code 01-23-45", "01-23-45"),
        ("her bank acc no is 12345678", "12345678"),
        ("IBAN GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 19"),
        ("gb29nwbk60161331926819 it was", "gb29nwbk60161331926819"),
    ),
    misses=(
        "job 55-20-18 is done",
        "born 12-03-41, charity account 12345678",
        "booking 12345678 for the bank holiday",
        "IBAN GB29 NWBK 6016 1331 9268 18",
        "council tax account 12345678 again",
        "20-14 on aggregate since 1999",
        "text your sort code to the desk on 01632 960417",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    sort, account, international, both = PATTERNS
    spans = {found.span() for found in sort.finditer(page.text) if _is_sort_code(page.text, found)}
    spans |= {found.span() for found in account.finditer(page.text) if _is_account(page.text, found)}
    spans |= {span for found in international.finditer(page.text) if (span := _iban(found))}
    for pair in both.finditer(page.text):
        if re.search(r"\D", pair["sort"]) or near(SORT, page.text, *pair.span(), before=40, after=0):
            spans |= {pair.span("sort"), pair.span("account")}
    phones = [found.span() for found in phone.PATTERNS[0].finditer(page.text)]
    return [
        page.finding(KIND, start, end)
        for start, end in sorted(spans)
        if not any(first <= start and end <= last for first, last in phones)
    ]


def _iban(found: re.Match[str]) -> tuple[int, int] | None:
    """The span of the number, without the words that follow it and look like more of it."""
    written = found.group()
    for end in sorted({gap.start() for gap in re.finditer(r"[ -]|$", written)}, reverse=True):
        if iban.is_valid(plain(written[:end])):
            return found.start(), found.start() + end
    return None


def _is_sort_code(text: str, found: re.Match[str]) -> bool:
    return near(SORT, text, *found.span(), before=60, after=20)


def _is_account(text: str, found: re.Match[str]) -> bool:
    start, end = found.span()
    if NO_BANK.search(text, max(0, start - 50), start):
        return False
    announced = near(ACCOUNT, text, start, end, before=40, after=20)
    return announced and near(BANK, text, start, end, before=90, after=60)
