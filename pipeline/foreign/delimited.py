"""Tables in text: which separator, which lines are whole, which fields are numbers."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass

from pipeline.errors import RunError

_SEPARATORS = ",;\t"
_MISSING = ("", "na", "n/a", "none", "null", "-")


@dataclass(frozen=True)
class Table:
    """Lines of a text file.

    Attributes
    ----------
    header : the first line.
    rows : the others, each as wide as the header; blank ones and repeated headers are left out.
    notes : what was left out, each a sentence.
    decimal_comma : whether numbers may be written 0,5, as spreadsheets in much of Europe do.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    decimal_comma: bool

    def column(self, name: str) -> list[str]:
        at = self.header.index(name)
        return [row[at] for row in self.rows]

    def number(self, field: str) -> float | None:
        """Return the number in a field, None for a missing one.

        Raises
        ------
        ValueError : if it is no number.
        """
        field = field.strip()
        if field.lower() in _MISSING:
            return None
        if self.decimal_comma:
            field = field.replace(",", ".")
        return float(field)


def table(text: str) -> Table:
    """Split the text of a file.

    A last line without an end may be half of a number, so it counts only if it ends in a quote.

    Raises
    ------
    RunError : if there is no header, or a field is longer than any number or name.
    """
    first, _, _ = text.partition("\n")
    separator = max(_SEPARATORS, key=first.count)
    notes = []
    if text and not text.endswith(("\n", "\r", '"')):
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
        notes.append("Its last line has no end and was left out: it may be half written.")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise RunError("It is not a table that can be read.", "Export it again as CSV.") from error
    lines = [line for line in lines if any(field.strip() for field in line)]
    if not lines:
        raise RunError("It holds no whole line.", "Log at least one epoch, then import it.")
    header = tuple(field.strip() for field in lines[0])
    if len(set(header)) < len(header):
        raise RunError("Two of its columns have the same name.", "Rename one of them.")
    body = [line for line in lines[1:] if tuple(field.strip() for field in line) != header]
    rows = tuple(tuple(line) for line in body if len(line) == len(header))
    if len(rows) < len(body):
        what = "1 line has" if len(body) - len(rows) == 1 else f"{len(body) - len(rows)} lines have"
        notes.append(f"{what} another number of fields than the header, and were left out.")
    return Table(header, rows, tuple(notes), separator == ";")


def whole(number: float | None) -> int | None:
    """Return a number as an integer if it is one."""
    if number is None or not math.isfinite(number) or number != int(number):
        return None
    return int(number)
