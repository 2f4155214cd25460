"""Do explanations point to where readers see the disease, and how far do readers agree on that?

What readers marked before they saw the model, where they were asked before: a region drawn after
looking at a map agrees with the map for that reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.errors import Cancelled
from pipeline.explain.explanation import Explanation
from pipeline.explain.localisation import TOLERANCE, iou, pointing
from pipeline.observers.estimate import absent, estimate, pooled
from pipeline.readings.reading import Reading, Region

NOBODY = "nobody marked a region"
NO_TWO = "no case that two readers marked"
# Squares of this side: finer than anybody draws, whatever the network's own size.
_GRID = 224


@dataclass(frozen=True)
class Marked:
    """What one reader marked on one case.

    Attributes
    ----------
    regions : one or more; together they are the reader's mask.
    blind : whether they were drawn before the model was shown.
    """

    reader: str
    case: int
    patient: str
    regions: tuple[Region, ...]
    blind: bool


@dataclass(frozen=True)
class Localisation:
    """How well one method's maps point to what readers marked.

    Attributes
    ----------
    pointing : share of the marked masks that hold the strongest point; over patients.
    iou : mean overlap of the drawn superpixels with the masks; over patients.
    by_chance : share of the picture that the masks cover, with the tolerance of `pointing`: what
        a point thrown at random would reach.
    """

    method: str
    pointing: dict
    iou: dict
    by_chance: float | None


def marked(readings: Sequence[Reading]) -> list[Marked]:
    """Return the marks of every reader, for every case the earliest that are there."""
    found: dict[tuple[str, int], Marked] = {}
    for one in sorted(readings, key=lambda one: one.pass_number):
        # A second answer counts only where there is no first: it has seen the map.
        answer = one.final if one.first is None else one.first
        if answer is not None and answer.regions and (one.reader, one.case) not in found:
            found[one.reader, one.case] = Marked(
                one.reader, one.case, one.patient, answer.regions, one.first is not None
            )
    return sorted(found.values(), key=lambda mark: (mark.case, mark.reader))


def mask(regions: Sequence[Region], size_px: int) -> np.ndarray:
    """Return what rectangles cover together as a mask (size_px, size_px) bool, never empty."""
    covered = np.zeros((size_px, size_px), bool)
    for region in regions:
        top, bottom = _span(region.y, region.height, size_px)
        left, right = _span(region.x, region.width, size_px)
        covered[top:bottom, left:right] = True
    return covered


def _span(start: float, length: float, size_px: int) -> tuple[int, int]:
    """Return the first pixel and the one after the last; at least one lies between."""
    first = min(round(start * size_px), size_px - 1)
    return first, max(first + 1, min(round((start + length) * size_px), size_px))


def between_readers(marks: Sequence[Marked]) -> dict:
    """Return the mean IoU of two readers' masks of a case: how much any method could reach.

    Returns
    -------
    ``{"value", "low", "high", "n", "why"}`` over patients; `n` counts pairs.
    """
    rows = []
    for a, b in combinations(marks, 2):
        if a.case == b.case and a.reader != b.reader:
            first, second = mask(a.regions, _GRID), mask(b.regions, _GRID)
            rows.append((a.patient, float((first & second).sum() / (first | second).sum())))
    if not rows:
        return absent(NO_TWO if marks else NOBODY)
    return _mean(rows)


def localise(
    marks: Sequence[Marked],
    methods: Sequence[str],
    explain: Callable[[str, int], Explanation],
    progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Localisation]:
    """Return how well each method points to what readers marked.

    Parameters
    ----------
    explain : takes a method and a case and returns the explanation of pneumonia; called once for
        each, so that no map needs to be kept.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    """
    by_case: dict[int, list[Marked]] = {}
    for mark in marks:
        by_case.setdefault(mark.case, []).append(mark)
    found, done, total = [], 0, max(1, len(methods) * len(by_case))
    for method in methods:
        hits, overlaps, areas = [], [], []
        for case, own in by_case.items():
            if should_stop():
                raise Cancelled("Comparing explanations with marked regions")
            explanation = explain(method, case)
            for mark in own:
                region = mask(mark.regions, len(explanation.segments))
                hits.append((mark.patient, pointing(explanation, region)))
                overlaps.append((mark.patient, iou(explanation, region)))
                areas.append(_within_reach(region))
            done += 1
            progress(done / total)
        found.append(_localisation(method, hits, overlaps, areas))
    return found


def _localisation(method: str, hits: list, overlaps: list, areas: list) -> Localisation:
    if not hits:
        return Localisation(method, absent(NOBODY), absent(NOBODY), None)
    patients = [patient for patient, _ in hits]
    struck = np.array([hit for _, hit in hits])
    return Localisation(
        method,
        pooled(struck, np.ones(len(struck), bool), patients),
        _mean(overlaps),
        float(np.mean(areas)),
    )


def _within_reach(region: np.ndarray) -> float:
    """Return the share of pixels at which `pointing` would count a hit."""
    from scipy.ndimage import distance_transform_edt  # here: it takes a second to load

    return float(np.mean(distance_transform_edt(~region) <= TOLERANCE * len(region)))


def _mean(rows: Sequence[tuple[str, float]]) -> dict:
    values = np.array([value for _, value in rows])
    return estimate(
        lambda weights: weights @ values / weights.sum(axis=1), [who for who, _ in rows], NOBODY
    )
