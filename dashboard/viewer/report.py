"""What the browser reports of a picture, checked: anything may come over that wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# Where the browser says nothing; it does so by leaving a name out.
_SETTINGS = {"layout": "one", "source": None, "left": None, "right": None}
_ALTERED = {"parts": None, "superpixels": [], "rectangles": []}
_MOST = 65_535  # superpixels, whose labels take two bytes
_MOST_RECTANGLES = 1_000
_SLACK = 1e-6  # of shares that were added up
_SIDES = ("x", "y", "width", "height")


def settings(told: object) -> Mapping | None:
    """Return what is switched on and how it is drawn; None if a part of it makes no sense."""
    return _checked(told, _SETTINGS, _KNOWN_SETTINGS)


def altered(told: object) -> Mapping | None:
    """Return what is hidden and marked; None if a part of it makes no sense."""
    return _checked(told, _ALTERED, _KNOWN_ALTERED)


def _checked(
    told: object, defaults: Mapping, known: Mapping[str, Callable[[object], bool]]
) -> Mapping | None:
    if not isinstance(told, Mapping):
        return None
    whole = {**defaults, **told}
    return whole if all(known[name](whole[name]) for name in known if name in whole) else None


def _one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: value in words


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str | None)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _is_count(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= _MOST


def _are_labels(values: object) -> bool:
    return isinstance(values, list) and all(map(_is_count, values))


def _are_rectangles(values: object) -> bool:
    if not isinstance(values, list) or len(values) > _MOST_RECTANGLES:
        return False
    return all(isinstance(one, Mapping) and _is_rectangle(one) for one in values)


def _is_rectangle(one: Mapping) -> bool:
    sides = [one.get(side) for side in _SIDES]
    if one.get("kind") not in ("blank", "region") or not all(map(_is_share, sides)):
        return False
    x, y, width, height = sides
    return min(width, height) > 0 and max(x + width, y + height) <= 1 + _SLACK


_KNOWN_SETTINGS = {
    **dict.fromkeys(("mask", "heat", "outlines"), _is_switch),
    **dict.fromkeys(("source", "left", "right"), _is_text),
    **dict.fromkeys(("opacity", "least", "swipe"), _is_share),
    "layout": _one_of("one", "side", "swipe"),
    "sign": _one_of("both", "positive", "negative"),
    "rest": _one_of("shown", "dimmed", "hidden"),
    "k": _is_count,
}
_KNOWN_ALTERED = {"parts": _is_text, "superpixels": _are_labels, "rectangles": _are_rectangles}
