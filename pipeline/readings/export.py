"""A study to take away: tables as CSV and Parquet, everything as JSON, all of it in one ZIP.

No codes, no pixels and no file names are in it; whose readings they are it tells by pseudonyms.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from pipeline.readings import trail
from pipeline.readings.columns import TABLES, TYPES
from pipeline.readings.reading import Answer, Reading
from pipeline.readings.steps import Case, truths
from pipeline.readings.store import Store, Study
from pipeline.spreadsheet import csv_text

Row = Mapping[str, object]

# Every file of the ZIP says the same moment: the same study gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Export:
    """All that a study holds besides pictures.

    Attributes
    ----------
    tables : rows by the name of their table; columns as in `pipeline.readings.columns`.
    document : everything in one JSON document.
    """

    study: Study
    tables: Mapping[str, Sequence[Row]]
    document: Mapping

    def csv(self, table: str) -> bytes:
        """Return a table as CSV in UTF-8; a text that a spreadsheet would run begins with ``'``."""
        names = [column.name for column in TABLES[table]]
        text = csv_text(self.tables[table], names, "\r\n")
        return text.encode("utf-8", "backslashreplace")

    def parquet(self, table: str) -> bytes:
        """Return a table as Parquet, with the meaning of every column in its metadata."""
        import pyarrow
        from pyarrow import parquet

        types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
        types |= {bool: pyarrow.bool_()}
        schema = pyarrow.schema(
            pyarrow.field(one.name, types[TYPES[one.kind]], metadata={"meaning": one.meaning})
            for one in TABLES[table]
        )
        rows = [
            {name: _unicode(value) for name, value in row.items()} for row in self.tables[table]
        ]
        sink = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema), sink)
        return sink.getvalue()

    def json(self) -> bytes:
        """Return everything as one JSON document, in ASCII."""
        return (json.dumps(self.document, indent=1, allow_nan=False) + "\n").encode()

    def dictionary(self) -> bytes:
        """Return what every column of every table means, as CSV."""
        told = [
            {"table": table, "column": one.name, "type": one.kind, "meaning": one.meaning}
            for table, columns in TABLES.items()
            for one in columns
        ]
        return csv_text(told, end="\r\n").encode()

    def zip(self) -> bytes:
        """Return all tables as CSV and Parquet, the JSON document and the data dictionary."""
        files = {"study.json": self.json(), "columns.csv": self.dictionary()}
        for table in TABLES:
            files |= {f"{table}.csv": self.csv(table), f"{table}.parquet": self.parquet(table)}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


def as_zip(store: Store, study_id: str) -> bytes:
    """Return a study as one ZIP; see `Export.zip`."""
    return exported(store, study_id).zip()


def exported(store: Store, study_id: str) -> Export:
    """Collect a study for its owner.

    Raises
    ------
    StoreError : if there is no such study.
    """
    study, readings = store.study(study_id), store.readings(study_id)
    events, cases = store.events(study_id), {case.number: case for case in store.cases(study_id)}
    positions = _positions(events)
    told = {
        "readings": [_reading(one, cases[one.case], positions) for one in readings],
        "ratings": [row for one in readings for row in _ratings(one)],
        "regions": [row for one in readings for row in _regions(one)],
        "audit": [_event(event) for event in events],
    }
    tables = {name: [_typed(name, row) for row in told[name]] for name in TABLES}
    truth = truths(cases.values(), events)
    document = {
        "study": {
            "id": study.id,
            "created": study.created.isoformat(),
            "closed": study.closed,
            "deleted": study.deleted,
            "readers": list(study.readers),
            "design": study.design.to_json(),
        },
        "cases": [
            asdict(case) | {"label": truth[number][0], "patient": truth[number][1]}
            for number, case in cases.items()
        ],
        "readings": [_whole(one) for one in readings],
        "audit": [row | {"payload": json.loads(str(row["payload"]))} for row in tables["audit"]],
    }
    return Export(study, tables, document)


def _typed(table: str, row: Row) -> Row:
    """Return a row with every column in its order and of its type: 0 of a share becomes 0.0."""
    return {
        one.name: None if row[one.name] is None else TYPES[one.kind](row[one.name])
        for one in TABLES[table]
    }


def _positions(events: Sequence[trail.Event]) -> dict[tuple[str, int, int], int]:
    orders = events[0].payload["orders"]
    return {
        (reader, pass_number, case): position
        for reader, order in orders.items()
        for pass_number, position, case in order
    }


def _place(one: Reading) -> dict:
    return {"study": one.study, "reader": one.reader, "pass": one.pass_number, "case": one.case}


def _reading(one: Reading, case: Case, positions: Mapping) -> Row:
    shown = one.shown
    explained = (shown.explanation or {}) if shown else {}
    return (
        _place(one)
        | {
            "position": positions[one.reader, one.pass_number, one.case],
            "picture_sha256": case.sha256,
            "patient": one.patient,
            "label": one.label,
            "arm": one.arm,
            "order": one.order,
            "model_probability": one.model_probability,
            "model_pneumonia": one.model_pneumonia,
            "model_accepts": case.accepted,
        }
        | _answer("first", one.first)
        | _answer("final", one.final)
        | {
            "switched": one.switched if one.first and one.final else None,
            "shown_run": shown.run if shown else None,
            "shown_run_sha256": shown.run_sha256 if shown else None,
            "shown_method": explained.get("method"),
            "shown_segments": explained.get("segments"),
            "shown_fill": explained.get("fill"),
            "shown_seed": explained.get("seed"),
            "comment": one.comment,
            "seconds_first": one.seconds_first,
            "seconds_final": one.seconds_final,
            "answered": one.answered.isoformat() if one.answered else None,
            "finished": one.finished.isoformat() if one.finished else None,
        }
    )


def _answer(which: str, answer: Answer | None) -> dict:
    told = {
        "pneumonia": answer.pneumonia if answer else None,
        "confidence": answer.confidence if answer else None,
        "score": answer.score if answer else None,
        "findings": "; ".join(answer.findings) if answer else None,
        "quality": answer.quality if answer else None,
    }
    return {f"{which}_{name}": value for name, value in told.items()}


def _ratings(one: Reading) -> Iterator[Row]:
    for rating in one.ratings:
        yield _place(one) | {
            "run": one.shown.run,
            "method": (one.shown.explanation or {}).get("method"),
            **asdict(rating),
        }


def _regions(one: Reading) -> Iterator[Row]:
    for which, answer in (("first", one.first), ("final", one.final)):
        for number, region in enumerate(answer.regions if answer else (), start=1):
            yield _place(one) | {"answer": which, "region": number} | asdict(region)


def _event(event: trail.Event) -> Row:
    return {
        "study": event.study,
        "number": event.number,
        "who": event.who,
        "turn": event.turn,
        "at": event.at.isoformat(),
        "what": event.what,
        "pass": event.pass_number,
        "case": event.case,
        "key": event.key,
        "payload": trail.canonical(event.payload),
        "previous": event.previous,
        "hash": event.hash,
    }


def _whole(one: Reading) -> dict:
    moments = {"answered": one.answered, "finished": one.finished}
    return asdict(one) | {name: at.isoformat() if at else None for name, at in moments.items()}


def _unicode(value: object) -> object:
    """Return text that UTF-8 can say: half of a surrogate pair stands escaped."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return value
