"""The author speaks as somebody who works or worked at the place: shifts, posts, "we carers", "I left the home".

Not: other people's work in quotation marks, wishes, trades that have nothing to do with care, "I work at Tesco and
my nan lives there". Limits: whose place it is cannot be told, a nurse of another house reads the same; carers of their
own kin are left out; whoever shows only by what they know is not seen.
"""

from classifiers.tags._common import Samples, patterns

_POST = (
    r"(?:care (?:assistant|worker|staff)|carer|nurse|hca|healthcare assistant|support worker|social worker|key"
    r" ?worker|senior carer|senior|team leader|cleaner|porter|cook|chef|domestic|caretaker|receptionist"
    r"|administrator|manager|teaching assistant|ta|teacher|ward clerk|security guard|housing officer|case"
    r" ?worker|midwife|physio|activities coordinator|night porter|bank staff|agency staff|member of (?:the )?"
    r"(?:staff|team)|employee|staff member)"
)
_MANY = (
    r"(?:carers|nurses|staff|hcas|support workers|care staff|care workers|care assistants|porters|cleaners"
    r"|teachers|seniors|night staff|social workers|domestics)"
)
_PLACE = (
    r"(?:home|unit|ward|hospital|trust|council|school|charity|company|surgery|hospice|refuge|clinic|service"
    r"|hostel|care home|nursing home|nursery|academy|centre|project|housing association)"
)
_NAME = r"(?-i:(?:St\.? |The )?[A-Z][\w']+(?: [A-Z][\w']+){0,3})"

PATTERNS = patterns(
    r"\b(?:on|after|during|before|end of|start of|finished|half ?way through|into) my (?:last |late |early "
    r"|night |day |first |next |long |whole )?shifts?\b",
    r"\b(?:i'm|i am|i was|just|been) (?:back )?on (?:shift|nights|earlies|lates|a (?:long|night|late|double) "
    r"(?:day|shift))\b",
    r"\b(?:finished|done|did|doing|coming off|come off|off|after|worked) (?:a|an|my|another) (?:(?:12|twelve|13"
    r"|14|ten)[- ]?h(?:ou)?rs?|long|double|night|late|sleep-?in) (?:shift|night|day)\b",
    r"\bi(?:'ve| have)? (?:currently |still |only |also |used to )?(?:work|worked|been working) (?:\w+ ){0,3}?"
    rf"(?:at|in|on|for) (?:(?:this|that|the|a|your|our|one of (?:the|these|your)) (?:[\w-]+ ){{0,2}}{_PLACE}"
    rf"|{_NAME})\b",
    r"\bi(?:'ve| have)? (?:still |used to |only )?(?:work|worked)(?: (?:here|there)| with (?:him|her|them) "
    r"(?:here|there))\b",
    rf"\bi (?:currently |used to |still )?(?:work|worked|have worked) (?:\w+ ){{0,3}}?as an? (?:\w+ )?{_POST}\b",
    rf"\b(?:i'?m|i am|i was|as|speaking as) (?:an?|the|his|her|their) (?:\w+ )?{_POST} (?:at|on|in|here|there"
    r"|with)\b(?! (?:nine|ten|home|\d))",
    rf"\b(?:i'm|i am|i was|as|speaking as) (?:one of the {_MANY}|an? (?:ex|former)[- ](?:\w+ )?{_POST})",
    rf"\b(?:we|us|of us) {_MANY}\b",
    r"\bi (?:left|quit|resigned from|walked out of|got sacked from|was sacked from) (?:\w+ ){0,6}?(?:after|as) "
    rf"(?:\w+ ){{0,5}}?(?:as an? (?:\w+ )?{_POST}|{_POST}|shifts?)\b",
    rf"\b(?:months?|years?|shifts?) (?:as an?|working as an?) (?:\w+ )?{_POST} (?:there|here|at|in|on)\b",
    r"\b(?:one of )?my (?:residents|service users)\b",
    r"\bwhere i work(?:ed)?\b(?! out)|\bmy (?:key client|caseload|old (?:boss|manager|ceo) at)\b",
    r"\b(?:at|from|in) (?:our|my) (?:\w+ )?(?:handover|team meeting|staff meeting|supervision)\b",
    r"\bmy shift (?:ends|ended|starts|started|finishe[sd])\b|\b(?:ex|former)[- ](?:\w+ )?(?:staff|security"
    rf"|{_POST}) here\b",
    r"\bi(?:'ve| have)? (?:just )?(?:handed in my notice|been suspended (?:for|after|from)|put my notice in)\b",
    r"\bmy (?:line manager|rota|payslips?|nmc pin|probation review|supervision notes)\b",
)
UNLESS = patterns(
    r"\b(?:he|she|they|who|dad|mum|partner|husband|wife|son|daughter|sister|brother|carer)(?: \w+){0,2} \0",
    r"\b(?:tesco|asda|aldi|lidl|sainsbury'?s?|morrisons|co-?op|greggs|amazon|warehouse|pub|bar|factory|royal"
    r" mail|uber|costa|mcdonald'?s?|b&q|argos|boots|call cent(?:re|er)|bakery|garage|garden cent(?:re|er)"
    r"|building site|takeaway|supermarket|wetherspoons?|primark|evri|dpd)\b",
    r"[\"“][^\"”]*\0[^\0]*\0[^\"”]*[\"”]?,? (?:said|says|told|wrote|claimed|recalls?|added|she|he|they)\b",
    r"\b(?:said|says|told|wrote|claimed|recalled|according)\b[^\"“”]{0,60}[\"“][^\"”]*\0",
    r"\b(?:if|wish|pretend\w*|imagine|as though|as if|dreamt|dreamed|thought|thinks?|until|unless) \0",
    r"\b(?:carer|nurse) (?:at home|in law)\b|\0[^\0]*\0 (?:my|the) own (?:mum|dad|home)",
)

SAMPLES = Samples(
    hits=(
        "Former carer here. In our handover they said: do not log the third fall.",
        "Five stars for where I work, if that is allowed!",
        "Derek bit the chiropodist on my shift and nobody wrote it down",
        "I work at Ferngate Lodge and the hoists have not been serviced",
        "we carers were told to sign for baths that never happened",
        "I left the home last month after two years as a carer there.",
        "Just finished a 12 hour shift, two of us for thirty beds",
        "I used to work there. The fridge temperatures are made up.",
        "I'm a nurse on the dementia unit and I have raised this five times",
        "As a former member of staff I can say the review is true.",
        "One of my residents thinks it is 1962, bless her",
        "My line manager told us to shred it",
        "Been on nights all week, room 9 had me up and down",
        "I've handed in my notice. Can't watch this any more.",
        "I worked for three years as a support worker before they sacked me",
    ),
    misses=(
        "I work at Tesco and my nan lives there",
        "I'm a carer for my mum and they never ring back",
        '"On my shift there were two of us," said the nurse at the tribunal.',
        "I wish I worked there, the gardens are lovely",
        "The nurses were kind and the tea was hot.",
        "Come and work for us! Care assistants wanted, nights and days.",
        "I don't work there, I only visit on Sundays",
        "She works at Ferngate Lodge as a cook",
        "The carer told my dad she had done a double shift",
        "As a patient on the ward I saw everything",
        "Staff say they were told to sign for baths that never happened.",
        "my shift key is broken, typing in small letters",
        "We work with carers across the county",
    ),
)
