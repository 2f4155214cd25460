"""Colours and marks that mean the same on every page; legible on a dark and on a light one."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.runs import Run

# Okabe, Ito 2008 (colour-blind safe), without black and yellow, which vanish on one of the themes.
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#8f8f8f")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "hexagon", "cross")
# Fixed too: blue speaks against pneumonia, orange for it, on every page.
NORMAL_COLOUR, PNEUMONIA_COLOUR = "#0072b2", "#d55e00"
GREY = "#8f98a3"
CLEAR = "rgba(0,0,0,0)"
FAINT = 0.4


def run_colours(runs: Iterable[Run]) -> dict[str, str]:
    """Return one colour per run by its name: by when it began, those that do not say first.

    Give every stored run, never a selection: only then does a run keep its colour everywhere; and
    a run that is added comes last, and changes no other's. Where there are more runs than colours,
    `run_symbols` tells equal colours apart.
    """
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(_by_age(runs))}


def run_symbols(runs: Iterable[Run]) -> dict[str, str]:
    """Return one marker symbol per run; colour and symbol together repeat after 56 runs."""
    return {name: SYMBOLS[i // len(COLOURS) % len(SYMBOLS)] for i, name in enumerate(_by_age(runs))}


def _by_age(runs: Iterable[Run]) -> list[str]:
    began = [
        (run.document.get("imported") or run.document.get("started") or "", run.name)
        for run in runs
    ]
    return [name for _, name in sorted(began)]
