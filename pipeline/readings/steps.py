"""What a trail says of readings: nothing of them is stored a second time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields

from pipeline.readings.design import Design
from pipeline.readings.reading import Answer, Rating, Reading, Shown
from pipeline.readings.trail import ANSWERED, FINISHED, OPENED, REVEALED, Event

NEW, BEGUN, LOCKED, DONE = "new", "begun", "answered", "finished"


def state_of(taken: Collection[str], assisted: bool) -> str:
    """Return where a reading stands, one of the four states.

    Parameters
    ----------
    taken : the steps that were, as the trail calls them.
    assisted : whether the pass shows the model: else the first answer is the end.
    """
    if FINISHED in taken or (ANSWERED in taken and not assisted):
        return DONE
    if ANSWERED in taken:
        return LOCKED
    return BEGUN if taken else NEW


@dataclass
class Steps:
    """The steps of one reader's reading of one case in one pass; None for those not taken."""

    opened: bool = False
    answered: Event | None = None
    revealed: Event | None = None
    finished: Event | None = None

    def take(self, event: Event) -> None:
        self.opened = True
        if event.what in (ANSWERED, REVEALED, FINISHED):
            setattr(self, event.what, event)

    def state(self, assisted: bool) -> str:
        """See `state_of`."""
        taken = {OPENED: self.opened, ANSWERED: self.answered, FINISHED: self.finished}
        return state_of([what for what, done in taken.items() if done], assisted)

    @property
    def first(self) -> Answer | None:
        return Answer.from_json(self.answered.payload["answer"]) if self.answered else None

    def last(self, assisted: bool) -> Answer | None:
        """Return the answer that counts in the end; None while there is none."""
        if self.finished:
            return Answer.from_json(self.finished.payload["answer"])
        return None if assisted else self.first

    @property
    def shown(self) -> Shown | None:
        return shown_from(self.revealed.payload) if self.revealed else None

    @property
    def ratings(self) -> tuple[Rating, ...]:
        stored = self.finished.payload["ratings"] if self.finished else ()
        return tuple(Rating(**one) for one in stored)

    @property
    def comment(self) -> str:
        last = self.finished or self.answered
        return last.payload["comment"] if last else ""


@dataclass(frozen=True)
class Case:
    """What is known of a case besides its picture; `called` is whether the model says pneumonia."""

    number: int
    sha256: str
    patient: str
    label: int | None
    probability: float
    called: bool
    accepted: bool
    reasons: tuple[str, ...]


def by_reading(events: Iterable[Event]) -> dict[tuple[str, int, int], Steps]:
    """Return the steps of every (reader, pass, case) that has any."""
    found: dict[tuple[str, int, int], Steps] = {}
    for event in events:
        if event.case is not None:
            found.setdefault((event.who, event.pass_number, event.case), Steps()).take(event)
    return found


def truths(cases: Iterable[Case], events: Iterable[Event]) -> dict[int, tuple[int | None, str]]:
    """Return label and patient of every case; what the owner said last holds."""
    found = {case.number: (case.label, case.patient) for case in cases}
    for event in events:
        for number, (label, patient) in event.payload.get("truth", {}).items():
            found[int(number)] = (label, patient or found[int(number)][1])
    return found


def reading(
    study: str,
    design: Design,
    place: tuple[str, int, int],
    steps: Steps,
    case: Case,
    truth: tuple[int | None, str],
) -> Reading:
    """Return one reading as the trail tells it; `place` is (reader, pass, case)."""
    reader, pass_number, number = place
    one = design.passes[pass_number - 1]
    assisted = one.arm != "none"
    end = steps.finished or (None if assisted else steps.answered)
    return Reading(
        study=study,
        reader=reader,
        pass_number=pass_number,
        case=number,
        patient=truth[1],
        label=truth[0],
        arm=one.arm,
        order=one.order,
        model_probability=case.probability,
        model_pneumonia=case.called,
        first=steps.first,
        final=steps.last(assisted),
        shown=steps.shown,
        ratings=steps.ratings,
        comment=steps.comment,
        seconds_first=steps.answered.payload["seconds"] if steps.answered else None,
        seconds_final=steps.finished.payload["seconds"] if steps.finished else None,
        answered=steps.answered.at if steps.answered else None,
        finished=end.at if end else None,
    )


def shown_from(stored: Mapping) -> Shown:
    """Rebuild what `Shown.to_json` gave; keys of a newer version are ignored."""
    known = {field.name for field in fields(Shown)}
    return Shown(**{key: value for key, value in stored.items() if key in known})
