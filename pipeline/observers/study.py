"""Everything that can be said of a study's readings, in one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.observers import mrmc
from pipeline.observers.accuracy import AtMoment, Change, at_moment, changes
from pipeline.observers.agreement import Agreement, Repeat, agreement, intra_reader
from pipeline.observers.mrmc import Comparison
from pipeline.observers.pace import Pace, paces
from pipeline.observers.panel import Moment, ai_first, contrasts, panels, reveals
from pipeline.observers.regions import Marked, between_readers, marked
from pipeline.observers.reliance import OfPass, after_reveal, shown_first
from pipeline.observers.superpixels import Judged, judged
from pipeline.readings.reading import Reading


@dataclass(frozen=True)
class Revealed:
    """A pass that showed the model after a first answer: what each reader's figures gained."""

    before: Moment
    after: Moment
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Findings:
    """What `findings` returns; a tuple is empty where there is nothing to tell.

    Attributes
    ----------
    finished : readings with a final answer.
    cases : with any answer, of which `labelled` have a known truth and `ill` have pneumonia.
    readers : who have answered anything.
    agreements, accuracies : one per moment. The latter are empty without any truth.
    repeats : readers' agreement with themselves.
    revealed, reliances : one per pass that shows the model.
    comparisons : three per two moments whose readers had seen different things.
    paces : one per reader and moment.
    judged : superpixels, per run and explanation.
    marks : regions; `ceiling` is how far two readers' regions overlap.
    """

    finished: int
    cases: int
    patients: int
    labelled: int
    ill: int
    model_wrong: int
    readers: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    accuracies: tuple[AtMoment, ...]
    repeats: tuple[Repeat, ...]
    revealed: tuple[Revealed, ...]
    reliances: tuple[OfPass, ...]
    comparisons: tuple[Comparison, ...]
    paces: tuple[Pace, ...]
    judged: tuple[Judged, ...]
    marks: tuple[Marked, ...]
    ceiling: dict


def findings(readings: Sequence[Reading]) -> Findings:
    """Return every statistic of a study.

    Parameters
    ----------
    readings : of one study, finished or not; a case without an answer counts nowhere.

    Raises
    ------
    ValueError : if they are of several studies, or one reader has two readings of a case in a pass.
    """
    _check(readings)
    answered = [one for one in readings if one.first is not None or one.final is not None]
    every = panels(answered)
    known = [one for one in every if one.labelled.any()]
    cases = {one.case: one for one in answered}
    labelled = [one for one in cases.values() if one.label is not None]
    marks = tuple(marked(answered))
    return Findings(
        finished=sum(one.final is not None for one in answered),
        cases=len(cases),
        patients=len({one.patient for one in cases.values()}),
        labelled=len(labelled),
        ill=sum(one.label == 1 for one in labelled),
        model_wrong=sum(one.model_pneumonia != bool(one.label) for one in labelled),
        readers=tuple(sorted({one.reader for one in answered})),
        agreements=tuple(agreement(panel) for panel in every),
        accuracies=tuple(at_moment(panel) for panel in known),
        repeats=tuple(intra_reader(every)),
        revealed=tuple(
            Revealed(a.moment, b.moment, tuple(changes(a, b))) for a, b in reveals(known)
        ),
        reliances=(
            *(after_reveal(a, b) for a, b in reveals(every)),
            *(shown_first(panel) for panel in ai_first(known)),
        ),
        comparisons=tuple(found for a, b in contrasts(known) for found in mrmc.compare(a, b)),
        paces=tuple(paces(answered)),
        judged=tuple(judged(answered)),
        marks=marks,
        ceiling=between_readers(marks),
    )


def _check(readings: Sequence[Reading]) -> None:
    studies = {one.study for one in readings}
    if len(studies) > 1:
        raise ValueError(f"Expected the readings of one study. Received: {len(studies)}")
    places = {(one.reader, one.pass_number, one.case) for one in readings}
    if len(places) < len(readings):
        raise ValueError(
            "Expected one reading of a case by a reader in a pass. "
            f"Received: {len(readings) - len(places)} more"
        )
