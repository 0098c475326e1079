"""Telling what a court restricts: names despite an order, what a jury said, what was said in the family court.

Narrow: somebody must be set on telling it anyway. Not: news that keeps the order ("cannot be named"), court talk
without people, jury service as such. Administration of Justice Act 1960 s.12; Juries Act 1974 s.20D.
"""

from classifiers.tags._common import Samples, patterns

_FORBIDDEN = (
    r"(?:(?:can't|cannot|can not|couldn't|not allowed to|not supposed to|not meant to|banned from|aren't"
    r" allowed to|isn't allowed to) (?:\w+ ){0,3}?(?:be )?(?:nam(?:e|ed|ing)|identif(?:y|ied|ying))|anonymity"
    r" order|reporting restrictions?|gag(?:ging)? order|court order|injunction|super-?injunction|section 39"
    r"|section 45)"
)
_ANYWAY = (
    r"(?:but (?:it's|it is|his name|her name|their name|i will|i'll|we all know|everyone knows|here)|so here"
    r"|well (?:it's|i'll|his|her)|stuff|sod|screw|ignore|don't care|do not care|regardless|anyway|who cares"
    r"|i'll say it|can't stop me|won't stop me)"
)
_COURT = (
    r"(?:family court|care proceedings|adoption hearing|court of protection|closed hearing|private hearing)"
)
_WHO = r"(?:judge|guardian|social worker|psychologist|cafcass(?: officer)?|barrister|magistrates?)"
_PARTY = (
    r"(?:my (?:kids|children|son|daughter|baby|grandson|granddaughter|grandkids|ex|sister|brother|mum|dad|nan)|"
    r"(?:his|her|their) (?:kids|children|baby)|me\b|us\b|i\b|(?-i:[A-Z][a-z]+ [A-Z][a-z]+))"
)

PATTERNS = patterns(
    rf"\b{_FORBIDDEN}\b[^!\n]{{0,80}}?\b{_ANYWAY}\b",
    rf"\b{_ANYWAY} (?:\w+ ){{0,3}}?(?:the |your |their )?{_FORBIDDEN}\b",
    r"\b(?:i'm|i am|i was|i'm sat|been|sitting|sat) (?:\w+ ){0,3}?(?:on (?:a|the|that) jury|jury (?:duty"
    r"|service)|a juror|juror)\b[^\n]{0,160}\b(?:guilty|deliberat\w+|voted|vote|in the jury room|the"
    r" defendant)\b",
    r"\b(?:juror|jury member|jury foreman) (?:(?:number |no\.? ?)?\w+ )?(?:is|was) (?-i:[A-Z][a-z]+ [A-Z])",
    rf"\b(?:in|at|from) (?:the |our )?{_COURT}\b[^\n]{{0,100}}?\b{_WHO} (?:\w+ ){{0,2}}?(?:said|ruled|told"
    rf"|called|found|wrote)\b[^\n]{{0,60}}?\b{_PARTY}",
    rf"\b{_COURT} {_WHO} (?:said|ruled|told|called|found|wrote)\b[^\n]{{0,60}}?\b{_PARTY}",
    r"\b(?:post(?:ing|ed)|upload(?:ing|ed)|sharing|shared|here(?:'s| is| are)|attached|screenshots? of) (?:\w+"
    r" ){0,4}?(?:court (?:bundle|papers|report|statement)|family court (?:\w+ )?(?:order|judgment|papers"
    r"|documents|bundle)|guardian's report|section 7 report|position statement)\b",
)
UNLESS = patterns(
    r"\b(?:please|do not|don't (?:name|identify|post|share)|reminder|moderators?|anonymised|published judgment"
    r"|guidance|course|training|contempt of court|editor|our reporter|deleted)\b",
    r"\b(?:mr|mrs|ms) justice\b|\bruled that (?:councils?|the law)\b|\b(?:film|drama|episode|series|novel)\b",
)

SAMPLES = Samples(
    hits=(
        "The papers can't name him but it's Darren Example from our street",
        "There is a court order, I don't care, his name is all over the estate",
        "Reporting restrictions? Stuff that, here goes",
        "Sod the gagging order, this is what they did",
        "I was on the jury last week and two of us voted guilty just to get home",
        "Juror number four is Sandra Example, she works at the Co-op",
        "In the family court yesterday the judge said my kids were better off with him",
        "Family court judge told Karen Example she was lying",
        "Posting the whole court bundle tonight so you can all read it",
        "Screenshots of the guardian's report in the comments",
        "They are not allowed to identify her, so here is her Facebook",
        "At the adoption hearing their social worker called me unfit",
    ),
    misses=(
        "The boy, who cannot be named for legal reasons, admitted the theft.",
        "I have jury service next month, any tips for parking?",
        "The family court is short of judges.",
        "Please do not name anyone, there is a court order.",
        "A judge lifted reporting restrictions on Friday",
        "The council got an injunction against the travellers but it was late",
        "Mr Justice Example ruled in the family court that councils must pay.",
        "The tennis court order form is on the desk",
        "Moderators: posts that ignore reporting restrictions are removed",
        "Ofsted can't name a date but it will be soon",
        "I was a juror for the cake competition",
        "The drama about a juror was gripping, guilty or not",
        "My solicitor shared some news: the hearing is in May",
    ),
)
