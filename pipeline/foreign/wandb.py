"""The CSV export of a chart of Weights & Biases: several runs, mostly one figure.

A column is called ``<run> - <figure>``; beside it stand the smallest and largest value of what
the chart drew as one point, ``...__MIN`` and ``...__MAX``, which are no figures of their own.
"""

from __future__ import annotations

from pipeline.errors import RunError
from pipeline.foreign.delimited import Table, whole
from pipeline.foreign.found import Foreign
from pipeline.foreign.history import foreign
from pipeline.foreign.tags import distinct
from pipeline.foreign.tracks import Tracks, aligned

SOURCE = "Weights & Biases"

_BETWEEN = " - "
_EXTREMES = ("__MIN", "__MAX")
_EPOCHS, _STEPS = ("epoch", "epochs"), ("step", "_step", "global_step", "trainer/global_step")
_TABLE_OF_RUNS = {"Name", "State", "Runtime", "Created", "ID", "User", "Sweep", "Tags"}


def is_chart(table: Table) -> bool:
    """Whether every column but the first belongs to a run."""
    return len(table.header) > 1 and all(_BETWEEN in name for name in table.header[1:])


def is_table_of_runs(table: Table) -> bool:
    """Whether it is the export of the list of runs, with one value of each figure."""
    return "Name" in table.header and len(_TABLE_OF_RUNS.intersection(table.header)) >= 3


class Charts:
    """Charts that were read so far; what several say of the same run comes together."""

    def __init__(self):
        self._runs: dict[str, dict[str, Tracks]] = {}
        self._notes: list[str] = []

    def add(self, table: Table) -> None:
        """Read one export.

        Raises
        ------
        RunError : if its first column does not count, a field is no number, or it is too large.
        """
        axis = table.header[0]
        positions = []
        for field in table.column(axis):
            try:
                positions.append(whole(table.number(field)))
            except ValueError:
                positions.append(None)
        counts = _counts(axis)
        if counts is None or not any(position is not None for position in positions):
            raise RunError(
                f"Its first column, {axis!r}, is neither a step nor an epoch.",
                "Set the chart's x-axis to Step, then export it again.",
            )
        self._notes += [note for note in table.notes if note not in self._notes]
        rows = sorted(
            (position, row)
            for position, row in zip(positions, table.rows, strict=True)
            if position is not None
        )
        for at, name in enumerate(table.header[1:], start=1):
            run, _, figure = name.rpartition(_BETWEEN)
            if figure.endswith(_EXTREMES) or figure.startswith("_"):
                continue
            tracks = self._runs.setdefault(run, {}).setdefault(counts, Tracks())
            for position, row in rows:
                try:
                    number = table.number(row[at])
                except ValueError as error:
                    raise RunError(
                        f"Its column {name!r} holds text.", "Export a chart of numbers."
                    ) from error
                if number is not None:
                    tracks.add(figure, position, number)

    def names(self) -> list[str]:
        """Return the runs that have a value."""
        return [run for run, told in self._runs.items() if any(t.points for t in told.values())]

    def run(self, name: str) -> Foreign:
        """Return a run; over epochs if one of its charts is, because rows cannot be both.

        Raises
        ------
        RunError : if none of its values is a finite number, or it is too large.
        """
        told = {counts: tracks for counts, tracks in self._runs[name].items() if tracks.points}
        counts = "epochs" if "epochs" in told else "steps"
        notes = list(self._notes)
        if len(told) > 1:
            notes.append("What was exported over steps was left out: other charts have epochs.")
        return _run(name, counts, told[counts], notes)


def _counts(axis: str) -> str | None:
    lower = axis.lower()
    if lower in _EPOCHS or lower.endswith("/epoch"):
        return "epochs"
    return "steps" if lower in _STEPS or lower.endswith("/global_step") else None


def _run(name: str, counts: str, tracks: Tracks, notes: list[str]) -> Foreign:
    positions, _, columns = aligned(tracks.by_name)
    figures = distinct(columns)
    known = (
        {"epochs": positions + (1 if positions[0] == 0 else 0)}
        if counts == "epochs"
        else {"steps": positions}
    )
    return foreign(
        name,
        SOURCE,
        {figures[tag]: values for tag, values in columns.items()},
        called={figure: tag for tag, figure in figures.items()},
        notes=[*notes, *tracks.notes()],
        **known,
    )
