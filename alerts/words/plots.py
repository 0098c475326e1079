"""How our pictures are drawn: colours that also tell apart in grey, and bytes that never change.

Matplotlib's objects alone, without pyplot and its state that all threads share. Letters are drawn as outlines
of the font that Matplotlib brings, so a picture looks alike everywhere and needs no font of the reader's.
Matplotlib writes a cache of fonts as soon as it is imported: so that is done where something is drawn.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from alerts.words.palette import BADGES, LIGHT
from core.types import Severity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

# How much of the ground is mixed in: the graver, the darker, so that the order survives a grey printer.
_DILUTION = {
    Severity.critical: 0.0,
    Severity.high: 0.3,
    Severity.medium: 0.6,
    Severity.low: 0.8,
    Severity.none: 0.9,
}
GRAVEST_FIRST: tuple[Severity, ...] = tuple(sorted(Severity, reverse=True))


def outline(severity: Severity) -> str:
    """The undiluted colour of a severity: it edges even the palest bar with enough contrast."""
    return BADGES[str(severity)][1]


def fill(severity: Severity) -> str:
    """The colour that fills a severity's bars."""
    return diluted(outline(severity), _DILUTION[severity])


def diluted(colour: str, share: float) -> str:
    """A colour with this share of the card's ground mixed in."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(LIGHT["card"][1:]), strict=True)
    return "#" + bytes(round(one * (1 - share) + ground * share) for one, ground in pairs).hex()


def canvas(width: float, height: float, dpi: int = 100) -> "Figure":
    """An empty picture on our light ground; the size in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=dpi, facecolor=LIGHT["card"])


def swatch(paint: str, edge: str, label: str) -> "Patch":
    """One colour of a key, and what it stands for."""
    from matplotlib.patches import Patch

    return Patch(facecolor=paint, edgecolor=edge, label=label)


def bare(axes: "Axes") -> None:
    """Take away all of a frame but its lower line, and all ticks."""
    axes.set_facecolor(LIGHT["card"])
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT["muted"])
    axes.tick_params(length=0, colors=LIGHT["text"])


def png(figure: "Figure") -> bytes:
    """The picture as PNG of 64 colours (a third of the bytes), without date or the name of a program."""
    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(64).save(small, format="png", optimize=True)
    return small.getvalue()


def svg(figure: "Figure") -> str:
    """The picture as SVG on whatever ground it is put, letters as outlines, the same bytes every time."""
    import matplotlib as mpl

    buffer = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "redshank", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return buffer.getvalue().decode()
