"""Counts as small SVG pictures: what moves with a slider must be drawn in no time.

A plotly figure costs a browser some fifty milliseconds, these a few. They take the page's colour
of text, so they are legible on a dark and on a light one.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.figures.palette import NORMAL_COLOUR, PNEUMONIA_COLOUR

# Ill children orange, the others blue; whom the model gets wrong is a cross.
KINDS = {
    "found": ("found", PNEUMONIA_COLOUR, True),
    "missed": ("missed", PNEUMONIA_COLOUR, False),
    "false_alarm": ("false alarms", NORMAL_COLOUR, False),
    "cleared": ("cleared", NORMAL_COLOUR, True),
}


def confusion(counts: Mapping[str, int]) -> str:
    """Return the four kinds of call; the shade is the share of its row (what the child has).

    Parameters
    ----------
    counts : ``{"tp", "fn", "tn", "fp"}``.
    """
    rows = (
        ("is normal", (("cleared", counts["tn"]), ("false alarms", counts["fp"]))),
        ("is pneumonia", (("missed", counts["fn"]), ("found", counts["tp"]))),
    )
    parts = [text(215, 22, "called normal"), text(405, 22, "called pneumonia")]
    for row, (name, cells) in enumerate(rows):
        top = 34 + 104 * row
        total = sum(count for _, count in cells)
        parts.append(text(112, top + 54, name, "end"))
        for column, (word, count) in enumerate(cells):
            share = count / total if total else 0
            left = 124 + 190 * column
            parts += [
                f'<rect x="{left}" y="{top}" width="182" height="96" rx="6" fill="#808080" '
                f'fill-opacity="{0.08 + 0.37 * share:.3f}"/>',
                text(left + 91, top + 38, count, size=24, bold=True),
                text(left + 91, top + 60, word),
                text(left + 91, top + 80, f"{100 * share:.1f} % of row", size=13),
            ]
    told = ", ".join(f"{word} {count}" for _, cells in rows for word, count in cells)
    return svg(500, 244, f"Confusion matrix: {told}", parts)


def hundred(counts: Mapping[str, int], widest_px: int = 0) -> str:
    """Return a mark per child in rows of twenty; `counts` per kind as of
    `pipeline.performance.prevalence.icons`.
    """
    parts, place = [], 0
    for kind, (_, colour, right) in KINDS.items():
        for _ in range(counts[kind]):
            parts.append(_mark(16 + 24 * (place % 20), 16 + 24 * (place // 20), colour, right))
            place += 1
    for position, (kind, (name, colour, right)) in enumerate(KINDS.items()):
        x, y = 16 + 240 * (position % 2), 152 + 26 * (position // 2)
        parts += [
            _mark(x, y, colour, right),
            text(x + 16, y + 5, f"{counts[kind]} {name}", "start"),
        ]
    told = ", ".join(f"{counts[kind]} {name}" for kind, (name, _, _) in KINDS.items())
    return svg(496, 196, f"Of {sum(counts.values())} children: {told}", parts, widest_px)


def _mark(x: int, y: int, colour: str, right: bool) -> str:
    if right:
        return f'<circle cx="{x}" cy="{y}" r="9" fill="{colour}"/>'
    return (
        f'<path d="M{x - 7} {y - 7}l14 14m0 -14l-14 14" stroke="{colour}" stroke-width="4" '
        'fill="none"/>'
    )


def text(x, y, words, anchor: str = "middle", size: int = 15, bold: bool = False) -> str:
    """Return words in the page's own colour."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}"{weight} '
        f'fill="currentColor">{words}</text>'
    )


def svg(width: int, height: int, told: str, parts: list[str], widest_px: int = 0) -> str:
    """Return a picture that is as wide as its place, up to `widest_px` (its own width if 0).

    Parameters
    ----------
    told : what it shows, for a screen reader.
    """
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100%" role="img" '
        f'viewBox="0 0 {width} {height}" aria-label="{told}" '
        f'style="max-width: {widest_px or width}px">{"".join(parts)}</svg>'
    )
