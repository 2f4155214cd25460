"""One reader before one case: which step may be taken, and what is stored of it.

Every step can be sent twice, as a page does that was not told of the first time. Once a step is
stored, the same content is acknowledged again, and any other is refused: what was said is locked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.errors import StoreError
from pipeline.readings import schema, trail
from pipeline.readings.design import Design
from pipeline.readings.reading import LONGEST_COMMENT, Answer, Rating, Shown
from pipeline.readings.steps import DONE, Steps, by_reading
from pipeline.readings.worklist import Item

LONGEST_DRAFT = 200_000


@dataclass(frozen=True)
class Progress:
    """Where one reading stands.

    Attributes
    ----------
    state : ``new``, ``begun``, ``answered`` (locked, the model is shown) or ``finished``.
    draft : what was filled in since the last step and not yet locked; None if nothing was.
    seconds : spent on the present step so far.
    first, shown, final, ratings, comment : as in `Reading`.
    """

    pass_number: int
    case: int
    state: str
    draft: Mapping | None = None
    seconds: float = 0.0
    first: Answer | None = None
    shown: Shown | None = None
    final: Answer | None = None
    ratings: tuple[Rating, ...] = ()
    comment: str = ""


@dataclass
class Sitting:
    """A reader's case within a transaction; whoever writes has locked the study.

    Attributes
    ----------
    item : of the reader's worklist: it says whether the case may be read now.
    closed : whether the study is.
    """

    connection: Connection
    study: str
    design: Design
    reader: str
    item: Item
    closed: bool
    now: datetime
    steps: Steps = field(init=False)

    def __post_init__(self):
        place = self._place
        events = trail.read(
            self.connection,
            self.study,
            who=self.reader,
            pass_number=self.item.pass_number,
            case_number=self.item.case,
        )
        self.steps = by_reading(events).get(place, Steps())
        self._pass = self.design.passes[self.item.pass_number - 1]

    @property
    def _place(self) -> tuple[str, int, int]:
        return self.reader, self.item.pass_number, self.item.case

    def progress(self) -> Progress:
        steps, assisted = self.steps, self._assisted
        table = schema.draft
        draft = self.connection.execute(
            select(table.c.document, table.c.seconds).where(*self._own(table))
        ).first()
        return Progress(
            pass_number=self.item.pass_number,
            case=self.item.case,
            state=steps.state(assisted),
            draft=json.loads(draft.document) if draft else None,
            seconds=draft.seconds if draft else 0.0,
            first=steps.first,
            shown=steps.shown,
            final=steps.last(assisted),
            ratings=steps.ratings,
            comment=steps.comment,
        )

    def begin(self) -> None:
        self._may_write()
        self._append(trail.OPENED, None, {})

    def save_draft(self, draft: Mapping, seconds: float) -> None:
        document = trail.canonical(draft)
        if len(document) > LONGEST_DRAFT:
            raise ValueError(f"Expected a draft of up to {LONGEST_DRAFT} signs. Received: more")
        self._may_write()
        if self.steps.state(self._assisted) == DONE:
            raise _locked()
        table = schema.draft
        values = {"document": document, "seconds": _checked_seconds(seconds)}
        changed = self.connection.execute(
            update(table).where(*self._own(table)).values(values)
        ).rowcount
        if not changed:
            reader, pass_number, case = self._place
            own = {"study": self.study, "reader": reader, "pass_number": pass_number}
            self.connection.execute(insert(table).values(own | {"case_number": case} | values))

    def answer(self, answer: Answer, seconds: float, key: str, comment: str) -> None:
        if not self._pass.blind:
            raise ValueError("Expected finish() in a pass that shows the model first.")
        payload = {"answer": answer.to_json(), "comment": _checked_comment(comment)}
        if self._done_before(self.steps.answered, payload):
            return
        check_answer(self.design, answer)
        self._may_write()
        self._append(trail.ANSWERED, key, payload | {"seconds": _checked_seconds(seconds)})

    def reveal(self, shown: Shown, key: str, probability: float) -> None:
        """Record what is shown; `probability` is the one stored for the case."""
        payload = shown.to_json()
        if self._done_before(self.steps.revealed, payload):
            return
        self._check_shown(shown, probability)
        if self._pass.reveals and self.steps.answered is None:
            raise StoreError(
                "The model is shown only after the first answer is locked.",
                "Lock your answer first.",
            )
        self._may_write()
        self._append(trail.REVEALED, key, payload)

    def finish(
        self, final: Answer, ratings: Sequence[Rating], comment: str, seconds: float, key: str
    ) -> None:
        if self._pass.arm == "none":
            raise ValueError("Expected answer() alone in a pass without the model.")
        payload = {
            "answer": final.to_json(),
            "ratings": [asdict(rating) for rating in ratings],
            "comment": _checked_comment(comment),
        }
        if self._done_before(self.steps.finished, payload):
            return
        if self.steps.revealed is None:
            raise StoreError(
                "The model has not been shown for this case yet.", "Reload the page and go on."
            )
        check_answer(self.design, final)
        check_ratings(self.steps.shown, ratings)
        self._may_write()
        self._append(trail.FINISHED, key, payload | {"seconds": _checked_seconds(seconds)})

    @property
    def _assisted(self) -> bool:
        """Whether the answer that counts is given with the model in sight."""
        return self._pass.arm != "none"

    def _done_before(self, step: trail.Event | None, payload: Mapping) -> bool:
        """Whether this step is stored with the same content; the time it took is not compared."""
        if step is None:
            return False
        stored = {name: value for name, value in step.payload.items() if name != "seconds"}
        if json.loads(trail.canonical(payload)) != stored:
            raise _locked()
        return True

    def _append(self, what: str, key: str | None, payload: Mapping) -> None:
        reader, pass_number, case = self._place
        if key is not None:
            self._check_key(what, key)
        event = trail.append(
            self.connection,
            self.study,
            reader,
            what,
            self.now,
            payload,
            pass_number=pass_number,
            case=case,
            key=key,
        )
        self.steps.take(event)
        if what != trail.OPENED:  # what was half filled in is now said
            self.connection.execute(delete(schema.draft).where(*self._own(schema.draft)))

    def _own(self, table) -> tuple:
        reader, pass_number, case = self._place
        return (
            table.c.study == self.study,
            table.c.reader == reader,
            table.c.pass_number == pass_number,
            table.c.case_number == case,
        )

    def _check_key(self, what: str, key: str) -> None:
        if not (1 <= len(key) <= trail.LONGEST_KEY and key.isprintable()):
            raise ValueError(f"Expected a key of 1 to {trail.LONGEST_KEY} signs. Received: {key!r}")
        if trail.read(self.connection, self.study, who=self.reader, what=what, key=key):
            raise ValueError("Expected a key of its own for each reading. Received: a used one")

    def _may_write(self) -> None:
        if self.closed:
            raise StoreError(
                "This study is closed: nothing more can be said in it.",
                "Ask whoever made the study.",
            )
        if not self.item.open:
            opens = self.item.opens
            raise StoreError(
                f"Pass {self.item.pass_number} of this study is not open yet.",
                f"Come back on {opens:%d %B %Y at %H:%M} UTC."
                if opens
                else "Finish the cases of the pass before it.",
            )

    def _check_shown(self, shown: Shown, probability: float) -> None:
        design = self.design
        expected = (self._pass.arm, design.run, design.run_sha256, design.threshold)
        received = (shown.arm, shown.run, shown.run_sha256, shown.threshold)
        if expected != received:
            raise ValueError(f"Expected to be shown {expected}. Received: {received}")
        if abs(shown.probability - probability) > 1e-9:
            raise ValueError(f"Expected probability {probability}. Received: {shown.probability}")
        if shown.explanation is not None and shown.arm != "overlay":
            raise ValueError(f"Expected no explanation in the arm {shown.arm}. Received: one")


def check_answer(design: Design, answer: Answer) -> None:
    """Hold an answer against the study's questions.

    Raises
    ------
    ValueError : if it answers what was not asked, or leaves out what was.
    """
    if answer.confidence > design.scale:
        raise ValueError(
            f"Expected a confidence of 1 to {design.scale}. Received: {answer.confidence}"
        )
    unknown = set(answer.findings) - set(design.findings)
    if unknown or len(set(answer.findings)) < len(answer.findings):
        raise ValueError(
            f"Expected different findings of {design.findings}. Received: {answer.findings}"
        )
    if answer.regions and not design.regions:
        raise ValueError("Expected no regions: they were not asked for. Received: some")
    if (answer.quality is not None) != design.quality:
        raise ValueError(
            f"Expected a quality {'and' if design.quality else 'only'} where it is asked for. "
            f"Received: {answer.quality!r}"
        )


def check_ratings(shown: Shown, ratings: Sequence[Rating]) -> None:
    """Hold ratings against what was highlighted.

    Raises
    ------
    ValueError : for a superpixel that was not highlighted, or is rated twice.
    """
    highlighted = (shown.explanation or {}).get("highlighted", ())
    there = {one["superpixel"] for one in highlighted}
    rated = [rating.superpixel for rating in ratings]
    if len(set(rated)) < len(rated) or not there.issuperset(rated):
        raise ValueError(f"Expected each of {sorted(there)} at most once. Received: {rated}")


def _checked_seconds(seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"Expected seconds of at least 0. Received: {seconds!r}")
    return float(seconds)


def _checked_comment(comment: str) -> str:
    if len(comment) > LONGEST_COMMENT:
        raise ValueError(
            f"Expected a comment of up to {LONGEST_COMMENT} characters. Received: {len(comment)}"
        )
    return comment


def _locked() -> StoreError:
    return StoreError(
        "This case is already answered: what was said first is locked.",
        "Reload the page to see what is stored.",
    )
