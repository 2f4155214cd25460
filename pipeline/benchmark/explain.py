"""The speed of LIME as a notebook user writes it, of ours, and of the forward passes alone."""

from __future__ import annotations

import contextlib
import gc
import io
from collections.abc import Callable
from statistics import median
from time import perf_counter, sleep

import numpy as np

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
    samples : perturbed pictures per explanation; ours rounds them up to whole blocks.
    repeats : rounds; interleaved, so that a slow minute hits every contestant.
    say : receives a sentence per measurement.
    image : (S, S) uint8, prepared; a synthetic one by default, which may settle later than an
        X-ray.

    Returns
    -------
    ``{"seconds": {name: {"median", "all"}}, "ratios": {...}, ...}``. ``stock`` has LIME's
    defaults: quickshift, batches of 10, its own masking, explanations for both classes.
    ``around`` is ours with a classifier that costs nothing, on superpixels made before.
    """
    if not (run.folder / "model.keras").is_file():
        raise RunError(
            f"The run {run.name} has no model.keras, which stock LIME is measured on.",
            "Choose a run that was trained here.",
        )
    classifier = Classifier(run)
    image = picture(classifier.size_px) if image is None else image
    repeated = np.repeat(image[None], samples, axis=0)
    labels = segment(image)
    answers = np.resize(classifier.probabilities(repeated[:PAIRS]), (2 * PAIRS, len(CLASS_NAMES)))
    contestants = {
        "ours": lambda: explain(classifier.probabilities, image, run=run.name, samples=samples),
        "settled": lambda: explain(classifier.probabilities, image, run=run.name),
        "forward": lambda: classifier.probabilities(repeated),
        "around": lambda: explain(
            lambda images: answers[: len(images)], image, segments=labels, samples=samples
        ),
        **_stock(run, image, samples),
    }
    # Once in small, so that nobody pays for imports, graph tracing or memory in the first round.
    say("Warming up.")
    explain(classifier.probabilities, image, samples=20)
    for contestant in _stock(run, image, samples=20).values():
        contestant()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    judged = {}
    for number in range(repeats):
        for name, contestant in contestants.items():
            # Nobody pays for what the one before left: objects to be collected, busy threads.
            gc.collect()
            sleep(_REST_SECONDS)
            started = perf_counter()
            found = contestant()
            times[name].append(perf_counter() - started)
            judged[name] = getattr(found, "samples", samples)
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


def _stock(run: Run, image: np.ndarray, samples: int) -> dict[str, Callable[[], object]]:
    import keras  # here: only these contestants need it
    from lime.lime_image import LimeImageExplainer

    model = keras.saving.load_model(run.folder / "model.keras", compile=False)
    channels = model.input_shape[-1]
    colours = np.repeat(image[..., None], 3, axis=-1)

    def contestant(predict: Callable[[np.ndarray], np.ndarray]) -> Callable[[], object]:
        def call():
            with contextlib.redirect_stderr(io.StringIO()):  # LIME's own progress bar
                return LimeImageExplainer(random_state=0).explain_instance(
                    colours,
                    lambda images: predict(images[..., :channels].astype(np.float32)),
                    num_samples=samples,
                )

        return call

    return {
        "stock": contestant(lambda images: model.predict(images, verbose=0)),
        "stock_predict_on_batch": contestant(model.predict_on_batch),
    }
