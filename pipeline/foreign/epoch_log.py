"""A CSV file with a line per epoch: Keras' ``CSVLogger``, and the ``history.csv`` of our runs."""

from __future__ import annotations

import numpy as np

from pipeline.errors import RunError
from pipeline.foreign.delimited import Table, whole
from pipeline.foreign.found import Foreign
from pipeline.foreign.history import foreign
from pipeline.foreign.tags import distinct
from pipeline.foreign.tracks import Tracks, aligned

KERAS, CSV = "Keras CSVLogger", "CSV"


def is_epoch_log(table: Table) -> bool:
    """Whether it has a column ``epoch`` and others."""
    return "epoch" in table.header and len(table.header) > 1


def read_epoch_log(name: str, table: Table, source: str | None = None) -> Foreign:
    """Read a line per epoch.

    Keras counts epochs from 0, we from 1: a file with an epoch 0 is of Keras. A file that was
    appended to by a training started again goes back to an earlier epoch; the later lines count.

    Raises
    ------
    RunError : if no line holds an epoch and a figure, or it is too large.
    """
    tracks, notes, last = Tracks(), list(table.notes), None
    lines = _with_epochs(table)
    if len(lines) < len(table.rows):
        notes.append(_left_out(len(table.rows) - len(lines)))
    figures, words = _numeric(table)
    if words:
        notes.append(f"Not numbers, so left out: {', '.join(words)}.")
    for epoch, row in lines:
        # Equal is no way back: Lightning writes the two sides of an epoch on lines of their own.
        if last is not None and epoch < last:
            tracks.restart(epoch)
        last = epoch
        for figure, at in figures.items():
            number = table.number(row[at])
            if number is not None:
                tracks.add(figure, epoch, number)
    epochs, _, columns = aligned(tracks.by_name)
    keras = len(epochs) > 0 and epochs[0] == 0
    counted = {key: columns.pop(key) for key in ("step", "seconds") if key in columns}
    steps = counted.pop("step", None)
    # NaN is below nothing; beyond this a float no longer counts by ones.
    if steps is not None and (np.abs(steps) < 2**53).all() and (steps % 1 == 0).all():
        counted["steps"] = steps.astype(np.int64)
    elif steps is not None:
        columns["step"] = steps
    meant = distinct(columns)
    return foreign(
        name,
        source or (KERAS if keras else CSV),
        {meant[column]: values for column, values in columns.items()},
        called={figure: column for column, figure in meant.items()},
        epochs=epochs + (1 if keras else 0),
        notes=[*notes, *tracks.notes()],
        **counted,
    )


def _with_epochs(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    at = table.header.index("epoch")
    lines = []
    for row in table.rows:
        try:
            epoch = whole(table.number(row[at]))
        except ValueError:
            continue
        if epoch is not None and 0 <= epoch < 2**31:
            lines.append((epoch, row))
    if not lines:
        raise RunError("No line of it holds an epoch.", "Log at least one epoch, then import it.")
    return lines


def _left_out(count: int) -> str:
    return (
        "1 line has no epoch and was left out."
        if count == 1
        else f"{count} lines have no epoch and were left out."
    )


def _numeric(table: Table) -> tuple[dict[str, int], list[str]]:
    """Return the columns whose fields are all numbers, and the names of the others."""
    figures, words = {}, []
    for at, name in enumerate(table.header):
        if name == "epoch":
            continue
        try:
            for row in table.rows:
                table.number(row[at])
        except ValueError:
            words.append(name)
            continue
        figures[name] = at
    return figures, words
