"""Fuzz what the browser says: the link and the state of the curves, the viewer's reports.

Whatever comes, what is made of it is a state that the page can be drawn from; nothing is refused.
"""

from __future__ import annotations

import json
import random

from campaign import run, watched
from text_parts import mutated_json

with watched(__name__ == "__main__"):
    from dashboard.curves import link
    from dashboard.viewer import report

REFUSALS = ()
RUNS, METRICS = ("fox", "owl"), ("loss", "auc")
_STATE = {
    "runs": ["fox"], "metrics": ["loss"], "smoothing": 0.5, "x": "step", "group": "setting:seed",
    "logx": True, "tag": ["a"], "text": "/fox/", "pinned": "owl", "zoom": [1, 2.5],
    "zoomY": {"loss": [0, 1]}, "at": 3.0,
}  # fmt: skip
_SETTINGS = {
    "picture": "ab", "scene": "", "layout": "one", "source": "first", "left": None, "right": None,
    "sign": "both", "rest": "dimmed", "k": 5, "opacity": 0.5, "least": 0, "mask": True,
    "heat": False, "outlines": False,
}  # fmt: skip
_RECTANGLE = {"kind": "region", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
_ALTERED = {"picture": "ab", "parts": "cd", "superpixels": [1, 2], "rectangles": [_RECTANGLE]}
_QUERY = {name: [str(value)] for name, value in _STATE.items()} | {"zoom_loss": ["0~1"]}


def seeds() -> list[bytes]:
    return [json.dumps(one).encode() for one in (_STATE, _SETTINGS, _ALTERED, _QUERY)]


def mutate(data: bytes, dice: random.Random) -> bytes:
    return mutated_json(data, dice)


def read(data: bytes) -> None:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):  # the server's own affair
        return
    told = told if isinstance(told, dict) else {"runs": told}
    default = link.defaults(RUNS, METRICS)
    state = link.checked(told, default, RUNS)
    assert state.keys() == default.keys()
    assert set(state["runs"]) <= set(RUNS)
    address = link.written(state, default, RUNS)
    assert all(isinstance(value, str) for values in address.values() for value in values)
    json.dumps(state, allow_nan=False)
    again = link.checked(link.read(address, RUNS), default, RUNS)
    assert again["runs"] == state["runs"]
    words = {name: [str(value) for value in _many(values)] for name, values in told.items()}
    words = {name: values for name, values in words.items() if values}
    link.checked(link.read(words, RUNS), default, RUNS)
    if (settings := report.settings(told)) is not None:
        assert settings["layout"] in ("one", "side", "swipe")
    if (altered := report.altered(told)) is not None:
        assert all(0 <= one["x"] <= 1 for one in altered["rectangles"])
        assert all(label >= 0 for label in altered["superpixels"])


def _many(values: object) -> list:
    return values if isinstance(values, list) else [values]


if __name__ == "__main__":
    run(seeds(), mutate, read, REFUSALS)
