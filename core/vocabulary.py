"""The closed lists of words that every room uses: labels and what they mean, author roles, platforms, roles.

Labels, author roles and the first fourteen platforms are those of the concern taxonomy; roles are those of the design.
"""

LABELS: tuple[str, ...] = (
    "confidentiality",
    "privacy",
    "internal",
    "harassment",
    "hate",
    "threat",
    "sexual",
    "safeguarding",
    "reputation",
    "impersonation",
)
# What makes a label true of a text, in one sentence for the record, the mail and the screen.
DEFINITIONS: dict[str, str] = {
    "confidentiality": "It tells that a person who can be recognised is or was a service user or carer, or tells of "
    "their care, health, behaviour or circumstances.",
    "privacy": "It publishes somebody's personal details: address, telephone, date of birth, numbers, whereabouts, "
    "or a private message or image, without their consent.",
    "internal": "It gives away business information that is not public: meetings, e-mails, plans, finances, "
    "investigations, passwords, codes or security arrangements.",
    "harassment": "It insults, bullies or degrades a person or a recognisable group of people, or calls for a pile-on.",
    "hate": "It attacks, dehumanises or wants to exclude people for a protected characteristic.",
    "threat": "It threatens, wishes for or incites violence, killing, stalking or damage to property.",
    "sexual": "It is sexually explicit or obscene, or sexually harasses somebody.",
    "safeguarding": "It shows that a child or an adult at risk is being harmed, or may soon be.",
    "reputation": "It makes a serious factual accusation against the organisation or its staff, true or false.",
    "impersonation": "It pretends to be the organisation or somebody in it, or speaks for it without being allowed to.",
}
# What small detectors see besides the labels: it names no wrong by itself, it routes and grades. The first four
# are things that the policies forbid and that no label covers.
TAGS: dict[str, str] = {
    "ip": "It uses somebody's work, logo or trade mark without leave.",
    "malware": "It spreads or points to harmful software.",
    "illegal": "It urges or helps somebody to break the law.",
    "contempt": "It tells of court proceedings that may not be told of.",
    "child": "It speaks of somebody under 18.",
    "child_images": "It speaks of sexual images of a child, or points to them.",
    "worker": "Its author speaks as somebody who works or worked for the organisation.",
}
# What stands over a case and cannot be switched off.
GUARDS: dict[str, str] = {
    "sealed": "Suspected child sexual abuse material: link sealed, text hidden, nothing fetched.",
    "speak_up": "Perhaps a worker's disclosure: takedown and HR routes wait for an independent reviewer.",
    "conflict": "It names or accuses somebody of the house: they are kept out, and somebody else decides.",
    "criticism": "Criticism is free: answer and complaint come first, and no removal is offered.",
}
AUTHOR_ROLES: tuple[str, ...] = (
    "staff",
    "ex-staff",
    "family",
    "service_user",
    "public",
    "press",
    "organisation",
    "bot",
    "unknown",
)
PLATFORMS: tuple[str, ...] = (
    "reddit",
    "x",
    "facebook",
    "instagram",
    "tiktok",
    "youtube",
    "linkedin",
    "mastodon",
    "bluesky",
    "blog",
    "news",
    "forum",
    "review",
    "wiki",
    "threads",
    "tumblr",
    "flickr",
    "vimeo",
    "lemmy",
)
# What a public item is, as the place says that holds it.
KINDS: tuple[str, ...] = ("post", "comment", "review", "article", "page", "video", "photo", "message")
ROLES: tuple[str, ...] = (
    "governance",
    "deputy",
    "safeguarding",
    "dpo",
    "hr",
    "legal",
    "comms",
    "speak_up",
    "operator",
    "auditor",
)
