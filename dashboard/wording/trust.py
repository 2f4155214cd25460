"""What is said of how far an explanation may be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.config import CLASS_NAMES
from pipeline.explain.faithfulness import RANDOMS
from pipeline.explain.measures import MEASURES
from pipeline.explain.verdict import BORDER_AT, OUTSIDE_AT, STABILITY_AT

TITLE = "How far to trust this map"
NOT_THE_CALL = (
    "This judges the map, not the call: a steady map of a wrong call shows what misled the model."
)

FIDELITY, FIDELITY_HELP = (
    "Fidelity R²",
    f"{MEASURES['fidelity_r2'].what} 1 is all of it; higher is better.",
)
STABILITY, STABILITY_HELP = (
    "Stability",
    "How much of the five strongest parts another draw of the masks would mark again (Jaccard "
    f"index): 1 is all of them; below {STABILITY_AT:.2f} fewer than four of five stay. Higher is "
    "better.",
)
SETTLED, SETTLED_HELP = (
    "Settled",
    "Whether enough masked pictures were judged that the five strongest parts and their signs "
    "would stay the same with more.",
)
NO_SURROGATE = "none needed"

DELETION, DELETION_HELP = (
    "Taken away (deletion)",
    "The parts that the map calls most important are blurred first. A true map makes the line fall "
    f"early, below the grey band of {RANDOMS} random orders; a low area is better.",
)
INSERTION, INSERTION_HELP = (
    "Put back (insertion)",
    "Starting from a blurred picture, the parts that the map calls most important come back first. "
    f"A true map makes the line rise early, above the grey band of {RANDOMS} random orders; a high "
    "area is better.",
)
METER, METER_HELP = (
    "Shortcut meter",
    "Where the evidence for the class lies. The chest field is one fixed, generous outline for all "
    "pictures, with the heart inside; it does not follow a turned or cropped picture. ◇ marks what "
    "a map that knows nothing of lungs would have there: beyond it, think of a shortcut.",
)
NOTHING_FOR = "Nothing in the picture speaks for the class, so there is no place to measure."
INSIDE, OUTSIDE, BORDER = "Inside the chest field", "Outside it", "In the outer tenth"
BLIND = {OUTSIDE: OUTSIDE_AT, BORDER: BORDER_AT}

WITHOUT, WITHOUT_HELP = (
    "What if it could not see that?",
    "The model judges the picture again with a part hidden. A large change says that it relies on "
    "that part; but a picture with a hole is one it was never trained on.",
)


def reasons(sentences: Sequence[str]) -> str:
    """List why the verdict is what it is, as markdown."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def area(curve) -> str:
    """Say the area under a curve beside that of random orders."""
    return (
        f"Area **{curve.area:.2f}**; random orders {curve.random_area:.2f} "
        f"({curve.random_low:.2f} to {curve.random_high:.2f})"
    )


def without_border(target: int, before: float, after: float) -> str:
    """Say what the model makes of the picture without its border."""
    return f"**Border blanked** (outer tenth grey): {_change(target, before, after)}"


def without_marker(target: int, before: float, after: float) -> str:
    """Say what the model makes of the picture without its strongest part outside the lungs."""
    if math.isnan(after):
        return "**Marker removed**: no part outside the chest field speaks for the class."
    return (
        "**Marker removed** (the strongest part outside the chest field hidden): "
        f"{_change(target, before, after)}"
    )


def _change(target: int, before: float, after: float) -> str:
    points = 100 * (after - before)
    whole = round(points)
    change = "no change" if not whole else f"{whole:+d} point{'s' if abs(whole) > 1 else ''}"
    return (
        f"the model now says **{100 * after:.1f} %** for {CLASS_NAMES[target].lower()}, before "
        f"{100 * before:.1f} % ({change})."
    )
