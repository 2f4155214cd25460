"""Tables for spreadsheets, in which nothing that somebody wrote is run as a formula.

A spreadsheet computes a text that begins with one of a few signs, and a formula may fetch an
address with what stands beside it. ``dashboard/curves/save.js`` says the same for what is saved in
the browser; the tests hold both to one list.

References
----------
OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

# The wide forms are taken for the narrow ones where Chinese or Japanese is written. In countries
# that write 0,5 a spreadsheet divides lines at semicolons, wherever they stand, so that a sign
# behind one begins a cell, too; so does one behind a tab or an end of a line.
_BEGINS = re.compile(r"(^|[;\t\r\n])([ \"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_UNSEEN = ("\t", "\r", "\n")


def harmless(value: object) -> object:
    """Return a value that no spreadsheet runs: of a text that it would, with ``'`` before it.

    Numbers stay numbers, -1 as well.
    """
    if not isinstance(value, str):
        return value
    marked = _BEGINS.sub(r"\1'\2", value)
    return f"'{marked}" if marked.startswith(_UNSEEN) else marked


def csv_text(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str] | None = None, end: str = "\n"
) -> str:
    """Return rows as CSV with a header.

    Parameters
    ----------
    columns : which, in order; those of all rows, as they first come, by default.
    end : of a line.
    """
    rows = list(rows)
    if columns is None:
        columns = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=end)
    writer.writerow(map(harmless, columns))
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return buffer.getvalue()


def _cell(value: object) -> object:
    missing = value is None or value != value  # NaN is not equal to itself
    return "" if missing else harmless(value)
