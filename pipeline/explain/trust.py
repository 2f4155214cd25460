"""Everything that says how far one explanation may be trusted, in one call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import Cancelled
from pipeline.explain import shortcut_meter
from pipeline.explain.explanation import Explanation, number_or_none
from pipeline.explain.faithfulness import Curve, curves
from pipeline.explain.verdict import Verdict, judge

__all__ = ["Curve", "Trust", "assess"]


@dataclass(frozen=True)
class Trust:
    """How far an explanation may be trusted.

    Attributes
    ----------
    deletion, insertion : curves of its map, with those of random orders.
    outside_share, border_share : of the evidence for the class, outside the chest field and in
        the outer tenth of the picture; NaN if nothing speaks for the class.
    without_border : probability of the class with the outer tenth of the picture blanked.
    verdict : what to make of it.
    marker : strongest superpixel for the class that lies mostly outside the chest field, -1 if
        there is none.
    without_marker : probability of the class with that superpixel hidden, NaN without one.
    """

    deletion: Curve
    insertion: Curve
    outside_share: float
    border_share: float
    without_border: float
    verdict: Verdict
    marker: int = -1
    without_marker: float = math.nan

    def to_json(self) -> dict:
        """Return the numbers; what is not known is None."""
        return {
            "verdict": self.verdict.kind,
            "sentence": self.verdict.sentence,
            "reasons": list(self.verdict.reasons),
            "deletion": self.deletion.to_json(),
            "insertion": self.insertion.to_json(),
            "outside_share": number_or_none(self.outside_share),
            "border_share": number_or_none(self.border_share),
            "without_border": self.without_border,
            "marker": self.marker if self.marker >= 0 else None,
            "without_marker": number_or_none(self.without_marker),
        }


def assess(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    explanation: Explanation,
    *,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Trust:
    """Measure an explanation of `image`, and judge it. About 420 forward passes.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2), the network that was explained.
    image : (S, S) uint8, the picture that was explained, at the network's input size.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every batch.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if the picture does not fit the explanation.
    """
    if image.shape != explanation.segments.shape or image.dtype != np.uint8:
        raise ValueError(
            f"Expected an image {explanation.segments.shape} of uint8. "
            f"Received: {image.shape}, {image.dtype}"
        )
    if should_stop is not None and should_stop():
        raise Cancelled("The check of the explanation")
    meter = shortcut_meter.measure(predict, image, explanation)
    deletion, insertion = curves(
        predict,
        image,
        explanation.heat,
        explanation.target,
        segments=explanation.segments,
        progress=progress,
        should_stop=should_stop,
    )
    verdict = judge(explanation, deletion, insertion, meter.outside_share, meter.border_share)
    return Trust(
        deletion,
        insertion,
        meter.outside_share,
        meter.border_share,
        meter.without_border,
        verdict,
        meter.marker,
        meter.without_marker,
    )
