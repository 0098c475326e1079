"""Somebody under 18, spoken of as a particular person: an age, a school year, a toddler, "my child".

Not: groups ("children aged 5 to 11"), figures of speech ("like a five-year-old"), and the author's own childhood
("I was 16 when"): the child of then is a grown-up who tells their own story. Limits: a teenager may be 19; whoever
is only named, or called "her son", is not seen.
"""

from classifiers.tags._common import AGE, YEARS_OLD, Samples, patterns

_ONE = r"(?:my|our|her|his|their|the|this|that|a|an|another|one|poor)"
_CHILD = (
    r"(?:girl|boy|lad|lass|child|kid|pupil|son|daughter|grandson|granddaughter|niece|nephew|brother|sister|baby"
    r"|twin|student|patient|resident|player)"
)
_GOES_ON = (
    rf"(?: {_CHILD}\b| (?:is|was|has|had|with|who|in|at|on|from|and|to|got|being|alone|said|called|named|went"
    r"|came|needs|wants|cried|comes|goes|died|for)\b| (?-i:[A-Z])|'s\b|\s*[,.;:!?)\"]|\s*$)"
)
_NOT_A_COUNT = r"(?=(?: (?:years?|yrs?) old)|\s*[.,;!?)]|\s*$| and\b| but\b| ffs\b)"

PATTERNS = patterns(
    rf"\b{_ONE} (?:(?!(?:is|are|was|at|of|than)\b)\w+ ){{0,2}}?{YEARS_OLD}{_GOES_ON}",
    rf"\b{YEARS_OLD} {_CHILD}\b",
    rf"\b(?:my|our|her|his|their) {AGE}[- ](?:month|week|day)s?[- ]old\b",
    rf"\b{AGE}[- ](?:month|week|day)s?[- ]old (?:{_CHILD}|infant)\b",
    rf"\baged? (?:only |just )?{AGE}\b(?! ?(?:[-–+]|to |and (?:over|above|under|up)|or |upwards|years and))",
    rf"\b(?:he|she|who)(?:'?s| is) (?:only |just |still |barely |nearly )*(?:turned )?{AGE}\b{_NOT_A_COUNT}",
    r"\bmy (?:son|daughter|lad|lass|niece|nephew|grandson|granddaughter|kid)(?:'s| is)? (?:only |just"
    rf" )?{AGE}\b{_NOT_A_COUNT}",
    r"(?-i:\b(?!Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Ward|Room|Unit"
    r"|Bed)[A-Z][a-z]+), (?:1[0-7]|[5-9]), (?:who|was|is|from|has|had|of|said|told|died|went)\b",
    rf"\b{_ONE} (?:\w+ )?(?:year|yr) ?(?:1[0-2]|[1-9]) {_CHILD}\b",
    rf"\b(?:{_CHILD}|he|she)(?:'s| is| was)? (?:only |just |still )?in (?:year|yr) (?:1[0-2]|[1-9])\b",
    r"\b(?:my|our|her|his|this|that|the|a|another|one|poor) (?:\w+ )?(?:toddler|newborn|schoolgirl|schoolboy"
    r"|foster (?:child|kid))\b(?!(?: |-)(?:groups?|rooms?|class|bed|seat|session|bounce|time|swim|play|gate"
    r"|tantrum|unit|care|screening|milk|formula|checks?|photo))",
    r"\b(?:my|our|her|his|this|that|the) (?:little|young) (?:girl|boy|lad|lass)\b",
    r"\b(?:my|this|that) (?!inner|brain|every|any|no |a |one |only)(?:\w+ )?(?:child|kid)\b(?! (?:protection"
    r"|care|benefit|support|poverty|abuse|safeguarding|maintenance|psych|health|friendly|mental))",
    r"\bmy (?:son|daughter|grandson|granddaughter|lad)'s (?:school|nursery|playgroup|primary|class|teacher"
    r"|head)\b",
    r"\b(?:a|the|this|that|my|her|his|another) (?:\w+ )?(?:teenaged? (?:girl|boy|son|daughter|lad|lass|patient)"
    r"|teenager)\b",
    r"\b(?:he|she|who)(?:'?s| is) (?:still |only )?(?:a minor|under ?-?(?:18|16|age))\b",
)
UNLESS = patterns(
    r"\bwhen (?:i|we) (?:was|were)\b|\b(?:i was|i'm|i am)(?: only| just)? \W?\0|\bas a (?:child|kid|teenager)\b",
    r"\b(?:like|than|as|even|any|if i was|be|being|such|(?:mind|manners|brain|age) of|explain\w* [^\0]{0,30}to)"
    r" \0",
    r"\b(?:i've|have|has|had|feel|felt|all|both|children|kids|pupils|people|those|anyone|boys|girls|students)"
    r" \0aged?",
    r"\b(?:children|kids|pupils|people|those|anyone|anybody|everyone|boys|girls|ages|adults|from|for|at|under"
    r"|between|students|over|the) \0[^\0]*\0(?=\W*(?:$|can|are|and|with|or|who))|\b(?:whisky|whiskey|rum|cheese"
    r"|wine|beef)\b",
    r"\b(?:was|were) \0[^\0]*\0 ?(?:when|then|at the time|in (?:19|20)\d\d)\b|\bborn in 19",
)

SAMPLES = Samples(
    hits=(
        "My niece is 14 and in your care",
        "he wrote to her all summer and she's under 16",
        "my 7-year-old came home with a bruise from the after-school club",
        "The Year 4 girl with the hearing aid was left on the coach.",
        "Kayleigh, aged 15, absconded from the unit again last night",
        "There's a toddler in the unit with a broken arm and nobody asks why.",
        "She's only 14 and he keeps messaging her",
        "A 13 year old boy sleeps in the office because there are no beds",
        "Tyler Example, 16, was last seen near the bus station.",
        "my little girl still cries when we drive past that nursery",
        "Ring my son's school and ask what they did to him",
        "their 6-week-old baby was turned away from A&E",
        "that foster child in the corner house has been out since ten",
        "He told the class that a teenage girl on his list self-harms.",
        "she is in year 9 and he is her teaching assistant",
    ),
    misses=(
        "our kid drives the number 9 bus, thirty years now",
        "I've aged ten years in that waiting room",
        "this delightful thirty one year old is discharging herself",
        "Even a 5 year old could run this place better.",
        "Our groups are for children aged 5 to 11 and their parents.",
        "I was 16 when I went into care and nobody asked me anything.",
        "The manager sulked like a toddler.",
        "We have a 12-year-old minibus that fails its MOT every spring.",
        "Toddler group is back on Tuesday at ten.",
        "He's 15 minutes late again",
        "aged 18 and over only, bring proof",
        "a 3-year-old contract nobody has read",
        "Our child protection policy was updated in May.",
        "Year 4 pupils visited the home to sing carols.",
        "When I was a little girl my nan worked here",
        "whisky aged 12 years for the raffle",
        "Wards 5, 6 and 7 are closed to visitors",
    ),
)
