"""LIME for images: a linear surrogate around one picture, fitted until it has settled.

What LIME asks is kept: hide superpixels, judge the pictures, fit a line. What is new is how the
masks are drawn (`pipeline.explain.design`), that the weights come with intervals, and that it
looks until another draw would say the same, instead of a thousand times whatever the picture.
All masks hide about half of the picture, lie at about the same of LIME's distances from it, and
weigh the same in the fit, which then is a mean: no regression is left to be solved.

The line is fitted to the log odds: a probability flattens towards 0 and 1, where no line follows
it. On ten validation pictures that alone lifted R2 from between .44 and .88 to between .85 and
.95 (hidden parts at their mean grey), and let the order of the strongest settle four times sooner.

References
----------
Ribeiro, Singh, Guestrin 2016, "Why Should I Trust You?", doi:10.1145/2939672.2939778.
Zhou, Hooker, Wang 2021, S-LIME (sampling until a test settles the order),
doi:10.1145/3447548.3467274.
Smyth 2004, Linear models and empirical Bayes methods (moderated variance),
doi:10.2202/1544-6115.1027.
Bora et al. 2024, SLICE (superpixels of uncertain sign are not evidence), CVPR 2024.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.evaluation import log_odds
from pipeline.explain import design
from pipeline.explain.certainty import certainty
from pipeline.explain.explanation import Explanation, painted
from pipeline.explain.inquiry import Inquiry, Partial, superpixels
from pipeline.explain.perturbation import FILL, Perturbation

# Pairs of opposite masks to be judged in one call at most.
PAIRS = 128
# Fewer blocks say too little about their own spread.
FLOOR_BLOCKS = 8
# Judged at a time, and the first picture is shown after so many: two tell a spread, and fewer calls
# leave fewer cores waiting for the last of them.
STEP = 2
BUDGET = 4096
# Degrees of freedom that the mean variance of all superpixels counts for beside each one's own: as
# much as that of the fewest blocks. On 24 validation pictures an early picture so has 25 parts of
# evidence instead of one, none of a wrong sign, and the intervals held as often as without.
PRIOR = FLOOR_BLOCKS
# A probability closer to 0 or 1 is beyond what single precision tells apart.
CERTAIN = 1e-7


def explain(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    *,
    run: str = "",
    target: int = PNEUMONIA,
    segments: str | np.ndarray = "slic",
    fill: str = FILL,
    samples: int | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    partial: Partial | None = None,
) -> Explanation:
    """Explain why `predict` gives `image` its probability of `target`.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2), such as ``Classifier.probabilities``.
    image : (S, S) uint8, at the network's input size (``Classifier.prepare``).
    run : name to be kept with the result.
    target : the class to explain.
    segments : a name in ``SEGMENTATIONS``, or superpixels (S, S) int32 of one's own.
    fill : a name in ``FILLS``, what takes the place of a hidden superpixel.
    samples : pictures to judge, rounded up to `STEP` whole blocks; None to look until it has
        settled (`pipeline.explain.certainty`), or `BUDGET` is spent.
    seed : decides which superpixels are hidden in which picture.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every call of `predict`.
    partial : called with what is known so far after every `STEP` blocks.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if `predict` does not return two columns; LIME would explain the wrong class.
    """
    started = perf_counter()
    labels, segmentation = superpixels(image, segments)
    perturbation = Perturbation(image, labels, fill)
    length = design.block_length(perturbation.count)
    most = STEP * -(-(BUDGET if samples is None else samples) // (STEP * length))
    ask = Inquiry(predict, target, 1 + most * length, "The LIME explanation", progress, should_stop)
    generator = np.random.default_rng(seed)
    probability = float(ask(image[None])[0])
    fit = _Fit(perturbation.count)

    for number in range(STEP, most + 1, STEP):
        halves = [design.half_block(perturbation.count, generator) for _ in range(STEP)]
        masks = np.concatenate(halves) > 0
        # (2, m): what every mask got, and what its opposite got.
        scores = np.concatenate(
            [
                ask(perturbation.pairs(masks[start : start + PAIRS])).reshape(2, -1)
                for start in range(0, len(masks), PAIRS)
            ],
            axis=1,
        )
        for half, own in zip(
            halves, np.split(log_odds(scores, CERTAIN), STEP, axis=1), strict=True
        ):
            fit.add(half, own)
        if number < most and samples is not None and partial is None:
            continue
        explanation = Explanation(
            method="lime",
            run=run,
            target=target,
            segments=labels,
            heat=painted(fit.weights, labels),
            unit="log odds",
            seed=seed,
            samples=ask.asked,
            segmentation=segmentation,
            fill=fill,
            probability=probability,
            seconds=perf_counter() - started,
            **fit.found(),
        )
        if samples is None and number >= FLOOR_BLOCKS and explanation.settled:
            break
        if partial is not None and number < most:
            partial(explanation)
    if progress is not None and number < most:
        progress(1.0)
    return explanation


class _Fit:
    """Main effects of every block, and what their spread says.

    A block's columns are orthogonal, so that its least-squares weights are plain means.
    """

    def __init__(self, count: int):
        self._effects = np.empty((0, count))
        self._levels, self._squares = [], []

    def add(self, masks: np.ndarray, scores: np.ndarray) -> None:
        """Take in half a block (m, n) of -1 and 1; log odds (2, m) of it and of its opposites."""
        # Shown against hidden: twice the mean of what goes along with the sign of the mask.
        effects = (scores[0] - scores[1]) @ masks / len(masks)
        self._effects = np.vstack([self._effects, effects])
        self._levels.append(scores.mean())
        self._squares.append((scores**2).mean())

    @property
    def weights(self) -> np.ndarray:
        return self._effects.mean(axis=0)

    def _errors(self) -> tuple[np.ndarray, int]:
        """Return the standard errors (n,) of the weights, and their degrees of freedom.

        Whichever superpixel a column of the design belongs to is left to chance in every block,
        so all of them err about alike, and what is known of one is lent to the others.
        """
        blocks = len(self._effects)
        own, freedom = self._effects.var(axis=0, ddof=1), blocks - 1
        variance = (PRIOR * own.mean() + freedom * own) / (PRIOR + freedom)
        return np.sqrt(variance / blocks), PRIOR + freedom

    def found(self) -> dict:
        """Return the fields of an `Explanation` that the blocks tell."""
        weights, level = self.weights, np.mean(self._levels)
        sure = certainty(weights, *self._errors())
        variance = np.mean(self._squares) - level**2
        # The masks have variance 1 and half the weight each: a quarter of its square.
        explained = (weights**2).sum() / 4
        return {
            "weights": weights,
            "margins": sure.margins,
            "stability": sure.stability,
            "settled": sure.settled,
            "intercept": float(level - weights.sum() / 2),
            "fidelity_r2": float(min(1.0, explained / variance)) if variance > 1e-12 else np.nan,
        }
