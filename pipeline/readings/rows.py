"""What a study is made of, as rows of the database; what was said in it is in `trail`."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from pipeline.errors import StoreError
from pipeline.explain import Explanation
from pipeline.readings import codes, schema, stimuli
from pipeline.readings.design import Design
from pipeline.readings.pictures import Packed, packed
from pipeline.readings.steps import Case
from pipeline.readings.study import NewCase

_ID_SIGNS = "23456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(f"[{_ID_SIGNS}]{{8}}")


@dataclass(frozen=True)
class Stored:
    """What the study's own row says."""

    id: str
    created: str
    design: Design


def new_id() -> str:
    return "".join(secrets.choice(_ID_SIGNS) for _ in range(8))


def study(connection: Connection, study_id: str, lock: bool = False) -> Stored:
    """Return a study's row.

    Parameters
    ----------
    lock : whether nobody else may write to the study until the transaction ends.

    Raises
    ------
    StoreError : if there is none.
    """
    table = schema.study
    query = select(table).where(table.c.id == study_id)
    if lock:  # SQLite has locked everything already
        query = query.with_for_update(key_share=True)
    row = connection.execute(query).first() if _ID.fullmatch(study_id) else None
    if row is None:
        raise StoreError(
            "There is no such study.", "'python -m pipeline readings list' shows those there are."
        )
    return _stored(row)


def studies(connection: Connection) -> list[Stored]:
    """Return all, the newest first."""
    table = schema.study
    rows = connection.execute(select(table).order_by(table.c.created.desc(), table.c.id))
    return [_stored(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """Return how many cases each study has."""
    table = schema.case
    rows = connection.execute(select(table.c.study, func.count()).group_by(table.c.study))
    return dict(rows.all())


def insert_study(connection: Connection, study_id: str, created: str, design: Design) -> None:
    document = json.dumps(design.to_json())
    values = {"id": study_id, "created": created, "design": document}
    connection.execute(insert(schema.study).values(values))


def insert_case(connection: Connection, study_id: str, number: int, new: NewCase) -> dict:
    """Store a case with its pixels; return what the audit trail tells of it."""
    picture = new.picture if isinstance(new.picture, Packed) else packed(new.picture)
    told = {
        "sha256": picture.sha256,
        "patient": codes.checked_pseudonym(new.patient),
        "label": new.label,
        "probability": float(new.probability),
        "called": int(new.pneumonia),
        "accepted": int(new.accepted),
    }
    own = {"study": study_id, "case_number": number}
    reasons = json.dumps(list(new.reasons))
    connection.execute(insert(schema.case).values(own | told | {"reasons": reasons}))
    pixels = {
        "png": picture.png,
        "deep_png": picture.deep_png,
        "about": json.dumps(picture.about),
        "explanation": stimuli.packed(new.explanation) if new.explanation else None,
    }
    connection.execute(insert(schema.picture).values(own | pixels))
    return told | {"stored": picture_digest(pixels)}


def picture_digest(pixels: dict) -> str:
    """Return one hash of all that is stored of a picture and its explanation."""
    digest = hashlib.sha256()
    for name in ("png", "deep_png", "about", "explanation"):
        part = pixels[name] or b""
        part = part.encode() if isinstance(part, str) else bytes(part)
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def cases(connection: Connection, study_id: str) -> dict[int, Case]:
    """Return a study's cases by their number."""
    table = schema.case
    rows = connection.execute(
        select(table).where(table.c.study == study_id).order_by(table.c.case_number)
    )
    return {
        row.case_number: Case(
            row.case_number,
            row.sha256,
            row.patient,
            row.label,
            row.probability,
            bool(row.called),
            bool(row.accepted),
            tuple(json.loads(row.reasons)),
        )
        for row in rows
    }


def picture(connection: Connection, study_id: str, case: int) -> Packed:
    """Return a case's picture.

    Raises
    ------
    StoreError : if there is no such case, or its pixels were deleted.
    """
    row = _picture_row(connection, study_id, case, "png", "deep_png", "about")
    return Packed(row.png, row.deep_png, json.loads(row.about))


def explanation(connection: Connection, study_id: str, case: int) -> Explanation:
    """Return what every reader is shown of the model's reasons.

    Raises
    ------
    StoreError : as `picture`, and if none was stored.
    """
    row = _picture_row(connection, study_id, case, "explanation")
    if row.explanation is None:
        raise StoreError(
            "No explanation is stored for this case.", "Make the study again with an overlay arm."
        )
    return stimuli.unpacked(row.explanation)


def pictures(connection: Connection, study_id: str) -> Iterable[tuple[int, dict]]:
    """Yield number and columns of all, one at a time: they may be many megabytes."""
    table = schema.picture
    numbers = connection.execute(
        select(table.c.case_number).where(table.c.study == study_id).order_by(table.c.case_number)
    ).scalars()
    for number in numbers.all():
        where = (table.c.study == study_id, table.c.case_number == number)
        yield number, dict(connection.execute(select(table).where(*where)).one()._mapping)


def insert_orders(
    connection: Connection,
    study_id: str,
    readers: Sequence[str],
    orders: Sequence[Sequence[Sequence[int]]],
) -> None:
    rows = [
        {
            "study": study_id,
            "reader": reader,
            "number": place,
            "pass_number": number,
            "position": position,
            "case_number": case,
        }
        for place, (reader, passes) in enumerate(zip(readers, orders, strict=True), start=1)
        for number, one in enumerate(passes, start=1)
        for position, case in enumerate(one, start=1)
    ]
    connection.execute(insert(schema.order), rows)


def order(connection: Connection, study_id: str, reader: str) -> list[tuple[int, int, int]]:
    """Return (pass, position, case) of everything that the reader is asked to read, in order.

    Raises
    ------
    StoreError : if the study has no such reader.
    """
    found = orders(connection, study_id, reader).get(reader)
    if not found:
        raise StoreError("This study has no such reader.", "Enter again with your code.")
    return found


def orders(
    connection: Connection, study_id: str, reader: str | None = None
) -> dict[str, list[tuple[int, int, int]]]:
    """Return `order` of every reader of a study, or of one."""
    table = schema.order
    query = (
        select(table.c.reader, table.c.pass_number, table.c.position, table.c.case_number)
        .where(table.c.study == study_id)
        .order_by(table.c.reader, table.c.pass_number, table.c.position)
    )
    if reader is not None:
        query = query.where(table.c.reader == reader)
    found: dict[str, list[tuple[int, int, int]]] = {}
    for who, *place in connection.execute(query):
        found.setdefault(who, []).append(tuple(place))
    return found


def seat(connection: Connection, study_id: str, who: str, number: int) -> str:
    """Give a person of a study a new code, in place of any other; return it."""
    code = codes.new_code()
    selector, verifier = codes.hashed(code)
    table = schema.seat
    connection.execute(delete(table).where(table.c.study == study_id, table.c.who == who))
    values = {"study": study_id, "who": who, "number": number}
    connection.execute(insert(table).values(values | {"selector": selector, "verifier": verifier}))
    return code


def seats(connection: Connection, study_id: str) -> dict[str, int]:
    """Return who has a code, and each one's number; nobody has one in a deleted study."""
    table = schema.seat
    rows = connection.execute(select(table.c.who, table.c.number).where(table.c.study == study_id))
    return dict(rows.all())


def readers(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the readers of every study."""
    table = schema.order
    first = (table.c.pass_number == 1, table.c.position == 1)
    found: dict[str, tuple[str, ...]] = {}
    query = select(table.c.study, table.c.reader).where(*first).order_by(table.c.number)
    for study_id, reader in connection.execute(query):
        found[study_id] = (*found.get(study_id, ()), reader)
    return found


def seated(connection: Connection, code: str) -> tuple[str, str]:
    """Return (study, who) that a code belongs to.

    Raises
    ------
    StoreError : if it belongs to nobody.
    """
    selector, verifier = codes.hashed(code)
    table = schema.seat
    row = connection.execute(select(table).where(table.c.selector == selector)).first()
    if row is None or not codes.agrees(verifier, row.verifier):
        raise codes.unknown_code()
    return row.study, row.who


def delete_all_but_the_trail(connection: Connection, study_id: str) -> None:
    for table in (schema.picture, schema.draft, schema.seat):
        connection.execute(delete(table).where(table.c.study == study_id))


def _picture_row(connection: Connection, study_id: str, case: int, *names: str):
    table = schema.picture
    row = connection.execute(
        select(*(table.c[name] for name in names)).where(
            table.c.study == study_id, table.c.case_number == case
        )
    ).first()
    if row is None:
        raise StoreError(
            "This study has no such picture, or its pictures were deleted.",
            "Choose a case of the worklist.",
        )
    return row


def _stored(row) -> Stored:
    return Stored(row.id, row.created, Design.from_json(json.loads(row.design)))
