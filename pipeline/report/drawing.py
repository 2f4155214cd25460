"""The picture of a report, with what was drawn over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.explain import Explanation, overlay
from pipeline.images import encode_jpeg, encode_png, shrunk
from pipeline.report.contents import Report, Shown

# Sharp on paper at a third of an A4 page, and a few ten kilobytes each.
PRINTED_PX = 640


def png(report: Report) -> bytes:
    """Return `drawn` as a PNG."""
    return encode_png(drawn(report))


def overlaid(report: Report) -> bool:
    """Say whether anything lies over the picture."""
    return report.explanation is not None and (report.shown.heat or report.shown.mask)


def drawn(report: Report) -> np.ndarray:
    """Return the picture at its full size with the overlays that `Report.shown` names.

    A heatmap brings its colour bar, whose figures are weights.

    Returns
    -------
    (H, W) uint8 without overlays, else (H, W or more, 3) uint8.
    """
    image, told, shown = report.picture.image, report.explanation, report.shown
    if not overlaid(report):
        return image
    layers = []
    if shown.heat:
        layers.append(_heat(image, told, shown))
    if shown.mask:
        layers.append(_mask(image, told, shown))
    composed = overlay.compose(image, *layers)
    return overlay.with_colour_bar(composed, told, shown.opacity) if shown.heat else composed


def highlighted(report: Report) -> np.ndarray:
    """Return the superpixels (m,) int that the mask outlines, the strongest first."""
    told, shown = report.explanation, report.shown
    return _kept(told, shown).ranked(shown.sign)[: shown.k]


def printed(report: Report) -> list[tuple[str, bytes]]:
    """Return captions and JPEGs for paper: the original and, if it was explained, both overlays."""
    image, told, shown = report.picture.image, report.explanation, report.shown
    image = shrunk(image, PRINTED_PX)
    pictures = [("The X-ray as it was judged", image)]
    if told is not None:
        pictures += [
            (
                "What speaks for (orange) and against (blue)",
                overlay.compose(image, _heat(image, told, shown)),
            ),
            (
                f"The strongest {shown.k}: solid for, dashed against",
                overlay.compose(image, _mask(image, told, shown)),
            ),
        ]
    return [(caption, encode_jpeg(pixels, quality=85)) for caption, pixels in pictures]


def _heat(image: np.ndarray, told: Explanation, shown: Shown) -> np.ndarray:
    return overlay.heatmap(_kept(told, shown), *image.shape, shown.opacity, shown.sign)


def _mask(image: np.ndarray, told: Explanation, shown: Shown) -> np.ndarray:
    dim = shown.rest != "shown"
    layer = overlay.mask(_kept(told, shown), *image.shape, shown.k, shown.sign, dim)
    if shown.rest == "hidden":
        # The darkened rest, and with it the dark rims of the lines, which are as dark.
        layer[(layer[..., :3] == 0).all(axis=-1), 3] = 255
    return layer


def _kept(told: Explanation, shown: Shown) -> Explanation:
    """Return `told` with its weak weights no evidence, so that they are not drawn.

    The weights stay: the palette is that of all of them.
    """
    strengths = np.abs(told.weights)
    weak = strengths < shown.least * strengths.max()
    return replace(told, margins=np.where(weak, np.maximum(told.margins, strengths), told.margins))
