"""A run that can be called: grey images in, calibrated probabilities and a decision out.

Runs on ONNX Runtime: no TensorFlow is imported, and one classifier may be shared by threads.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from pipeline import evaluation
from pipeline.config import CLASS_NAMES, NORMAL, PNEUMONIA
from pipeline.errors import ImageError, RunError
from pipeline.gate import Gate, check
from pipeline.images import Picture, read_picture, resize
from pipeline.runs import Run

# Small batches are quickest on a CPU: the feature maps stay in its cache (measured by
# `python -m pipeline benchmark serve`).
BATCH = 8
# Pictures decoded at a time. The largest accepted one needs up to 0.5 GB while it is decoded.
DECODERS = min(4, os.cpu_count() or 1)

Source = Picture | bytes | str | Path

_NEEDED = ("input", "calibration", "operating_points", "operating_point", "model_sha256")
# What ONNX Runtime raises on a network that it cannot load; they share no base but Exception.
_LOADING_ERRORS = (
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NotImplemented,
    native.RuntimeException,
)


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

    def to_json(self) -> dict:
        """Return what ``predict --json`` prints of a picture, apart from its file name."""
        return {
            "sha256": self.sha256,
            "run": self.run,
            "probability": self.probability,
            "threshold": self.threshold,
            "decision": self.decision,
            "accepted": self.gate.accepted,
            "reasons": list(self.gate.reasons),
        }


class Classifier:
    """A finished run, ready to judge. May be shared by threads.

    Parameters
    ----------
    run : with its ``model.onnx``, which must be the one that ``run.json`` was written for.
    threads : of ONNX Runtime; all cores by default.

    Raises
    ------
    RunError : if the run is not finished, or its files are damaged or do not belong together.
    """

    def __init__(self, run: Run, threads: int | None = None):
        if not run.servable:
            raise RunError(
                f"The run {run.name} has no exported network.",
                "Choose a finished run: 'python -m pipeline runs' lists them.",
            )
        missing = [key for key in _NEEDED if key not in run.document]
        if missing:
            raise RunError(
                f"run.json of {run.name} lacks {', '.join(missing)}.",
                "Restore the file, or train the run again.",
            )
        self.run = run
        self._session = _session(run.folder / "model.onnx", threads, run.document["model_sha256"])

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

    def threshold(self, point: str | None = None) -> tuple[str, float]:
        """Return the name and threshold of an operating point, the run's default if none is named.

        Raises
        ------
        RunError : naming the points that the run has.
        """
        point = point or self.run.document["operating_point"]
        if point not in self.run.operating_points:
            raise RunError(
                f"The run {self.run.name} has no operating point called {point!r}.",
                f"Choose one of {', '.join(self.run.operating_points)}.",
            )
        return point, self.run.operating_points[point]["threshold"]

    def judge(self, picture: Source, point: str | None = None) -> Verdict:
        """Judge one picture at an operating point of the run (its default if none is named).

        Raises
        ------
        ImageError : if the picture cannot be read.
        RunError : if the run has no such operating point.
        """
        named = self.threshold(point)
        return self._verdicts([self._look(picture)], named)[0]

    def judge_all(
        self, pictures: Iterable[Source], point: str | None = None
    ) -> Iterator[Verdict | ImageError]:
        """Judge any number of pictures, in their order.

        A picture that cannot be read gives its error in place of a verdict. At most `DECODERS`
        pictures are held decoded at a time, so that memory does not grow with their number.

        Raises
        ------
        RunError : at once, if the run has no such operating point.
        """
        return self._judge_all(pictures, self.threshold(point))

    def _judge_all(self, pictures, named):
        remaining = iter(pictures)
        with ThreadPoolExecutor(DECODERS) as pool:
            while batch := list(islice(remaining, BATCH)):
                seen = list(pool.map(self._look_or_error, batch))
                readable = [one for one in seen if isinstance(one, _Seen)]
                verdicts = iter(self._verdicts(readable, named))
                for one in seen:
                    yield next(verdicts) if isinstance(one, _Seen) else one

    def _look(self, picture: Source) -> _Seen:
        if not isinstance(picture, Picture):
            picture = read_picture(picture)
        return _Seen(self.prepare(picture.image), picture.sha256, check(picture))

    def _look_or_error(self, picture: Source) -> _Seen | ImageError:
        try:
            return self._look(picture)
        except ImageError as error:
            return error

    def _verdicts(self, seen: list[_Seen], named: tuple[str, float]) -> list[Verdict]:
        if not seen:
            return []
        point, threshold = named
        probabilities = self.probabilities(np.stack([one.prepared for one in seen]))
        return [
            Verdict(
                run=self.run.name,
                sha256=one.sha256,
                probability=float(probability),
                threshold=threshold,
                operating_point=point,
                decision=CLASS_NAMES[PNEUMONIA if probability >= threshold else NORMAL],
                gate=one.gate,
            )
            for one, probability in zip(seen, probabilities[:, PNEUMONIA], strict=True)
        ]

    @staticmethod
    def raw_logits(model: Path, images: np.ndarray) -> np.ndarray:
        """Return the log odds (N,) of an exported network that is not part of a run yet."""
        return _logits(_session(model), images)


@dataclass(frozen=True)
class _Seen:
    """What is kept of a picture once it has been decoded: little, whatever its size."""

    prepared: np.ndarray
    sha256: str
    gate: Gate


def _session(
    model: Path, threads: int | None = None, sha256: str | None = None
) -> onnxruntime.InferenceSession:
    name = model.parent.name
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    # A thread that spins while it waits takes the core from another session's work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        content = model.read_bytes()
        # Read once, so that the bytes that are checked are those that are loaded.
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise RunError(
                f"The network of {name} is damaged, or not the one its run.json describes.",
                "Restore its model.onnx, or train the run again.",
            )
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except (OSError, *_LOADING_ERRORS) as error:
        raise RunError(
            f"The network of {name} cannot be loaded.",
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
