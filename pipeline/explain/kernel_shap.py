"""KernelSHAP: the superpixels' Shapley values, by a weighted regression on coalitions.

Coalitions of superpixels are shown, the rest hidden. The kernel gives small and large ones most
weight; the two that say most, all and none, are kept exactly: the weights sum to the probability
of the whole picture less that of the hidden one. Every coalition comes with its opposite. If
there are no more coalitions than samples, all of them are asked, and the values are exact.

References
----------
Lundberg, Lee 2017, A Unified Approach to Interpreting Model Predictions, arXiv:1705.07874.
Covert, Lee 2021, Improving KernelSHAP (paired sampling), arXiv:2012.01536.
White 1980, MacKinnon, White 1985 (the intervals, HC3), doi:10.1016/0304-4076(85)90158-7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from math import comb
from time import perf_counter

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.explain.certainty import certain, certainty
from pipeline.explain.explanation import Explanation, painted
from pipeline.explain.inquiry import BATCH, Inquiry, Partial, superpixels
from pipeline.explain.perturbation import FILL, Perturbation

SAMPLES = 2000
# Fewer pairs for each unknown leave the regression to chance.
PAIRS_PER_SUPERPIXEL = 2
# So many interim results are told.
INTERIM = 8


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
    samples : pictures to judge at most; None for `SAMPLES`, or more if the superpixels need it.
    seed : decides the coalitions.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every batch.
    partial : called now and then with what is known so far.

    Returns
    -------
    `weights` are Shapley values, `intercept` is the probability of the picture that is hidden
    altogether, `fidelity_r2` counts each coalition as the kernel weighs it.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if there are too few samples, or `predict` does not return two finite columns.
    """
    started = perf_counter()
    labels, segmentation = superpixels(image, segments)
    perturbation = Perturbation(image, labels, fill)
    count = perturbation.count
    least = 2 + 2 * PAIRS_PER_SUPERPIXEL * count
    samples = max(SAMPLES, least) if samples is None else samples
    # With few superpixels there are fewer coalitions than samples.
    exact = 2**count <= samples
    if samples < least and not exact:
        raise ValueError(
            f"Expected samples >= {least} for {count} superpixels. Received: {samples!r}"
        )
    if exact:
        shown, kernel = _all(count)
    else:
        shown, kernel = _drawn(count, (samples - 2) // 2, np.random.default_rng(seed))
    ask = Inquiry(
        predict, target, 2 + 2 * len(shown), "The KernelSHAP explanation", progress, should_stop
    )
    ends = np.repeat([[True], [False]], count, axis=1)
    probability, hidden = map(float, ask(perturbation.images(ends)))
    scores = np.empty((len(shown), 2))

    def explanation(done: int) -> Explanation:
        fit = _Fit(shown[:done], kernel[:done], scores[:done], probability, hidden)
        sure = certain(fit.weights) if exact else certainty(fit.weights, fit.errors, fit.freedom)
        return Explanation(
            method="kernel_shap",
            run=run,
            target=target,
            segments=labels,
            weights=fit.weights,
            **asdict(sure),
            heat=painted(fit.weights, labels),
            unit="probability",
            intercept=hidden,
            seed=seed,
            samples=ask.asked,
            segmentation=segmentation,
            fill=fill,
            fidelity_r2=fit.r2,
            probability=probability,
            seconds=perf_counter() - started,
        )

    told = PAIRS_PER_SUPERPIXEL * count
    for first in range(0, len(shown), BATCH // 2):
        rows = slice(first, first + BATCH // 2)
        scores[rows] = ask(perturbation.pairs(shown[rows])).reshape(2, -1).T
        done = min(rows.stop, len(shown))
        if partial is not None and not exact and told <= done < len(shown):
            told = done + len(shown) // INTERIM
            partial(explanation(done))
    return explanation(len(shown))


def _all(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one of every pair of opposite coalitions, all and none left out, and the kernel."""
    numbers = np.arange(1, 2 ** (count - 1))
    shown = (numbers[:, None] >> np.arange(count) & 1).astype(bool)
    sizes = shown.sum(axis=1)
    ways = np.array([comb(count, size) for size in sizes.tolist()], float)
    return shown, (count - 1) / (ways * sizes * (count - sizes))


def _drawn(count: int, pairs: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return coalitions (pairs, count) bool, drawn as the kernel weighs them, and ones."""
    sizes = np.arange(1, count)
    share = 1 / (sizes * (count - sizes))
    chosen = generator.choice(sizes, pairs, p=share / share.sum())
    order = generator.random((pairs, count)).argsort(axis=1).argsort(axis=1)
    return order < chosen[:, None], np.ones(pairs)


class _Fit:
    """The regression. A pair has one equation: half the difference of its two scores.

    With ``u`` the coalition less one half, half that difference is ``u @ weights``: the constant
    cancels, and what two superpixels do only together is halved between them without error.
    """

    def __init__(
        self,
        shown: np.ndarray,
        kernel: np.ndarray,
        scores: np.ndarray,
        probability: float,
        hidden: float,
    ):
        total, centred = probability - hidden, shown - 0.5
        # The last weight is what the others leave of the sum.
        design = centred[:, :-1] - centred[:, -1:]
        wanted = (scores[:, 0] - scores[:, 1]) / 2 - total * centred[:, -1]
        weighted = design * kernel[:, None]
        inverse = np.linalg.pinv(weighted.T @ design, hermitian=True)
        free = inverse @ (weighted.T @ wanted)
        self.weights = np.append(free, total - free.sum())
        self.errors = self._errors(design, inverse, wanted - design @ free)
        self.freedom = max(1, len(design) - design.shape[1])
        self.r2 = self._r2(shown, kernel, scores, hidden)

    def _errors(self, design: np.ndarray, inverse: np.ndarray, rests: np.ndarray) -> np.ndarray:
        """Return standard errors that let every pair have a variance of its own (HC3)."""
        influence = design @ inverse
        leverage = np.clip((influence * design).sum(axis=1), 0, 1 - 1e-6)
        moves = influence * (rests / (1 - leverage))[:, None]
        moves = np.column_stack([moves, -moves.sum(axis=1)])
        return np.sqrt((moves**2).sum(axis=0))

    def _r2(
        self, shown: np.ndarray, kernel: np.ndarray, scores: np.ndarray, hidden: float
    ) -> float:
        linear = hidden + np.column_stack([shown @ self.weights, ~shown @ self.weights])
        share = np.column_stack([kernel, kernel]) / (2 * kernel.sum() or 1)
        variance = (share * (scores - (share * scores).sum()) ** 2).sum()
        if variance < 1e-12:
            return np.nan  # nothing varied, so there was nothing to be faithful to
        return float(min(1.0, 1 - (share * (scores - linear) ** 2).sum() / variance))
