"""How a picture is to be explained, and doing so: the method, then how far to trust its map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA
from pipeline.explain import EXPLAINERS, LOOKS_INSIDE, Explanation
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.explain.perturbation import FILL
from pipeline.explain.trust import Trust, assess

# Making an explanation takes about as long as measuring how far to trust it.
_EXPLAINING = 0.5


@dataclass(frozen=True)
class Request:
    """What is to be explained how.

    Attributes
    ----------
    method : a name in ``EXPLAINERS``.
    segments, fill, samples, seed : as every method there takes them.
    trust : whether to measure how far the explanation may be believed.
    k : superpixels outlined in a drawing.
    """

    method: str = "lime"
    segments: str = "slic"
    fill: str = FILL
    samples: int | None = None
    seed: int = 0
    trust: bool = False
    k: int = 5


def explain(
    classifier: Classifier,
    image: np.ndarray,
    request: Request,
    *,
    feature_maps: FeatureMaps | None = None,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    partial: Callable[[Explanation], None] | None = None,
) -> tuple[Explanation, Trust | None]:
    """Explain why `classifier` gives a picture its probability of pneumonia.

    Parameters
    ----------
    image : (S, S) uint8, prepared for the classifier.
    feature_maps : of the same run, for a method that looks inside; read anew if not given.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every step.
    partial : called with every explanation on the way, and with the finished one before it is
        measured.

    Returns
    -------
    The explanation and, if the request asks for it, how far to trust it.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    RunError : if the run has no feature maps and the method looks at them.
    """
    told = progress or (lambda _: None)
    share = _EXPLAINING if request.trust else 1.0
    asked = classifier.probabilities
    if request.method in LOOKS_INSIDE:
        asked = feature_maps or FeatureMaps(classifier.run)
    explanation = EXPLAINERS[request.method](
        asked,
        image,
        run=classifier.run.name,
        target=PNEUMONIA,
        segments=request.segments,
        fill=request.fill,
        samples=request.samples,
        seed=request.seed,
        progress=lambda done: told(share * done),
        should_stop=should_stop,
        partial=partial,
    )
    if partial is not None:
        partial(explanation)
    if not request.trust:
        return explanation, None
    return explanation, assess(
        classifier.probabilities,
        image,
        explanation,
        progress=lambda done: told(share + (1 - share) * done),
        should_stop=should_stop,
    )
