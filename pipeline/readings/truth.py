"""The truth about a study's cases, from a table that somebody kept elsewhere."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.config import CLASS_NAMES, NORMAL, PNEUMONIA
from pipeline.errors import StoreError

LIMIT_BYTES = 5_000_000
_LABELS = {"0": NORMAL, "1": PNEUMONIA, CLASS_NAMES[0]: NORMAL, CLASS_NAMES[1]: PNEUMONIA}
_CASE = re.compile(r"[0-9]{1,6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Line:
    """What a table says of one picture.

    Attributes
    ----------
    column, name : by which column the picture is named, and how.
    label : 0 normal, 1 pneumonia.
    patient : as the table calls the child, which must not be stored; None if it does not say.
    number : of the line in the file, from 1.
    """

    column: str
    name: str
    label: int
    patient: str | None
    number: int


def read_truth(content: bytes, columns: Sequence[str]) -> list[Line]:
    """Read a CSV with a header: one of `columns`, ``label``, and ``patient`` if it is known.

    Comma or semicolon; ``label`` is 0, 1, NORMAL or PNEUMONIA.

    Raises
    ------
    StoreError : naming the first line that cannot be used; never what stands in it, for file names
        are a patient's, too.
    """
    if len(content) > LIMIT_BYTES:
        raise StoreError("The table is larger than 5 MB.", "Give one line for each picture.")
    try:
        text = content.decode("utf-8-sig")
        first = text.partition("\n")[0]
        separator = ";" if first.count(";") > first.count(",") else ","
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header = [(name or "").strip().lower() for name in table.fieldnames or ()]
        table.fieldnames = header
        named = next((column for column in columns if column in header), None)
        if named is None or "label" not in header:
            raise StoreError(
                f"The table lacks a column {' or '.join(columns)}, or the column label.",
                "Write the names of the columns into its first line.",
            )
        lines = [_line(row, named, table.line_num) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise StoreError("The table is no CSV in UTF-8.", "Save it again as CSV UTF-8.") from error
    if not lines:
        raise StoreError("The table has no line below its header.", "Add one for each picture.")
    seen: set[str] = set()
    for line in lines:
        if line.name in seen:
            raise _wrong(line.number, "names a picture that stands above already")
        seen.add(line.name)
    return lines


def pseudonyms(names: Sequence[str], prefix: str) -> dict[str, str]:
    """Return a pseudonym for every different name, numbered as they first come."""
    different = list(dict.fromkeys(names))
    digits = max(3, len(str(len(different))))
    return {name: f"{prefix}{number:0{digits}}" for number, name in enumerate(different, start=1)}


def read(content: bytes) -> dict[int | str, tuple[int, str | None]]:
    """Read a table with the column ``case`` or ``sha256``, for `Store.set_truth`.

    Patients of the table get pseudonyms, the same whenever it is read. What the table calls them is
    not kept, so one table must name all pictures that a child shall share.

    Raises
    ------
    StoreError : naming the line that cannot be used.
    """
    lines = read_truth(content, ("case", "sha256"))
    prefix = f"T{hashlib.sha256(content).hexdigest()[:6]}-"  # of no other table
    patients = pseudonyms([line.patient for line in lines if line.patient], prefix)
    truth: dict[int | str, tuple[int, str | None]] = {}
    for line in lines:
        name = line.name.lower()
        hashes = line.column == "sha256"
        if not (_SHA256.fullmatch(name) if hashes else _CASE.fullmatch(name)):
            raise _wrong(line.number, f"has no {'SHA-256' if hashes else 'case number'}")
        patient = patients[line.patient] if line.patient else None
        truth[name if hashes else int(name)] = (line.label, patient)
    return truth


def _line(row: Mapping, named: str, number: int) -> Line:
    if None in row or None in row.values():
        raise _wrong(number, "has more or fewer fields than the header")
    label = _LABELS.get(row["label"].strip().upper())
    if label is None:
        raise _wrong(number, f"has a label that is none of {', '.join(_LABELS)}")
    name = row[named].strip()
    if not name:
        raise _wrong(number, "names no picture")
    return Line(named, name, label, row.get("patient", "").strip() or None, number)


def _wrong(number: int, what: str) -> StoreError:
    return StoreError(f"Line {number} of the table {what}.", "Mend the line; nothing was stored.")
