"""A Keras ``History`` saved as JSON: a list of values per figure, or an object with one in it."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np

from pipeline.errors import RunError
from pipeline.foreign.found import Foreign
from pipeline.foreign.history import foreign
from pipeline.foreign.limits import FIGURES, RUN_POINTS

SOURCE = "Keras History"


def read_keras_history(name: str, text: str) -> Foreign | None:
    """Read ``{figure: [...]}`` or ``{"history": {...}, "epoch": [...], "params": {...}}``.

    Returns
    -------
    The run; None if the JSON is about something else.

    Raises
    ------
    RunError : if it is no JSON, or too large.
    """
    try:
        document = json.loads(text)
    # RecursionError: brackets a hundred thousand deep.
    except (ValueError, RecursionError) as error:
        raise RunError(
            "It is not JSON that can be read to its end.", "Save it again with json.dump."
        ) from error
    if not isinstance(document, dict):
        return None
    wrapped = isinstance(document.get("history"), dict)
    told = document["history"] if wrapped else document
    lists = {key: values for key, values in told.items() if _is_figure(values)}
    if not lists or (not wrapped and len(lists) < len(told)):
        return None
    if len(lists) > FIGURES or sum(map(len, lists.values())) > RUN_POINTS:
        raise RunError("It holds too many figures or points.", "Import a log that is less dense.")
    count = max(map(len, lists.values()))
    figures, notes, not_finite = {}, [], 0
    for key, values in lists.items():
        every = _every(count, len(values))
        if every is None:
            notes.append(
                f"{key} was left out: it has {len(values)} values in {count} epochs, and which "
                "belong together is not told."
            )
            continue
        if every > 1:
            notes.append(f"{key} has a value every {every} epochs.")
        numbers = np.array([math.nan if v is None else _number(v) for v in values])
        not_finite += sum(v is not None for v in values) - int(np.isfinite(numbers).sum())
        figures[key] = np.full(count, np.nan)
        figures[key][every - 1 :: every][: len(values)] = np.where(
            np.isfinite(numbers), numbers, np.nan
        )
    if not_finite:
        notes.append(f"{not_finite} of its values are not finite numbers: kept as missing.")
    config = document.get("params") if wrapped else None
    return foreign(
        name,
        SOURCE,
        figures,
        epochs=_epochs(document.get("epoch") if wrapped else None, count),
        config={k: v for k, v in config.items() if k != "verbose"}
        if isinstance(config, dict)
        else {},
        notes=notes,
    )


def _is_figure(values: object) -> bool:
    return (
        isinstance(values, list)
        and len(values) > 0
        and all(isinstance(v, int | float | None) and not isinstance(v, bool) for v in values)
    )


def _number(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of four hundred digits
        return math.inf


def _every(epochs: int, values: int) -> int | None:
    """Return the ``validation_freq`` that gives so many values, if just one does."""
    fitting = [every for every in range(1, epochs + 1) if epochs // every == values]
    return fitting[0] if len(fitting) == 1 or values == epochs else None


def _epochs(told: object, count: int) -> np.ndarray:
    """Return the epochs from 1; a training that was gone on with begins later."""
    if (
        isinstance(told, list)
        and len(told) == count
        and all(isinstance(e, int) and 0 <= e < 2**31 for e in told)
        and all(a < b for a, b in itertools.pairwise(told))
    ):
        return np.array(told, np.int64) + 1
    return np.arange(1, count + 1)
