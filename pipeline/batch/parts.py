"""What is finished of a batch, kept beside its results until all of it is there.

Each part names what it is a part of: of another list, another run or other settings it is none.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator

import pyarrow
from pyarrow import parquet

from pipeline.batch.columns import ABOUT, RESULTS
from pipeline.batch.judging import Task
from pipeline.batch.places import Place
from pipeline.errors import BatchError
from pipeline.spreadsheet import csv_text

# As small as is still quick to write, as large as a kill may cost; many small ones share a short
# list among many cores.
_SMALLEST, _LARGEST, _ABOUT_AS_MANY = 64, 512, 64
# An explanation takes a second, a verdict a few milliseconds.
_EXPLAINED = 8
_ROWS_TOGETHER = 1_024  # in one group of the finished file
_TOLD = ("file", "error", "hint")  # of what could not be read
_DAMAGED = (pyarrow.ArrowException, OSError)


class Parts:
    """The parts of one batch, numbered from 0 in the order of its list.

    Parameters
    ----------
    out : where the results are to lie in the end.
    task : what they are the results of.
    """

    def __init__(self, out: Place, task: Task):
        self._out, self._task = out, task
        self._about = task.to_json().encode()
        key = hashlib.sha256(self._about).hexdigest()[:16]
        self._all = out.beside(".parts")
        self._folder = self._all.beside(f"/{key}")
        self.size = _size(task)
        self.count = -(-task.pictures // self.size)

    def pictures(self, number: int) -> int:
        """Return how many pictures a part has."""
        return min(self.size, self._task.pictures - number * self.size)

    def slice(self, table: pyarrow.Table, number: int) -> pyarrow.Table:
        """Return the rows of the list that a part is of."""
        return table.slice(number * self.size, self.size)

    def finished(self) -> set[int]:
        """Return which parts are there, whole and of this batch."""
        if not self._folder.exists():
            return set()
        names = set(self._folder.files())
        return {
            number
            for number in range(self.count)
            if self._name(number) in names and self._read(number) is not None
        }

    def is_complete(self) -> bool:
        """Whether the results themselves are there already.

        Raises
        ------
        BatchError : if something else has their name.
        """
        if not self._out.exists():
            return False
        if _about(self._out) != self._about:
            raise BatchError(
                f"{self._out.name} is there already, and is not the result of this list, run and "
                "these settings.",
                "Name another file with --out, or take that one away.",
            )
        return True

    def keep(self, number: int, table: pyarrow.Table) -> None:
        """Write a finished part, all of it or none."""
        if table.num_rows != self.pictures(number):
            raise ValueError(
                f"Expected {self.pictures(number)} rows of part {number}. "
                f"Received: {table.num_rows}"
            )
        sink = io.BytesIO()
        parquet.write_table(self._signed(table), sink)
        self._folder.beside(f"/{self._name(number)}").write(sink.getvalue())

    def join(self) -> dict[str, int]:
        """Write the results out of all parts, list what could not be read, and remove the parts.

        One part is held at a time.

        Returns
        -------
        ``{"judged", "refused", "unreadable"}``: a refused picture is judged, too.

        Raises
        ------
        BatchError : if a part is missing, or there is no room.
        """
        counts = {"judged": 0, "refused": 0, "unreadable": 0}
        errors = []
        schema = RESULTS.with_metadata({ABOUT: self._about})
        with self._out.writing() as file, parquet.ParquetWriter(file, schema) as writer:
            for table in _together(self._tables()):
                writer.write_table(table.cast(schema))
                for row in table.select(["file", "accepted", "error", "hint"]).to_pylist():
                    counts["judged"] += row["error"] is None
                    counts["refused"] += row["accepted"] is False
                    if row["error"] is not None:
                        counts["unreadable"] += 1
                        errors.append({name: row[name] for name in _TOLD})
        listed = errors_beside(self._out)
        if counts["unreadable"]:
            listed.write(csv_text(errors, _TOLD, end="\r\n").encode())
        else:
            listed.remove()  # of an earlier batch of that name
        self._folder.remove()
        if self._all.exists() and not any(self._all.files()):
            self._all.remove()
        return counts

    def others(self) -> bool:
        """Whether parts of another list, run or other settings lie beside the results."""
        return self._all.exists() and any(
            not name.startswith(f"{self._folder.name.rpartition('/')[2]}/")
            for name in self._all.files()
        )

    @property
    def folder(self) -> str:
        """Where the parts of all batches of this name lie."""
        return self._all.name

    def _tables(self) -> Iterator[pyarrow.Table]:
        for number in range(self.count):
            table = self._read(number)
            if table is None:
                raise BatchError(
                    f"Part {number} of the results has gone or is damaged.",
                    "Give the same command again: what is missing is judged anew.",
                )
            yield table

    def _read(self, number: int) -> pyarrow.Table | None:
        """Return a part, None if it is not whole or not of this batch."""
        try:
            content = self._folder.beside(f"/{self._name(number)}").read()
            table = parquet.read_table(io.BytesIO(content))
        except (*_DAMAGED, BatchError):
            return None
        own = (table.schema.metadata or {}).get(ABOUT) == self._about
        whole = table.num_rows == self.pictures(number) and table.schema.equals(RESULTS)
        return table if own and whole else None

    def _signed(self, table: pyarrow.Table) -> pyarrow.Table:
        return table.replace_schema_metadata({ABOUT: self._about})

    def _name(self, number: int) -> str:
        return f"{number:06}.parquet"


def errors_beside(out: Place) -> Place:
    """Return where the pictures are listed that could not be read."""
    return Place(f"{out.name.removesuffix('.parquet')}.errors.csv")


def _size(task: Task) -> int:
    """Return how many pictures a part has: by the batch alone, so that any machine can go on."""
    if task.request is not None:
        return _EXPLAINED
    return min(_LARGEST, max(_SMALLEST, -(-task.pictures // _ABOUT_AS_MANY)))


def _about(place: Place) -> bytes | None:
    try:
        if place.local is not None:
            metadata = parquet.read_metadata(place.local).metadata
        else:
            metadata = parquet.read_metadata(io.BytesIO(place.read())).metadata
    except _DAMAGED:
        return None
    return (metadata or {}).get(ABOUT)


def _together(tables: Iterator[pyarrow.Table]) -> Iterator[pyarrow.Table]:
    """Join small tables: a file of many small groups is slow to read."""
    waiting, rows = [], 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        if rows >= _ROWS_TOGETHER:
            yield pyarrow.concat_tables(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pyarrow.concat_tables(waiting)
