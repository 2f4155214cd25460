"""The viewer: one X-ray with everything explanations say of it, drawn in the browser.

Python sends values, label maps and numbers once; what is toggled, zoomed, windowed or measured
afterwards asks nothing of it. Not `st.image` with layers drawn here: each toggle would cost a
rerun.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from dashboard import state
from dashboard.viewer import payload, pixels, report
from dashboard.viewer.payload import Layer, Parts
from dashboard.wording import viewer as wording
from pipeline.images import Picture

__all__ = ["EVERY_TOOL", "Layer", "Parts", "Told", "altered", "newest", "show"]

# Hiding parts from the model, which asks it; marking findings, which does not.
HIDE, REGIONS = "hide", "regions"
EVERY_TOOL = frozenset({HIDE, REGIONS})

_HERE = Path(__file__).parent
# One module for the browser, each file with its subject; later ones use earlier ones.
_SCRIPTS = (
    "geometry",
    "greys",
    "film",
    "contours",
    "paint",
    "labels",
    "memory",
    "view",
    "sight",
    "marks",
    "stage",
    "pointer",
    "legend",
    "keys",
    "controls",
    "viewer",
)
_viewer = st.components.v2.component(
    "xray_viewer",
    html=(_HERE / "viewer.html").read_text(encoding="utf-8"),
    css=(_HERE / "viewer.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS),
)


@dataclass(frozen=True)
class Told:
    """What the browser reports; None where it has not, or where it was said of something else.

    Attributes
    ----------
    settings : what is switched on (``mask``, ``heat``, ``outlines``), ``k``, ``sign``, ``opacity``,
        ``least`` (share of the strongest weight), ``rest``, ``layout``, and which layer stands
        where (``source``, ``left``, ``right``: an id, or ``alone``).
    altered : ``superpixels`` that are hidden, and ``rectangles`` with a ``kind`` (``blank``, hidden
        as well, or ``region``, a reader's finding), ``x``, ``y``, ``width`` and ``height`` in
        shares of the picture, however it is turned. None while nothing has changed since the
        picture was first seen in its scene.
    wanted : ``mask`` or ``heat``, asked for this very moment without a layer that has it.
    """

    settings: Mapping | None
    altered: Mapping | None
    wanted: str | None


def altered(picture: Picture, key: str = state.VIEWER, *, scene: str = "") -> Mapping | None:
    """Return what `Told.altered` was when the browser last reported; for before `show`."""
    return report.altered(_of(picture, scene, state.value(key, {}).get("altered")))


def newest(
    picture: Picture, key: str = state.VIEWER, *, scene: str = ""
) -> Callable[[], Mapping | None]:
    """Return what gives `Told.settings` as last reported, also where there is no page to ask.

    For work that begins at a press of a button: the page is not drawn for that, and what it was
    last drawn with may be older than what the reader sees.
    """
    reports = _reports(key)
    return lambda: report.settings(_of(picture, scene, reports.get("settings")))


def show(
    picture: Picture,
    layers: Sequence[Layer] = (),
    parts: Parts | None = None,
    *,
    label: str = "Chest X-ray",
    asked: str = "",
    busy: bool = False,
    stops: int = 0,
    tools: Collection[str] = (),
    answer: str = "",
    key: str = state.VIEWER,
    scene: str = "",
    marks: Sequence[Mapping] = (),
    locked: bool = False,
    numbered: bool = False,
) -> Told:
    """Show a picture; zoom, position and settings outlive whatever changes around it.

    Window and level, turning, zoom, full resolution and measuring are always there.

    Parameters
    ----------
    layers : at most two explanations.
    parts : superpixels that can be outlined and hidden.
    label : what is shown, for a screen reader.
    asked : ``mask`` or ``heat`` if that is on when the picture is first seen in this scene.
    busy : layers are on their way, so that none need be asked for.
    stops : how often the user stopped them; one more switches the overlays off.
    tools : of `EVERY_TOOL`. Without ``hide`` and without layers there is nothing of the model to
        be seen or asked: a blind reading has ``regions`` alone.
    answer : what the model says without what is hidden; shown on the picture.
    scene : the occasion. What the browser keeps of a picture (zoom, window, overlays, marks,
        lines) it keeps for this occasion; on another the picture is seen afresh.
    marks : rectangles (``x``, ``y``, ``width``, ``height`` in shares of the picture) that are there
        as findings when the picture is first seen in this scene.
    locked : findings cannot be added, moved or removed.
    numbered : highlighted superpixels carry their rank among all that are evidence, from 1.

    Returns
    -------
    What the browser has reported. A report reruns the fragment in which this was called.

    Raises
    ------
    ValueError : for a tool that there is not.
    """
    if unknown := set(tools) - EVERY_TOOL:
        raise ValueError(f"Expected tools of {sorted(EVERY_TOOL)}. Received: {sorted(unknown)}")
    with st.container(gap=None):  # what brings the pixels is not to be seen
        told = _viewer(
            key=key,
            data={
                **payload.of_picture(picture),
                **payload.of_layers(layers, parts),
                "scene": scene,
                "label": label,
                "look": payload.look(),
                "words": wording.sight(judged=bool(layers) or parts is not None),
                "asked": asked,
                "busy": busy,
                "stops": stops,
                "tools": sorted(tools),
                "answer": answer,
                "marks": [{side: float(one[side]) for side in _SIDES} for one in marks],
                "locked": locked,
                "numbered": numbered,
            },
            on_settings_change=partial(_heard, key),
            on_altered_change=_said,
            on_full_change=_said,
            on_wanted_change=_said,
        )
        pixels.send_shown(picture, key)
        # Asked for until it has come: a report in between would otherwise take it off its way.
        if _of(picture, scene, told.full, everywhere=True):
            pixels.send_full(picture, key)
        else:
            state.forget("full")
    return Told(
        report.settings(_of(picture, scene, told.settings)),
        report.altered(_of(picture, scene, told.altered)),
        told.wanted if told.wanted in ("mask", "heat") else None,
    )


_SIDES = ("x", "y", "width", "height")


def _reports(key: str) -> dict:
    return state.remember(("reports", key), dict)


def _heard(key: str) -> None:
    _reports(key).update(settings=state.value(key, {}).get("settings"))


def _said() -> None:
    """Streamlit reports only what has a callback; the page reads it from what `show` returns."""


def _of(picture: Picture, scene: str, told: object, *, everywhere: bool = False) -> Mapping | None:
    """Return a report if it is of this picture, and of this scene or `everywhere`."""
    if not isinstance(told, Mapping) or told.get("picture") != picture.sha256:
        return None
    return told if everywhere or told.get("scene", "") == scene else None
