"""Explanations as transparent layers over the picture they explain.

Superpixels live on the square grid the network sees; the layers have the picture's own height,
width and aspect. Lines keep their thickness whatever the scale. For and against are told apart
by line style as well as by colour, and both hues (Okabe and Ito 2008) survive colour blindness.
The anatomy stays visible under every layer.
"""

from __future__ import annotations

import numpy as np
from skimage import filters, measure  # load themselves only when a function is called

from pipeline.explain import lettering
from pipeline.explain.explanation import Explanation
from pipeline.images import resize

FOR, AGAINST = (255, 149, 0), (64, 170, 255)

_CASING = (0, 0, 0)
_DIMMED = 0.6
_TINT = 0.1
# Where the smoothed superpixel is cut: a little inside its border, so that the lines of two
# neighbours lie side by side and not on top of each other.
_LEVEL = 0.6
# The palette from full weight against (-1) over none (0) to full weight for the target (1).
_STOPS = np.array([-1, -0.5, 0, 0.5, 1])
_STOP_COLOURS = np.array(
    [(20, 90, 255), (70, 180, 250), (200, 200, 200), (255, 175, 50), (235, 60, 0)]
)
_KEPT = {"both": (None, None), "positive": (0, None), "negative": (None, 0)}
_STEPS = 255  # odd: the middle one is exactly zero


def mask(
    explanation: Explanation,
    height: int,
    width: int,
    k: int = 5,
    sign: str = "both",
    dim: bool = True,
) -> np.ndarray:
    """Outline the strongest superpixels.

    Parameters
    ----------
    explanation : what to draw.
    height, width : of the picture, in pixels.
    k : how many superpixels; fewer are drawn if fewer have a weight of that sign.
    sign : ``both``, ``positive`` or ``negative``.
    dim : darken everything else.

    Returns
    -------
    (height, width, 4) uint8, RGBA with straight alpha. For the target: solid orange line;
    against it: dashed blue line.
    """
    if k < 0:
        raise ValueError(f"Expected k >= 0. Received: {k!r}")
    layer = np.zeros((height, width, 4), np.uint8)
    if dim:
        layer[..., 3] = round(255 * _DIMMED)
    chosen = explanation.ranked(sign)[:k]
    line_px = max(2.5, max(height, width) / 400)
    areas = [_smooth(explanation.segments == superpixel) for superpixel in chosen]
    colours = [FOR if explanation.weights[superpixel] > 0 else AGAINST for superpixel in chosen]
    for area, colour in zip(areas, colours, strict=True):
        inside = resize(np.round(area * 255).astype(np.uint8), height, width) >= 255 * _LEVEL
        layer[inside] = (*colour, round(255 * _TINT))
    for area, colour in zip(areas, colours, strict=True):
        for contour in _contours(area, height, width, line_px):
            line = contour if colour is FOR else _dashed(contour, 4 * line_px, 3 * line_px)
            _stroke(layer, line, line_px + 2, _CASING, 0.6)
            _stroke(layer, line, line_px, colour, 1.0)
    return layer


def heatmap(
    explanation: Explanation, height: int, width: int, opacity: float = 0.5, sign: str = "both"
) -> np.ndarray:
    """Colour the picture by the signed map, where it is evidence.

    Parameters
    ----------
    explanation : what to draw.
    height, width : of the picture, in pixels.
    opacity : in [0, 1], of the strongest weight; weaker ones are more transparent, zero is clear.
    sign : ``both``, ``positive`` or ``negative``; the scale is that of all weights.

    Returns
    -------
    (height, width, 4) uint8, RGBA with straight alpha.
    """
    if sign not in _KEPT:
        raise ValueError(f"Expected sign both, positive or negative. Received: {sign!r}")
    scaled = np.clip(explanation.drawn_heat, *_KEPT[sign]) / (limit(explanation) or 1.0)
    middle = _STEPS // 2
    steps = np.round(middle * (1 + scaled)).astype(np.uint8)
    return palette(opacity)[resize(steps, height, width)]


def limit(explanation: Explanation) -> float:
    """Return the largest absolute heat: the palette runs from minus to plus this."""
    return float(np.abs(explanation.heat).max())


def palette(opacity: float = 0.5) -> np.ndarray:
    """Return (255, 4) uint8 RGBA from full weight against the target to full weight for it."""
    if not 0 <= opacity <= 1:
        raise ValueError(f"Expected opacity in [0, 1]. Received: {opacity!r}")
    positions = np.linspace(-1, 1, _STEPS)
    channels = [np.interp(positions, _STOPS, _STOP_COLOURS[:, c]) for c in range(3)]
    return np.round(np.stack([*channels, 255 * opacity * np.abs(positions)], axis=1)).astype(
        np.uint8
    )


def colour_stops(
    explanation: Explanation, count: int = 9
) -> tuple[list[tuple[int, int, int]], float]:
    """Return what a legend needs: colours from minus to plus the limit, and that limit.

    Returns
    -------
    `count` RGB colours as they look over mid grey, evenly spaced, and `limit` of `explanation`.
    """
    bar = colour_bar(count, 1, opacity=1.0)[::-1, 0]
    return [tuple(map(int, colour)) for colour in bar], limit(explanation)


def colour_bar(height: int, width: int, opacity: float = 0.5) -> np.ndarray:
    """Return the palette as it looks over mid grey: (height, width, 3) uint8, the target on top."""
    steps = np.round(np.linspace(_STEPS - 1, 0, height)).astype(int)
    layer = np.repeat(palette(opacity)[steps][:, None], width, axis=1)
    return compose(np.full((height, width), 128, np.uint8), layer)


def with_colour_bar(picture: np.ndarray, explanation: Explanation, opacity: float) -> np.ndarray:
    """Return `picture` (H, W, 3) uint8 with a colour bar and its three figures on the right."""
    height = len(picture)
    size = max(1, height // 300)
    gap, bar_width = 6 * size, 12 * size
    highest = limit(explanation)
    texts = [lettering.draw(text, size) for text in (f"{highest:+.3f}", "0", f"{-highest:+.3f}")]
    right = gap + bar_width + gap
    margin = np.zeros((height, right + max(text.shape[1] for text in texts) + gap, 3), np.uint8)
    top, bottom = gap, max(gap + 1, height - gap)
    bar = colour_bar(bottom - top, bar_width, opacity)
    margin[top:bottom, gap : gap + bar_width] = bar
    for text, row in zip(texts, (top, (top + bottom - len(texts[1])) // 2, bottom), strict=True):
        row = max(0, min(row, bottom - len(text)))
        place = margin[row : row + len(text), right : right + text.shape[1]]
        place[text[: len(place)]] = 230
    return np.concatenate([picture, margin], axis=1)


def compose(image: np.ndarray, *layers: np.ndarray) -> np.ndarray:
    """Lay RGBA layers over a grey picture, the first one lowest.

    Parameters
    ----------
    image : (H, W) uint8.
    layers : (H, W, 4) uint8 each.

    Returns
    -------
    (H, W, 3) uint8.
    """
    picture = np.repeat(image[..., None], 3, axis=-1)
    for layer in layers:
        if layer.shape != (*image.shape, 4):
            raise ValueError(f"Expected layers {(*image.shape, 4)}. Received: {layer.shape}")
        alpha = layer[..., 3:].astype(np.uint16)
        # 255 * 255 + 127 still fits into 16 bits.
        mixed = picture * (255 - alpha) + layer[..., :3] * alpha + 127
        picture = (mixed // 255).astype(np.uint8)
    return picture


def _smooth(area: np.ndarray) -> np.ndarray:
    """Round the stairs of a superpixel (S, S) bool; what is too thin for that stays as it is."""
    soft = filters.gaussian(area.astype(np.float32), sigma=1, mode="nearest")
    return soft if soft.max() > _LEVEL else area.astype(np.float32)


def _contours(area: np.ndarray, height: int, width: int, line_px: float) -> list[np.ndarray]:
    """Return the borders of `area` (S, S) as points (M, 2), about half a pixel apart."""
    scale = np.array([height, width]) / area.shape
    furthest = np.maximum(np.array([height, width]) - 1 - line_px / 2, line_px / 2)
    found = []
    # The rim of zeros closes the borders of superpixels that touch the edge of the picture.
    for corners in measure.find_contours(np.pad(area, 1), _LEVEL):
        corners = np.clip((corners - 0.5) * scale - 0.5, line_px / 2, furthest)
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
        places = np.linspace(0, along[-1], max(2, int(2 * along[-1])))
        found.append(np.stack([np.interp(places, along, c) for c in corners.T], axis=1))
    return found


def _dashed(points: np.ndarray, dash_px: float, gap_px: float) -> np.ndarray:
    """Return `points` (M, 2) of a closed line without its gaps, which divide it evenly."""
    length = np.hypot(*np.diff(points, axis=0).T).sum()
    dashes = max(1, round(length / (dash_px + gap_px)))
    phase = np.arange(len(points)) * dashes / len(points) % 1
    return points[phase < dash_px / (dash_px + gap_px)]


def _stroke(
    layer: np.ndarray, points: np.ndarray, line_px: float, colour: tuple, opacity: float
) -> None:
    """Draw discs of diameter `line_px` at `points` (M, 2) onto `layer`, with soft edges."""
    reach = int(np.ceil(line_px / 2 + 0.5))
    nearest = np.round(points).astype(int)
    low = np.maximum(nearest.min(axis=0) - reach, 0)
    high = np.minimum(nearest.max(axis=0) + reach + 1, layer.shape[:2])
    coverage = np.zeros(high - low)
    for row in range(-reach, reach + 1):
        for column in range(-reach, reach + 1):
            pixels = nearest + np.array([row, column])
            distance = np.hypot(*(pixels - points).T)
            seen = ((pixels >= low) & (pixels < high)).all(axis=1)
            rows, columns = (pixels[seen] - low).T
            np.maximum.at(coverage, (rows, columns), line_px / 2 + 0.5 - distance[seen])
    box = layer[low[0] : high[0], low[1] : high[1]]
    above = opacity * np.clip(coverage, 0, 1)[..., None]
    below = box[..., 3:] / 255 * (1 - above)
    total = above + below
    mixed = (np.array(colour) * above + box[..., :3] * below) / np.maximum(total, 1e-9)
    box[:] = np.round(np.concatenate([mixed, 255 * total], axis=-1)).astype(np.uint8)
