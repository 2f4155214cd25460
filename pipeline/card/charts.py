"""Small drawings as SVG, without a library: legible on light and dark, on paper, and when read out.

Text and axes take the colour of the text around them; what is drawn is told apart by dash or
shape besides its colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

ORANGE, BLUE, GREEN, GREY = "#d55e00", "#0072b2", "#009e73", "#8f98a3"
_WIDTH, _HEIGHT = 460, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 68, 14, 12, 46


class _Axes:
    """Numbers to places on the drawing."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], height: float = _HEIGHT):
        self.x, self.y, self.height = x, y, height

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        bottom = self.height - _BOTTOM
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), bottom - up * (bottom - _TOP)

    def line(self, points: Sequence[tuple[float, float]], colour: str, dash: str = "") -> str:
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return (
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        )

    def frame(self, x_title: str, y_title: str, x_ticks, y_ticks) -> str:
        left, bottom = self.at(self.x[0], self.y[0])
        right, top = self.at(self.x[1], self.y[1])
        parts = [
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}" fill="none" stroke="currentColor" stroke-opacity=".4"/>'
        ]
        for tick in x_ticks:
            place, _ = self.at(tick, self.y[0])
            parts.append(_text(place, bottom + 16, f"{tick:g}", "middle"))
        for tick in y_ticks:
            _, place = self.at(self.x[0], tick)
            parts.append(_text(left - 6, place + 4, f"{tick:g}", "end"))
        parts.append(_text((left + right) / 2, self.height - 8, x_title, "middle"))
        middle = (top + bottom) / 2
        parts.append(
            f'<g transform="rotate(-90 14 {middle:.1f})">{_text(14, middle, y_title, "middle")}</g>'
        )
        return "".join(parts)


def roc(
    false_alarms: Sequence[float], sensitivity: Sequence[float], points: Mapping[str, tuple]
) -> str:
    """Draw a ROC curve with operating points.

    Parameters
    ----------
    false_alarms, sensitivity : of falling thresholds, each in [0, 1].
    points : name -> (1 - specificity, sensitivity).
    """
    axes = _Axes((0, 1), (0, 1))
    ticks = (0, 0.25, 0.5, 0.75, 1)
    parts = [
        axes.frame("1 - specificity (false alarms)", "sensitivity", ticks, ticks),
        axes.line([(0, 0), (1, 1)], GREY, "3 4"),
        axes.line(list(zip(false_alarms, sensitivity, strict=True)), BLUE),
    ]
    for number, (name, place) in enumerate(points.items()):
        x, y = axes.at(*place)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{ORANGE}"/>')
        # The labels stand in a column, or points that lie close together would hide each other.
        row = 150 + 20 * number
        parts.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="236" y2="{row - 4}" stroke="{ORANGE}" '
            f'stroke-opacity=".5"/>{_text(240, row, name)}'
        )
    told = "; ".join(
        f"{name}: sensitivity {place[1]:.3f}, specificity {1 - place[0]:.3f}"
        for name, place in points.items()
    )
    return _svg("ROC curve", f"Operating points: {told}." if told else "", parts)


def reliability(rows: Sequence[Mapping]) -> str:
    """Draw frequency against probability with 95 % intervals; `rows` as of `reliability`."""
    axes = _Axes((0, 1), (0, 1))
    ticks = (0, 0.25, 0.5, 0.75, 1)
    parts = [
        axes.frame("probability told", "share with pneumonia", ticks, ticks),
        axes.line([(0, 0), (1, 1)], GREY, "3 4"),
    ]
    for row in rows:
        parts.append(
            axes.line([(row["probability"], row["low"]), (row["probability"], row["high"])], GREY)
        )
        x, y = axes.at(row["probability"], row["value"])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{BLUE}"/>')
    told = "; ".join(
        f"told {row['probability']:.2f}, was {row['value']:.2f} (n = {row['n']})" for row in rows
    )
    return _svg("Reliability diagram", told, parts)


def training(
    epochs: Sequence[float],
    lines: Mapping[str, tuple[Sequence[float], bool]],
    best: int | None,
    title: str,
) -> str:
    """Draw one quantity over the epochs.

    Parameters
    ----------
    lines : name -> (values, whether it is validation, which is dashed); NaN leaves a gap.
    best : the epoch that was kept, marked; None for none.
    title : of the quantity.
    """
    values = [value for own, _ in lines.values() for value in own if math.isfinite(value)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low or abs(high) or 1.0) * 0.05
    last = max(epochs[-1], 2)
    axes = _Axes((1, last), (low - room, high + room))
    middle = (low + high) / 2
    step = max(1, round(last / 6))
    parts = [
        axes.frame(
            "epoch",
            title,
            range(1, int(last) + 1, step),
            sorted({float(f"{value:.3g}") for value in (low, middle, high)}),
        )
    ]
    if best is not None:
        parts.append(axes.line([(best, low - room), (best, high + room)], GREY, "2 4"))
    # Where the curves do not end.
    rises = bool(values) and next(own[-1] for own, _ in lines.values()) > middle
    legend = _HEIGHT - _BOTTOM - 30 if rises else _TOP + 18
    for number, (name, (own, dashed)) in enumerate(lines.items()):
        points = [(e, v) for e, v in zip(epochs, own, strict=True) if math.isfinite(v)]
        colour, dash = (ORANGE, "6 4") if dashed else (BLUE, "")
        parts.append(axes.line(points, colour, dash))
        row = legend + 18 * number
        parts.append(
            f'<line x1="300" y1="{row - 4}" x2="326" y2="{row - 4}" stroke="{colour}" '
            f'stroke-width="2"{f" stroke-dasharray={chr(34)}{dash}{chr(34)}" if dash else ""}/>'
            f"{_text(332, row, name)}"
        )
    told = "; ".join(
        f"{name} from {own[0]:.3f} to {own[-1]:.3f}" for name, (own, _) in lines.items() if len(own)
    )
    kept = f" Kept: epoch {best}." if best is not None else ""
    return _svg(f"{title} over {len(epochs)} epochs", f"{told}.{kept}", parts)


def forest(rows: Sequence[tuple[str, float, float, float]], x_title: str) -> str:
    """Draw a value with its interval a row: (name, value, low, high), all in [0, 1]."""
    height = _TOP + _BOTTOM + 26 * len(rows)
    low = min((row[2] for row in rows), default=0.0)
    start = max(0.0, math.floor(low * 10 - 0.5) / 10)
    axes = _Axes((start - (1 - start) * 0.8, 1), (0, max(1, len(rows))), height)
    left, bottom = axes.at(start, 0)
    ticks = [start, (start + 1) / 2, 1]
    parts = [
        f'<line x1="{left:.1f}" y1="{bottom:.1f}" x2="{axes.at(1, 0)[0]:.1f}" y2="{bottom:.1f}" '
        'stroke="currentColor" stroke-opacity=".4"/>'
    ]
    parts += [_text(axes.at(t, 0)[0], bottom + 16, f"{t:.2g}", "middle") for t in ticks]
    parts.append(_text((left + axes.at(1, 0)[0]) / 2, height - 8, x_title, "middle"))
    for number, (name, value, lowest, highest) in enumerate(rows):
        level = len(rows) - number - 0.5
        parts.append(axes.line([(lowest, level), (highest, level)], GREY))
        x, y = axes.at(value, level)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{BLUE}"/>')
        parts.append(_text(left - 8, y + 4, name, "end"))
    told = "; ".join(
        f"{name} {value:.3f} ({low:.3f} to {high:.3f})" for name, value, low, high in rows
    )
    return _svg(x_title, told, parts, height)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor" '
        f'font-size="12">{escape(text)}</text>'
    )


def _svg(title: str, description: str, parts: Sequence[str], height: float = _HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" '
        f'role="img" width="{_WIDTH}" font-family="system-ui, sans-serif">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )
