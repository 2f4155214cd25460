"""Pictures judged and explained: one with all cores, or many, one on each core."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import TypeVar

from pipeline.classifier import Classifier
from pipeline.errors import ImageError
from pipeline.explain import LOOKS_INSIDE
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.images import DECODERS, read_picture
from pipeline.report import Report, Shown
from pipeline.request import Request, explain
from pipeline.runs import Run

Kept = TypeVar("Kept")


class Explainer:
    """A run that judges pictures and explains its verdicts. May be shared by threads.

    Parameters
    ----------
    run : a finished one.
    request : how to explain.
    threads : of ONNX Runtime; all cores by default.

    Raises
    ------
    RunError : if the run cannot judge, or has no feature maps and the method looks at them.
    """

    def __init__(self, run: Run, request: Request, threads: int | None = None):
        self.run, self.request = run, request
        self._classifier = Classifier(run, threads)
        inside = request.method in LOOKS_INSIDE
        self._feature_maps = FeatureMaps(run, threads) if inside else None
        self._decoding = BoundedSemaphore(DECODERS)

    def __call__(self, path: Path, progress: Callable[[float], None] = lambda _: None) -> Report:
        """Judge and explain one file.

        Parameters
        ----------
        progress : called with the share of the work that is done, up to 1.

        Raises
        ------
        ImageError : if it cannot be read.
        """
        request, classifier = self.request, self._classifier
        with self._decoding:
            picture = read_picture(path)
        image = classifier.prepare(picture.image)
        explanation, trust = explain(
            classifier, image, request, feature_maps=self._feature_maps, progress=progress
        )
        return Report(
            picture,
            self.run,
            classifier.judge(picture),
            explanation=explanation,
            trust=trust,
            shown=Shown(mask=True, heat=True, k=request.k, samples=request.samples),
        )


def explain_all(
    run: Run, paths: Sequence[Path], request: Request, finish: Callable[[Path, Report], Kept]
) -> Iterator[Kept | ImageError]:
    """Explain files on all cores, one thread each, and yield what `finish` makes of them in order.

    `finish` runs beside the other pictures' work. A picture that cannot be read gives its error
    in its place. As much is held at a time as the cores need, whatever the number of files.

    Raises
    ------
    RunError : if the run cannot judge, or cannot be explained by that method.
    """
    cores = os.cpu_count() or 1
    explainer = Explainer(run, request, threads=1)

    def work(path: Path) -> Kept | ImageError:
        try:
            return finish(path, explainer(path))
        except ImageError as error:
            return error

    return _in_order(work, paths, cores)


def _in_order(work: Callable, items: Sequence, workers: int) -> Iterator:
    pool, waiting = ThreadPoolExecutor(workers), deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Whoever stops in the middle waits for what is under way, and for nothing else.
        pool.shutdown(cancel_futures=True)
