"""What a British street address is made of."""

import re

from classifiers.detectors import postcode

_SURE = (
    "road|rd|street|st|avenue|ave|lane|ln|close|drive|crescent|cres|place|gardens?|gdns|terrace|terr|grove|walk|row|yard"
    "|mews|parade|square|rise|vale|quay|croft|brow|wynd|vennel|brae|loan|way|hill|fold|bank|path|circus|dene|villas"
    "|cottages|passage|approach|wharf|gate|orchard|meadows?|heights|ridge|broadway|esplanade|promenade|maltings"
    "|paddocks?|spinney|garth|chase"
)
# Names of houses, homes and parks end so as well: these ask for a cue.
_UNSURE = (
    "court|ct|house|lodge|tower|park|view|point|estate|buildings|mansions|green|side|end|mount|common|fields?|cl|dr|acres?"
    "|barns?|bottom|bridge|brook|cliffe?|copse|corner|cottage|cross|dale|dell|drove|farm|glen|glade|haven|hollow|leas?|mead"
    "|mill|moor|nook|pastures|pool|reach|stables|strand|warren|wells?|wood"
)
_WELSH = "heol|ffordd|stryd|lôn|lon|rhodfa|clos|maes|cwrt|rhes"
_FLAT = r"(?:(?:flat|apartment|apt|unit|maisonette|caravan|plot|chalet)\.? ?\d{0,3}(?:/\d)?[a-z]?\b,? )"
_NUMBER = (
    r"(?:(?:no\.?|number) \d{1,4}[a-z]? (?:on|in|of|down) (?:the )?"
    r"|(?:(?:no\.?|number) )?(?!(?:19|20)\d\d\b)\d{1,4}(?:[a-z]|-\d{1,4})?,? )"
)
_WORD = r"[^\W\d_][\w'-]{0,20}\.? "
NAME = rf"(?P<name>(?:{_WORD}){{1,3}}?)(?:(?P<sure>{_SURE})|(?P<unsure>{_UNSURE}))\b"
WELSH = (
    rf"(?P<welsh>(?:{_WELSH})(?: (?:y|yr|pen|[^\W\d_][\w'-]{{1,20}}))(?: (?-i:[A-Z])[\w'-]{{1,20}}){{0,2}})"
)
_TOWN = r"(?-i:[A-Z][\w'-]{2,20}(?:[ -](?:[A-Z][\w'-]{2,20}|on|upon|le|under|in|by|the)){0,3})"
CODE = rf"(?:{postcode.OUTWARD} {{0,2}}\d[A-Z]{{2}}\b)"
REST = rf"(?:\.(?=,))?(?:(?:,? {_TOWN}){{0,3}},?\s{{1,2}}(?P<code>{CODE})|(?:, {_TOWN}){{0,2}})"

NUMBERED = re.compile(
    rf"(?<![\w£$€./:#-])(?P<flat>{_FLAT})?(?P<number>{_NUMBER})(?:{WELSH}|{NAME}){REST}", re.I
)
UNNUMBERED = re.compile(rf"\b(?:on|in|at|off|down|of|along) (?P<street>{NAME}){REST}", re.I)
# A number, any names and a postcode need no word for a street: "12 Pen-y-bont, Pontyfelin, CF48 8ZD".
WITH_CODE = re.compile(
    rf"(?:(?<![\w£$€./:#-]){_NUMBER}{_TOWN}"
    r"|(?<![\w-])(?-i:(?:[A-Z][\w'-]{1,20} ){1,3})(?:cottage|farm|barn|bungalow|villa))"
    rf"(?:,? {_TOWN}){{0,3}},?\s{{1,2}}{CODE}",
    re.I,
)
NAMED_HOUSE = re.compile(
    rf"(?<![\w-])(?-i:(?:[A-Z][\w'-]{{1,20}} ){{1,3}})(?P<house>cottage|farm|barn|bungalow|villa|house|lodge|rectory"
    rf"|vicarage|forge|mill|granary|stables),? (?:(?:on|in|off) )?(?:{WELSH}|{NAME}){REST}",
    re.I,
)

# "a 10 minute walk", "4 beds way": words that follow a number without being a street's name.
NO_NAME = re.compile(
    r"\b(?:min(?:ute)?s?|hours?|hrs?|miles?|metres?|m|km|days?|weeks?|months?|years?|yrs?|stars?|beds?|bed(?:room(?:ed)?)?"
    r"|people|men|women|kids|times?|lanes?|staff|residents?|patients?|cars?|steps?|percent|am|pm|more|to|in|and|or|a|x"
    r"|so|we|you|he|she|they|it|is|was|for|from|with|my|your|his|her|this|that|left|right|each|per|at|if|by|one"
    r"|only)\b",
    re.I,
)


LITTLE = frozenset({"of", "the", "y", "yr", "on", "upon"})


def is_titled(name: str) -> bool:
    """Whether each word of a street's name has its capital; "of" and "the" need none."""
    words = name.split()
    return words[0][0].isupper() and all(word[0].isupper() or word in LITTLE for word in words)
