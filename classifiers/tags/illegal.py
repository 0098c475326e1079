"""Urging or helping somebody to break the law: offers of drugs and forged papers, calls to rob, ways to cheat.

Not: news, warnings, accusations ("they fiddle the timesheets"), figures of speech ("let's smash the target").
"""

from classifiers.tags._common import Samples, patterns

_DRUG = (
    r"(?:oramorph|diazepam|pregabalin|fentanyl|morphine|tramadol|zopiclone|codeine|oxycodone|methadone"
    r"|temazepam|weed|coke|cocaine|ketamine|ket|mdma|benzos|valium|xanax|spice|heroin|crack)"
)
_OFFER = (
    r"(?:dm|pm|message|inbox|whatsapp|text|hmu|hit me up|£ ?\d+|cash only|for sale|a strip|a gram|delivered)"
)
_PAPER = (
    r"(?:dbs(?: (?:checks?|certificates?))?|sick ?notes?|fit notes?|nvqs?|certificates?|vaccine (?:cards?"
    r"|passports?)|covid pass\w*|right[- ]to[- ]work (?:papers|documents)|passports?|prescriptions?|references?"
    r"|blue badges?|training records|ids?)"
)
_CALL = (
    r"(?:let's|lets|let us|who's up for|who wants to|go and|come and|we should(?: all)?|everyone|lads,?|you"
    r" should(?: all)?)"
)
_THEIRS = r"(?:the|their|its|his|her|that|this) (?:\w+ ){0,3}?"

PATTERNS = patterns(
    r"\b(?:selling|got|shifting|flogging|plug for|anyone want|need any) (?:\w+"
    rf" ){{0,4}}?{_DRUG}\b[^.!?\n]{{0,60}}(?<!\w){_OFFER}",
    rf"(?<!\w){_OFFER}(?: me)? (?:\w+ ){{0,2}}?for (?:\w+ ){{0,3}}?{_DRUG}\b",
    rf"\b(?:fake|forged|dodgy|false|bent) {_PAPER}\b[^.!?\n]{{0,60}}(?<!\w)(?:{_OFFER}|no questions asked)",
    r"\b(?:selling|can get you|can sort you|sort you out with|i do|knock up|i'll make you) (?:\w+ ){0,2}?"
    rf"(?:fake|forged|dodgy|false) {_PAPER}\b",
    r"\b(?:here's|here is|this is|i'll show you|let me show you|i can show you|dm me for|thread on|tip:?|easy"
    r" way) (?:how|a way|ways|the way)?\s*(?:you |to |you can )*(?:fiddle|cheat|scam|defraud|bypass the meter"
    r"|nick|shoplift|break into|get away with|forge|launder|dodge)\b",
    rf"\b{_CALL} (?:all |just )?(?:rob(?:bing)?|burgl(?:e|ing)|loot(?:ing)?|ransack|torch(?:ing)?|burn down"
    rf"|smash up|break into|petrol bomb|nick (?:stuff|everything) from) (?:{_THEIRS}|(?-i:[A-Z]))",
    rf"\b{_CALL} (?:all |just )?(?:brick(?:ing)?|smash(?:ing)?|put (?:a )?bricks? through) {_THEIRS}(?:windows?"
    r"|doors?|cars?|office|place|building|home)\b",
    r"\bbring (?:your |some |the )?(?:\w+ )?(?:bricks|petrol|knives|petrol bombs|machetes|bats and)\b",
    r"\b(?:keys?|code|door|cupboard|cabinet)\b[^.!?\n]{0,80}\bhelp (?:yourself|yourselves)\b",
    r"\b(?:claim|sign on|get)\b[^.!?\n]{0,50}\b(?:they|dwp|the council|hmrc)(?:'ll| will)? never (?:check|know"
    r"|find out)\b",
    r"\b(?:easy to|just) (?:rob|nick|steal)\b[^.!?\n]{0,60}\b(?:nobody|no one|they never) (?:checks?|looks?"
    r"|watches|notices)\b",
)
UNLESS = patterns(
    r"\b(?:don't|do not|never (?:buy|let|use)|not to|police|charged|jailed|convicted|arrested|court|accused"
    r"|alleged\w*|awareness|training|warn\w*|beware|spot|report\w*|scammers?|crime ?stoppers|sentenced|inquest"
    r"|documentary|disgust\w*|condemn\w*|prevent|recovery|prescribed|pharmacy|stop (?:him|her|them|people))\b",
    r"\b(?:escape room|film|novel|game|episode|drama|raffle|party)\b",
)

SAMPLES = Samples(
    hits=(
        "got diazepam off the ward, £5 a strip, inbox me",
        "DM me for oramorph, bottle nearly full",
        "Fake DBS certificates, £80, no questions asked",
        "I can get you dodgy sick notes, ask Kev",
        "Here's how to fiddle the timesheets so payroll can't tell",
        "Let's torch the place tonight",
        "Who's up for bricking their windows on Saturday",
        "bring petrol and meet at the gates at nine",
        "Code for the drugs cupboard is on the wall, help yourselves",
        "Sign on and keep the job, DWP will never check",
        "easy to nick the purses in there, nobody checks the rooms",
        "selling forged NVQs for anyone who needs a care job",
        "we should all break into the office and take our files",
    ),
    misses=(
        "A nurse was jailed for selling diazepam at £5 a strip.",
        "Let's smash the fundraising target!",
        "They fiddle the timesheets and nobody stops them",
        "Beware of fake DBS certificates for sale online",
        "How to spot a forged passport: training on Monday",
        "Tea in the cupboard, help yourself, but don't touch the cabinet",
        "My dad was prescribed morphine, text me if you can visit",
        "Here's how to get away for a week with respite care",
        "The escape room was fun: let's rob the bank!",
        "This home is daylight robbery",
        "Let's burn some calories at the charity run",
        "She got codeine from the pharmacy for £8",
    ),
)
