"""How long each stored network takes for a picture, all of them in turn on one machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import numpy as np

from pipeline.benchmark import machine
from pipeline.benchmark.explain import picture
from pipeline.classifier import BATCH, Classifier
from pipeline.errors import RunError
from pipeline.runs import Run

# Of one round; few, so that a slow minute of the machine hits every network.
_SINGLES = 5


def measure(
    runs: Sequence[Run], rounds: int = 10, say: Callable[[str], None] = lambda _: None
) -> dict:
    """Time every network on the same synthetic picture, warm, `rounds` times in turn.

    Parameters
    ----------
    runs : servable. One whose network is damaged is left out, with the reason.
    rounds : each of `_SINGLES` single pictures and one batch of `BATCH`.
    say : receives a sentence per round.

    Returns
    -------
    ``{"runs": {name: {"ms": {"median", "p95", "n"}, "batch_ms": {"median", "size", "n"},
    "parameters", "onnx_mb", "size_px"}}, "left_out": {name: reason}, "machine": ...}``. ``ms`` is
    from a prepared picture to its calibrated probability; ``batch_ms`` the same per picture of a
    batch. Reading and resizing a file is not in it; `benchmark serve` has the whole way.

    Raises
    ------
    RunError : if no network can be measured.
    """
    before = machine()  # its load is that of the others, not ours
    contestants, left_out = {}, {}
    for run in runs:
        try:
            contestants[run.name] = (run, Classifier(run))
        except RunError as error:
            left_out[run.name] = error.message
            say(f"Left out: {error.message}")
    if not contestants:
        raise RunError(
            "There is no network to measure.",
            "Train one with 'python -m pipeline train compact', or restore a model.onnx.",
        )
    singles: dict[str, list[float]] = {name: [] for name in contestants}
    batches: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, (_, classifier) in contestants.items():
            image = picture(classifier.size_px)[None]
            batch = np.repeat(image, BATCH, axis=0)
            one = [_timed(classifier, image) for _ in range(_SINGLES)]
            many = _timed(classifier, batch) / BATCH
            if number:  # the round before the first pays for memory and is not counted
                singles[name] += one
                batches[name].append(many)
        say(f"Round {number} of {rounds}" if number else "Warmed up")
    return {
        "benchmark": "latency",
        "threads": os.cpu_count(),
        "rounds": rounds,
        "runs": {
            name: {
                "ms": {
                    "median": round(median(singles[name]), 3),
                    "p95": round(float(np.percentile(singles[name], 95)), 3),
                    "n": len(singles[name]),
                },
                "batch_ms": {
                    "median": round(median(batches[name]), 3),
                    "size": BATCH,
                    "n": len(batches[name]),
                },
                "parameters": run.parameters,
                "onnx_mb": round((run.folder / "model.onnx").stat().st_size / 1e6, 4),
                "size_px": classifier.size_px,
            }
            for name, (run, classifier) in contestants.items()
        },
        "left_out": left_out,
        "machine": before,
    }


def _timed(classifier: Classifier, images: np.ndarray) -> float:
    """Return the milliseconds that `images` take."""
    started = perf_counter()
    classifier.probabilities(images)
    return 1000 * (perf_counter() - started)
