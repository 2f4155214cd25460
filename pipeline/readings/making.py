"""Cases for a study: found, labelled where the truth is known, judged and explained.

What a file is called never reaches the store: a case has a number, drawn so that it says nothing of
the truth, and a child a pseudonym.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.classifier import Classifier
from pipeline.errors import Cancelled, ImageError, StoreError
from pipeline.explain import EXPLAINERS, LOOKS_INSIDE, Explanation
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.images import Picture, read_picture
from pipeline.readings import codes
from pipeline.readings.candidates import (
    Candidate,
    cases_from_bytes,
    cases_from_folder,
    cases_from_items,
    cases_from_results,
    cases_from_test,
)
from pipeline.readings.design import Design
from pipeline.readings.pictures import packed
from pipeline.readings.store import Store
from pipeline.readings.study import Created, NewCase
from pipeline.readings.truth import pseudonyms
from pipeline.readings.worklist import drawn_orders
from pipeline.runs import Run

__all__ = [
    "Candidate",
    "Judged",
    "Made",
    "Refused",
    "cases_from_bytes",
    "cases_from_folder",
    "cases_from_items",
    "cases_from_results",
    "cases_from_test",
    "design_for",
    "judged",
    "make",
    "notes",
]


@dataclass(frozen=True)
class Refused:
    """A picture that cannot be a case, and why; `name` as in `Candidate`."""

    name: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """What became of candidates."""

    cases: tuple[NewCase, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Made:
    """A new study with its codes, and what else to know, each a sentence."""

    created: Created
    notes: tuple[str, ...]


def design_for(run: Run, title: str, point: str | None = None, **settings) -> Design:
    """Return a design that shows `run` at one of its operating points (its own by default).

    Parameters
    ----------
    settings : any other fields of `Design`.

    Raises
    ------
    RunError : if the run has no such point.
    """
    named = run.point(point)
    threshold, sha256 = run.operating_points[named]["threshold"], run.document["model_sha256"]
    return Design(title, run.name, sha256, named, threshold, **settings)


def make(
    store: Store,
    classifier: Classifier,
    design: Design,
    readers: Sequence[str],
    found: Sequence[Candidate],
    progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Made:
    """Make a study of those of the candidates that can be read; see `judged`.

    Raises
    ------
    StoreError : if none can, or the readers or passes are not possible.
    """
    # Before the work, which takes a while.
    readers = codes.checked_pseudonyms(readers)
    drawn_orders(design, len(found), len(readers))
    outcome = judged(found, classifier, design, progress, should_stop)
    if found and not outcome.cases:
        first = outcome.refused[0].reason
        raise StoreError(
            f"None of the {len(found)} pictures can be read: {first}", "Choose others."
        )
    return Made(store.create(design, outcome.cases, readers), notes(outcome))


def notes(outcome: Judged) -> tuple[str, ...]:
    """Tell what else to know of new cases, in sentences without a file's name."""
    reasons = Counter(one.reason for one in outcome.refused)
    told = [
        f"{count} {'picture was' if count == 1 else 'pictures were'} left out: {reason}"
        for reason, count in reasons.items()
    ]
    doubtful = sum(not case.accepted for case in outcome.cases)
    if doubtful:
        told.append(
            f"Of {doubtful} of {len(outcome.cases)} cases the gate says that the model should not "
            "judge them; readers are shown them all the same."
        )
    return tuple(told)


def judged(
    candidates: Sequence[Candidate],
    classifier: Classifier,
    design: Design,
    progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Judged:
    """Read, judge and, if a pass shows it, explain candidates, as the study will show them.

    Parameters
    ----------
    progress : called with the share that is done, up to 1.
    should_stop : asked before every picture.

    Returns
    -------
    Judged : with the cases in an order drawn by the design's seed.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    RunError : if the run cannot be explained by that method.
    ValueError : if the design is not for this run.
    """
    explain = _Explainer(classifier, design)
    order = np.random.default_rng(design.seed).permutation(len(candidates))
    shuffled = [candidates[position] for position in order]
    children = pseudonyms([candidate.patient for candidate in shuffled], "P")
    cases, refused, seen = [], [], set()
    for done, candidate in enumerate(shuffled):
        if should_stop():
            raise Cancelled("Making the study")
        try:
            picture = read_picture(candidate.source)
        except ImageError as error:
            refused.append(Refused(candidate.name, error.message))
            continue
        if picture.sha256 in seen:
            refused.append(Refused(candidate.name, "The same file is among the cases already."))
            continue
        seen.add(picture.sha256)
        cases.append(explain.case(picture, candidate.label, children[candidate.patient]))
        progress((done + 1) / len(shuffled))
    progress(1.0)
    return Judged(tuple(cases), tuple(refused))


class _Explainer:
    """A run as a study shows it."""

    def __init__(self, classifier: Classifier, design: Design):
        self._classifier, self._design = classifier, design
        run = classifier.run
        expected = (run.name, run.document["model_sha256"])
        if (design.run, design.run_sha256) != expected:
            raise ValueError(f"Expected a design for {expected}. Received: {design.run}")
        self._shows = any(one.arm == "overlay" for one in design.passes)
        inside = design.method in LOOKS_INSIDE and self._shows
        self._asked = FeatureMaps(run) if inside else self._classifier.probabilities

    def case(self, picture: Picture, label: int | None, patient: str) -> NewCase:
        verdict = self._classifier.judge(picture, self._design.operating_point)
        return NewCase(
            packed(picture),
            patient,
            label,
            verdict.probability,
            verdict.probability >= self._design.threshold,
            verdict.gate.accepted,
            verdict.gate.reasons,
            self._explanation(picture) if self._shows else None,
        )

    def _explanation(self, picture: Picture) -> Explanation:
        design = self._design
        return EXPLAINERS[design.method](
            self._asked,
            self._classifier.prepare(picture.image),
            run=self._design.run,
            segments=design.segments,
            fill=design.fill,
            samples=None,
            seed=design.explanation_seed,
        )
