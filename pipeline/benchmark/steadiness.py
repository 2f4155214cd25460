"""Does LIME say the same twice, and is it right? Ours beside stock LIME, on official test pictures.

Stock LIME has its defaults (quickshift, 1000 samples, a coin for every superpixel, its weighted
ridge), asks the same network through ONNX Runtime, and is given the same superpixels under every
seed, which its own seed would not do.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA
from pipeline.explain import lime
from pipeline.explain.agreement import over_seeds
from pipeline.explain.explanation import TOP, Explanation, painted
from pipeline.explain.faithfulness import curves
from pipeline.explain.segments import segment

STOCK_SAMPLES = 1000
SEEDS = 6
# Lower is better of the first, higher of the second.
AREAS = ("deletion", "insertion")


def measure(
    classifier: Classifier,
    images: Sequence[np.ndarray],
    seeds: int = SEEDS,
    samples: int = STOCK_SAMPLES,
    say: Callable[[str], None] = lambda _: None,
) -> dict:
    """Explain every picture under every seed, by ours until settled and by stock LIME.

    Parameters
    ----------
    images : (S, S) uint8 each, prepared, one of each patient.
    seeds : draws of the masks.
    samples : of stock LIME.
    say : receives a sentence per picture.

    Returns
    -------
    ``{"pictures", "seeds", "ours", "stock", "faithfulness"}``. Of either method: mean overlap
    (Jaccard) of the five strongest between seeds, sign changes among all that counts as evidence
    and among the five strongest, seconds and pictures judged. Of the faithfulness: mean areas
    under the deletion and the insertion curve at equal forward passes with the paired difference,
    its bootstrapped 95 % interval over pictures and Wilcoxon's signed-rank p, for everything that
    may be seen where the picture is taken away.
    """
    found: dict[str, list[list[Explanation]]] = {"ours": [], "stock": []}
    areas: dict[str, list] = {}
    for number, image in enumerate(images):
        score = classifier.probabilities(image[None])[0, PNEUMONIA]
        _, threshold = classifier.threshold()
        target = int(score >= threshold)
        ours = [
            lime.explain(classifier.probabilities, image, target=target, seed=seed)
            for seed in range(seeds)
        ]
        parts = segment(image, "quickshift")
        stock = [
            explain_by_stock(classifier.probabilities, image, target, parts, samples, seed)
            for seed in range(seeds)
        ]
        equal = explain_by_stock(
            classifier.probabilities, image, target, parts, ours[0].samples, seed=0
        )
        told = _areas(classifier.probabilities, image, target, parts, (ours[0], equal))
        for name, pair in told.items():
            areas.setdefault(name, []).append(pair)
        found["ours"].append(ours)
        found["stock"].append(stock)
        say(
            f"Picture {number + 1} of {len(images)}: {ours[0].samples} forward passes, "
            f"{ours[0].seconds:.1f} s"
        )
    return {
        "pictures": len(images),
        "seeds": seeds,
        "stock_samples": samples,
        **{name: _spread(explanations) for name, explanations in found.items()},
        "faithfulness": {
            name: _compared(*np.array(pairs).swapaxes(0, 1)) for name, pairs in areas.items()
        },
    }


def _areas(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    target: int,
    stock: np.ndarray,
    explanations: Sequence[Explanation],
) -> dict[str, list[list[float]]]:
    """Return deletion and insertion area of each explanation, for every replacement.

    Parameters
    ----------
    stock : (S, S) int32, superpixels of stock LIME.
    """
    return {
        name: [
            [
                curve.area
                for curve in curves(
                    predict, image, one.heat, target, randoms=0, segments=parts, fill=fill
                )
            ]
            for one in explanations
        ]
        for name, (fill, parts) in _replacements(image, stock).items()
    }


def _replacements(image: np.ndarray, stock: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Return fills, each with the superpixels it is the mean of.

    The first is what all of this project's measures of faithfulness use, and what ours hides
    superpixels with; the last is what stock LIME hides its own with. Those between are nobody's.
    """
    grid = segment(image, "grid")
    return {
        "a blur": ("blur", grid),
        "means of a grid's cells": ("mean", grid),
        "black": ("black", grid),
        "means of stock's superpixels": ("mean", stock),
    }


def explain_by_stock(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    target: int,
    segments: np.ndarray,
    samples: int,
    seed: int,
) -> Explanation:
    """Return what the ``lime`` package says, in our form; it knows no intervals."""
    from lime.lime_image import LimeImageExplainer  # here: it costs a second

    started = perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):  # LIME's own progress bar
        said = LimeImageExplainer(random_state=seed).explain_instance(
            np.repeat(image[..., None], 3, axis=-1),
            lambda images: predict(images[..., 0]),
            labels=(target,),
            top_labels=None,
            num_samples=samples,
            segmentation_fn=lambda _: segments,
            random_seed=0,
        )
    weights = np.zeros(segments.max() + 1)
    for superpixel, weight in said.local_exp[target]:
        weights[superpixel] = weight
    return Explanation(
        method="stock_lime",
        run="",
        target=target,
        segments=segments,
        weights=weights,
        margins=np.zeros(len(weights)),
        heat=painted(weights, segments),
        unit="probability",
        intercept=float(said.intercept[target]),
        seed=seed,
        samples=samples,
        segmentation="quickshift",
        fill="mean",
        fidelity_r2=float(said.score),
        stability=0.0,
        settled=False,
        probability=float(predict(image[None])[0, target]),
        seconds=perf_counter() - started,
    )


def _spread(explanations: list[list[Explanation]]) -> dict:
    spreads = [over_seeds(own) for own in explanations]
    every = [one for own in explanations for one in own]
    drawn = sum(spread.drawn for spread in spreads)
    flips = sum(spread.flips for spread in spreads)
    return {
        "overlap": float(np.mean([spread.overlap for spread in spreads])),
        "lowest_overlap": min(spread.overlap for spread in spreads),
        "pairs": sum(spread.pairs for spread in spreads),
        "sign_changes": flips,
        "evidence": drawn,
        "sign_change_share": flips / drawn if drawn else None,
        **_flips_of_strongest(explanations),
        "superpixels": float(np.mean([len(one.weights) for one in every])),
        "evidence_per_picture": float(np.mean([one.evidence.sum() for one in every])),
        "fidelity_r2": float(np.median([one.fidelity_r2 for one in every])),
        "settled": sum(one.settled for one in every),
        "explanations": len(every),
        "seconds_median": float(np.median([one.seconds for one in every])),
        "seconds_p95": float(np.percentile([one.seconds for one in every], 95)),
        "forward_passes_median": float(np.median([one.samples for one in every])),
    }


def _flips_of_strongest(explanations: list[list[Explanation]]) -> dict:
    flips = drawn = 0
    for own in explanations:
        for number, first in enumerate(own):
            for second in own[number + 1 :]:
                either = np.union1d(first.ranked()[:TOP], second.ranked()[:TOP]).astype(int)
                drawn += len(either)
                flips += int((first.weights[either] * second.weights[either] < 0).sum())
    return {"sign_changes_of_strongest": flips, "strongest": drawn}


def _compared(ours: np.ndarray, stock: np.ndarray) -> dict:
    """Compare areas (pictures, 2) at equal forward passes."""
    from scipy.stats import wilcoxon  # here: it takes a second to load

    generator = np.random.default_rng(0)
    told = {}
    for column, name in enumerate(AREAS):
        difference = ours[:, column] - stock[:, column]
        draws = difference[generator.integers(0, len(difference), (2000, len(difference)))]
        low, high = np.percentile(draws.mean(axis=1), [2.5, 97.5])
        better = -difference if name == "deletion" else difference
        told[name] = {
            "better": "lower" if name == "deletion" else "higher",
            "ours": float(ours[:, column].mean()),
            "stock": float(stock[:, column].mean()),
            "difference": float(difference.mean()),
            "low": float(low),
            "high": float(high),
            "ours_better": int((better > 0).sum()),
            "n": len(difference),
            "p": float(wilcoxon(difference).pvalue) if difference.any() else 1.0,
        }
    return told
