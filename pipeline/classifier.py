"""A run that can be called: grey images in, calibrated probabilities and a decision out.

Runs on ONNX Runtime: no TensorFlow is imported, and one classifier may be shared by threads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime

from pipeline import evaluation
from pipeline.config import CLASS_NAMES, NORMAL, PNEUMONIA
from pipeline.errors import RunError
from pipeline.gate import Gate, check
from pipeline.images import Picture, read_picture, resize
from pipeline.runs import Run

# Small batches are quickest on a CPU: the feature maps stay in its cache (measured by
# `python -m pipeline benchmark serve`).
BATCH = 8


@dataclass(frozen=True)
class Verdict:
    """What a run says of one picture.

    Attributes
    ----------
    run : its name.
    sha256 : of the picture's file.
    probability : calibrated probability of pneumonia in [0, 1].
    threshold, operating_point : the picture is called pneumonia at probability >= threshold.
    decision : ``NORMAL`` or ``PNEUMONIA``.
    gate : whether the picture may be judged at all; a refused one still carries its score.
    """

    run: str
    sha256: str
    probability: float
    threshold: float
    operating_point: str
    decision: str
    gate: Gate


class Classifier:
    """A finished run, ready to judge.

    Parameters
    ----------
    run : with its ``model.onnx``.
    threads : of ONNX Runtime; all cores by default.
    """

    def __init__(self, run: Run, threads: int | None = None):
        if not run.servable:
            raise RunError(
                f"The run {run.name} has no exported network.",
                "Choose a finished run: 'python -m pipeline runs' lists them.",
            )
        self.run = run
        self._threads = threads

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return _session(self.run.folder / "model.onnx", self._threads)

    @property
    def size_px(self) -> int:
        return self.run.document["input"]["size_px"]

    def prepare(self, image: np.ndarray) -> np.ndarray:
        """Resize a grey image (H, W) uint8 to the (size_px, size_px) uint8 the network sees."""
        return resize(image, self.size_px)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return uncalibrated log odds of pneumonia (N,) for prepared images (N, S, S)."""
        return _logits(self._session, images)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities (N, 2), columns NORMAL and PNEUMONIA.

        Parameters
        ----------
        images : (N, size_px, size_px), any numeric type, values 0 to 255.
        """
        positive = evaluation.probability(self.logits(images), self.run.temperature)
        columns = np.empty((len(positive), len(CLASS_NAMES)))
        columns[:, NORMAL], columns[:, PNEUMONIA] = 1 - positive, positive
        return columns

    def judge(self, picture: Picture | bytes | str | Path, point: str | None = None) -> Verdict:
        """Judge one picture at an operating point of the run (its default if none is named).

        Raises
        ------
        ImageError : if the picture cannot be read.
        """
        if not isinstance(picture, Picture):
            picture = read_picture(picture)
        point = point or self.run.document["operating_point"]
        threshold = self.run.operating_points[point]["threshold"]
        prepared = self.prepare(picture.image)
        probability = float(self.probabilities(prepared[None])[0, PNEUMONIA])
        return Verdict(
            run=self.run.name,
            sha256=picture.sha256,
            probability=probability,
            threshold=threshold,
            operating_point=point,
            decision=CLASS_NAMES[PNEUMONIA if probability >= threshold else NORMAL],
            gate=check(picture),
        )

    @staticmethod
    def raw_logits(model: Path, images: np.ndarray) -> np.ndarray:
        """Return the log odds (N,) of an exported network that is not part of a run yet."""
        return _logits(_session(model, None), images)


def _session(model: Path, threads: int | None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exception types share no base but this
        raise RunError(
            f"The network of {model.parent.name} cannot be loaded.",
            "Restore its model.onnx, or train the run again.",
        ) from error


def _logits(session: onnxruntime.InferenceSession, images: np.ndarray) -> np.ndarray:
    entry = session.get_inputs()[0]
    size_px, channels = entry.shape[1], entry.shape[3]
    if images.ndim != 3 or images.shape[1:] != (size_px, size_px):
        raise ValueError(f"Expected images (N, {size_px}, {size_px}). Received: {images.shape}")
    scores = [np.empty((0, len(CLASS_NAMES)), np.float32)]
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH, ..., None].astype(np.float32)
        if channels > 1:
            batch = np.repeat(batch, channels, axis=-1)
        scores.append(session.run(None, {entry.name: batch})[0])
    return evaluation.pneumonia_logit(np.concatenate(scores))
