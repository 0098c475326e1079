"""Somebody's work, logo or trade mark used without leave; pirated copies.

Not: a picture *of* somebody (that is privacy), our own announcements, lessons and news about copyright.
"""

from classifiers.tags._common import Samples, patterns

_WORK = (
    r"(?:logos?|branding|brand|trade ?marks?|crest|photo(?:graph)?s?|pictures?|images?|artwork|illustrations?"
    r"|designs?|leaflets?|posters?|videos?|content|website|web ?pages?|newsletter|training (?:pack|material)s?"
    r"|workbooks?|text)"
)
_TAKEN = (
    r"(?:us(?:e|es|ed|ing)|nick(?:ed|ing)|stole|stolen|steal(?:s|ing)?|cop(?:y|ied|ying)|lift(?:ed|ing)|pinch"
    r"(?:ed|ing)|rip(?:ped|ping) off|reproduc(?:e|ed|ing)|print(?:ed|ing)|reus(?:e|ed|ing)|put(?:ting)?)"
)
_LEAVE = (
    r"(?:without|with no|no|never) (?:\w+ ){0,3}?(?:permission|licen[cs]e|authori[sz]ation|asking|asked|leave"
    r"|credit)"
)

PATTERNS = patterns(
    rf"\b{_TAKEN} (?:our|their|your|the|that) (?:[\w']+ ){{0,3}}?{_WORK}\b(?!"
    rf" of\b)[^.!?\n]{{0,80}}?\b{_LEAVE}\b",
    rf"\b{_LEAVE} to use (?:our|their|your|the) (?:[\w']+ ){{0,3}}?{_WORK}\b(?! of\b)",
    r"\b(?:nicked|stole|stolen|stealing|lifted|pinched|ripped off) (?:our|their|your) (?:[\w']+"
    rf" ){{0,2}}?{_WORK}\b(?! of\b)",
    r"\b(?:pirated|bootleg|counterfeit|knock-?off|ripped) (?:copy|copies|dvds?|pdfs?|e-?books?|films?|streams?"
    r"|merch\w*|textbooks?|software|uniforms?|box ?sets?)\b",
    r"\b(?:infring\w+|breach\w*|violat\w+) (?:of )?(?:our|their|your|the|its|my) (?:\w+ )?(?:copyright|trade"
    r" ?mark)",
    r"\bcopyright (?:infringement|theft|breach)\b",
    r"\b(?:full|whole|entire|complete) (?:scans?|pdf|copy|rip) of (?:the|their|your|our) (?:[\w']+ ){0,4}?"
    r"(?:book|manual|course|pack|textbook|workbook|album|film|handbook)\b[^.!?\n]{0,60}\b(?:free|here|link"
    r"|download|dm)\b",
    r"\b(?:cropped|removed|took|edited|blurred|photoshopped) (?:out |off )?(?:the|our|their) watermark",
    r"\b(?:unofficial|fake|knock-?off|not licensed|unlicensed) (?:[\w-]+ ){0,4}?(?:with|bearing) (?:the|our"
    r"|their) (?:[\w']+ ){0,3}?(?:logo|crest|badge|branding)\b",
    r"\bpass(?:ing|ed|es) (?:off )?(?:our|their|my) (?:\w+ ){0,2}?(?:work|photos|designs?|artwork|recipes) "
    r"(?:off )?as (?:\w+ )?own\b",
)
UNLESS = patterns(
    r"\b(?:don't|do not|never|please|must not|mustn't|shouldn't|may not|can't|cannot|nobody|not allowed to"
    r"|avoid) \0",
    r"\b(?:lesson|course|workshop|training|seminar|essay|guide|explained|policy|trading standards|seized|jailed"
    r"|fined|sentenced|court|ruled|raid\w*|customs|lecture|exam|how to avoid|accused|lawsuit|sued)\b",
)

SAMPLES = Samples(
    hits=(
        "They have no licence to use our logo, and there it is on a van",
        "They are using our logo on their leaflets without permission",
        "Somebody nicked our photos for a rival agency's page",
        "This page uses the Trust's branding and never asked",
        "pirated copies of the nursing textbook, a fiver each",
        "The advert infringes our trade mark.",
        "That video is copyright infringement, it is our film",
        "Full scan of their care planning workbook, download it here for free",
        "She cropped out the watermark and posted it as hers",
        "selling unofficial hoodies with the school crest",
        "passing our artwork off as their own",
        "copied your whole website without asking, even the typos",
        "bootleg DVDs of the Christmas show in the foyer",
    ),
    misses=(
        "They put photos of my mum on Facebook without permission",
        "Here is our new logo! What do you think?",
        "Please do not use our logo without permission.",
        "Tuesday's lesson is about copyright infringement.",
        "Trading standards seized pirated DVDs at the market",
        "You stole our hearts",
        "The photographer gave us leave to use the pictures",
        "Our brand new website is live without a hitch",
        "She copied the whole class into the e-mail",
        "Jack Sparrow and the pirate copy the captain",
        "The home stole my nan's ring",
        "A man was fined for counterfeit merchandise.",
    ),
)
