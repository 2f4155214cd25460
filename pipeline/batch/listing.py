"""Which pictures a batch is of: those of a folder, or of a list that names them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import pyarrow
from pyarrow import parquet

from pipeline.batch.columns import LISTED
from pipeline.batch.places import Place
from pipeline.config import CLASS_NAMES, NORMAL, PNEUMONIA
from pipeline.dataset import SUFFIXES, patient_of
from pipeline.errors import BatchError

# Of a folder: DICOM files often have no suffix at all.
_PICTURES = (*SUFFIXES, ".dicom", "")
_LABELS = {"0": NORMAL, "1": PNEUMONIA, CLASS_NAMES[0]: NORMAL, CLASS_NAMES[1]: PNEUMONIA, "": None}
_CHUNK = 1_000


@dataclass(frozen=True)
class Listing:
    """Pictures in a fixed order: some hundred bytes each, whatever their size.

    Attributes
    ----------
    source : the place that relative names of files are below.
    table : columns of `pipeline.batch.columns.LISTED`.
    left_out : files of a folder whose names are no picture's.
    """

    source: Place
    table: pyarrow.Table
    left_out: int = 0

    def __len__(self) -> int:
        return self.table.num_rows

    @cached_property
    def sha256(self) -> str:
        """Names this list: other files, another order, other labels or another place, another."""
        digest = hashlib.sha256(json.dumps([self.source.name, LISTED.names]).encode())
        for batch in self.table.to_batches(_CHUNK):
            digest.update(json.dumps([column.to_pylist() for column in batch.columns]).encode())
        return digest.hexdigest()


def listed(name: str) -> Listing:
    """List what a user names: a folder with all below it, or a Parquet or CSV file that lists.

    A list has the column ``file`` (whole, or below the folder that the list lies in) and perhaps
    ``label`` (0, 1, NORMAL, PNEUMONIA), ``patient`` and ``kind``. Of a folder, folders called
    NORMAL and PNEUMONIA tell the label, and names of the data set's form the child.

    Raises
    ------
    BatchError : if there is none, or it lists nothing, or a line of it cannot be used.
    """
    place = Place.of(name)
    if place.suffix == ".parquet":
        listing = Listing(place.folder, _table(_parquet_rows(place)))
    elif place.suffix == ".csv":
        listing = Listing(place.folder, _table(_csv_rows(place)))
    elif place.is_folder():
        listing = _folder(place)
    else:
        raise BatchError(
            f"{place.name} is no folder and no list of pictures.",
            "Name a folder, or a .parquet or .csv file with a column 'file'.",
        )
    if not len(listing):
        raise BatchError(
            f"{place.name} holds no picture.", "Name a place with PNG, JPEG or DICOM files."
        )
    return listing


def _folder(place: Place) -> Listing:
    left_out = 0

    def rows() -> Iterator[tuple]:
        nonlocal left_out
        for file in place.files():
            path = PurePosixPath(file)
            if path.suffix.lower() not in _PICTURES:
                left_out += 1
                continue
            folders = (PurePosixPath(place.name).name, *path.parts[:-1])
            told = [CLASS_NAMES.index(part) for part in folders if part in CLASS_NAMES]
            patient, kind = patient_of(path.name)
            known = kind != "unknown"
            yield (
                file,
                told[-1] if told else None,
                patient if known else None,
                (kind if known else None),
            )

    table = _table(rows())
    return Listing(place, table, left_out)


def _table(rows: Iterable[tuple]) -> pyarrow.Table:
    """Pack rows as they come, so that they are never held as Python objects all at once."""
    batches, waiting = [], []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _CHUNK:
            batches.append(_packed(waiting))
            waiting = []
    if waiting:
        batches.append(_packed(waiting))
    return pyarrow.Table.from_batches(batches, LISTED)


def _packed(rows: list[tuple]) -> pyarrow.RecordBatch:
    columns = [
        pyarrow.array([_unicode(value) for value in column], field.type)
        for column, field in zip(zip(*rows, strict=True), LISTED, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(columns, schema=LISTED)


def _unicode(value: object) -> object:
    """Return text as Unicode; bytes of a file name that are none stand escaped."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _parquet_rows(place: Place) -> Iterator[tuple]:
    try:
        file = parquet.ParquetFile(io.BytesIO(place.read()))
        names = file.schema_arrow.names
        _require_file(names, place)
        columns = [name for name in LISTED.names if name in names]
        number = 0
        for batch in file.iter_batches(_CHUNK, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield _row(row, number, place)
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(place) from error


def _csv_rows(place: Place) -> Iterator[tuple]:
    try:
        text = place.read().decode("utf-8-sig")
        first = text.partition("\n")[0]
        separator = ";" if first.count(";") > first.count(",") else ","
        lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        _require_file(lines.fieldnames or (), place)
        for row in lines:
            yield _row(row, lines.line_num, place)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(place) from error


def _require_file(names: Iterable[str], place: Place) -> None:
    if "file" not in names:
        raise BatchError(
            f"The list {place.name} lacks the column 'file'.",
            "Name the column with the pictures' paths so.",
        )


def _row(row: dict, number: int, place: Place) -> tuple:
    """Return a row of a list as `LISTED` has it; what stands in it is never said."""
    file = row["file"]
    if not isinstance(file, str) or not file.strip() or "\0" in file:
        raise BatchError(f"Row {number} of {place.name} names no file.", "Mend that row.")
    given = row.get("label")
    label = "" if given is None else str(given).strip().upper().removesuffix(".0")
    if label not in _LABELS:
        raise BatchError(
            f"Row {number} of {place.name} has a label that is none of 0, 1, "
            f"{' and '.join(CLASS_NAMES)}.",
            "Mend that row; leave the label empty where it is not known.",
        )
    patient, kind = (str(row[name]) if row.get(name) else None for name in ("patient", "kind"))
    return file, _LABELS[label], patient, kind


def _unreadable(place: Place) -> BatchError:
    return BatchError(
        f"The list {place.name} cannot be read.", "Save it again as Parquet, or as CSV in UTF-8."
    )
