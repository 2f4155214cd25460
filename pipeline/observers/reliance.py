"""What readers did with the model's word: followed it, or not, when it was right and when not.

References
----------
Schemmer et al. 2023, Appropriate reliance on AI advice, doi:10.1145/3581641.3584066 (over- and
under-reliance here are the complements of its relative self-reliance and relative AI reliance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.observers.estimate import count, pooled
from pipeline.observers.panel import Moment, Panel, shared

# Of a pass that asks before and after; each a share of what its second entry names.
SWITCHED, FOLLOWED = "switched", "followed"
OVER, UNDER, APPROPRIATE = "over", "under", "appropriate"
NO_CASE = {
    SWITCHED: "no case answered before and after",
    FOLLOWED: "no first call that differed from the model's",
    OVER: "no case on which the first call was right and the model wrong",
    UNDER: "no case on which the first call was wrong and the model right",
    APPROPRIATE: "no first call that differed from the model's on a case of known truth",
}
NO_CASE_AI_FIRST = {
    OVER: "no case on which the model was wrong",
    UNDER: "no case on which the model was right",
}


@dataclass(frozen=True)
class Reliance:
    """One reader's, or all readers' together.

    Attributes
    ----------
    reader : a pseudonym; "" for all.
    rates : figure -> ``{"value", "low", "high", "n", "why"}``. One reader's have Wilson's
        intervals, those of all an interval over patients; `n` counts answers.
    flow : ``(first right, model right, final right)`` -> how many answers.
    """

    reader: str
    rates: dict[str, dict]
    flow: dict[tuple[bool, bool, bool], int]


@dataclass(frozen=True)
class OfPass:
    """How readers relied on the model in one pass: `all` of them, and each of `readers`.

    Attributes
    ----------
    moment : of the answer given after the model was shown.
    first : whether there was an answer before it.
    """

    moment: Moment
    first: bool
    all: Reliance
    readers: tuple[Reliance, ...]


def after_reveal(before: Panel, after: Panel) -> OfPass:
    """Return how readers changed their calls when the model was revealed.

    ``switched``: of the cases answered twice, on how many the call changed. ``followed``: of the
    first calls that differed from the model's, how many became the model's; needs no truth.
    ``over``: of the cases on which the first call was right and the model wrong, on how many the
    reader switched to the wrong. ``under``: of those on which the first call was wrong and the
    model right, on how many the reader stayed. ``appropriate``: of the first calls that differed
    from the model's, on how many the final one was right.
    """
    rows_a, rows_b = shared(before, after)
    readers = [name for name in before.readers if name in after.readers]
    first = before.call[rows_a][:, [before.readers.index(name) for name in readers]]
    final = after.call[rows_b][:, [after.readers.index(name) for name in readers]]
    there = np.isfinite(first) & np.isfinite(final)
    label, model = before.label[rows_a, None], before.model_call[rows_a, None]
    known = there & np.isfinite(label)
    differed = first != model
    first_right, model_right, final_right = first == label, model == label, final == label
    questions = {
        SWITCHED: (first != final, there),
        FOLLOWED: (final == model, there & differed),
        OVER: (~final_right, known & first_right & ~model_right),
        UNDER: (~final_right, known & ~first_right & model_right),
        APPROPRIATE: (final_right, known & differed),
    }
    return _of_pass(
        after.moment,
        readers,
        questions,
        NO_CASE,
        before.patients[rows_a],
        (first_right, np.broadcast_to(model_right, first.shape), final_right, known),
    )


def shown_first(panel: Panel) -> OfPass:
    """Return how readers relied on a model that they saw before answering.

    ``over``: of the cases on which the model was wrong, on how many the call equals its. ``under``:
    of those on which it was right, on how many the call differs. What a reader would have said
    without it is not known, so that agreeing with a wrong model need not be its doing.
    """
    label, model = panel.label[:, None], panel.model_call[:, None]
    known = panel.answered & np.isfinite(label)
    model_right = np.broadcast_to(model == label, panel.call.shape)
    final_right = panel.call == label
    questions = {
        OVER: (panel.call == model, known & ~model_right),
        UNDER: (panel.call != model, known & model_right),
    }
    return _of_pass(
        panel.moment,
        list(panel.readers),
        questions,
        NO_CASE_AI_FIRST,
        panel.patients,
        (None, model_right, final_right, known),
    )


def _of_pass(
    moment: Moment,
    readers: list[str],
    questions: dict[str, tuple[np.ndarray, np.ndarray]],
    why: dict[str, str],
    patients: Sequence[str],
    outcome: tuple,
) -> OfPass:
    def own(column: int) -> dict[str, dict]:
        return {
            name: count(
                int((hit[:, column] & of[:, column]).sum()), int(of[:, column].sum()), why[name]
            )
            for name, (hit, of) in questions.items()
        }

    together = {name: pooled(hit, of, patients, why[name]) for name, (hit, of) in questions.items()}
    with_first = outcome[0] is not None
    every = Reliance("", together, _flow(*outcome) if with_first else {})
    each = tuple(
        Reliance(
            reader,
            own(column),
            _flow(*(part[:, column] for part in outcome)) if with_first else {},
        )
        for column, reader in enumerate(readers)
    )
    return OfPass(moment, with_first, every, each)


def _flow(first, model, final, known) -> dict[tuple[bool, bool, bool], int]:
    return {
        (a, b, c): int((known & (first == a) & (model == b) & (final == c)).sum())
        for a in (True, False)
        for b in (True, False)
        for c in (True, False)
    }
