"""One picture read and judged for a page: counted, timed and logged."""

from __future__ import annotations

import time

from dashboard import logs, metrics, state
from pipeline.classifier import Classifier, Verdict
from pipeline.errors import ImageError
from pipeline.images import Picture, read_picture


def read(data: bytes, sha256: str) -> Picture:
    """Decode a picture.

    Raises
    ------
    ImageError : if it cannot be read.
    """
    began = time.perf_counter()
    try:
        with metrics.decoding():
            return read_picture(data)
    except ImageError:
        metrics.picture(metrics.UNREADABLE)
        _tell(metrics.UNREADABLE, sha256, began)
        raise


def judge(classifier: Classifier, picture: Picture, point: str | None) -> Verdict:
    """Judge a picture at an operating point."""
    began = time.perf_counter()
    with metrics.judging():
        verdict = classifier.judge(picture, point)
    outcome = metrics.JUDGED if verdict.gate.accepted else metrics.REFUSED
    metrics.picture(outcome, verdict.gate.kinds)
    _tell(outcome, picture.sha256, began)
    return verdict


def _tell(outcome: str, sha256: str, began: float) -> None:
    logs.tell(
        "picture",
        outcome=outcome,
        picture=sha256,
        person=state.person(),
        milliseconds=round(1000 * (time.perf_counter() - began)),
    )
