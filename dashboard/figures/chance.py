"""One verdict in large letters, for people who have never seen a probability scale."""

from __future__ import annotations

from dashboard.figures.palette import GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR
from dashboard.figures.pictograms import svg, text

_LEFT, _WIDTH = 24, 448


def chance(
    probability: float,
    threshold: float,
    band: tuple[float, float] | None = None,
    widest_px: int = 0,
) -> str:
    """Return an SVG: where a probability lies, and what is said on either side of the threshold.

    Parameters
    ----------
    probability, threshold : in [0, 1].
    band : from where to where no call would be made.
    """
    here, line = _place(probability), _place(threshold)
    colour = PNEUMONIA_COLOUR if probability >= threshold else NORMAL_COLOUR
    # Near an end the figure leans inwards.
    figure_at = min(max(here, _LEFT + 66), _LEFT + _WIDTH - 66)
    parts = [
        text(figure_at, 70, f"{100 * probability:.1f} %", size=48, bold=True),
        f'<path d="M{here} 122l-16 -28h32z" fill="{colour}"/>',
        _box(0, threshold, NORMAL_COLOUR),
        _box(threshold, 1, PNEUMONIA_COLOUR),
    ]
    told = (
        f"{100 * probability:.1f} % for pneumonia; it says pneumonia from {100 * threshold:.1f} %"
    )
    if band:
        parts.append(_box(*band, GREY))
        middle = min(max(_place(sum(band) / 2), _LEFT + 34), _LEFT + _WIDTH - 34)
        parts.append(text(middle, 160, "unsure", size=18, bold=True))
        told += f"; from {100 * band[0]:.1f} to {100 * band[1]:.1f} % it is unsure"
    parts += [
        f'<path d="M{line} 124v68" stroke="currentColor" stroke-width="4"/>',
        text(_LEFT, 222, "← says normal", "start", 20),
        text(_LEFT + _WIDTH, 222, "says pneumonia →", "end", 20),
        text(
            min(max(line, _LEFT + 60), _LEFT + _WIDTH - 60),
            256,
            f"line at {100 * threshold:.1f} %",
            size=18,
        ),
    ]
    return svg(496, 276, told, parts, widest_px)


def _place(share: float) -> float:
    return round(_LEFT + _WIDTH * share, 1)


def _box(low: float, high: float, colour: str) -> str:
    return (
        f'<rect x="{_place(low)}" y="130" width="{_place(high) - _place(low):.1f}" height="48" '
        f'fill="{colour}"/>'
    )
