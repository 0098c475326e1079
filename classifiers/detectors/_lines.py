"""Whose telephone line it is: one that many answer, or somebody's own."""

import re

# A line that many people answer, named just before its number.
_DESK = re.compile(
    r"\b(?:switchboard|reception|desk|helpdesk|helpline|hotline|lines?|call centre|enquiries|triage|emergencies only"
    r"|(?:press|school|head|main|parish) office|office hours|out[- ]of[- ]hours|team (?:are |is )?on|concerns"
    r"|recruitment|our (?:number|phone)|us on|(?:call|ring|phone|text|contact) us|(?:complaints|safeguarding) lead)\b"
    r"[^!?\n]{0,40}$",
    re.I,
)
_OPEN = re.compile(
    r"^[\s,.(]{0,3}(?:is )?(?:open|lines|mon(?:day)?\b|24/7|24 ?h(?:ou)?rs|option \d|ext\b|press \d|weekdays|staffed"
    r"|day or night|nights and|in office hours|between \d|\d{1,2} ?(?:am)? to \d|(?:or|and) (?:call|pop|drop) in)",
    re.I,
)
# "Mobile" alone would be somebody's own.
_SHARED = re.compile(
    r"\b(?:site|duty|club|ward|office|on[- ]call|team) (?:mobile|phone)\b[^.!?\n]{0,20}$", re.I
)
_OWN = re.compile(
    r"\b(?:my|his|her|their|mum'?s|dad'?s|nan'?s|home|mob(?:ile)?|cell|personal|private|direct)\b[^.!?\n]{0,25}$",
    re.I,
)


def is_shared_line(text: str, start: int, end: int) -> bool | None:
    """Whether the number that stands there is said to be answered by many; None where nothing is said."""
    if _SHARED.search(text, max(0, start - 40), start):
        return True
    if _OWN.search(text, max(0, start - 40), start):
        return False
    if _DESK.search(text, max(0, start - 60), start) or _OPEN.search(text[end : end + 25]):
        return True
    return None
