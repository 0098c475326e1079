"""Whose account a name on a platform is: an organisation's, or one of a private person."""

import re


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Anywhere in the name, or (short ones) as a word of it.
_INSTITUTION = re.compile(
    r"official|police|council|nhs|hospital|hospice|trust|charit|school|academy|college|universit|nursery|library|libraries"
    r"|museum|homes|housing|lettings|cent(?:re|er)|clinic|surgery|practice|pharmacy|health|homecare|support|charity"
    r"|foundation|society|community|network|service|enquir|customer|council|church|rescue|ambulance|rehab|wellbeing"
    r"|advice|parish|borough|county|govuk|ofsted|gov_?uk|ombudsman|union|newspaper|gazette|herald|echo|tribune|radio"
    r"|weekly|today|magazine|lodge|manor|residential|nursing|events|transport|buses|railway|living|helpdesk|helpline"
)
_WORDS = _words(
    """
    admin advice bbc bc bot care cc cic court cqc fc fm gp ha hands help house hq hub info itv jobs live london
    ltd mail media mp network news ngo office onestop pals pr press rspca sales school sport team town tv uk user
    vets village
    """
)
# What people say of themselves, where their own name is not told.
_OWN = _words(
    """
    bae baker boy carer chef chick dad daddy doctor dr gal girl gran grandma granny guy hun lad lady lass lover
    mam miss missus mister mother mr mrs ms mum mumma mummy mumof nain nan nana nanny nights nightshift nurse
    onnights papa physio queen rn sister smith son teacher wife xo xox xx
    """
)
_FIRST_NAMES = _words(
    """
    aaron abbie abdul abdullah abi abigail adam adele ahmed aidan aisha alan albert alex alexa alexander alf alfie
    ali alice alison amanda amber amelia amina amir amy ana andrea andrew andy angela angie anita ann anna anne
    annie anthony archie arthur ash ashley audrey ava babs barbara barry becca becky ben beryl beth bethan betty
    bev beverley bill billy bob brenda brian bridget bryn caitlin callum cameron carl carla carly carol caroline
    cath catherine cerys charlene charles charlie charlotte chaz chelsea cheryl chloe chris christine clair claire
    clare clive colin connor craig daisy dan daniel danielle danny darren dave david dawn dean deb debbie deborah
    debs declan denise derek des diane dilys dom donna doreen doris dorothy doug duncan dylan eddie edith edward
    eileen elaine eleanor eli elizabeth ella ellen ellie elsie emily emma eric erin esther ethan eva evan evelyn
    evie faith farah fatima faye ffion fiona flo florence frances frank fred freya gail gareth gary gav gaz gemma
    geoff george georgia gill gina gladdy gladys glenn glenys grace graham greg gwen hannah harold harriet harry
    hassan hattie hayley hazel heather heidi helen henry hilda holly huw ian imran irene iris isaac isabel isla
    ivy jack jackie jade jake james jamie jan jane janet janice jasmine jason jay jayne jean jeff jen jenna
    jennifer jenny jess jessica jill jim jo joan joanna joanne jodie joe joel john jon jordan joseph josh joy
    joyce jude judith judy julia julian julie june kaiden kamal karen kat kate katherine kathy katie kay kayleigh
    keith kelly ken kenny kerry kev kevin kez khadija kim kirstie kirsty kyle laura lauren leah leanne lee len
    lenny leo leon lesley lewis lexi liam lilian lily linda lindsay lisa liz lizzie lloyd logan lola lorna
    lorraine lou louise lucas lucy luke lydia lynn lynne mabel maddie maeve maggie malcolm mandy marc marcus
    margaret maria marie marilyn marion mark marlene martin mary matt matthew maureen mavis max megan mel melanie
    mia michael michelle mick mike millie mo mohamed mohammed moira molly mona morag muhammad muriel nadia nan
    nancy naomi nat natalie natasha nathan neil nell nick nicola nicole nigel nina noah noel nora noreen norma
    norman olive oliver olivia oscar owen pam pamela pat patricia patrick paul paula pauline peggy penny pete
    peter phil phoebe poppy priya rach rachel raj ray rebecca reg rhian rhiannon rhys richard ricky rita rob
    robbie robert robin roger ron ronnie rory rosa rose rosie ross roy ruby russell ruth ryan sadie sally sam
    samantha samir sandra sara sarah sasha scott sean shannon sharon shaun shaz sheila shirley sian sid simon
    siobhan sofia sonia sophia sophie stacey stan stella steph stephanie stephen steve steven stu stuart sue
    summer susan suzanne sylvia tamsin tania tanya tara ted temi teresa terry tess theresa thomas tina toby tom
    tomos tony tracey tracy trevor trish una val valerie vanessa vera veronica vic vicky victoria vince violet viv
    wayne wendy will william winnie yasmin yvonne zac zara zoe zofia zubair
    """
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_\d]+")


def words_of(name: str) -> list[str]:
    """ "nurseTemi_rn" in small words."""
    return [word.lower() for word in _CAMEL.split(name) if word]


def is_institution(name: str) -> bool:
    """Whether the name itself says that an organisation speaks."""
    folded = re.sub(r"[\W_]", "", name).lower()
    return bool(_INSTITUTION.search(folded)) or not _WORDS.isdisjoint(words_of(name))


def is_personal(name: str) -> bool:
    """Whether the name itself says that a person speaks: a first name, a calling, or digits at its end."""
    words = words_of(name)
    if any(word in _FIRST_NAMES or word in _OWN for word in words):
        return True
    joined = len(words) == 1 and any(len(first) >= 5 and words[0].startswith(first) for first in _FIRST_NAMES)
    return joined or bool(re.search(r"[^\W\d_]{3,}_?\d{2,4}$", name))
