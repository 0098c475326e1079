"""The words around an address that tell whether somebody lives there."""

import re

# Just before it, for a street that does not stand for itself.
CUE = re.compile(
    r"\b(?:liv(?:es?|ed|ing)(?: (?:in|on))?|address(?: is|:)?|home(?: is|:)?|house(?: is|:)?|at|to|from"
    r"|outside|flat|door|it'?s|number|@)[,:]? ?$",
    re.I,
)
LIVES = re.compile(r"\b(?:liv(?:es?|ed|ing)|address|moved (?:back )?(?:in)?to)\b", re.I)
CONFIDENTIAL = re.compile(
    r"\brefuge\b|\bsafe ?house\b|\bchildren'?s home\b|\bwom[ae]n'?s (?:aid|shelter)\b", re.I
)
TENANT = re.compile(r"\b[A-Z][\w'-]+, $")  # "M Castellanos, 40 Teal Court"
NO_HOME = re.compile(
    r"\b(?:bus|buses|route|ward|room|bed|bay|page|junction|platform|unit|stop|tram)[ :]{0,2}$", re.I
)
PUBLIC = re.compile(
    r" (?:bus|stop|surgery|school|hospital|clinic|(?:health |day |community )?centre|depot|car park|roundabout|campus"
    r"|church|library|office|station|pharmacy|practice|academy)\b",
    re.I,
)
