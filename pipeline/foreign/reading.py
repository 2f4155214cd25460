"""Reading whatever lies at a path: a file, a folder, or a ZIP of one."""

from __future__ import annotations

import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.errors import PipelineError, RunError
from pipeline.foreign import wandb
from pipeline.foreign.delimited import Table, table
from pipeline.foreign.epoch_log import is_epoch_log, read_epoch_log
from pipeline.foreign.finding import Log, log_of, logs_in
from pipeline.foreign.found import Foreign, Found
from pipeline.foreign.history import settings
from pipeline.foreign.keras_history import read_keras_history
from pipeline.foreign.limits import TOTAL_POINTS, plain, text
from pipeline.foreign.mlflow import read_mlflow
from pipeline.foreign.tensorboard import read_events
from pipeline.foreign.zipped import unpacked
from pipeline.storage import read_object

OWN = "a run of this program"

_NAMED = 5  # files of no interest that are named one by one


def read(path: Path) -> Found:
    """Recognise and read every training log at `path`.

    Parameters
    ----------
    path : a file; a folder, searched to its depth; or a ZIP of one.

    Returns
    -------
    What could be read, and a sentence for everything that could not.

    Raises
    ------
    RunError : if `path` does not exist, or is a ZIP that cannot be unpacked.
    """
    path = Path(path)
    if not path.exists():
        raise RunError(f"{path} does not exist.", "Give the path of a file or folder with logs.")
    if path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)):
        with unpacked(path) as (folder, problems):
            found = _read_folder(folder, path.stem)
        return Found(found.runs, (*problems, *found.problems))
    if path.is_dir():
        return _read_folder(path, path.resolve().name)
    reading = _Reading()
    reading.take(log_of(path))
    return reading.found()


def _read_folder(folder: Path, called: str) -> Found:
    reading = _Reading()
    try:
        for log in logs_in(folder, called):
            reading.take(log)
    except PipelineError as error:
        reading.problems.append(str(error))
    return reading.found()


@dataclass
class _Reading:
    """What was read so far, with the place of each run."""

    runs: list[tuple[tuple[str, ...], Foreign]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    charts: wandb.Charts = field(default_factory=wandb.Charts)
    points: int = 0

    def take(self, log: Log) -> None:
        """Read one log; what goes wrong becomes a sentence."""
        if self.points > TOTAL_POINTS:
            self.problems.append(
                f"{_told(log)}: left out, {TOTAL_POINTS:,} points is as much as is read at once."
            )
            return
        try:
            run = self._run(log)
        except PipelineError as error:
            self.problems.append(f"{_told(log)}: {error}")
            return
        if run is not None:
            self._keep(log.place, run)

    def _run(self, log: Log) -> Foreign | None:
        name = log.place[-1]
        if log.kind == "events":
            return read_events(name, log.files)
        if log.kind == "mlflow":
            return read_mlflow(log.path)
        if log.kind == "own":
            return _own(log.path, name)
        if log.kind == "zip":
            raise RunError("It is an archive inside a folder.", "Import it by itself.")
        found = text(log.path)
        if log.kind == "json" or found.lstrip().startswith(("{", "[")):
            run = read_keras_history(name, found)
        else:
            found = table(found)
            if wandb.is_chart(found):
                self.charts.add(found)
                return None
            run = _read_table(found, name)
        if run is None:
            self.others.append(plain(log.path.name))
        return run

    def _keep(self, place: tuple[str, ...], run: Foreign) -> None:
        self.runs.append((place, run))
        self.points += run.history.size

    def found(self) -> Found:
        """Return everything, with names that tell runs apart."""
        charts = []
        for run in self.charts.names():
            try:
                charts.append(self.charts.run(run))
            except PipelineError as error:
                self.problems.append(f"{run}: {error}")
        if self.others:
            named = ", ".join(self.others[:_NAMED])
            more = f" and {len(self.others) - _NAMED} more" if len(self.others) > _NAMED else ""
            self.problems.append(f"No training curves are in {named}{more}: left out.")
        times = Counter(run.name for _, run in self.runs)
        told = [
            replace(run, name="-".join(place)) if times[run.name] > 1 and len(place) > 1 else run
            for place, run in self.runs
        ]
        return Found((*told, *charts), tuple(self.problems))


def _read_table(found: Table, name: str) -> Foreign | None:
    if wandb.is_table_of_runs(found):
        raise RunError(
            "It is W&B's table of runs, with one value of each figure and no curve.",
            "Export the charts instead: menu of a panel, Export panel, CSV.",
        )
    if found.header == ("Wall time", "Step", "Value"):
        raise RunError(
            "It is one curve of TensorBoard, without its name.",
            "Import the event files it was downloaded from.",
        )
    return read_epoch_log(name, found) if is_epoch_log(found) else None


def _own(folder: Path, name: str) -> Foreign:
    found = table(text(folder / "history.csv"))
    if not is_epoch_log(found):
        raise RunError("Its history.csv has no column epoch.", "Restore the file.")
    run = read_epoch_log(name, found, OWN)
    document = read_object(folder / "run.json", "its run.json", "Import its history.csv alone.")
    config = document.get("config")
    return replace(run, config=settings(config) if isinstance(config, dict) else {})


def _told(log: Log) -> str:
    return plain("/".join(log.place))
