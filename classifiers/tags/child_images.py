"""Sexual pictures of somebody under 18: told of, asked for or offered. Text only: nothing is ever opened or fetched.

Not: news of trials, training, how to report, condemnation of such pictures as a kind, family and medical pictures.
Limits: an age told in another sentence is not joined, and code words are left to those whose trade they are.
"""

from classifiers.tags._common import AGE, YEARS_OLD, Samples, patterns

_PICTURES = r"(?:pics?|photos?|pictures?|images?|videos?|vids?|clips?|footage|selfies?|screenshots?)"
_BARE = r"(?:nude|naked|topless|indecent|explicit|undressed|intimate|sexual)"
_CHILD = (
    r"(?:child|children|kids?|minors?|toddler|schoolgirls?|schoolboys?|(?:little|young|underage|under-?age) "
    r"(?:girls?|boys?|lads?)|under-?(?:18|16)s?|(?:year|yr) ?(?:1[0-1]|[1-9]) (?:girls?|boys?|pupils?|lads?)"
    rf"|{YEARS_OLD}(?: \w+)?|(?:girl|boy|lad|lass)s? (?:aged? |of )?{AGE}\b)"
)
_OF = r"(?:of|from|showing|to|with|off)"
_ASKED = (
    r"(?:ask(?:s|ed|ing)?|beg(?:s|ged|ging)?|pester(?:s|ed|ing)?|want(?:s|ed)?|got|getting|made|making|pressur"
    r"(?:ed|ing))"
)
_OFFERED = (
    r"(?:dm|pm|inbox|telegram|link|links|folder|swap(?:ping)?|trad(?:e|ing)|sell(?:ing)?|for sale|who wants|got"
    r" loads|£ ?\d+)"
)
_KIND = (
    r"(?:(?:child|kiddie|underage) (?:porn\w*|abuse (?:material|images|videos|pics)|sexual abuse (?:material"
    r"|images|videos))|csam)"
)

PATTERNS = patterns(
    rf"\b{_BARE} (?:[\w-]+ ){{0,2}}?{_PICTURES}\b[^.!?\n]{{0,30}}?\b{_OF} (?:[\w']+ ){{0,4}}?{_CHILD}\b",
    rf"\b{_PICTURES} {_OF} (?:[\w']+ ){{0,3}}?{_BARE} (?:[\w']+ ){{0,2}}?{_CHILD}\b",
    rf"\b{_PICTURES} {_OF} (?:[\w']+ ){{0,4}}?{_CHILD} (?:[\w']+ ){{0,2}}?{_BARE}\b",
    rf"\bnudes (?:{_OF}) (?:[\w']+ ){{0,4}}?{_CHILD}\b",
    rf"\b{_CHILD}(?:'s)? (?:[\w']+ ){{0,2}}?(?:nudes|{_BARE} {_PICTURES})\b",
    rf"\b{_ASKED} (?:[\w']+ ){{0,4}}?{_CHILD} (?:[\w']+ ){{0,3}}?(?:nudes|{_BARE} {_PICTURES}|(?:take|taking)"
    r" her (?:top|clothes) off on (?:cam|camera))\b",
    rf"\b(?:nudes|{_BARE} {_PICTURES})\b[^.!?\n]{{0,60}}\b(?:he|she|they|who)(?:'s| is|'re| are) (?:only |just "
    rf"|still )?(?:{AGE}\b(?! ?(?:[:%]|minutes|days|weeks|hours))|a minor\b|under ?-?(?:18|16|age)\b)",
    rf"\b(?:he|she|they|who)(?:'s| is|'re| are) (?:only |just |still )?(?:{AGE}|a minor|under ?-?(?:18|16"
    rf"|age))\b[^.!?\n]{{0,60}}\b(?:nudes|{_BARE} {_PICTURES})\b",
    rf"(?<!\w){_OFFERED}\b[^.!?\n]{{0,60}}\b{_KIND}\b",
    rf"\b{_KIND}\b[^.!?\n]{{0,60}}(?<!\w){_OFFERED}\b",
)
UNLESS = patterns(
    r"\b(?:convicted|jailed|sentenced|plead(?:ed|s)?|admitted|charged|arrested|court|jury|sex offenders?|prison"
    r"|offences?|making indecent|possess\w*|on bail|guilty|trial|inquiry)\b",
    r"\b(?:how to|training|course|workshop|policy|policies|guidance|helpline|iwf|internet watch|ceop|report"
    r" remove|campaign\w*|petition|laws?|legislation|bill|teach\w*|awareness|lesson|never (?:share|send|ask)"
    r"|anyone who|people who|those who|detect\w*|scanning|charity|report (?:any|it|them)|if you (?:see|find"
    r"|are))\b",
    r"\b(?:baby photos?|bath time|breastfe\w+|painting|statue|museum|renaissance|medical|anatomy|doll|nappy"
    r"|x-?rays?)\b",
)

SAMPLES = Samples(
    hits=(
        "He has pictures of a 14 yo lad undressed and passes them round",
        "She is 15, and they made her send nudes to the whole house",
        "there is a naked photo of a Year 8 girl going round the unit's group chat",
        "he asked my 13-year-old for nudes",
        "The night carer keeps explicit videos of kids on his phone",
        "nudes of a 15 yo from the home, everyone has seen them",
        "He sent topless pics from a girl aged 14 to the other lads",
        "A support worker has indecent images of children on the office laptop and they know",
        "who wants the child abuse videos, link in bio",
        "telegram folder of underage porn, ask for the password",
        "someone has photos of that naked toddler from the ward and shares them",
        "He got a schoolgirl to send naked selfies",
        "she sent him intimate pictures and she's only 15",
        "pestering a 12 year old girl for nudes in the games chat",
    ),
    misses=(
        "A former teacher was jailed for making indecent images of children.",
        "Training: how to report indecent images of children to the IWF",
        "Anyone who shares child abuse videos is beneath contempt.",
        "The new law makes it an offence to share intimate images of children",
        "Look at these baby photos: naked as the day he was born, now he is 40!",
        "Never share naked pictures of children, not even as a warning.",
        "The charity removed 300,000 links to child abuse images last year",
        "Explicit lyrics, kids covering their ears, a video of the fete to follow",
        "The museum has a painting of a naked child with a goose",
        "Photos of the children at sports day are on the website",
        "My ex shared intimate pictures of me, I am 34",
        "Campaign launched after explicit deepfake videos of schoolgirls",
    ),
)
