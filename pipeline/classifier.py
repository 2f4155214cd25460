"""A run that can be called: grey images in, calibrated probabilities and a decision out.

Runs on ONNX Runtime: no TensorFlow is imported, and one classifier may be shared by threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime

from pipeline import evaluation, network
from pipeline.config import CLASS_NAMES, NORMAL, PNEUMONIA
from pipeline.errors import ImageError, RunError
from pipeline.gate import Gate, check
from pipeline.images import DECODERS, Picture, read_picture, resize
from pipeline.runs import Run

# Small batches are quickest on a CPU: the feature maps stay in its cache (measured by
# `python -m pipeline benchmark serve`).
BATCH = 8
# Of a larger call, what one core judges on its own while the others judge theirs: a tenth quicker
# than all of them sharing every batch.
SHARE = 16

Source = Picture | bytes | str | Path


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
        self.run = run
        self._threads = threads or os.cpu_count() or 1
        self._content = network.stored(run)
        self._session = network.session(self._content, run.name, self._threads)

    @property
    def size_px(self) -> int:
        return self.run.document["input"]["size_px"]

    def prepare(self, image: np.ndarray) -> np.ndarray:
        """Resize a grey image (H, W) uint8 to the (size_px, size_px) uint8 the network sees."""
        return resize(image, self.size_px)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return uncalibrated log odds of pneumonia (N,) for prepared images (N, S, S)."""
        if self._threads == 1 or len(images) <= SHARE:
            return _logits(self._session, images)
        network.require_size(self._session, images)
        session, pool = self._side_by_side
        shares = [images[start : start + SHARE] for start in range(0, len(images), SHARE)]
        return np.concatenate(list(pool.map(partial(_logits, session, batch=SHARE), shares)))

    @cached_property
    def _side_by_side(self) -> tuple[onnxruntime.InferenceSession, ThreadPoolExecutor]:
        """The network once more, for calls of one thread each, and who makes them.

        Made when it is first needed: whoever judges one picture does not wait for it.
        """
        return network.session(self._content, self.run.name, 1), ThreadPoolExecutor(self._threads)

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
                yield from self._answers(list(pool.map(self._look_or_error, batch)), named)

    def judge_together(
        self, pictures: Iterable[Source | ImageError], point: str | None = None
    ) -> list[Verdict | ImageError]:
        """Judge a few pictures in the calling thread, in their order; as `judge_all` otherwise.

        For callers that have a thread for every core. One picture is held decoded at a time. An
        error in place of a picture, which could not even be fetched, keeps its place.

        Raises
        ------
        RunError : if the run has no such operating point.
        """
        named = self.threshold(point)
        return self._answers([self._look_or_error(picture) for picture in pictures], named)

    def _answers(
        self, seen: list[_Seen | ImageError], named: tuple[str, float]
    ) -> list[Verdict | ImageError]:
        verdicts = iter(self._verdicts([one for one in seen if isinstance(one, _Seen)], named))
        return [next(verdicts) if isinstance(one, _Seen) else one for one in seen]

    def _look(self, picture: Source) -> _Seen:
        if not isinstance(picture, Picture):
            picture = read_picture(picture)
        return _Seen(self.prepare(picture.image), picture.sha256, check(picture))

    def _look_or_error(self, picture: Source | ImageError) -> _Seen | ImageError:
        if isinstance(picture, ImageError):
            return picture
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
        return _logits(network.session(network.read(model), model.parent.name), images)


@dataclass(frozen=True)
class _Seen:
    """What is kept of a picture once it has been decoded: little, whatever its size."""

    prepared: np.ndarray
    sha256: str
    gate: Gate


def _logits(
    session: onnxruntime.InferenceSession, images: np.ndarray, batch: int = BATCH
) -> np.ndarray:
    network.require_size(session, images)
    scores = [np.empty((0, len(CLASS_NAMES)), np.float32)]
    for start in range(0, len(images), batch):
        fed = network.feed(session, images[start : start + batch])
        scores.append(session.run(None, fed)[0])
    return evaluation.pneumonia_logit(np.concatenate(scores))
