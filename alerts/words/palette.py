"""The colours of the mails: pairs of text and ground, each with a contrast of at least 4.5:1 (WCAG 1.4.3).

Plain colour names for plain things, checked by a test. Grounds are opaque and neither pure black nor pure
white, so that a mail program that inverts colours by force keeps the order of light and dark.
"""

LIGHT: dict[str, str] = {
    "page": "#eef1ef",
    "card": "#fdfdfc",
    "text": "#1b2421",
    "muted": "#4d5a55",
    "line": "#d5dcd8",
    "link": "#0b5a8a",
    "good": "#1d6640",
    "warn": "#85510b",
    "bad": "#a32219",
}
DARK: dict[str, str] = {
    "page": "#101513",
    "card": "#1a211e",
    "text": "#e7ece9",
    "muted": "#a9b6b0",
    "line": "#35403b",
    "link": "#8cc8f2",
    "good": "#83d3a4",
    "warn": "#f0bd72",
    "bad": "#ff9c90",
}
# Badges carry their own ground in both modes: (text, ground).
BADGES: dict[str, tuple[str, str]] = {
    "critical": ("#fff6f5", "#8a1310"),
    "high": ("#fff7f0", "#a8430a"),
    "medium": ("#fffaf0", "#7a5a06"),
    "low": ("#f4f9fc", "#3c5c70"),
    "none": ("#f5f6f6", "#555f5b"),
}
BAND: tuple[str, str] = ("#fdf5f3", "#7c2418")
