"""What becomes of a batch's pictures: the same on every engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow

from pipeline.batch.columns import RESULTS
from pipeline.batch.places import Place
from pipeline.classifier import Classifier, Verdict
from pipeline.errors import BatchError, Cancelled, ImageError
from pipeline.explain import LOOKS_INSIDE, Explanation
from pipeline.explain.explanation import TOP, number_or_none
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.explain.trust import Trust
from pipeline.gate import stored_model
from pipeline.images import read_picture
from pipeline.request import Request, explain
from pipeline.runs import Run

# Judged by one call of the network. One core is as quick with one as with sixteen; a stop is
# noticed between two of these.
TOGETHER = 16
# Fetched at a time for every core where pictures do not lie on a disk: there they are waited for.
FETCHED = 8


@dataclass(frozen=True)
class Task:
    """All that a result depends on besides the pictures themselves.

    Attributes
    ----------
    run, model_sha256 : the network.
    temperature, threshold, point : how its answer is calibrated and called.
    gate_sha256 : of the gate's model.
    source : the place that relative names are below.
    listing_sha256 : of the list; see `Listing`.
    pictures : how many it lists.
    request : how to explain; None not to.
    """

    run: str
    model_sha256: str
    temperature: float
    threshold: float
    point: str
    gate_sha256: str
    source: str
    listing_sha256: str
    pictures: int
    request: Request | None = None

    @classmethod
    def of(cls, run: Run, point: str | None, listing, request: Request | None = None) -> Task:
        """Describe what is asked.

        Raises
        ------
        RunError : if the run has no such operating point.
        """
        named = run.point(point)
        return cls(
            run.name,
            run.document["model_sha256"],
            run.temperature,
            run.operating_points[named]["threshold"],
            named,
            stored_model().document["npz_sha256"],
            listing.source.name,
            listing.sha256,
            len(listing),
            request,
        )

    def to_json(self) -> str:
        return json.dumps({"schema": 1, **asdict(self)}, sort_keys=True)


class Judge:
    """A run that judges, and perhaps explains, pictures of a list, in the calling thread.

    May be shared by threads.

    Raises
    ------
    RunError : if the run cannot judge, or has no feature maps and the method looks at them.
    """

    def __init__(self, run: Run, task: Task):
        self._classifier = Classifier(run, threads=1)
        self._task = task
        inside = task.request is not None and task.request.method in LOOKS_INSIDE
        self._feature_maps = FeatureMaps(run, threads=1) if inside else None

    def __call__(
        self, pictures: pyarrow.Table, should_stop: Callable[[], bool] = lambda: False
    ) -> pyarrow.Table:
        """Judge pictures of a list.

        Parameters
        ----------
        pictures : columns as in `LISTED`.
        should_stop : asked every few pictures.

        Returns
        -------
        A row for each, in their order, columns as in `RESULTS`.

        Raises
        ------
        Cancelled : when `should_stop` says so.
        """
        rows = []
        for start in range(0, pictures.num_rows, TOGETHER):
            if should_stop():
                raise Cancelled("The batch")
            listed = pictures.slice(start, TOGETHER).to_pylist()
            answers = self._answers([row["file"] for row in listed], should_stop)
            rows += [self._row(*pair) for pair in zip(listed, answers, strict=True)]
        return pyarrow.Table.from_pylist(rows, RESULTS)

    def _answers(self, files: Sequence[str], should_stop: Callable[[], bool]) -> list:
        """Return for each file a verdict, perhaps with its explanation, or an error."""
        source = Place(self._task.source)
        if self._task.request is not None:
            return [self._explained(source, file, should_stop) for file in files]
        if source.local is not None:
            found = (_fetched(source, file) for file in files)
            return self._classifier.judge_together(found, self._task.point)
        with ThreadPoolExecutor(FETCHED) as pool:
            found = pool.map(lambda file: _fetched(source, file), files)
            return self._classifier.judge_together(found, self._task.point)

    def _explained(
        self, source: Place, file: str, should_stop: Callable[[], bool]
    ) -> tuple[Verdict, Explanation, Trust | None] | ImageError:
        fetched = _fetched(source, file)
        if isinstance(fetched, ImageError):
            return fetched
        try:
            picture = read_picture(fetched)
        except ImageError as error:
            return error
        classifier = self._classifier
        told, trust = explain(
            classifier,
            classifier.prepare(picture.image),
            self._task.request,
            feature_maps=self._feature_maps,
            should_stop=should_stop,
        )
        return classifier.judge(picture, self._task.point), told, trust

    def _row(self, listed: dict, answer) -> dict:
        if isinstance(answer, ImageError):
            return listed | {"error": answer.message, "hint": answer.hint}
        verdict, *explained = answer if isinstance(answer, tuple) else (answer,)
        row = listed | verdict.to_json()
        row |= {
            "operating_point": verdict.operating_point,
            "model_sha256": self._task.model_sha256,
        }
        if explained:
            row["explanation"] = _told(*explained)
        return row


def _fetched(source: Place, file: str) -> Path | bytes | ImageError:
    try:
        return source.below(file).picture()
    except BatchError as error:  # one address that cannot be opened here is no end of the others
        return ImageError(error.message, error.hint)


def _told(told: Explanation, trust: Trust | None) -> dict:
    """Return the strongest superpixels with their intervals, and what is known of the map's worth.

    Only those are named whose interval leaves out zero, as on the pages.
    """
    return {
        "method": told.method,
        "unit": told.unit,
        "segments": len(told.weights),
        "samples": told.samples,
        "strongest": [
            {
                "superpixel": int(label),
                "weight": float(told.weights[label]),
                "low": float(told.weights[label] - told.margins[label]),
                "high": float(told.weights[label] + told.margins[label]),
            }
            for label in told.ranked()[:TOP]
        ],
        "fidelity_r2": number_or_none(told.fidelity_r2),
        "stability": told.stability,
        "settled": told.settled,
        "trust": trust.verdict.kind if trust else None,
        "sentence": trust.verdict.sentence if trust else None,
    }
