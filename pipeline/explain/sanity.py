"""Does the map depend on what the network has learnt?

Every weight tensor of the network is shuffled. A method whose map stays the same draws edges of
the picture, whatever the network knows; its maps look convincing and mean nothing.

References
----------
Adebayo et al. 2018, Sanity Checks for Saliency Maps, arXiv:1810.03292.
Wang et al. 2004, Image Quality Assessment (SSIM), doi:10.1109/TIP.2003.819861.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline import evaluation, network
from pipeline.explain.agreement import correlation
from pipeline.explain.explanation import Explanation
from pipeline.runs import Run

# A map counts as lost when both figures are below these on average. A rank correlation of a half is
# a quarter of the order kept; two unrelated maps of 50 superpixels exceed .28 once in twenty.
# Fixed before any run was checked.
CORRELATION_LIMIT = 0.5
SSIM_LIMIT = 0.5
BATCH = 8
_WINDOW_PX = 7


@dataclass(frozen=True)
class Sanity:
    """How much of a map is left with a network that has forgotten everything.

    Attributes
    ----------
    correlations : per picture Spearman's, of the weights of the superpixels; 0 where the shuffled
        network's map is the same everywhere, because then nothing is left.
    ssims : per picture the structural similarity of both maps, each scaled by its own largest
        value.
    """

    correlations: tuple[float, ...]
    ssims: tuple[float, ...]

    @property
    def passed(self) -> bool:
        """Whether the map is lost, as it must be."""
        return (
            float(np.mean(self.correlations)) < CORRELATION_LIMIT
            and float(np.mean(self.ssims)) < SSIM_LIMIT
        )


def sanity(
    explain_with: Callable[[Callable, np.ndarray], Explanation],
    trained: Callable,
    shuffled: Callable,
    images: Sequence[np.ndarray],
    progress: Callable[[float], None] | None = None,
) -> Sanity:
    """Compare the maps of a network with those of the same network after shuffling.

    Parameters
    ----------
    explain_with : asked as ``explain_with(trained, image)`` and ``explain_with(shuffled, image)``.
        Both explanations must have the same superpixels.
    trained, shuffled : what the method takes: predict functions, or feature maps.
    images : (S, S) uint8 each.
    progress : called with the finished fraction, up to 1.
    """
    if not len(images):
        raise ValueError("Expected at least one picture. Received: none")
    correlations, ssims = [], []
    for done, image in enumerate(images, start=1):
        before, after = explain_with(trained, image), explain_with(shuffled, image)
        correlations.append(_known(correlation(before.weights, after.weights)))
        ssims.append(similarity(before.heat, after.heat))
        if progress is not None:
            progress(done / len(images))
    return Sanity(tuple(correlations), tuple(ssims))


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean structural similarity of two maps (S, S), each over its largest value.

    In [-1, 1]; 0 if either map is zero everywhere.
    """
    if a.shape != b.shape:
        raise ValueError(f"Expected two maps of one shape. Received: {a.shape}, {b.shape}")
    from scipy.ndimage import uniform_filter

    highest = [np.abs(one).max() for one in (a, b)]
    if min(highest) == 0:
        return 0.0
    x, y = (one.astype(np.float64) / most for one, most in zip((a, b), highest, strict=True))
    # Wang's constants for values from -1 to 1, and windows that lie inside the map.
    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2

    def mean(values: np.ndarray) -> np.ndarray:
        return uniform_filter(values, _WINDOW_PX)

    mean_x, mean_y = mean(x), mean(y)
    unbiased = _WINDOW_PX**2 / (_WINDOW_PX**2 - 1)
    variance_x = unbiased * (mean(x * x) - mean_x**2)
    variance_y = unbiased * (mean(y * y) - mean_y**2)
    covariance = unbiased * (mean(x * y) - mean_x * mean_y)
    ssim = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    )
    rim = _WINDOW_PX // 2
    return float(ssim[rim : len(a) - rim, rim : len(a) - rim].mean())


def shuffled(run: Run, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Return a predict function of a run's network after its weights were shuffled.

    In memory: no stored file is changed.

    Raises
    ------
    RunError : if the run has no network, or it is damaged.
    """
    session = network.session(shuffled_network(network.stored(run), seed), run.name)

    def predict(images: np.ndarray) -> np.ndarray:
        network.require_size(session, images)
        parts = [
            session.run(None, network.feed(session, images[start : start + BATCH]))[0]
            for start in range(0, len(images), BATCH)
        ]
        logits = evaluation.pneumonia_logit(np.concatenate(parts))
        positive = evaluation.probability(logits, run.temperature)
        return np.stack([1 - positive, positive], axis=1)

    return predict


def shuffled_network(content: bytes, seed: int = 0) -> bytes:
    """Return an ONNX network in which the entries of every weight tensor are permuted.

    Every tensor keeps its values, and so its mean and spread: answers stay finite, and nothing
    but what was learnt is lost. Whole numbers (shapes, axes) are no weights and stay.
    """
    import onnx  # here: only this needs it, and serving must not pay for it
    from onnx import numpy_helper

    model = onnx.load_from_string(content)
    generator = np.random.default_rng(seed)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and values.size > 1:
            mixed = generator.permutation(values.ravel()).reshape(values.shape)
            tensor.CopyFrom(numpy_helper.from_array(mixed, tensor.name))
    return model.SerializeToString()


def _known(value: float) -> float:
    return 0.0 if np.isnan(value) else value
