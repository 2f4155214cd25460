"""The speed of LIME as a notebook user writes it, of ours, and of the forward passes alone."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter, sleep

import numpy as np

from pipeline.benchmark import stock
from pipeline.classifier import Classifier
from pipeline.config import CLASS_NAMES
from pipeline.errors import RunError
from pipeline.explain.lime import PAIRS, explain
from pipeline.explain.segments import segment
from pipeline.runs import Run

_REST_SECONDS = 1.0
_LABELS = {
    "stock": "stock LIME, Keras model.predict",
    "stock_predict_on_batch": "stock LIME, Keras predict_on_batch",
    "ours": "ours, ONNX Runtime",
    "settled": "ours until settled",
    "forward": "forward passes alone, ONNX Runtime",
    "around": "masks and fit alone",
}


def measure(
    run: Run,
    samples: int = 1000,
    repeats: int = 3,
    say: Callable[[str], None] = lambda _: None,
    image: np.ndarray | None = None,
) -> dict:
    """Time the contestants in turn, `repeats` times, on the same picture and the same network.

    Parameters
    ----------
    run : with both ``model.keras`` and ``model.onnx``.
    samples : perturbed pictures per explanation. Ours rounds them up to whole blocks, and all the
        others are given as many.
    repeats : rounds; interleaved, so that a slow minute hits every contestant.
    say : receives a sentence per measurement.
    image : (S, S) uint8, prepared; a synthetic one by default, which may settle later than an
        X-ray.

    Returns
    -------
    ``{"seconds": {name: {"median", "all"}}, "ratios": {...}, ...}``. ``stock`` has LIME's
    defaults: quickshift, batches of 10, its own masking, explanations for both classes. It runs in
    a process of its own, in turn with ours: TensorFlow's threads slow down whoever shares a process
    with them, and nobody who serves ours does.
    ``around`` is ours with a classifier that costs nothing, on superpixels made before.
    """
    if not (run.folder / "model.keras").is_file():
        raise RunError(
            f"The run {run.name} has no model.keras, which stock LIME is measured on.",
            "Choose a run that was trained here.",
        )
    classifier = Classifier(run)
    image = picture(classifier.size_px) if image is None else image
    judged = dict.fromkeys(
        _LABELS, explain(classifier.probabilities, image, samples=samples).samples
    )
    repeated = np.repeat(image[None], judged["forward"], axis=0)
    labels = segment(image)
    answers = np.resize(classifier.probabilities(repeated[:PAIRS]), (2 * PAIRS, len(CLASS_NAMES)))
    contestants = {
        "ours": lambda: explain(classifier.probabilities, image, run=run.name, samples=samples),
        "settled": lambda: explain(classifier.probabilities, image, run=run.name),
        "forward": lambda: classifier.probabilities(repeated),
        "around": lambda: explain(
            lambda images: answers[: len(images)], image, segments=labels, samples=samples
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in _LABELS}

    def by_us(name: str) -> float:
        gc.collect()  # nobody pays for what the one before left
        started = perf_counter()
        found = contestants[name]()
        seconds = perf_counter() - started
        judged[name] = getattr(found, "samples", judged[name])
        return seconds

    with stock.notebook(run.folder / "model.keras", image) as by_stock:
        timed = {
            "stock": partial(by_stock, "predict", judged["stock"]),
            "stock_predict_on_batch": partial(by_stock, "predict_on_batch", judged["stock"]),
            **{name: partial(by_us, name) for name in contestants},
        }
        # Once in small, so that nobody pays for imports, graph tracing or memory in the first
        # round.
        say("Warming up.")
        explain(classifier.probabilities, image, samples=20)
        for predict in stock.PREDICTS:
            by_stock(predict, 20)
        for number in range(repeats):
            for name, contestant in timed.items():
                sleep(_REST_SECONDS)  # threads of the one before may still be busy
                times[name].append(contestant())
                say(f"Round {number + 1} of {repeats}, {_LABELS[name]}: {times[name][-1]:.2f} s")
    middle = {name: median(values) for name, values in times.items()}
    return {
        "run": run.name,
        "size_px": classifier.size_px,
        "samples": samples,
        "repeats": repeats,
        "seconds": {
            name: {
                "what": _LABELS[name],
                "pictures": judged[name],
                "median": round(middle[name], 4),
                "all": [round(value, 4) for value in times[name]],
            }
            for name in _LABELS
        },
        "ratios": {
            "stock_to_ours": round(middle["stock"] / middle["ours"], 2),
            "stock_predict_on_batch_to_ours": round(
                middle["stock_predict_on_batch"] / middle["ours"], 2
            ),
            "ours_to_forward": round(middle["ours"] / middle["forward"], 2),
            "around_to_forward": round(middle["around"] / middle["forward"], 3),
        },
    }


def picture(size_px: int) -> np.ndarray:
    """Return a synthetic (size_px, size_px) uint8 with bright and dark bodies and some noise.

    The time of a thousand samples depends on the size, hardly on the content, and anybody can
    repeat it without data.
    """
    rows, columns = np.mgrid[0:size_px, 0:size_px] / size_px
    image = 140 + 30 * np.sin(rows * 40)
    for centre in (0.3, 0.7):
        image[((rows - 0.5) / 0.35) ** 2 + ((columns - centre) / 0.15) ** 2 < 1] -= 80
    image += np.random.default_rng(0).normal(0, 5, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)
