"""The answers of a study as tables: a row per case, a column per reader, one table per moment.

A moment is one pass before the model was shown, or after. Answers of two moments are never mixed:
once readers have seen the same model, they agree for that reason alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.readings.design import AI_FIRST, ARMS
from pipeline.readings.reading import QUALITIES, Answer, Reading

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, order=True)
class Moment:
    """When an answer was given.

    Attributes
    ----------
    pass_number : counted from 1.
    stage : `BEFORE` or `AFTER` the model was shown. A pass without the model has only the former,
        one that shows it first only the latter.
    arm, order : of the pass.
    """

    pass_number: int
    stage: str
    arm: str = field(compare=False)
    order: str = field(compare=False)

    @property
    def aided(self) -> bool:
        """Whether readers had seen the model."""
        return self.stage == AFTER

    @property
    def condition(self) -> tuple[str, str]:
        """What readers had seen: equal for moments that differ by nothing but the pass."""
        return (self.arm, self.order) if self.aided else ("none", "")


@dataclass(frozen=True, eq=False)
class Panel:
    """What every reader answered at one moment; NaN where there is no answer.

    Attributes
    ----------
    moment : when.
    cases : (N,) int, rising.
    patients : (N,) str.
    label : (N,) 0 or 1, NaN where the truth is not known.
    readers : (R,) pseudonyms, in alphabetical order.
    call : (N, R) 0 or 1.
    score : (N, R) how sure of pneumonia; its sign is the call.
    quality : (N, R) 0 the best, 1, 2; NaN where it was not asked.
    model_call, model_score : (N,) the network's call and its probability.
    """

    moment: Moment
    cases: np.ndarray
    patients: np.ndarray
    label: np.ndarray
    readers: tuple[str, ...]
    call: np.ndarray
    score: np.ndarray
    quality: np.ndarray
    model_call: np.ndarray
    model_score: np.ndarray

    @property
    def labelled(self) -> np.ndarray:
        """(N,) bool: whether the truth is known."""
        return np.isfinite(self.label)

    @property
    def answered(self) -> np.ndarray:
        """(N, R) bool."""
        return np.isfinite(self.call)

    def of(self, reader: str) -> np.ndarray:
        """Return the rows (n,) that this reader answered."""
        return np.flatnonzero(self.answered[:, self.readers.index(reader)])


def answer_at(reading: Reading, stage: str) -> Answer | None:
    """Return what was answered at a stage of the reading's pass; None if there is nothing."""
    if stage == BEFORE:
        return reading.first
    # Without the model the final answer is the first one again, not one given after it.
    return None if reading.arm == "none" else reading.final


def moment_of(reading: Reading, stage: str) -> Moment:
    return Moment(reading.pass_number, stage, reading.arm, reading.order)


def panels(readings: Sequence[Reading]) -> list[Panel]:
    """Return a panel for every moment of which there is any answer, in the order of time."""
    moments = sorted(
        {
            moment_of(one, stage)
            for one in readings
            for stage in (BEFORE, AFTER)
            if answer_at(one, stage) is not None
        },
        key=lambda moment: (moment.pass_number, moment.aided),
    )
    return [_panel(readings, moment) for moment in moments]


def _panel(readings: Sequence[Reading], moment: Moment) -> Panel:
    own = [
        (one, answer)
        for one in readings
        if one.pass_number == moment.pass_number
        and (answer := answer_at(one, moment.stage)) is not None
    ]
    about = {one.case: one for one, _ in own}
    cases = sorted(about)
    readers = tuple(sorted({one.reader for one, _ in own}))
    row = {case: position for position, case in enumerate(cases)}
    column = {reader: position for position, reader in enumerate(readers)}
    call, score, quality = (np.full((len(cases), len(readers)), np.nan) for _ in range(3))
    for one, answer in own:
        place = row[one.case], column[one.reader]
        call[place], score[place] = answer.pneumonia, answer.score
        if answer.quality is not None:
            quality[place] = QUALITIES.index(answer.quality)
    rows = [about[case] for case in cases]
    return Panel(
        moment=moment,
        cases=np.array(cases, int),
        patients=np.array([one.patient for one in rows], object),
        label=np.array([np.nan if one.label is None else one.label for one in rows], float),
        readers=readers,
        call=call,
        score=score,
        quality=quality,
        model_call=np.array([one.model_pneumonia for one in rows], float),
        model_score=np.array([one.model_probability for one in rows], float),
    )


def reveals(panels: Sequence[Panel]) -> list[tuple[Panel, Panel]]:
    """Return the two panels, before and after, of every pass that shows the model in between."""
    by_moment = {(one.moment.pass_number, one.moment.stage): one for one in panels}
    return [
        (one, by_moment[one.moment.pass_number, AFTER])
        for one in panels
        if not one.moment.aided and (one.moment.pass_number, AFTER) in by_moment
    ]


def repeats(panels: Sequence[Panel]) -> list[tuple[Panel, Panel]]:
    """Return every two panels of different passes whose readers had seen the same."""
    return [
        (a, b)
        for i, a in enumerate(panels)
        for b in panels[i + 1 :]
        if a.moment.pass_number != b.moment.pass_number and a.moment.condition == b.moment.condition
    ]


def contrasts(panels: Sequence[Panel]) -> list[tuple[Panel, Panel]]:
    """Return every two panels whose comparison says what showing the model does.

    Before and after within a pass; and the last answers of two passes that show different things,
    the one that shows less first.
    """
    last = {one.moment.pass_number: one for one in panels}
    between = [
        tuple(sorted((last[a], last[b]), key=_shows))
        for a in last
        for b in last
        if a < b and last[a].moment.condition != last[b].moment.condition
    ]
    return [*reveals(panels), *between]


def _shows(panel: Panel) -> int:
    return ARMS.index(panel.moment.condition[0])


def ai_first(panels: Sequence[Panel]) -> list[Panel]:
    """Return the panels of passes that show the model before any answer."""
    return [one for one in panels if one.moment.aided and one.moment.order == AI_FIRST]


def shared(a: Panel, b: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of either panel that are the same cases."""
    _, rows_a, rows_b = np.intersect1d(a.cases, b.cases, return_indices=True)
    return rows_a, rows_b
