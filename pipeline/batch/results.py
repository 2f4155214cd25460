"""The results of a batch opened again: as figures for a page, as pictures for readers."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

from pipeline import evaluation, isolated
from pipeline.batch import unpacked
from pipeline.batch.columns import ABOUT, RESULTS
from pipeline.batch.places import Place
from pipeline.config import NORMAL, PNEUMONIA
from pipeline.errors import BatchError, ImageError

# Of an upload. Twenty thousand results have two megabytes.
LIMIT_MB = 64
LIMIT_ROWS = 200_000
PROGRAM = Path(unpacked.__file__)
_CERTAIN = 1e-12  # what lies nearer to 0 or 1 counts as this
# Intervals of many pictures are narrow however they are drawn, and a thousand draws take a minute.
_MANY, _RESAMPLES, _FEWER = 20_000, 1000, 200


@dataclass(frozen=True, eq=False)
class Results:
    """What a batch's results say, without names of files.

    Attributes
    ----------
    run, point, threshold : who judged, and from which probability on it calls pneumonia.
    probability : (N,) float64, NaN for a picture that could not be read.
    accepted : (N,) bool, False for one that the gate refuses; it is judged, too.
    label : (N,) int8, 0 NORMAL, 1 PNEUMONIA, -1 where it is not known.
    patient : (N,) int, the same for pictures of one child, -1 where it is not known.

    Raises
    ------
    ValueError : if they do not fit together.
    """

    run: str
    point: str
    threshold: float
    probability: np.ndarray = field(repr=False)
    accepted: np.ndarray = field(repr=False)
    label: np.ndarray = field(repr=False)
    patient: np.ndarray = field(repr=False)

    def __post_init__(self):
        shapes = {getattr(self, name).shape for name in ("accepted", "label", "patient")}
        if shapes != {(len(self.probability),)}:
            raise ValueError(f"Expected columns of one length. Received: {shapes}")
        known = self.probability[self.judged]
        if len(known) and not (known.min() >= 0 and known.max() <= 1 and 0 <= self.threshold <= 1):
            raise ValueError("Expected probabilities and a threshold in [0, 1]. Received: others")
        if not np.isin(self.label, (-1, NORMAL, PNEUMONIA)).all():
            raise ValueError("Expected labels -1, 0 or 1. Received: others")

    @property
    def judged(self) -> np.ndarray:
        """(N,) bool."""
        return ~np.isnan(self.probability)

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures: ``{"pictures", "judged", "refused", "unreadable", "called"}``."""
        judged = self.judged
        return {
            "pictures": len(judged),
            "judged": int(judged.sum()),
            "refused": int((judged & ~self.accepted).sum()),
            "unreadable": int((~judged).sum()),
            "called": int((self.probability[judged] >= self.threshold).sum()),
        }

    @cached_property
    def report(self) -> dict | None:
        """Figures of the labelled pictures, as `pipeline.evaluation.report`; None without any.

        Pictures whose child is not known are each a child's of their own.
        """
        own = self.judged & (self.label >= 0)
        if not own.any():
            return None
        patient = self.patient[own].astype(np.int64)
        alone = patient < 0
        patient[alone] = len(self.label) + np.arange(alone.sum())
        return evaluation.report(
            self.probability[own],
            self.label[own],
            self.threshold,
            patient,
            resamples=_RESAMPLES if len(patient) <= _MANY else _FEWER,
        )

    def histogram(self, bins: int = 20) -> dict[str, np.ndarray]:
        """Count judged pictures (bins,) by probability, for each label that there is."""
        names = {"NORMAL": NORMAL, "PNEUMONIA": PNEUMONIA, "label not known": -1}
        counted = {
            name: np.histogram(
                self.probability[self.judged & (self.label == label)], bins, range=(0, 1)
            )[0]
            for name, label in names.items()
        }
        return {name: counts for name, counts in counted.items() if counts.any()}


def opened(content: bytes, program: Path = PROGRAM) -> Results:
    """Open results that somebody sent, in a process of their own.

    Parameters
    ----------
    content : a Parquet file as ``python -m pipeline batch`` writes it.
    program : a Python file that is called as `pipeline.batch.unpacked` is.

    Raises
    ------
    BatchError : for every other file.
    """
    if len(content) > LIMIT_MB * 1_000_000:
        raise BatchError(f"The file is larger than {LIMIT_MB} MB.", _SMALLER)
    limits = unpacked.LIMIT_BYTES, unpacked.LIMIT_SECONDS
    ended = isolated.run(program, (LIMIT_ROWS,), content, *limits)
    if ended is not None and ended.returncode == unpacked.TOO_MANY:
        raise BatchError(f"The file holds more than {LIMIT_ROWS:,} pictures.", _SMALLER)
    if ended is None or ended.returncode:
        raise _no_results()
    try:
        with np.load(io.BytesIO(ended.stdout), allow_pickle=False) as found:
            thresholds = found["threshold"]
            if len(thresholds) > 1:
                raise _no_results()
            return Results(
                str(found["run"]),
                str(found["operating_point"]),
                float(thresholds[0]) if len(thresholds) else 0.0,
                *(found[name] for name in ("probability", "accepted", "label", "patient")),
            )
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise _no_results() from error


@dataclass(frozen=True)
class Case:
    """A picture of a batch that readers are to see.

    Attributes
    ----------
    file : as the results name it.
    source : where it lies, or its bytes.
    label : 0 normal, 1 pneumonia, None where it is not known.
    patient : None where it is not known.
    """

    file: str
    source: Path | bytes = field(repr=False)
    label: int | None
    patient: str | None


def chosen(place: Place, count: int | None, seed: int, least_sure: bool) -> list[Case]:
    """Choose judged pictures of results that lie somewhere, and find them again.

    Parameters
    ----------
    count : how many; all by default.
    seed : draws them.
    least_sure : take those whose log odds lie nearest to the threshold's instead, nearest first.

    Raises
    ------
    BatchError : if these are no results, or have too few pictures, or a picture has gone or
        changed.
    """
    source, table = _read(place)
    table = table.filter(table["error"].is_null())
    count = table.num_rows if count is None else count
    if not 0 < count <= table.num_rows:
        raise BatchError(
            f"The results hold {table.num_rows} judged pictures, too few for {count} cases.",
            "Ask for fewer.",
        )
    if least_sure:
        odds = [
            evaluation.log_odds(table[name].to_numpy(), _CERTAIN)
            for name in ("probability", "threshold")
        ]
        order = np.argsort(np.abs(odds[0] - odds[1]), kind="stable")
    else:
        order = np.random.default_rng(seed).permutation(table.num_rows)
    return [_found(source, row) for row in table.take(order[:count]).to_pylist()]


def _read(place: Place) -> tuple[Place, pyarrow.Table]:
    columns = ["file", "sha256", "probability", "threshold", "error", "label", "patient"]
    try:
        file = parquet.ParquetFile(io.BytesIO(place.read()))
        about = json.loads((file.metadata.metadata or {})[ABOUT])
        if not file.schema_arrow.equals(RESULTS):
            raise _no_results()
        return Place.of(about["source"]), file.read(columns)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _no_results() from error


def _found(source: Place, row: dict) -> Case:
    """Find a picture again.

    Raises
    ------
    BatchError : if it is not the one that was judged.
    """
    picture = source.below(row["file"]).picture()
    if isinstance(picture, ImageError):
        raise BatchError(picture.message, picture.hint)
    try:
        content = picture.read_bytes() if isinstance(picture, Path) else picture
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise BatchError(
            "A picture of these results has gone or has changed since it was judged.",
            "Put it back where it was, or judge the batch anew.",
        )
    return Case(row["file"], picture, row["label"], row["patient"])


_SMALLER = "Judge it by 'python -m pipeline evaluate', or open a part of it."


def _no_results() -> BatchError:
    return BatchError(
        "This file holds no results of one batch.",
        "Choose a Parquet file that 'python -m pipeline batch' has written.",
    )
