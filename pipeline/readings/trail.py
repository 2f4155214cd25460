"""The audit trail of a study: who did what when, each entry bound to the one before.

An entry's hash covers its content and the hash before it, so that nothing in the middle can be
changed, taken out or put in unseen, even by somebody who gets past the database's triggers. What
was cut off at the end shows only to those who noted a later hash: ``readings verify`` prints it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from pipeline.readings import schema

OWNER = "owner"
# What the owner does, and what readers do.
CREATED, CODE, TRUTH, CLOSED, DELETED = "created", "code", "truth", "closed", "deleted"
OPENED, ANSWERED, REVEALED, FINISHED = "opened", "answered", "revealed", "finished"
# These are done once for a reading, and a study is closed and deleted once.
_ONCE_A_READING = (ANSWERED, REVEALED, FINISHED)
_ONCE = (CREATED, CLOSED, DELETED)

BEGINNING = "0" * 64  # stands before the first entry
LONGEST_KEY = 80


@dataclass(frozen=True)
class Event:
    """An entry of the trail.

    Attributes
    ----------
    study : its id.
    number : within the study, from 1.
    who : `OWNER` or a reader's pseudonym.
    turn : which of that person's entries it is, from 1.
    at : when, UTC by the server's clock.
    what : such as `OPENED` or `ANSWERED`.
    pass_number, case : of the reading that it belongs to, if it belongs to one.
    key : what the page called this step, so that sending it twice does no harm.
    payload : the rest.
    previous, hash : of the entry before, and of this one.
    """

    study: str
    number: int
    who: str
    turn: int
    at: datetime
    what: str
    pass_number: int | None
    case: int | None
    key: str | None
    payload: Mapping
    previous: str
    hash: str

    def digest(self) -> str:
        """Return the hash that belongs to the content."""
        content = (
            *(self.study, self.number, self.who, self.turn, self.at.isoformat(), self.what),
            *(self.pass_number, self.case, self.key, self.payload),
        )
        return hashlib.sha256((self.previous + canonical(content)).encode()).hexdigest()


def append(
    connection: Connection,
    study: str,
    who: str,
    what: str,
    at: datetime,
    payload: Mapping,
    *,
    pass_number: int | None = None,
    case: int | None = None,
    key: str | None = None,
) -> Event:
    """Add an entry; the caller has locked the study."""
    table = schema.event
    last = connection.execute(
        select(table.c.number, table.c.hash)
        .where(table.c.study == study)
        .order_by(table.c.number.desc())
        .limit(1)
    ).first()
    turns = connection.execute(
        select(func.max(table.c.turn)).where(table.c.study == study, table.c.who == who)
    ).scalar()
    number, previous = (last.number + 1, last.hash) if last else (1, BEGINNING)
    row = {
        "study": study,
        "number": number,
        "who": who,
        "turn": (turns or 0) + 1,
        "at": at.isoformat(),
        "what": what,
        "pass_number": pass_number,
        "case_number": case,
        "key": key,
        "payload": canonical(payload),
        "previous": previous,
        "hash": "",
    }
    event = _event(row)
    once = f"{pass_number}/{case}/{what}" if what in _ONCE_A_READING else None
    row |= {"once": what if what in _ONCE else once, "hash": event.digest()}
    connection.execute(insert(table).values(row))
    return _event(row)


def read(connection: Connection, study: str, **where) -> list[Event]:
    """Return the entries of a study in order, of all or of some: ``who="a", what=("opened",)``."""
    table = schema.event
    query = select(table).where(table.c.study == study).order_by(table.c.number)
    for column, wanted in where.items():
        one = isinstance(wanted, str | int)
        query = query.where(table.c[column] == wanted if one else table.c[column].in_(wanted))
    return [_event(row._mapping) for row in connection.execute(query)]


def marks(connection: Connection, study: str, who: str) -> dict[tuple[int, int], dict]:
    """Return when a reader last took which step, ``{(pass, case): {what: at}}``."""
    table = schema.event
    rows = connection.execute(
        select(table.c.pass_number, table.c.case_number, table.c.what, table.c.at)
        .where(table.c.study == study, table.c.who == who, table.c.case_number.is_not(None))
        .order_by(table.c.number)
    )
    found: dict[tuple[int, int], dict] = {}
    for pass_number, case, what, at in rows:
        found.setdefault((pass_number, case), {})[what] = datetime.fromisoformat(at)
    return found


def ended(connection: Connection, study: str | None = None) -> dict[str, set[str]]:
    """Return how studies were ended: closed, deleted, or both; of all studies, or of one."""
    table = schema.event
    query = select(table.c.study, table.c.what).where(
        table.c.who == OWNER, table.c.once.in_((CLOSED, DELETED))
    )
    if study is not None:
        query = query.where(table.c.study == study)
    found: dict[str, set[str]] = {}
    for of, what in connection.execute(query):
        found.setdefault(of, set()).add(what)
    return found


def faults(events: Iterable[Event]) -> list[str]:
    """Return what is wrong with a whole trail, each a sentence; nothing if it is sound."""
    found, previous, turns = [], BEGINNING, {}
    for place, event in enumerate(events, start=1):
        turns[event.who] = turns.get(event.who, 0) + 1
        if event.number != place or event.turn != turns[event.who]:
            found.append(f"An entry is missing before entry {event.number}.")
            return found  # whatever follows is out of step
        if event.previous != previous:
            found.append(f"Entry {event.number} does not follow from the one before it.")
        if event.hash != event.digest():
            found.append(f"Entry {event.number} was changed.")
        previous = event.hash
    return found


def canonical(content) -> str:
    """Return JSON that is the same for the same content, in ASCII; numpy's numbers are numbers.

    Raises
    ------
    ValueError : for what JSON cannot say, such as NaN.
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    )


def _plain(value):
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "item"):
        return value.item()
    raise ValueError(f"Expected what JSON can say. Received: {type(value).__name__}")


def _event(row: Mapping) -> Event:
    return Event(
        study=row["study"],
        number=row["number"],
        who=row["who"],
        turn=row["turn"],
        at=datetime.fromisoformat(row["at"]),
        what=row["what"],
        pass_number=row["pass_number"],
        case=row["case_number"],
        key=row["key"],
        payload=json.loads(row["payload"]),
        previous=row["previous"],
        hash=row["hash"],
    )
