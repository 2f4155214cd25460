"""What the viewer's browser side draws from: label maps, layers, colours and words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.viewer import pixels
from dashboard.wording import viewer as wording
from pipeline.depth import Window
from pipeline.explain import Explanation, overlay
from pipeline.images import Picture

_EIGHT_BIT = Window("as stored", 0, 255)


@dataclass(frozen=True, eq=False)
class Layer:
    """An explanation under the name by which the reader tells it from another.

    Attributes
    ----------
    id : ``first`` or ``second``: stays the same while the explanation is refined.
    title : such as ``LIME, compact-seed0``.
    """

    id: str
    title: str
    explanation: Explanation


@dataclass(frozen=True, eq=False)
class Parts:
    """What the reader can hide from the model.

    Attributes
    ----------
    segments : (S, S) int32, labels 0 to n-1.
    filled : (S, S) uint8, the picture as the model sees it where everything is hidden.
    """

    segments: np.ndarray
    filled: np.ndarray

    @property
    def name(self) -> str:
        """What the browser calls these superpixels."""
        return _name(self.segments)


def of_picture(picture: Picture) -> dict:
    """Return what the browser is told of a picture besides its values, which `pixels` sends."""
    height, width = pixels.shown_size(picture)
    depth = picture.depth
    windows = (_EIGHT_BIT,) if depth is None else depth.windows
    return {
        "picture": picture.sha256,
        "width": width,
        "height": height,
        "full": picture.image.shape[::-1],
        "spacing": picture.spacing_mm,
        "top": 255 if depth is None else pixels.brightest(picture),
        "windows": [{"name": one.name, "low": one.low, "high": one.high} for one in windows],
    }


def of_layers(layers: Sequence[Layer], parts: Parts | None) -> dict:
    """Return label maps, each once, with what lies on them."""
    maps = {_name(one.explanation.segments): one.explanation.segments for one in layers}
    if parts is not None:
        maps[parts.name] = parts.segments
    return {
        "grids": {name: _grid(segments) for name, segments in maps.items()},
        "parts": _parts(parts),
        "layers": [_layer(layer) for layer in layers],
    }


def look() -> dict:
    """Return the colours of `pipeline.explain.overlay`: an exported picture has the same."""
    bar = overlay.colour_bar(9, 1, opacity=1.0)[::-1, 0]
    stops = ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in bar)
    return {
        "palette": _base64(overlay.palette(1.0)[:, :3], "u1"),
        "gradient": f"linear-gradient(to right, {stops})",
        "for": f"rgb({' '.join(map(str, overlay.FOR))})",
        "against": f"rgb({' '.join(map(str, overlay.AGAINST))})",
    }


def _base64(array: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()


def _name(array: np.ndarray) -> str:
    """Return a name that equal arrays share."""
    return hashlib.sha1(np.ascontiguousarray(array), usedforsecurity=False).hexdigest()[:12]


def _grid(segments: np.ndarray) -> dict:
    return {
        "size": len(segments),
        "count": int(segments.max()) + 1,
        "labels": _base64(segments, "<u2"),
    }


def _parts(parts: Parts | None) -> dict | None:
    if parts is None:
        return None
    grid = parts.name
    stamp = f"{grid} {_name(parts.filled)}"
    return {"grid": grid, "stamp": stamp, "filled": _base64(parts.filled, "u1")}


def _layer(layer: Layer) -> dict:
    explanation = layer.explanation
    limit = float(np.abs(explanation.heat).max())
    words = wording.layer(explanation)
    return {
        "id": layer.id,
        "stamp": " ".join(
            [layer.title, _name(explanation.weights), _name(explanation.heat), str(words)]
        ),
        "title": layer.title,
        "grid": _name(explanation.segments),
        "weights": explanation.weights.tolist(),
        "margins": explanation.margins.tolist(),
        "evidence": explanation.evidence.tolist(),
        "heat": _base64(np.round(127 * explanation.heat / (limit or 1.0)), "i1"),
        "limit": limit,
        "words": words,
    }
