"""A study read in whatever order pages send their steps, held against a model of a few lines."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pipeline.errors import StoreError
from pipeline.images import Picture
from pipeline.readings.design import Design, Pass
from pipeline.readings.reading import Answer, Shown
from pipeline.readings.store import NewCase, Store

READERS, CASES = ("a", "b"), (1, 2)
readers, cases = st.sampled_from(READERS), st.sampled_from(CASES)
answers = st.builds(Answer, st.booleans(), st.integers(1, 5))
comments = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


class Reading(RuleBasedStateMachine):
    """`said` is all the model there is: by reader and case, which steps were taken with what."""

    @initialize()
    def make(self):
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"sqlite:///{Path(self.folder.name) / 'readings.sqlite'}")
        design = Design("A study", "run", "ab" * 32, "balanced", 0.5, (Pass("score"),))
        image = np.zeros((64, 64), np.uint8)
        made = self.store.create(
            design,
            [
                NewCase(Picture(image, 0.0, f"{n:064x}"), f"P{n}", n % 2, 0.875, True, True)
                for n in CASES
            ],
            READERS,
        )
        self.study, self.said, self.opened, self.closed = made.study_id, {}, 0, False

    def teardown(self):
        if hasattr(self, "store"):
            self.store.dispose()
            self.folder.cleanup()

    def steps(self, reader, case):
        return self.said.setdefault((reader, case), {})

    def allowed(self, step, reader, case, content) -> bool:
        """Whether the store must take this step, or acknowledge it once more."""
        steps = self.steps(reader, case)
        if step in steps:
            return steps[step] == content
        before = {"answer": None, "reveal": "answer", "finish": "reveal"}[step]
        return not self.closed and (before is None or before in steps)

    def send(self, step, reader, case, content, call):
        place = (self.study, reader, 1, case)
        if self.allowed(step, reader, case, content):
            call(*place)
            self.steps(reader, case)[step] = content
        else:
            with pytest.raises(StoreError):
                call(*place)

    @rule(reader=readers, case=cases)
    def begin(self, reader, case):
        if self.closed:
            with pytest.raises(StoreError):
                self.store.begin(self.study, reader, 1, case)
        else:
            self.store.begin(self.study, reader, 1, case)
            self.steps(reader, case)["begin"] = True
            self.opened += 1

    @rule(reader=readers, case=cases, draft=st.dictionaries(comments, comments, max_size=2))
    def save_draft(self, reader, case, draft):
        place = (self.study, reader, 1, case)
        if self.closed or "finish" in self.steps(reader, case):
            with pytest.raises(StoreError):
                self.store.save_draft(*place, draft, 1.0)
        else:
            self.store.save_draft(*place, draft, 1.0)
            assert self.store.progress(*place).draft == draft

    @rule(reader=readers, case=cases, answer=answers, comment=comments, key=st.integers(0, 1))
    def answer(self, reader, case, answer, comment, key):
        def call(*place):
            self.store.answer(*place, answer, 1.5, f"{reader}{case}{key}", comment)

        self.send("answer", reader, case, (answer, comment), call)

    @rule(reader=readers, case=cases)
    def reveal(self, reader, case):
        shown = Shown("score", "run", "ab" * 32, 0.875, 0.5, True)
        self.send(
            "reveal",
            reader,
            case,
            shown,
            lambda *place: self.store.reveal(*place, shown, f"r{reader}{case}"),
        )

    @rule(reader=readers, case=cases, final=answers, comment=comments)
    def finish(self, reader, case, final, comment):
        def call(*place):
            self.store.finish(*place, final, (), comment, 2.5, f"f{reader}{case}")

        self.send("finish", reader, case, (final, comment), call)

    @rule(chance=st.integers(0, 9))
    def close(self, chance):
        if chance == 0 and not self.closed:
            self.store.close_study(self.study)
            self.closed = True

    @invariant()
    def what_is_stored_is_what_was_said(self):
        if not hasattr(self, "store"):
            return
        for (reader, case), steps in self.said.items():
            found = self.store.progress(self.study, reader, 1, case)
            locked, final = steps.get("answer"), steps.get("finish")
            assert found.first == (locked and locked[0])  # and never another one
            assert found.final == (final and final[0])
            assert found.shown == steps.get("reveal")
            assert found.comment == (final or locked or ("", ""))[1]
            state = "finished" if final else "answered" if locked else "begun" if steps else "new"
            assert found.state == state

    @invariant()
    def the_trail_holds(self):
        if hasattr(self, "store"):
            assert self.store.verify(self.study).sound
            stored = sum(len(steps.keys() - {"begin"}) for steps in self.said.values())
            # Whoever opens a case twice is told of twice.
            assert len(self.store.events(self.study)) == 1 + self.opened + stored + self.closed


Reading.TestCase.settings = settings(
    max_examples=12, stateful_step_count=15, suppress_health_check=list(HealthCheck)
)
test_steps_in_any_order_say_what_was_said = Reading.TestCase
