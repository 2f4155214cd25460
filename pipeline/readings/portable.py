"""The form in which readings leave a database whole: a ZIP that any of them can be filled from.

::

    backup.json     format, schema revision, and of each table its columns, rows and SHA-256
    <table>.jsonl   a row a line: a JSON list in the order of the columns, bytes as base64

It holds pictures and the hashes of codes, but no code. Nothing in it is a path.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Column, Float, Integer, LargeBinary, String

from pipeline import zips

FORMAT, SCHEMA = "readings of chest X-rays", 1
ABOUT = "backup.json"
_LONGEST_ABOUT = 1 << 20
# A picture in base64 is the longest that a row can be.
_LONGEST_ROW = 256 << 20
# Rows of numbers and names shrink to a tenth, pictures hardly; what grows far more is a trap.
_MOST_GROWTH, _SMALL = 200, 16 << 20


@dataclass(frozen=True)
class Told:
    """What a file says of one of its tables."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True)
class About:
    """What a file says of itself."""

    revision: str
    created: str
    tables: Mapping[str, Told]


def write(
    path: Path,
    revision: str,
    created: str,
    tables: Mapping[str, tuple[Sequence[Column], Iterable[Sequence]]],
) -> About:
    """Write tables, ``{name: (columns, rows)}``, each row when it comes."""
    told = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, (columns, rows) in tables.items():
            digest, count = hashlib.sha256(), 0
            with archive.open(_member(name), "w", force_zip64=True) as member:
                for row in rows:
                    cells = [_plain(value) for value in row]
                    line = json.dumps(cells, allow_nan=False, separators=(",", ":")).encode()
                    digest.update(line + b"\n")
                    member.write(line + b"\n")
                    count += 1
            told[name] = Told(tuple(one.name for one in columns), count, digest.hexdigest())
        about = About(revision, created, told)
        content = {"format": FORMAT, "schema": SCHEMA, **asdict(about)}
        archive.writestr(ABOUT, json.dumps(content, indent=1))
    return about


class Reader:
    """A file that somebody gave us.

    Everything that is wrong with it is one of `zips.ERRORS`, a KeyError or a TypeError.
    """

    def __init__(self, archive: zipfile.ZipFile, size: int):
        self._archive = archive
        members = archive.infolist()
        if sum(one.compress_size for one in members) > size:
            raise ValueError("Expected members beside each other. Received: some that overlap")
        for one in members:
            grown = one.file_size > _SMALL and one.file_size > _MOST_GROWTH * one.compress_size
            if grown or one.flag_bits & 1 or one.compress_type not in zips.READABLE:
                raise ValueError("Expected plain members. Received: one that cannot be trusted")
        self.about = self._read_about()
        names = sorted(one.filename for one in members)
        if names != sorted([ABOUT, *map(_member, self.about.tables)]):
            raise ValueError("Expected the members that are told of. Received: others")

    def rows(self, name: str, columns: Sequence[Column]) -> Iterator[dict]:
        """Yield a table's rows, ``{column: value}``; the last one's successor is its check.

        Parameters
        ----------
        columns : which there must be, and of which kinds.
        """
        told = self.about.tables[name]
        if told.columns != tuple(column.name for column in columns):
            raise ValueError("Expected the columns of this schema. Received: others")
        digest, count = hashlib.sha256(), 0
        with self._archive.open(_member(name)) as member:
            while line := member.readline(_LONGEST_ROW):
                digest.update(line)
                count += 1
                cells = json.loads(line, parse_constant=_refuse_constant)
                if not isinstance(cells, list):
                    raise ValueError("Expected a list. Received: something else")
                yield {
                    column.name: _value(column, cell)
                    for column, cell in zip(columns, cells, strict=True)
                }
        if (count, digest.hexdigest()) != (told.rows, told.sha256):
            raise ValueError("Expected the rows that are told of. Received: others")

    def _read_about(self) -> About:
        if self._archive.getinfo(ABOUT).file_size > _LONGEST_ABOUT:
            raise ValueError("Expected a short description. Received: a long one")
        content = json.loads(self._archive.read(ABOUT))
        if (content["format"], content["schema"]) != (FORMAT, SCHEMA):
            raise ValueError("Expected a backup of readings. Received: something else")
        tables = {
            name: Told(tuple(one["columns"]), one["rows"], one["sha256"])
            for name, one in content["tables"].items()
        }
        return About(content["revision"], content["created"], tables)


def _member(table: str) -> str:
    return f"{table}.jsonl"


def _plain(value):
    # Drivers give bytes in wrappers of their own.
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    return value


def _value(column: Column, cell):
    """Return a cell as the database takes it, if it is of the column's kind."""
    if cell is None:
        return None  # whether it may be is what the database knows
    kind = column.type
    if isinstance(kind, LargeBinary) and type(cell) is str:
        return base64.b64decode(cell, validate=True)
    if isinstance(kind, Float) and type(cell) in (int, float):
        return float(cell)
    if isinstance(kind, Integer) and type(cell) is int and abs(cell) < 2**31:
        return cell
    if isinstance(kind, String) and type(cell) is str and "\x00" not in cell:
        cell.encode()  # half a character raises here
        if kind.length and len(cell) > kind.length:
            raise ValueError(f"Expected at most {kind.length} characters. Received: {len(cell)}")
        return cell
    raise ValueError(f"Expected what fits {column.name}. Received: {type(cell).__name__}")


def _refuse_constant(name: str):
    raise ValueError(f"Expected a number. Received: {name}")
