"""The viewer: one X-ray with everything explanations say of it, drawn in the browser.

Python sends pictures, label maps and numbers once; what is toggled, zoomed or filtered afterwards
asks nothing of it. Not `st.image` with layers drawn here: each toggle would cost a rerun.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard import state
from dashboard.wording import viewer as wording
from pipeline.explain import Explanation, overlay
from pipeline.images import Picture, encode_jpeg, shrunk

# What a screen can show; a larger picture would only make every drawing slower.
SHOWN_PX = 1100

_HERE = Path(__file__).parent
# One module for the browser, each file with its subject; later ones use earlier ones.
_SCRIPTS = ("contours", "paint", "memory", "pointer", "controls", "viewer")
_viewer = st.components.v2.component(
    "xray_viewer",
    html=(_HERE / "viewer.html").read_text(encoding="utf-8"),
    css=(_HERE / "viewer.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS),
)


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


@dataclass(frozen=True)
class Told:
    """What the browser reports; None where it has not, or where it was said of another picture.

    Attributes
    ----------
    settings : what is switched on (``mask``, ``heat``, ``outlines``), ``k``, ``sign``, ``opacity``,
        ``least`` (share of the strongest weight), ``rest``, ``layout``, and which layer stands
        where (``source``, ``left``, ``right``: an id, or ``alone``).
    altered : ``superpixels`` that are hidden, and ``rectangles`` with a ``kind`` (``blank``, hidden
        as well, or ``region``, a reader's finding), ``x``, ``y``, ``width`` and ``height`` in
        shares of the picture.
    wanted : ``mask`` or ``heat``, asked for this very moment without a layer that has it.
    """

    settings: Mapping | None
    altered: Mapping | None
    wanted: str | None


def shown(picture: Picture) -> np.ndarray:
    """Return the picture (H, W) uint8 at the size in which pages show it."""
    return state.remember(("shown", picture.sha256), lambda: shrunk(picture.image, SHOWN_PX))


def altered(picture: Picture, key: str = state.VIEWER) -> Mapping | None:
    """Return what `Told.altered` was when the browser last reported; for before `show`."""
    return _of(picture, state.value(key, {}).get("altered"))


def newest(picture: Picture, key: str = state.VIEWER) -> Callable[[], Mapping | None]:
    """Return what gives `Told.settings` as last reported, also where there is no page to ask.

    For work that begins at a press of a button: the page is not drawn for that, and what it was
    last drawn with may be older than what the reader sees.
    """
    reports = _reports(key)
    return lambda: _of(picture, reports.get("settings"))


def show(
    picture: Picture,
    layers: Sequence[Layer] = (),
    parts: Parts | None = None,
    *,
    label: str = "Chest X-ray",
    asked: str = "",
    busy: bool = False,
    stops: int = 0,
    tools: bool = False,
    answer: str = "",
    key: str = state.VIEWER,
) -> Told:
    """Show a picture; zoom, position and settings outlive whatever changes around it.

    Parameters
    ----------
    layers : at most two explanations.
    parts : superpixels that can be outlined and hidden.
    label : what is shown, for a screen reader.
    asked : ``mask`` or ``heat`` if that is on when the picture is first seen.
    busy : layers are on their way, so that none need be asked for.
    stops : how often the user stopped them; one more switches the overlays off.
    tools : whether parts can be hidden and findings marked.
    answer : what the model says without what is hidden; shown on the picture.

    Returns
    -------
    What the browser has reported. A report reruns the fragment in which this was called.
    """
    image = shown(picture)
    base = state.remember(("base", picture.sha256), lambda: _url(encode_jpeg(image)))
    maps = {_name(one.explanation.segments): one.explanation.segments for one in layers}
    if parts is not None:
        maps[parts.name] = parts.segments
    told = _viewer(
        key=key,
        data={
            "picture": picture.sha256,
            "width": image.shape[1],
            "height": image.shape[0],
            "base": base,
            "label": label,
            "grids": {name: _grid(segments) for name, segments in maps.items()},
            "parts": _parts(parts),
            "layers": [_layer(layer) for layer in layers],
            "look": _look(),
            "asked": asked,
            "busy": busy,
            "stops": stops,
            "tools": tools,
            "answer": answer,
        },
        on_settings_change=partial(_heard, key),
        on_altered_change=_said,
        on_wanted_change=_said,
    )
    return Told(_of(picture, told.settings), _of(picture, told.altered), told.wanted)


def _reports(key: str) -> dict:
    return state.remember(("reports", key), dict)


def _heard(key: str) -> None:
    _reports(key).update(settings=state.value(key, {}).get("settings"))


def _said() -> None:
    """Streamlit reports only what has a callback; the page reads it from what `show` returns."""


def _of(picture: Picture, report: Mapping | None) -> Mapping | None:
    return report if report and report["picture"] == picture.sha256 else None


def _url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


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


def _look() -> dict:
    """Return the colours of `pipeline.explain.overlay`: an exported picture has the same."""
    bar = overlay.colour_bar(9, 1, opacity=1.0)[::-1, 0]
    stops = ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in bar)
    return {
        "palette": _base64(overlay.palette(1.0)[:, :3], "u1"),
        "gradient": f"linear-gradient(to right, {stops})",
        "for": f"rgb({' '.join(map(str, overlay.FOR))})",
        "against": f"rgb({' '.join(map(str, overlay.AGAINST))})",
    }
