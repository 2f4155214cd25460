"""Training curves of many runs, drawn in the browser.

Python sends each run's figures once; what is filtered, smoothed, averaged, zoomed or saved
afterwards asks nothing of it. Not `st.plotly_chart`: with hundreds of runs every change of a
setting would be seconds of work here, and of drawing there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from scipy.special import stdtrit

from dashboard import state
from dashboard.figures import run_colours, run_symbols
from dashboard.figures.palette import COLOURS, SYMBOLS
from dashboard.wording.training import METRIC_TITLES
from pipeline.comparison import differing, settings_of
from pipeline.curves import AXES, METRICS, axes, figures
from pipeline.diagnosis import columns, diagnose
from pipeline.runs import Run

NOT_TOLD = "not told"
# Settings by which lines can be grouped under these names anyway.
_OWN_GROUPS = ("architecture", "recipe", "seed")
# Student's factors are sent for up to so many runs in a group; of more, that of the last serves.
_LARGEST_GROUP = 60

_HERE = Path(__file__).parent
# One module for the browser, each file with its subject; later ones use earlier ones.
_SCRIPTS = (
    "series",
    "scale",
    "pen",
    "plan",
    "chart",
    "grid",
    "runlist",
    "controls",
    "save",
    "curves",
)


def script() -> str:
    """Return the JavaScript module of the component."""
    return "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)


def style() -> str:
    return (_HERE / "curves.css").read_text(encoding="utf-8")


def markup() -> str:
    return (_HERE / "curves.html").read_text(encoding="utf-8")


_curves = st.components.v2.component("training_curves", html=markup(), css=style(), js=script())


def packed(run: Run, history: pd.DataFrame, version: str) -> dict:
    """Return what the browser draws a run from; see ``curves.js``.

    Parameters
    ----------
    history : ``run.history()``.
    version : changes with the history.
    """
    numbers, factors = {**axes(run, history), **_told(history)}, {}
    epoch = numbers["epoch"]
    for name in set(AXES[1:]) & set(numbers):
        # Not sent where it only counts epochs in another unit.
        factor = numbers[name][0] / epoch[0] if len(epoch) else 0.0
        if np.array_equal(numbers[name], epoch * factor):
            factors[name] = float(factor)
            del numbers[name]
    watched = run.config.get("monitor", "val_loss")
    found = diagnose(history, watched, run.config.get("patience"), run.config.get("epochs"))
    return {
        "name": run.name,
        "title": run.title,
        "architecture": run.architecture,
        "recipe": run.recipe or NOT_TOLD,
        "configuration": run.configuration,
        "seed": NOT_TOLD if run.seed is None else str(run.seed),
        "settings": settings_of(run),
        "status": run.status,
        "best_epoch": found.best_epoch,
        "best": found.best,
        "best_title": METRIC_TITLES.get(watched.removeprefix("val_"), watched).split(" ")[0],
        "stop_epoch": found.stop_epoch if found.stopped_early else None,
        "epochs": len(history),
        "figures": figures(history),
        "stamp": version,
        "rows": len(history),
        "factors": factors,
        "columns": list(numbers),
        "values": np.concatenate([np.empty(0), *numbers.values()]).astype("<f4").tobytes(),
    }


def _told(history: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        name: values
        for name, values in columns(history).items()
        if name not in AXES and not np.isnan(values).all()
    }


def data(
    packs: Sequence[Mapping],
    every: Sequence[Run],
    chosen: Mapping,
    asked: int,
    doubts: Mapping[str, str],
    tags: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
) -> bytes:
    """Return all that the browser is told.

    Parameters
    ----------
    packs : of `packed`.
    every : all stored runs, which decide on the colours.
    chosen : a state (`dashboard.curves.link`); `asked` changes when the browser is to take it over.
    doubts : what is wrong with a run, by name.
    tags, labels : of every run, by name.

    Returns
    -------
    The length of the JSON (uint32, little endian); the JSON, padded to four bytes; then the values
    of all runs, float32. Half a second quicker in the browser than numbers within the JSON.
    """
    colours, symbols = run_colours(every), run_symbols(every)
    told = dict.fromkeys(name for pack in packs for name in pack["figures"])
    ordered = [*(name for name in METRICS if name in told), *sorted(set(told) - set(METRICS))]
    runs = [
        {
            **pack,
            "values": None,  # behind the JSON
            "label": labels.get(pack["name"], pack["name"]),
            "tags": list(tags.get(pack["name"], ())),
            "told": [
                pack["name"],
                pack["title"],
                pack["architecture"],
                *tags.get(pack["name"], ()),
            ],
            "doubtful": doubts.get(pack["name"], ""),
            "colour": colours[pack["name"]],
            "symbol": _SHAPES[symbols[pack["name"]]],
        }
        for pack in packs
    ]
    head = json.dumps(
        {
            "runs": runs,
            "metrics": [
                {
                    "name": name,
                    "title": METRIC_TITLES.get(name, name.replace("_", " ").capitalize()),
                }
                for name in ordered
            ],
            # Those in which the runs differ: by these, too, lines can be grouped.
            "settings": [
                name
                for name in differing([pack["settings"] for pack in packs])
                if name not in _OWN_GROUPS
            ],
            "look": {
                "colours": COLOURS,
                "symbols": [_SHAPES[symbol] for symbol in SYMBOLS],
                "t95": _t95(),
            },
            "state": dict(chosen),
            "asked": asked,
        },
        allow_nan=False,
    ).encode()
    head += b" " * (-len(head) % 4)
    return b"".join((len(head).to_bytes(4, "little"), head, *(pack["values"] for pack in packs)))


def show(told: bytes) -> Mapping | None:
    """Draw what `data` returned; return the state as last reported, None before it ever was."""
    return _curves(key=state.CURVES, data=told, on_state_change=_said).state


def _said() -> None:
    """Streamlit reports only what has a callback; the page reads it from what `show` returns."""


# Plotly's names of symbols, and those that the browser draws.
_SHAPES = {
    "circle": "circle",
    "square": "square",
    "diamond": "diamond",
    "triangle-up": "triangle",
    "x": "cross",
    "star": "star",
    "hexagon": "hexagon",
    "cross": "plus",
}


def _t95() -> list[float]:
    """Return Student's two-sided 95 % factor for a mean of 1, 2, 3, ... runs; of one there is none.

    JSON knows no infinity: a mean of one run is drawn without a band anyway.
    """
    return [0.0, *stdtrit(np.arange(1, _LARGEST_GROUP), 0.975).round(4).tolist()]
