"""Figures of another program as a run of ours: names, rows, and what to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.errors import RunError
from pipeline.foreign.found import Foreign, Setting
from pipeline.foreign.limits import SETTINGS, plain
from pipeline.foreign.names import ours

ROWS_ARE_NUMBERED = "It counts steps, not epochs: its rows are numbered from 1 as epochs."


def foreign(
    name: str,
    source: str,
    figures: Mapping[str, np.ndarray],
    *,
    called: Mapping[str, str] | None = None,
    epochs: np.ndarray | None = None,
    steps: np.ndarray | None = None,
    seconds: np.ndarray | None = None,
    config: Mapping[str, Setting] | None = None,
    notes: Sequence[str] = (),
    started: str | None = None,
) -> Foreign:
    """Return a run of ours.

    Parameters
    ----------
    figures : per name of the source (N,) values, NaN where missing; validation with ``val_``.
    called : what the source calls a figure, where that is another name.
    epochs : (N,) counted from 1; None where the source counts steps only. Rows are then numbered.
    steps : (N,) optimiser steps at the end of each row, where known.
    seconds : (N,) of each row alone, where known.

    Raises
    ------
    RunError : if there is no figure in it.
    """
    import pandas as pd

    called = called or {}
    told = {key: values for key, values in figures.items() if np.isfinite(values).any()}
    if not told:
        raise RunError("It holds no figures.", "Log at least one epoch, then import it.")
    count = len(next(iter(told.values())))
    mapped = ours(told)
    columns = {"epoch": np.arange(1, count + 1) if epochs is None else epochs}
    if steps is not None:
        columns["step"] = steps
    if seconds is not None:
        columns["seconds"] = seconds
    columns |= {mapped[key]: values for key, values in told.items()}
    if epochs is None and steps is not None:
        notes = [*notes, ROWS_ARE_NUMBERED]
    return Foreign(
        plain(name) or "imported",
        source,
        pd.DataFrame(columns),
        {called.get(key, key): new for key, new in mapped.items() if called.get(key, key) != new},
        settings(config or {}),
        tuple(notes),
        started,
    )


def settings(found: Mapping[str, object]) -> dict[str, Setting]:
    """Return hyper-parameters as plain values of bounded size; what is nested becomes text."""
    plainly = {}
    for key, value in list(found.items())[:SETTINGS]:
        if isinstance(value, bool | int | float):
            plainly[plain(key)] = value
        elif value is not None:
            plainly[plain(key)] = _typed(plain(value))
    return plainly


def _typed(text: str) -> Setting:
    """Return the number or truth value that `text` spells, or the text."""
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
