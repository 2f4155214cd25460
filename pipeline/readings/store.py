"""The store of reader studies: made, entered, read in, told.

Every method is one transaction. When a writing one returns, what it was given is on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from pipeline.errors import PipelineError, StoreError
from pipeline.explain import Explanation
from pipeline.images import Picture
from pipeline.readings import codes, database, rows, trail, verifying
from pipeline.readings.design import Design
from pipeline.readings.pictures import unpacked
from pipeline.readings.reading import Answer, Rating, Reading, Shown
from pipeline.readings.sitting import Progress, Sitting
from pipeline.readings.steps import by_reading, reading, truths
from pipeline.readings.study import Created, ModelCall, NewCase, Seat, Study, Verified
from pipeline.readings.upgrading import upgrade
from pipeline.readings.worklist import Item, drawn_orders, listed, next_of

__all__ = [
    "Created",
    "Item",
    "ModelCall",
    "NewCase",
    "Progress",
    "Seat",
    "Store",
    "Study",
    "Verified",
    "next_of",
]


class Store:
    """Reader studies in one database. May be shared by threads; every process opens its own.

    Parameters
    ----------
    address : see `pipeline.readings.database.Database`; the schema is brought up to date.
    clock : tells the time, UTC.

    Raises
    ------
    StoreError : if the database cannot be used; so does every method.
    """

    def __init__(self, address: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._database = database.Database(address)
        self._clock = clock
        try:
            upgrade(self._database)
        except PipelineError:
            self._database.close()
            raise

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Store:
        """Open ``XRAY_DATABASE_URL``, or SQLite below the artifacts."""
        return cls(database.from_environment(environment))

    @property
    def place(self) -> str:
        """Where readings are kept, in words, without a user or a password."""
        return self._database.place

    def ping(self) -> None:
        """Ask the database for a sign of life."""
        with self._database.read() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Let go of all connections; the next call opens new ones."""
        self._database.close()

    # --- making and keeping studies --------------------------------------------------------------

    def create(self, design: Design, cases: Iterable[NewCase], readers: Sequence[str]) -> Created:
        """Store a new study whole, or nothing of it.

        Raises
        ------
        StoreError : for pseudonyms that cannot be used, no case, or a pass with too many.
        ValueError : if two cases are of the same file, or a call does not follow from the design.
        """
        readers, cases = codes.checked_pseudonyms(readers), list(cases)
        _check_cases(design, cases)
        orders = drawn_orders(design, len(cases), len(readers))
        study_id, now = rows.new_id(), self._clock()
        with self._database.write() as connection:
            rows.insert_study(connection, study_id, now.isoformat(), design)
            told = {
                number: rows.insert_case(connection, study_id, number, case)
                for number, case in enumerate(cases, start=1)
            }
            rows.insert_orders(connection, study_id, readers, orders)
            people = {who: number for number, who in enumerate((trail.OWNER, *readers))}
            given = {who: rows.seat(connection, study_id, who, n) for who, n in people.items()}
            payload = {
                "design": design.to_json(),
                "readers": readers,
                "cases": told,
                "orders": verifying.plain_orders(rows.orders(connection, study_id)),
            }
            trail.append(connection, study_id, trail.OWNER, trail.CREATED, now, payload)
        return Created(study_id, given.pop(trail.OWNER), given)

    def studies(self) -> list[Study]:
        """Return all that are not deleted, the newest first."""
        with self._database.read() as connection:
            found = _told(connection, rows.studies(connection))
        return [study for study in found if not study.deleted]

    def study(self, study_id: str) -> Study:
        """Return one study, a deleted one too."""
        with self._database.read() as connection:
            return _told(connection, [rows.study(connection, study_id)])[0]

    def enter(self, code: str) -> Seat:
        """Return whom a code belongs to.

        Raises
        ------
        StoreError : if it belongs to nobody.
        """
        with self._database.read() as connection:
            study_id, who = rows.seated(connection, code)
        return Seat(study_id, None if who == trail.OWNER else who)

    def new_code(self, study_id: str, reader: str | None) -> str:
        """Give a reader, or the owner (None), a new code; the old one opens nothing any more."""
        who = trail.OWNER if reader is None else reader
        with self._database.write() as connection:
            rows.study(connection, study_id, lock=True)
            numbers = rows.seats(connection, study_id)
            if who not in numbers:
                raise StoreError(
                    "This study has no such reader, or was deleted.",
                    "'python -m pipeline readings list' shows studies and readers.",
                )
            trail.append(connection, study_id, trail.OWNER, trail.CODE, self._clock(), {"for": who})
            return rows.seat(connection, study_id, who, numbers[who])

    def close_study(self, study_id: str) -> None:
        """Take no more readings; what was said stays."""
        with self._database.write() as connection:
            rows.study(connection, study_id, lock=True)
            if not trail.ended(connection, study_id):
                trail.append(connection, study_id, trail.OWNER, trail.CLOSED, self._clock(), {})

    def delete_study(self, study_id: str) -> None:
        """Delete pictures, explanations, drafts and codes for good.

        The audit trail stays, as it says: who said what of which case stands in it, under
        pseudonyms. Only whoever drops the whole database gets rid of that.
        """
        with self._database.write() as connection:
            rows.study(connection, study_id, lock=True)
            if trail.DELETED not in trail.ended(connection, study_id).get(study_id, ()):
                trail.append(connection, study_id, trail.OWNER, trail.DELETED, self._clock(), {})
            rows.delete_all_but_the_trail(connection, study_id)
        self._database.scrub()

    def set_truth(self, study_id: str, truth: Mapping) -> int:
        """Store the truth on cases; the latest holds. Return how many cases it was given for.

        Parameters
        ----------
        truth : by case number or SHA-256 of the file: a label (0, 1, or None for not known), or
            (label, patient's pseudonym or None to leave it).

        Raises
        ------
        StoreError : if the study has no such case.
        """
        with self._database.write() as connection:
            rows.study(connection, study_id, lock=True)
            cases = rows.cases(connection, study_id)
            by_hash = {case.sha256: number for number, case in cases.items()}
            stored = {}
            for name, told in truth.items():
                number = by_hash.get(name, name)
                if number not in cases:
                    raise StoreError(
                        f"The study has no case {str(name)[:12]}; nothing was stored.",
                        "Name cases by the number or the SHA-256 that the export gives them.",
                    )
                label, patient = told if isinstance(told, tuple) else (told, None)
                if label not in (0, 1, None):
                    raise ValueError(f"Expected a label of 0, 1 or None. Received: {label!r}")
                stored[number] = (label, codes.checked_pseudonym(patient) if patient else None)
            payload = {"truth": stored}
            trail.append(connection, study_id, trail.OWNER, trail.TRUTH, self._clock(), payload)
        return len(stored)

    # --- reading ---------------------------------------------------------------------------------

    def worklist(self, study_id: str, reader: str) -> list[Item]:
        """Return what a reader is asked to read, in the reader's own order."""
        with self._database.read() as connection:
            design = rows.study(connection, study_id).design
            return self._worklist(connection, study_id, design, reader)

    def picture(self, study_id: str, case: int) -> Picture:
        """Return the picture of a case; nothing in it names a patient or a file."""
        with self._database.read() as connection:
            stored = rows.picture(connection, study_id, case)
        return unpacked(stored)

    def explanation(self, study_id: str, case: int) -> Explanation:
        """Return what every reader is shown of the model's reasons for its call."""
        with self._database.read() as connection:
            return rows.explanation(connection, study_id, case)

    def model_call(self, study_id: str, case: int) -> ModelCall:
        """Return what the model says; a reader must not see it before `reveal` has returned."""
        with self._database.read() as connection:
            found = rows.cases(connection, study_id).get(case)
        if found is None:
            raise _no_case()
        return ModelCall(found.probability, found.called, found.accepted, found.reasons)

    def progress(self, study_id: str, reader: str, pass_number: int, case: int) -> Progress:
        """Return where a reading stands, without a trace."""
        with self._database.read() as connection:
            return self._sit(connection, study_id, reader, pass_number, case).progress()

    def begin(self, study_id: str, reader: str, pass_number: int, case: int) -> Progress:
        """Record that a reader opens a case; return where the reading stands."""
        with self._sitting(study_id, reader, pass_number, case) as sitting:
            sitting.begin()
            return sitting.progress()

    def save_draft(
        self,
        study_id: str,
        reader: str,
        pass_number: int,
        case: int,
        draft: Mapping,
        seconds: float,
    ) -> None:
        """Keep what is half filled in, in place of what was kept before; the next step drops it.

        Parameters
        ----------
        draft : plain values, whatever the page needs to go on.
        seconds : spent on the present step so far.
        """
        with self._sitting(study_id, reader, pass_number, case) as sitting:
            sitting.save_draft(draft, seconds)

    def answer(
        self,
        study_id: str,
        reader: str,
        pass_number: int,
        case: int,
        answer: Answer,
        seconds: float,
        key: str,
        comment: str = "",
    ) -> Progress:
        """Lock the answer that is given without the model; without one in the pass it is the last.

        Parameters
        ----------
        seconds : of reading until now.
        key : the page's name for this step. The same answer sent again is acknowledged again.

        Raises
        ------
        StoreError : if another answer is locked already, the pass is not open or the study closed.
        ValueError : if it does not answer the study's questions.
        """
        with self._sitting(study_id, reader, pass_number, case) as sitting:
            sitting.answer(answer, seconds, key, comment)
            return sitting.progress()

    def reveal(
        self, study_id: str, reader: str, pass_number: int, case: int, shown: Shown, key: str
    ) -> Progress:
        """Record what of the model a reader is about to see; show it when this has returned.

        Raises
        ------
        StoreError : if the first answer is not locked, or something else was shown before.
        ValueError : if it is not what the study's design says.
        """
        with self._sitting(study_id, reader, pass_number, case) as sitting:
            cases = rows.cases(sitting.connection, study_id)
            sitting.reveal(shown, key, cases[case].probability)
            return sitting.progress()

    def finish(
        self,
        study_id: str,
        reader: str,
        pass_number: int,
        case: int,
        final: Answer,
        ratings: Sequence[Rating],
        comment: str,
        seconds: float,
        key: str,
    ) -> Progress:
        """Store the answer that is given with the model in sight, and end the reading.

        Raises
        ------
        StoreError : if it is finished with something else already, or nothing was shown yet.
        ValueError : if it does not answer the study's questions.
        """
        with self._sitting(study_id, reader, pass_number, case) as sitting:
            sitting.finish(final, ratings, comment, seconds, key)
            return sitting.progress()

    # --- telling ---------------------------------------------------------------------------------

    def readings(self, study_id: str) -> list[Reading]:
        """Return everybody's readings, by reader, pass and case; for the owner alone."""
        return self._readings(study_id, None)

    def readings_of(self, study_id: str, reader: str) -> list[Reading]:
        """Return one reader's own readings, without the truth."""
        return self._readings(study_id, reader)

    def events(self, study_id: str) -> list[trail.Event]:
        """Return the audit trail of a study."""
        with self._database.read() as connection:
            rows.study(connection, study_id)
            return trail.read(connection, study_id)

    def cases(self, study_id: str) -> list:
        """Return what is known of a study's cases besides their pictures; for the owner alone."""
        with self._database.read() as connection:
            rows.study(connection, study_id)
            return list(rows.cases(connection, study_id).values())

    def verify(self, study_id: str) -> Verified:
        """Check that nothing of a study was changed, added or taken out behind the store's back."""
        with self._database.read() as connection:
            return verifying.verified(connection, study_id)

    def _readings(self, study_id: str, reader: str | None) -> list[Reading]:
        with self._database.read() as connection:
            design = rows.study(connection, study_id).design
            cases = rows.cases(connection, study_id)
            if reader is None:
                events = trail.read(connection, study_id)
                truth = truths(cases.values(), events)
            else:
                events = trail.read(connection, study_id, who=reader)
                truth = {number: (None, case.patient) for number, case in cases.items()}
        return [
            reading(study_id, design, place, steps, cases[place[2]], truth[place[2]])
            for place, steps in sorted(by_reading(events).items())
            if steps.answered or steps.revealed
        ]

    def _worklist(
        self, connection: Connection, study_id: str, design: Design, reader: str
    ) -> list[Item]:
        order = rows.order(connection, study_id, reader)
        return listed(design, order, trail.marks(connection, study_id, reader), self._clock())

    @contextmanager
    def _sitting(
        self, study_id: str, reader: str, pass_number: int, case: int
    ) -> Iterator[Sitting]:
        with self._database.write() as connection:
            yield self._sit(connection, study_id, reader, pass_number, case, lock=True)

    def _sit(
        self,
        connection: Connection,
        study_id: str,
        reader: str,
        pass_number: int,
        case: int,
        lock: bool = False,
    ) -> Sitting:
        design = rows.study(connection, study_id, lock).design
        items = self._worklist(connection, study_id, design, reader)
        found = [one for one in items if (one.pass_number, one.case) == (pass_number, case)]
        if not found:
            raise _no_case()
        closed = bool(trail.ended(connection, study_id))
        return Sitting(connection, study_id, design, reader, found[0], closed, self._clock())


def _told(connection: Connection, stored: Sequence[rows.Stored]) -> list[Study]:
    counts, readers = rows.counts(connection), rows.readers(connection)
    ended = trail.ended(connection)
    return [
        Study(
            one.id,
            datetime.fromisoformat(one.created),
            one.design,
            counts.get(one.id, 0),
            readers.get(one.id, ()),
            bool(ended.get(one.id)),
            trail.DELETED in ended.get(one.id, ()),
        )
        for one in stored
    ]


def _check_cases(design: Design, cases: Sequence[NewCase]) -> None:
    if not cases:
        raise StoreError("A study needs at least one picture.", "Choose pictures.")
    hashes = {case.picture.sha256 for case in cases}
    if len(hashes) < len(cases):
        raise ValueError(f"Expected {len(cases)} different pictures. Received: {len(hashes)}")
    for number, case in enumerate(cases, start=1):
        if case.pneumonia != (case.probability >= design.threshold):
            raise ValueError(
                f"Expected a call that follows from {case.probability} and the threshold "
                f"{design.threshold}. Received: {case.pneumonia} in case {number}"
            )


def _no_case() -> StoreError:
    return StoreError("This study has no such case to read.", "Choose one of the worklist.")
