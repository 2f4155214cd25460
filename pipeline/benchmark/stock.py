"""LIME as a notebook user writes it: the ``lime`` package on a Keras model.

It runs in a process of its own (`notebook`): TensorFlow's threads slow down whoever shares a
process with them, and nobody who serves our explanations does.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np

from pipeline.config import REPOSITORY
from pipeline.errors import RunError

# Methods of a Keras model that give probabilities: the usual one, and the one without its overhead.
PREDICTS = ("predict", "predict_on_batch")


@contextlib.contextmanager
def notebook(model: Path, image: np.ndarray) -> Iterator[Callable[[str, int], float]]:
    """Start the process; give what explains `image` in it and returns the seconds that took.

    Parameters
    ----------
    model : a ``model.keras``.
    image : (S, S) uint8, at the network's input size.

    Returns
    -------
    A function of one of `PREDICTS` and of the number of perturbed pictures.

    Raises
    ------
    RunError : where the process cannot load or call the model; it says why on stderr.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "image.npy", image)
        command = [sys.executable, "-m", __name__, str(model.absolute()), f"{folder}/image.npy"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        ) as process:

            def ask(predict: str, samples: int) -> float:
                with contextlib.suppress(BrokenPipeError):
                    print(json.dumps([predict, samples]), file=process.stdin, flush=True)
                answer = process.stdout.readline()
                if not answer:
                    raise RunError(
                        f"Stock LIME could not explain with {model.parent.name}'s model.keras.",
                        "Restore the file, or train the run again.",
                    )
                return json.loads(answer)

            try:
                yield ask
            finally:
                process.terminate()


def _seconds(model: Path, image: np.ndarray, predict: str, samples: int) -> float:
    from lime.lime_image import LimeImageExplainer  # here: it costs a second

    colours = np.repeat(image[..., None], 3, axis=-1)
    ask = _asked(model, predict)
    gc.collect()  # nobody pays for what the one before left
    started = perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):  # LIME's own progress bar
        LimeImageExplainer(random_state=0).explain_instance(colours, ask, num_samples=samples)
    return perf_counter() - started


def _asked(model: Path, predict: str) -> Callable[[np.ndarray], np.ndarray]:
    network = _loaded(model)
    channels = network.input_shape[-1]
    options = {"predict": {"verbose": 0}, "predict_on_batch": {}}[predict]
    method = functools.partial(getattr(network, predict), **options)
    return lambda images: method(images[..., :channels].astype(np.float32))


@functools.cache
def _loaded(model: Path):
    import keras  # here: it costs seconds, and only this process pays them

    return keras.saving.load_model(model, compile=False, safe_mode=True)


def _serve(model: Path, image: np.ndarray) -> None:
    for line in sys.stdin:
        print(json.dumps(_seconds(model, image, *json.loads(line))), flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), np.load(sys.argv[2], allow_pickle=False))
