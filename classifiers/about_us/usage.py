"""How a name is used in a text: as a name, as a common word, or inside another name.

The lists are of English in general and know no organisation: words before and behind a common noun or verb, words that
only an organisation takes, and words that make another name of it (a road, a pub, a football club).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from classifiers.about_us.words import Words, some

_DETERMINERS = some(
    "a an my your our his her its their this that these those any no more some main every each another one"
)
_NO_NAMES = some("the a an i'm i've i'll i'd at in of and but if")
_MODALS = some("can can't cant cannot could couldn't couldnt will won't wont would should must let's lets")
_SUBJECTS = some("to not and you i we they don't dont")
_BEHIND_COMMON = some("on of for upon your yourself yourselves myself")
_BEFORE_COMMON = some("out in into sharp deep manual auto safe tax moral shifting losing lost keep")
_SOCIAL_BEFORE = some(
    "at with from by for via under through told rang phoned called left joined contacted emailed think "
    "thank thanks love hate see ask let help complain complained dear"
)
_SOCIAL_BEHIND = some(
    "have has had are were say says said told tell tells put puts left leave sent send did do does didn't "
    "didnt don't dont won't wont wouldn't wouldnt doesn't doesnt never lost gave give gives made make want "
    "wants took take takes let lets asked stopped moved rang got gets pay pays charge charged charging staff "
    "carer carers manager managers worker workers home homes residents clients client students kids team "
    "who because knew knows flat flats house place lot lady lass girl lad fella people minibus van bus uniform "
    "rota placement"
)
_ELSE_BEFORE = some(
    "mr mrs ms miss dr sir lady professor prof councillor cllr judge justice reverend rev bishop sergeant sgt "
    "inspector detective constable pc dc di dci captain"
)
_ELSE_BEHIND = some(
    "road rd street st drive avenue ave close crescent lane way terrace court gardens mews square hill "
    "bay creek point peak island river park farm fc cc utd united town rovers rfc city cricket rugby "
    "football school primary academy nursery university pub inn arms hotel lodge barn brewery cafe "
    "restaurant theatre cinema gym spa salon nails kitchens furniture diy dental dentist vets opticians "
    "estate accountants recruitment broadband coffee books records magazine film movie album band season "
    "series episode remaster game app api server airlines insurance bank group groups"
)
_WHERE = some("in at near")
_WHEN = some(
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday christmas easter ramadan eid diwali"
)
CLOSE_BEHIND = 4  # words


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of the name, from word ``start`` to before ``end``.

    ``proper``: written as a name within a sentence. ``small``: in small letters. ``shouted``: in capitals among small
    letters. ``tagged``: in a hashtag, a handle or a link. ``common``: as a noun or verb. ``leaning``: before "on",
    "of" …, which makes it likely. ``article``: in small letters behind "the". ``owned``: a capital behind "my", "a" ….
    ``social``: as somebody who does things and has staff. ``compound``: beside another capitalised word, or a word that
    makes another thing of it. ``elsewhere``: close before a place that is not ours.
    """

    start: int
    end: int
    proper: bool
    small: bool
    shouted: bool
    tagged: bool
    common: bool
    leaning: bool
    article: bool
    owned: bool
    social: bool
    compound: bool
    elsewhere: bool


def uses(
    words: Words, names: Sequence[tuple[int, int]], own: Collection[str], *, with_the: bool = False
) -> Iterator[Use]:
    """Each use of the name at (first word, number of words); ``own`` are words of ours, beside which it is still us.

    ``with_the`` says that our name begins with "The", so that "the" before it makes no common word of it.
    """
    shouting = sum(word.isupper() for word in words.written if len(word) > 1) * 2 > len(words.written)
    for start, size in names:
        end = start + size
        head = words.written[start]
        before = words.folded[start - 1] if start and not words.parted[start] else ""
        behind = words.folded[end] if end < len(words.folded) and not words.parted[end] else ""
        small, capitals = head.islower(), head.isupper() and len(head) > 1
        own_article = with_the and before == "the"
        compound = not shouting and _is_compound(words, start, end, own)
        social = not compound and _is_social(before, behind, words.folded[end - 1], small=small)
        yield Use(
            start=start,
            end=end,
            proper=head[0].isupper() and not capitals and not words.opens[start],
            small=small,
            shouted=capitals and not shouting,
            tagged=words.tagged[start],
            common=small and not own_article and _is_common(before, behind),
            leaning=not own_article and before not in _SOCIAL_BEFORE and behind in _BEHIND_COMMON,
            article=small and before == "the" and not own_article and not social and behind not in own,
            owned=not small and not social and before in _DETERMINERS and behind not in own,
            social=social,
            compound=compound,
            elsewhere=_is_elsewhere(words, end, own),
        )


def _is_common(before: str, behind: str) -> bool:
    return (
        before in _DETERMINERS
        or before in _BEFORE_COMMON
        or before in _MODALS
        or (before in _SUBJECTS and (not behind or behind in _BEHIND_COMMON))
    )


def _is_social(before: str, behind: str, name: str, *, small: bool) -> bool:
    possessive = name.endswith(("'s", "s'"))
    return before in _SOCIAL_BEFORE or behind in _SOCIAL_BEHIND or (possessive and not small)


def _is_compound(words: Words, start: int, end: int, own: Collection[str]) -> bool:
    behind, before = end, start - 1
    if (
        behind < len(words.folded)
        and not words.parted[behind]
        and words.folded[behind] not in own
        and (words.folded[behind] in _ELSE_BEHIND or _names(words, behind))
    ):
        return True
    if before < 0 or words.parted[start] or words.folded[before] in own:
        return False
    if words.folded[before] in _ELSE_BEFORE:
        return True
    return words.written[start][0].isupper() and not words.opens[before] and _names(words, before)


def _is_elsewhere(words: Words, end: int, own: Collection[str]) -> bool:
    """Whether a place that is not ours stands behind: "Oakfield, Carrow Mills", "the Oakfield home in Melbeck"."""
    close = range(end, min(end + CLOSE_BEHIND, len(words.folded)))
    return any(
        _names(words, index)
        and not words.written[index].isupper()
        and words.folded[index] not in own
        and words.folded[index] not in _WHEN
        and (words.parted[index] if index == end else words.folded[index - 1] in _WHERE)
        for index in takewhile(lambda index: not words.opens[index], close)
    )


def _names(words: Words, index: int) -> bool:
    """Whether a word is written as a name."""
    word, folded = words.written[index], words.folded[index]
    return len(word) > 1 and word[0].isupper() and folded not in _NO_NAMES and not words.tagged[index]
