"""How far may this explanation be trusted? Fixed rules, all of them here.

In this order: an explanation that another draw of the masks, or the model itself, does not bear
out is not to be interpreted. One that is borne out may still show a model that looks at the wrong
place. Only what passes both is called steady, which says nothing about whether the model is
right.

Every limit follows from what it means, not from how many pictures it lets through. They were
fixed after a look at 30 validation pictures, and before any of the official test set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.explain import thorax
from pipeline.explain.explanation import Explanation
from pipeline.explain.faithfulness import Curve

# Below, another draw of the masks would on average keep fewer than four of the five strongest
# parts (four of five in common is a Jaccard index of 4/6).
STABILITY_AT = 4 / 6
# Below, the linear fit leaves more than half of what the model does unexplained.
FIDELITY_AT = 0.5
# A smaller change of the mean probability is none that a reader could act on: where the model says
# the same of a picture out of focus, curves differ from random ones in the third decimal.
MOVES_AT = 0.01
# From less of a difference between the picture and its blurred copy, no order can show anything.
SAME_AT = 0.05
# A map that knows nothing of lungs spreads its evidence evenly: this share of it lies outside.
OUTSIDE_AT = 1 - float(thorax.field(224).mean())
BORDER_AT = float(thorax.border(224).mean())

STEADY, UNSTABLE, OUTSIDE = "steady", "unstable", "outside"

SENTENCES = {
    STEADY: "Stable and faithful: this is what the model reacts to.",
    UNSTABLE: "Unstable: do not interpret this map.",
    OUTSIDE: "Evidence outside the lungs: do not rely on this call.",
}


@dataclass(frozen=True)
class Verdict:
    """What to make of one explanation.

    Attributes
    ----------
    kind : ``steady``, ``unstable`` or ``outside``.
    sentence : the verdict in plain words.
    reasons : one sentence for every rule that led to it.
    """

    kind: str
    sentence: str
    reasons: tuple[str, ...]

    def __post_init__(self):
        if self.kind not in SENTENCES:
            raise ValueError(f"Expected kind {' or '.join(SENTENCES)}. Received: {self.kind!r}")


def judge(
    explanation: Explanation,
    deletion: Curve,
    insertion: Curve,
    outside_share: float,
    border_share: float,
) -> Verdict:
    """Apply the rules.

    Parameters
    ----------
    deletion, insertion : with their random orders.
    outside_share, border_share : of the evidence for the class, NaN if nothing speaks for it.
    """
    doubts = [*_unsteady(explanation), *_unfaithful(deletion, insertion)]
    if doubts:
        return Verdict(UNSTABLE, SENTENCES[UNSTABLE], tuple(doubts))
    if elsewhere := _elsewhere(outside_share, border_share):
        return Verdict(OUTSIDE, SENTENCES[OUTSIDE], tuple(elsewhere))
    return Verdict(STEADY, SENTENCES[STEADY], tuple(_grounds(explanation, outside_share)))


def _unsteady(explanation: Explanation) -> list[str]:
    if not len(explanation.ranked()):
        return ["No part of the picture moves the probability for certain."]
    doubts = []
    if explanation.stability < STABILITY_AT:
        doubts.append(
            "Another draw of the masks would replace "
            f"{_replaced(explanation.stability)} of the five strongest parts."
        )
    if explanation.fidelity_r2 < FIDELITY_AT:  # never true of NaN: no surrogate, no fidelity
        doubts.append(
            f"The fit behind it describes only {100 * max(0.0, explanation.fidelity_r2):.0f} % of "
            "what the model does near this picture."
        )
    return doubts


def _unfaithful(deletion: Curve, insertion: Curve) -> list[str]:
    if math.isnan(deletion.random_area) or math.isnan(insertion.random_area):
        raise ValueError("Expected curves with random orders. Received: none")
    falls = _better(deletion.random_area - deletion.area, deletion.area < deletion.random_low)
    rises = _better(insertion.area - insertion.random_area, insertion.area > insertion.random_high)
    # Either will do: where the probability is near 0 or 1 to begin with, one of them says nothing.
    if falls or rises:
        return []
    doubts = [
        "Taking away what it marks, or putting it back, changes the probability no more than "
        "parts drawn at random do."
    ]
    whole, hidden = deletion.probabilities[0], deletion.probabilities[-1]
    if abs(whole - hidden) < SAME_AT:
        doubts.append(
            f"Even of the picture out of focus the model says {100 * hidden:.0f} %: there is "
            "hardly anything for a map to explain."
        )
    return doubts


def _better(gain: float, beyond_random: bool) -> bool:
    return beyond_random and gain >= MOVES_AT


def _elsewhere(outside_share: float, border_share: float) -> list[str]:
    found = []
    if outside_share > OUTSIDE_AT:
        found.append(
            f"{100 * outside_share:.0f} % of what speaks for the class lies outside the chest "
            f"field; a map that knows nothing would have {100 * OUTSIDE_AT:.0f} % there."
        )
    if border_share > BORDER_AT:
        found.append(
            f"{100 * border_share:.0f} % lies in the outer tenth of the picture; a map that knows "
            f"nothing would have {100 * BORDER_AT:.0f} % there."
        )
    return found


def _grounds(explanation: Explanation, outside_share: float) -> list[str]:
    grounds = ["What it marks moves the probability more than parts drawn at random do."]
    if not explanation.settled:
        grounds.append(
            "It has not quite settled: which parts are the five strongest is still a close call, "
            "and only those that surely are should be drawn."
        )
    elif explanation.margins.any():
        grounds.append("Another draw of the masks would mark nearly the same parts.")
    if math.isnan(outside_share):
        grounds.append("Nothing in the picture speaks for the class: it shows what speaks against.")
    else:
        grounds.append(
            f"{100 * (1 - outside_share):.0f} % of what speaks for the class lies inside the "
            "chest field."
        )
    return grounds


def _replaced(stability: float) -> str:
    """Say a Jaccard index of sets of five as how many of the five differ."""
    count = round(5 - 5 * 2 * stability / (1 + stability))
    return "one" if count == 1 else f"{count}"
