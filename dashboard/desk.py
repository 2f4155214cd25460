"""The case that lies before a reader: what is filled in, how long it took, and what is stored.

Everything goes to the store first; the page draws what the store has acknowledged.
"""

from __future__ import annotations

import copy
import secrets
import time
from collections.abc import Mapping, Sequence

from pipeline.explain import Explanation
from pipeline.explain.explanation import TOP
from pipeline.images import Picture
from pipeline.readings.design import Pass
from pipeline.readings.reading import Answer, Rating, Region, Shown
from pipeline.readings.store import Progress, Store, Study
from pipeline.readings.worklist import Item

READING, REVEALED, ASSISTED, DONE = "reading", "revealed", "assisted", "done"


class Desk:
    """One reader's open case.

    Attributes
    ----------
    item : of the worklist.
    picture : without anything that would name it.
    progress : what the store knows of this reading.
    draft : what is filled in and not yet locked; plain values, kept by the store as well.
    """

    def __init__(self, store: Store, study: Study, reader: str, item: Item):
        self.study, self.reader, self.item = study, reader, item
        self._store = store
        self._place = (study.id, reader, item.pass_number, item.case)
        self.picture: Picture = store.picture(study.id, item.case)
        self._take(store.begin(*self._place))
        if self.step in (REVEALED, ASSISTED):
            self._reveal()

    def _take(self, progress: Progress) -> None:
        self.progress = progress
        self.draft: dict = copy.deepcopy(dict(progress.draft or {}))
        self._saved = copy.deepcopy(self.draft)
        self._began = time.monotonic()
        # Whatever is sent twice with the same key is stored once.
        self._key = secrets.token_hex(16)

    def holds(self, study: Study, reader: str, item: Item) -> bool:
        """Whether this is that reader's reading of that case."""
        return self._place == (study.id, reader, item.pass_number, item.case)

    @property
    def one(self) -> Pass:
        return self.study.design.passes[self.item.pass_number - 1]

    @property
    def step(self) -> str:
        """Which part of the reading is due."""
        if self.progress.final is not None:
            return DONE
        if not self.one.blind:
            return ASSISTED
        return READING if self.progress.first is None else REVEALED

    @property
    def scene(self) -> str:
        """What the browser keeps marks, zoom and window under: no other reading has it."""
        seen = "seen" if self.progress.shown else "blind"
        return "/".join(map(str, (*self._place, seen)))

    @property
    def name(self) -> str:
        """What the widgets of this step of this reading are called."""
        return self.scene.replace("/", "_")

    @property
    def marks(self) -> list[dict]:
        """Rectangles that are on the picture when this step begins, or when it is resumed."""
        progress = self.progress
        if self.step == DONE:
            return draft_of(progress.final)["regions"]
        if self.step == REVEALED and "regions" not in self.draft:
            return draft_of(progress.first)["regions"]
        return self.draft.get("regions", [])

    @property
    def locked(self) -> bool:
        """Whether the marks can no longer be moved."""
        return self.step == DONE or (self.step == REVEALED and not self.draft.get("changes"))

    def mark(self, rectangles: Sequence[Mapping] | None) -> None:
        """Take over what the browser says is marked; None where it has not said anything."""
        if rectangles is not None and not self.locked and self.study.design.regions:
            self.draft["regions"] = [
                {side: one[side] for side in ("x", "y", "width", "height")}
                for one in rectangles
                if one["kind"] == "region"
            ]

    @property
    def seconds(self) -> float:
        """How long this step has taken, without what was spent elsewhere."""
        return self.progress.seconds + time.monotonic() - self._began

    def keep(self) -> None:
        """Store what is filled in, if it has changed."""
        if self.step != DONE and self.draft != self._saved:
            self._store.save_draft(*self._place, draft=self.draft, seconds=self.seconds)
            self._saved = copy.deepcopy(self.draft)

    def lock(self) -> None:
        """Store the blind answer for good, and have the model shown where the pass shows it."""
        self._take(
            self._store.answer(
                *self._place,
                answer=answer_of(self.draft),
                seconds=self.seconds,
                key=self._key,
                comment=self.draft.get("comment", ""),
            )
        )
        if self.step == REVEALED:
            self._reveal()

    def finish(self) -> None:
        """Store the answer that was given with the model in sight."""
        given = self.progress.first
        if self.step == ASSISTED or self.draft.get("changes"):
            given = answer_of(self.draft)
        self._take(
            self._store.finish(
                *self._place,
                final=given,
                ratings=self._ratings(),
                comment=self.draft.get("comment", ""),
                seconds=self.seconds,
                key=self._key,
            )
        )

    @property
    def explanation(self) -> Explanation | None:
        """What is highlighted, where this pass shows it and the reader may see it."""
        if self.progress.shown is None or self.progress.shown.explanation is None:
            return None
        return self._store.explanation(self.study.id, self.item.case)

    @property
    def highlighted(self) -> list[Mapping]:
        """``{"superpixel", "weight"}`` of what is highlighted, the strongest first."""
        shown = self.progress.shown
        return list(shown.explanation["highlighted"]) if shown and shown.explanation else []

    def _reveal(self) -> None:
        """Record what the reader is about to see, before it is seen."""
        if self.progress.shown is None:
            self._take(self._store.reveal(*self._place, shown=self._shown(), key=self._key))

    def _shown(self) -> Shown:
        design = self.study.design
        call = self._store.model_call(self.study.id, self.item.case)
        explanation = None
        if self.one.arm == "overlay":
            found = self._store.explanation(self.study.id, self.item.case)
            explanation = {
                "method": design.method,
                "segments": design.segments,
                "fill": design.fill,
                "seed": design.explanation_seed,
                "highlighted": [
                    {"superpixel": int(label), "weight": float(found.weights[label])}
                    for label in found.ranked()[:TOP]
                ],
            }
        return Shown(
            self.one.arm,
            design.run,
            design.run_sha256,
            call.probability,
            design.threshold,
            call.pneumonia,
            explanation,
        )

    def _ratings(self) -> tuple[Rating, ...]:
        given = self.draft.get("ratings", {})
        return tuple(
            Rating(one["superpixel"], one["weight"], rated["judgement"], rated.get("why", ""))
            for one in self.highlighted
            if (rated := given.get(str(one["superpixel"]), {})).get("judgement")
        )


def answer_of(draft: Mapping) -> Answer:
    """Return what is filled in as an answer; it must be complete."""
    return Answer(
        draft["pneumonia"],
        draft["confidence"],
        tuple(draft.get("findings", ())),
        tuple(Region(**one) for one in draft.get("regions", ())),
        draft.get("quality"),
    )


def draft_of(answer: Answer) -> dict:
    """Return an answer as something to be changed."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in answer.to_json().items()
    }
