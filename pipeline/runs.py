"""Runs: what was trained, how, on which data, how well. Imports no TensorFlow.

A run is a folder ``artifacts/runs/<name>/`` that describes itself:

``run.json``         status, architecture, configuration, data, versions, calibration, thresholds
``history.csv``      a row per epoch, appended while training
``predictions.csv``  file name, split, label, score and probability of every judged picture
``metrics.json``     held-out results with counts and intervals
``model.keras``, ``model.onnx``   the network, with its rescaling inside
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import CLASS_NAMES
from pipeline.errors import RunError
from pipeline.storage import read_object

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
# Recorded: a training of the notebooks, of which only figures are left. Imported: one that another
# program logged.
STATUSES = ("finished", "unfinished", "recorded", "imported")

# The columns of history.csv. `loss` is the plain cross-entropy on both sides, so that the two
# can be compared; what training minimises (smoothed, weighted) is `objective`.
HISTORY_COLUMNS = (
    "epoch",
    "seconds",
    "learning_rate",
    "objective",
    "loss",
    "accuracy",
    "auc",
    "sensitivity",
    "specificity",
    "val_loss",
    "val_accuracy",
    "val_auc",
    "val_sensitivity",
    "val_specificity",
)
# Of stored log odds: those of a network that is very sure lie less than a millionth apart.
LOGIT_DIGITS = 9
PREDICTION_COLUMNS = ("file", "split", "label", "kind", "patient", "logit", "probability")

# Words in the names of figures, ours and other programs', that are better when lower.
_ERRORS = {
    *("loss", "objective", "error", "mae", "mse", "rmse", "mape", "msle", "nll", "bce", "ece"),
    *("entropy", "crossentropy", "perplexity", "brier", "hinge", "divergence"),
}
# What a run.json must hold, and what it may: a page that meets text for a number would fall over.
_MUST = {
    "name": str,
    "status": str,
    "architecture": str,
    "title": str,
    "parameters": dict,
    "config": dict,
}
_MAY = {
    **dict.fromkeys(("data", "input", "calibration", "operating_points", "abstain"), dict),
    **dict.fromkeys(("tags", "notes"), list),
    **dict.fromkeys(("operating_point", "model_sha256", "history_sha256", "started"), str),
}
_SETTINGS = {
    **dict.fromkeys(("seed", "epochs", "patience", "batch_size"), int),
    **dict.fromkeys(("monitor", "recipe"), str),
}
# Columns of a history that count; the first is always there.
_COUNTING = ("epoch", "step", "seconds")
_LARGEST = 2**53  # beyond this floats no longer count by ones
_SEED = re.compile(r"-seed\d+$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Run:
    """A run as its ``run.json`` tells it.

    Attributes
    ----------
    folder : where it lies.
    document : the content of ``run.json``.
    """

    folder: Path
    document: dict[str, Any] = field(repr=False)

    def __post_init__(self):
        missing = [key for key in _MUST if key not in self.document]
        if missing:
            raise RunError(
                f"run.json of {self.folder.name} lacks {', '.join(missing)}.",
                "Train the run again, or remove its folder.",
            )
        if odd := _odd(self.document):
            raise RunError(
                f"run.json of {self.folder.name} makes no sense where it tells {', '.join(odd)}.",
                "Restore the file, or remove the run's folder.",
            )
        if self.status not in STATUSES:
            raise RunError(
                f"run.json of {self.folder.name} has the unknown status {self.status!r}.",
                "It may come from a newer version of this program: update, or remove the folder.",
            )

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def title(self) -> str:
        return self.document["title"]

    @property
    def status(self) -> str:
        return self.document["status"]

    @property
    def architecture(self) -> str:
        return self.document["architecture"]

    @property
    def config(self) -> dict:
        return self.document["config"]

    @property
    def parameters(self) -> int | None:
        """Return how many weights the network has; None for an imported run, which does not say."""
        return self.document["parameters"].get("total")

    @property
    def recipe(self) -> str:
        return self.config.get("recipe", "")

    @property
    def configuration(self) -> str:
        """Return what runs share that differ by nothing but the seed."""
        return _SEED.sub("", self.name)

    @property
    def is_baseline(self) -> bool:
        """Whether the architecture is one of the 2021 notebooks, kept to compare with."""
        return "notebook" in self.tags

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self.document.get("tags", ()))

    @property
    def notes(self) -> tuple[str, ...]:
        """Faults and peculiarities, each a sentence."""
        return tuple(self.document.get("notes", ()))

    @property
    def seed(self) -> int | None:
        return self.config.get("seed")

    @property
    def temperature(self) -> float:
        return self.document["calibration"]["temperature"]

    @property
    def operating_points(self) -> dict[str, dict]:
        return self.document["operating_points"]

    def point(self, asked: str | None = None) -> str:
        """Return the name of the operating point asked for, or the run's own if none is.

        Raises
        ------
        RunError : naming the points that the run has.
        """
        points = self.document.get("operating_points", {})
        chosen = asked or self.document.get("operating_point")
        if chosen not in points:
            raise RunError(
                f"The run {self.name} has no operating point {chosen!r}.",
                f"Choose one of: {', '.join(points) or 'none, the run is not finished'}.",
            )
        return chosen

    def band(self, threshold: float) -> tuple[float, float] | None:
        """Return from where to where the run would rather make no call; None if it always calls.

        Widened to hold `threshold`: a call outside of the band is then the same with it or without.
        """
        stored = self.document.get("abstain")
        if not stored:
            return None
        edges = (stored["low"], stored["high"], threshold)
        return min(edges), max(edges)

    @property
    def servable(self) -> bool:
        """Whether the run can judge a picture: finished, with its exported network."""
        return self.status == "finished" and (self.folder / "model.onnx").is_file()

    def history(self) -> pd.DataFrame:
        """Return one row per epoch; columns of `HISTORY_COLUMNS` that were not recorded are absent.

        A last line that is still being written is left out.
        """
        import pandas as pd  # here: half a second and 60 MB that judging a picture does without

        path = self.folder / "history.csv"
        if not path.is_file():
            return pd.DataFrame({"epoch": pd.Series(dtype=int)})
        damaged = RunError(
            f"history.csv of {self.name} is damaged.", "Restore the file, or train again."
        )
        try:
            text = path.read_text(encoding="utf-8")
            complete = text[: text.rfind("\n") + 1]
            if not complete:
                return pd.DataFrame({"epoch": pd.Series(dtype=int)})
            rows = pd.read_csv(io.StringIO(complete))
        except (pd.errors.ParserError, ValueError) as error:
            raise damaged from error
        if "epoch" not in rows:
            raise damaged
        rows = rows if rows.empty else rows.dropna(axis=1, how="all")
        counting = [rows[name] for name in _COUNTING if name in rows]
        if len(rows) and not (
            "epoch" in rows
            and all(pd.api.types.is_numeric_dtype(column) for column in counting)
            and rows["epoch"].abs().lt(_LARGEST).all()
        ):
            raise damaged
        return rows

    def predictions(self) -> pd.DataFrame:
        """Return `PREDICTION_COLUMNS` for every judged picture; empty for a recorded run."""
        return read_predictions(self.folder / "predictions.csv")

    def metrics(self) -> dict:
        """Return ``metrics.json`` as `pipeline.evaluation.judge` made it; {} if there is none."""
        path = self.folder / "metrics.json"
        return _read_json(path) if path.is_file() else {}


def read_predictions(path: Path) -> pd.DataFrame:
    """Return `PREDICTION_COLUMNS` as stored in a ``predictions.csv``; empty if there is none.

    Raises
    ------
    RunError : if the file is damaged.
    """
    import pandas as pd

    if not path.is_file():
        return pd.DataFrame(columns=list(PREDICTION_COLUMNS))
    # As text first: a patient called 007 or NA is a name, and some readers of pandas get the last
    # bit of a number wrong, while figures must come out as they did when the run was written.
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        return table.astype({"label": int, "logit": float, "probability": float})
    except (pd.errors.ParserError, KeyError, ValueError, OverflowError) as error:
        raise RunError(
            f"predictions.csv of {path.parent.name} is damaged.",
            "Restore the file, or train the run again.",
        ) from error


@dataclass(frozen=True)
class Listing:
    """What a runs folder holds: the runs that can be shown, and what is wrong with the others."""

    runs: tuple[Run, ...]
    damaged: tuple[RunError, ...]


def list_runs(folder: Path, unfinished: bool = False) -> Listing:
    """List the runs in `folder` by name.

    Parameters
    ----------
    folder : ``artifacts/runs``; if it does not exist the listing is empty.
    unfinished : also return runs whose training is under way or was cut off.
    """
    found, damaged = [], []
    if folder.is_dir():
        for entry in sorted(folder.iterdir()):
            if entry.name.startswith(".") or not (entry / "run.json").is_file():
                continue
            try:
                run = open_run(folder, entry.name)
            except RunError as error:
                damaged.append(error)
                continue
            if unfinished or run.status != "unfinished":
                found.append(run)
    return Listing(tuple(found), tuple(damaged))


def open_run(folder: Path, name: str) -> Run:
    """Open one run.

    Raises
    ------
    RunError : for a name that cannot be a run's, is not there, or whose ``run.json`` is damaged.
    """
    checked_name(name)
    path = folder / name / "run.json"
    if not path.is_file():
        there = ", ".join(run.name for run in list_runs(folder).runs) or "none yet"
        raise RunError(f"There is no run called {name!r}.", f"Runs that exist: {there}.")
    return Run(folder / name, _read_json(path))


def default_run(folder: Path) -> Run:
    """Return the run that judges when none is named: `default_of` all that can.

    Raises
    ------
    RunError : if no run can judge.
    """
    runs = [run for run in list_runs(folder).runs if run.servable]
    if not runs:
        raise RunError(
            "No trained network is stored yet.",
            "Train one with 'python -m pipeline train compact', or name one with --run.",
        )
    return default_of(runs)


def default_of(runs: Sequence[Run]) -> Run:
    """Return the default among runs that can judge; there must be one.

    The highest validation AUC of the project's own networks; a network of the notebooks only where
    there is no other. All runs of one data set are validated on the same patients, so the figures
    can be compared, and the test set has no say. Between architectures they are not enough: these
    patients were X-rayed like those in training, so a network that learns the machine looks good.
    """
    return min(runs, key=lambda run: (run.is_baseline, -_highest_validation_auc(run), run.name))


def _highest_validation_auc(run: Run) -> float:
    """Return 0 for a run that does not tell: it comes last, but it still can judge."""
    path = run.folder / "history.csv"
    if not path.is_file():
        return 0.0
    # Without pandas, which takes longer to load than a verdict takes.
    try:
        with path.open(encoding="utf-8", newline="") as file:
            told = [row.get("val_auc") for row in csv.DictReader(file)]
        return max((float(value) for value in told if value), default=0.0)
    except (ValueError, csv.Error):
        return 0.0


def checked_name(name: str) -> str:
    """Return `name` if it can name a run: a plain folder name without a path."""
    if not _NAME.fullmatch(name):
        raise RunError(
            f"{name!r} cannot be the name of a run.",
            "Use up to 80 letters, digits, dots, hyphens and underscores.",
        )
    return name


def best_epoch(history: pd.DataFrame, monitor: str = "val_loss") -> int | None:
    """Return the epoch with the lowest ``val_loss`` or highest ``val_auc``, the first of equals.

    None if `monitor` was not recorded.
    """
    if monitor not in history or history[monitor].dropna().empty:
        return None
    figures = history[monitor]
    best = figures.idxmin() if lower_is_better(monitor) else figures.idxmax()
    return int(history.loc[best, "epoch"])


def lower_is_better(figure: str) -> bool:
    """Whether a figure of a history counts errors, by its name: ``val_loss``, ``rmse``, ``ece``."""
    name = figure.lower()
    return name.endswith("loss") or not _ERRORS.isdisjoint(name.split("_"))


def plain_csv(columns: tuple[str, ...], rows: list[dict]) -> str:
    """Return rows as CSV with a header, as they are; a missing value is an empty field.

    For stored files. What people take away is `pipeline.spreadsheet`.
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _odd(document: dict) -> list[str]:
    """Return what of a run.json is of another kind than it must be."""
    told = {key: document[key] for key in _MAY if key in document}
    odd = [key for key, value in told.items() if not isinstance(value, _MAY[key])]
    odd += [key for key, kind in _MUST.items() if not isinstance(document[key], kind)]
    lists = [key for key in ("tags", "notes") if isinstance(told.get(key), list)]
    odd += [key for key in lists if not all(isinstance(one, str) for one in told[key])]
    if odd:
        return odd
    config, total = document["config"], document["parameters"].get("total")
    settings = {key: config[key] for key in _SETTINGS if config.get(key) is not None}
    odd += [key for key, value in settings.items() if not isinstance(value, _SETTINGS[key])]
    odd += ["parameters"] * (total is not None and not isinstance(total, int))
    data, points = told.get("data", {}), told.get("operating_points", {})
    numbers = {
        "data": [
            _at(data[split], name)
            for split in ("train", "validation")
            if split in data
            for name in CLASS_NAMES
        ],
        "operating_points": [_at(point, "threshold") for point in points.values()],
    }
    if told.get("calibration"):
        numbers["calibration"] = [_at(told["calibration"], "temperature")]
    if told.get("abstain"):
        numbers["abstain"] = [_at(told["abstain"], edge) for edge in ("low", "high")]
    return odd + [key for key, found in numbers.items() if not all(map(_is_number, found))]


def _at(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and -_LARGEST < value < _LARGEST


def class_counts(labels) -> dict[str, int]:
    """Return how many of `labels` (N,) fall into each class."""
    return {name: int(sum(labels == value)) for value, name in enumerate(CLASS_NAMES)}


def _read_json(path: Path) -> dict:
    return read_object(
        path,
        f"{path.name} of {path.parent.name}",
        "Restore the file, or remove the run's folder.",
    )
