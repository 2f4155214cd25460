"""What is chosen on the page of training curves, as the address of the page says it.

Whatever a link says is checked here: names nobody knows and numbers out of range do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from pipeline.curves import AXES

# Every run, however many: three hundred names would be no address.
ALL = "*"
LARGEST_SMOOTHING = 0.99
# Lines can be grouped and panels divided by any setting of the runs, too.
SETTING = "setting:"
_GROUPS = ("run", "architecture", "recipe", "configuration", "seed", "status", "tags")
# What one of several words says, the first by default.
_CHOICES = {
    "x": AXES,
    "sides": ("both", "train", "validation"),
    "group": _GROUPS,
    "band": ("minmax", "sd", "ci", "runs"),
    "facet": ("none", "side", *_GROUPS),
}
_SWITCHES = ("logx", "logy", "clip", "difference")
# In the address some have other names: those of older links.
_PARAMETERS = {"logy": "log", "architecture": "architectures", "tag": "tags"}
_FILTERS = ("architecture", "recipe", "seed", "status", "tag")
_TEXTS = ("text", "pinned")
_LONGEST = 200


def defaults(runs: Sequence[str], metrics: Sequence[str]) -> dict:
    """Return the state of a page that nothing was chosen on."""
    return {
        "runs": list(runs),
        "metrics": list(metrics),
        "smoothing": 0.0,
        **{name: choices[0] for name, choices in _CHOICES.items()},
        **dict.fromkeys(_SWITCHES, False),
        **{name: [] for name in _FILTERS},
        **dict.fromkeys(_TEXTS, ""),
        "zoom": None,
        "zoomY": {},
        "at": None,
    }


def checked(told: Mapping, state: Mapping, runs: Sequence[str]) -> dict:
    """Return `state` with whatever `told` says in its place, as far as it can be used.

    Parameters
    ----------
    told : from a browser: anything may be in it.
    state : a valid one, such as `defaults`.
    runs : the names that exist.
    """
    found = dict(state)
    if isinstance(names := told.get("runs"), list):
        known = set(runs)
        found["runs"] = [name for name in dict.fromkeys(map(str, names)) if name in known]
    if isinstance(names := told.get("metrics"), list):
        found["metrics"] = [str(name) for name in dict.fromkeys(map(str, names))]
    if (value := _number(told.get("smoothing"))) is not None and 0 <= value <= LARGEST_SMOOTHING:
        found["smoothing"] = value
    for name, choices in _CHOICES.items():
        value = told.get(name)
        of_a_setting = name in ("group", "facet") and str(value).startswith(SETTING)
        if value in choices or of_a_setting:
            found[name] = str(value)[:_LONGEST]
    for name in _SWITCHES:
        if isinstance(told.get(name), bool):
            found[name] = told[name]
    for name in _FILTERS:
        if isinstance(values := told.get(name), list):
            found[name] = [str(value)[:_LONGEST] for value in values]
    for name in _TEXTS:
        if isinstance(value := told.get(name), str):
            found[name] = value[:_LONGEST]
    if "zoom" in told:
        found["zoom"] = _range(told["zoom"])
    if isinstance(zooms := told.get("zoomY"), Mapping):
        found["zoomY"] = {
            str(name): both for name, value in zooms.items() if (both := _range(value))
        }
    if "at" in told:
        found["at"] = _number(told["at"])
    return found


def read(query: Mapping[str, Sequence[str]], runs: Sequence[str]) -> dict:
    """Return what an address says, in the form of a state; only what it says."""
    told: dict = {}
    if "runs" in query:
        names = [name for name in query["runs"] if name]
        told["runs"] = list(runs) if ALL in names else names
    if "metrics" in query:
        told["metrics"] = [name for name in query["metrics"] if name]
    for name in _FILTERS:
        if (parameter := _PARAMETERS.get(name, name)) in query:
            told[name] = list(query[parameter])
    for name in ("smoothing", "at", *_TEXTS, *_CHOICES):
        if name in query:
            told[name] = query[name][-1]
    for name in _SWITCHES:
        if (parameter := _PARAMETERS.get(name, name)) in query:
            told[name] = query[parameter][-1] == "true"
    if "zoom" in query:
        told["zoom"] = query["zoom"][-1].split("~")
    told["zoomY"] = {
        name.removeprefix("zoom_"): values[-1].split("~")
        for name, values in query.items()
        if name.startswith("zoom_")
    }
    return told


def written(state: Mapping, default: Mapping, runs: Sequence[str]) -> dict[str, list[str]]:
    """Return the parameters that say how `state` differs from `default`; runs are always named."""
    chosen = state["runs"]
    every = len(chosen) > 1 and len(chosen) == len(runs)
    query = {"runs": [ALL] if every else list(chosen) or [""]}
    for name, value in state.items():
        parameter = _PARAMETERS.get(name, name)
        if name == "runs" or value == default[name]:
            continue
        if name == "zoomY":
            query |= {f"zoom_{metric}": [_told_range(both)] for metric, both in value.items()}
        elif name == "zoom":
            query[parameter] = [_told_range(value)]
        elif isinstance(value, list):
            query[parameter] = list(value) or [""]
        else:
            query[parameter] = [_told(value)]
    return query


def _told(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _told_range(both: Sequence[float]) -> str:
    return "~".join(f"{value:.7g}" for value in both)


def _number(value) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):  # the last of an integer of 400 digits
        return None
    return number if isfinite(number) else None


def _range(value) -> list[float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = map(_number, value)
    return [low, high] if low is not None and high is not None and low < high else None
