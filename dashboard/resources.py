"""What the pages share or keep between reruns. The only file with ``st.cache_*``.

Shared between users: runs and loaded networks, which hold nothing of a patient.
Per session: everything made from an upload, keyed by the SHA-256 of its bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import curves
from pipeline import comparison, evaluation, lab, mistakes, shortcuts
from pipeline.agreement import calls, pairs
from pipeline.audit.mean import Mean, means
from pipeline.card import Card, build
from pipeline.card.sources import AUDIT, GATE
from pipeline.classifier import Classifier
from pipeline.config import CLASS_NAMES, Paths
from pipeline.dataset import Item
from pipeline.errors import RunError
from pipeline.fetch import fetch_samples as _fetch_samples
from pipeline.fetch import samples
from pipeline.images import encode_jpeg, read_image, shrunk
from pipeline.observers import Findings, findings
from pipeline.pairing import compare
from pipeline.performance import calibration, measured, prevalence
from pipeline.readings import database
from pipeline.readings.reading import Reading
from pipeline.readings.store import Store
from pipeline.runs import Listing, Run, default_of, list_runs, open_run

# The longer side: sharp on a phone, 15 kB each.
THUMBNAIL_PX = 360
LARGE_PX = 1100


def runs_folder() -> Path:
    return Paths.from_environment().runs


def all_runs() -> Listing:
    """List every run, unfinished ones too. Not cached: a few small files, and training goes on."""
    return list_runs(Paths.from_environment().runs, unfinished=True)


def servable_runs() -> list[Run]:
    """List the runs that can judge a picture, the default one first."""
    runs = [run for run in list_runs(Paths.from_environment().runs).runs if run.servable]
    if not runs:
        return []
    default = default_of(runs).name
    return sorted(runs, key=lambda run: (run.name != default, run.name))


def lab_record() -> list[dict]:
    """Return what was tried, read again only when a file has changed."""
    folder = Paths.from_environment().artifacts / "lab"
    return _lab_record(folder, tuple((str(path), stamp(path)) for path in folder.glob("*/*.json")))


@st.cache_data(show_spinner=False, max_entries=4)
def _lab_record(folder: Path, version: tuple) -> list[dict]:
    return lab.record(folder)


def versions() -> pd.DataFrame:
    """Return the versions this server runs on."""
    packages = ("streamlit", "onnxruntime", "lime", "numpy", "scikit-image", "pillow", "plotly")
    rows = [{"package": "Python", "version": platform.python_version()}]
    rows += [{"package": name, "version": metadata.version(name)} for name in packages]
    return pd.DataFrame(rows)


def history(run: Run) -> pd.DataFrame:
    """Return the run's epochs, read again only when the file has changed."""
    path = run.folder / "history.csv"
    stamp = path.stat() if path.is_file() else None
    version = (stamp.st_mtime_ns, stamp.st_size) if stamp else None
    return _history(run.folder.parent, run.name, version)


@st.cache_data(show_spinner=False, max_entries=500)
def _history(runs: Path, name: str, version: tuple[int, int] | None) -> pd.DataFrame:
    return open_run(runs, name).history()


def curve(run: Run) -> dict:
    """Return `dashboard.curves.packed` of a run, made again only when its files have changed.

    Raises
    ------
    RunError : if its history is damaged.
    """
    return _kept_by_files("curve", run, ("history.csv", "run.json"), _packed)


def _packed(run: Run, version: tuple) -> dict:
    return curves.packed(run, run.history(), str(version))


def _kept_by_files(
    what: str, run: Run, files: Sequence[str], make: Callable[[Run, tuple], Any]
) -> Any:
    """Return what `make` gave for a run and the version of its files, made anew when they change.

    One dictionary for all runs, not a cache entry for each: of hundreds, looking those up took
    Streamlit longer than all the rest. A curve of 500 epochs and 8 figures has 20 kB.
    """
    version = tuple(stamp(run.folder / name) for name in files)
    kept = _made()
    if kept.get((what, run.folder), (None,))[0] != version:
        kept[what, run.folder] = (version, make(run, version))
    return kept[what, run.folder][1]


@st.cache_resource(show_spinner=False)
def _made() -> dict[tuple[str, Path], tuple[tuple, Any]]:
    return {}


def runs_version() -> tuple:
    """Return what changes when a run appears, grows or is gone."""
    folder = Paths.from_environment().runs
    files = ("run.json", "history.csv", "annotations.json")
    return tuple(
        (entry.name, *(stamp(entry / file) for file in files)) for entry in _folders(folder)
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []


def predictions(run: Run) -> pd.DataFrame:
    """Return the run's stored predictions, read again only when the file has changed."""
    return _predictions(run.folder.parent, run.name, stamp(run.folder / "predictions.csv"))


@st.cache_data(show_spinner=False, max_entries=500)
def _predictions(runs: Path, name: str, version: tuple[int, int] | None) -> pd.DataFrame:
    return open_run(runs, name).predictions()


def metrics(run: Run) -> dict:
    """Return the run's stored figures, read again only when the file has changed."""
    return _metrics(run.folder.parent, run.name, stamp(run.folder / "metrics.json"))


@st.cache_data(show_spinner=False, max_entries=500)
def _metrics(runs: Path, name: str, version: tuple[int, int] | None) -> dict:
    return open_run(runs, name).metrics()


def summary(run: Run) -> dict:
    """Return `pipeline.comparison.summary`, made again only when the run's files have changed.

    Raises
    ------
    RunError : if one of them is damaged.
    """
    return _kept_by_files("summary", run, ("run.json", "history.csv", "metrics.json"), _summary)


def _summary(run: Run, version: tuple) -> dict:
    fresh = open_run(run.folder.parent, run.name)
    return comparison.summary(fresh, history(fresh))


def summaries(runs: Sequence[Run]) -> list[dict]:
    """Return `summary` of those runs whose files can be read."""
    found = []
    for run in runs:
        with contextlib.suppress(RunError):
            found.append(summary(run))
    return found


def stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes with a file's content (time, size), None where there is no file."""
    told = path.stat() if path.is_file() else None
    return (told.st_mtime_ns, told.st_size) if told else None


def calibration_errors(run: Run, split: str) -> dict[str, dict]:
    """Return ``{"before", "after"}`` temperature: calibration error and Brier score of `split`."""
    version = stamp(run.folder / "predictions.csv")
    return _calibration_errors(run.folder.parent, run.name, version, split)


@st.cache_data(show_spinner=False, max_entries=500)
def _calibration_errors(
    runs: Path, name: str, version: tuple[int, int] | None, split: str
) -> dict[str, dict]:
    table = open_run(runs, name).predictions()
    own = table[table["split"] == split]
    scores = {
        "before": evaluation.probability(own["logit"].to_numpy(), 1.0),
        "after": own["probability"].to_numpy(),
    }
    return {
        side: calibration.calibration_error(score, own["label"].to_numpy(), own["patient"].tolist())
        for side, score in scores.items()
    }


def cheapest_threshold(run: Run, share_ill: float, miss: float) -> dict[str, float] | None:
    """Return `pipeline.performance.prevalence.cheapest_threshold` of the validation patients.

    None where they are not of both classes.
    """
    version = stamp(run.folder / "predictions.csv")
    return _cheapest_threshold(run.folder.parent, run.name, version, share_ill, miss)


@st.cache_data(show_spinner=False, max_entries=2000)
def _cheapest_threshold(
    runs: Path, name: str, version: tuple[int, int] | None, share_ill: float, miss: float
) -> dict[str, float] | None:
    table = open_run(runs, name).predictions()
    own = table[table["split"] == "validation"]
    if own["label"].nunique() < 2:
        return None
    score, label = own["probability"].to_numpy(), own["label"].to_numpy()
    found = prevalence.cheapest_threshold(score, label, share_ill, miss, own["patient"].tolist())
    return {**found, "n": len(own)}


def paired(runs: Sequence[Run], split: str) -> dict:
    """Return `pipeline.pairing.compare` of these runs, each at its own operating point."""
    return _paired(
        runs[0].folder.parent,
        tuple(
            (run.name, stamp(run.folder / "predictions.csv"), stamp(run.folder / "run.json"))
            for run in runs
        ),
        split,
    )


@st.cache_data(show_spinner=False, max_entries=50)
def _paired(folder: Path, runs: tuple[tuple, ...], split: str) -> dict:
    return compare([open_run(folder, name) for name, *_ in runs], split)


def observed(study_id: str, readings: Sequence[Reading]) -> Findings:
    """Return `pipeline.observers.findings`, made again only when a reading has changed."""
    return _observed(study_id, sha256(repr(readings).encode()), readings)


@st.cache_data(show_spinner="Comparing the readings", max_entries=20)
def _observed(study_id: str, version: str, _readings: Sequence[Reading]) -> Findings:
    return findings(_readings)


def latencies() -> dict | None:
    """Return the stored speed of every network; None where it has not been measured."""
    return measured.latencies(Paths.from_environment().artifacts)


def data_audit() -> dict | None:
    """Return the stored audit of the data set; None where it has not been made."""
    return measured.data_audit(Paths.from_environment().artifacts)


def dataset_is_here() -> bool:
    """Whether the data set's train and test pictures are on this machine."""
    folder = Paths.from_environment().dataset
    return all((folder / split).is_dir() for split in ("train", "test"))


@st.cache_data(show_spinner=False, max_entries=2)
def _mean_pictures(folder: Path) -> dict[str, dict[str, Mean]]:
    return means(folder)


def mean_pictures() -> dict[str, dict[str, Mean]]:
    """Return the mean picture of each split and class, made once per server."""
    return _mean_pictures(Paths.from_environment().dataset)


def run_shortcuts(run: Run) -> dict | None:
    """Return what a run does when parts of a picture are hidden; None where it was not looked into.

    Raises
    ------
    RunError : if what is stored is damaged or belongs to another network.
    """
    return shortcuts.stored(run)


def judged_runs() -> list[Run]:
    """List the finished runs with stored predictions, the default one first."""
    runs = [
        run
        for run in list_runs(Paths.from_environment().runs).runs
        if run.status == "finished" and (run.folder / "predictions.csv").is_file()
    ]
    if not runs:
        return []
    default = default_of(runs).name
    return sorted(runs, key=lambda run: (run.name != default, run.name))


def agreement_of_pairs(thresholds: Mapping[str, float], split: str) -> list[dict]:
    """Return `pipeline.agreement.pairs` of runs by name, each at its threshold."""
    runs = Paths.from_environment().runs
    judged = tuple(
        (name, stamp(runs / name / "predictions.csv"), threshold)
        for name, threshold in thresholds.items()
    )
    return _pairs(runs, judged, split)


@st.cache_data(show_spinner=False, max_entries=50)
def _pairs(runs: Path, judged: tuple[tuple[str, tuple, float], ...], split: str) -> list[dict]:
    tables = {name: open_run(runs, name).predictions() for name, _, _ in judged}
    return pairs(
        calls(
            {name: table[table["split"] == split] for name, table in tables.items()},
            {name: threshold for name, _, threshold in judged},
        )
    )


def picture_path(split: str, label: int, file: str) -> Path | None:
    """Return where a judged picture of the data set lies; None where the data set is not here."""
    return mistakes.picture_path(Paths.from_environment().dataset, split, label, file)


def thumbnail(path: Path) -> bytes:
    """Return a picture of the data set as a small JPEG, made again only when the file has changed.

    Raises
    ------
    ImageError : if it cannot be read.
    """
    return _thumbnail(path, stamp(path))


# At most about 10 MB. Of the data set, never of an upload: those belong to one session.
@st.cache_data(show_spinner=False, max_entries=600)
def _thumbnail(path: Path, version: tuple[int, int] | None) -> bytes:
    return encode_jpeg(shrunk(read_image(path), THUMBNAIL_PX), quality=85)


def carded_runs() -> list[Run]:
    """List the runs that can have a model card, the default one first, recorded ones last."""
    stored = list_runs(Paths.from_environment().runs).runs
    runs = [run for run in stored if run.status != "imported"]  # only their curves are here
    finished = [run for run in runs if run.status == "finished"]
    first = default_of(finished).name if finished else ""
    return sorted(runs, key=lambda run: (run.name != first, run.status != "finished", run.name))


def model_card(run: Run) -> Card:
    """Return the run's card, made again only when a file has changed that it may be made from.

    Raises
    ------
    RunError : if the stored figures do not follow from the stored predictions.
    """
    artifacts = Paths.from_environment().artifacts
    own = [path for path in sorted(run.folder.iterdir()) if path.is_file()]
    measured_once = [artifacts / name for name in (AUDIT, GATE)]
    # Runs that differ by nothing but the seed are on the card, too.
    others = [
        other.folder / name
        for other in list_runs(artifacts / "runs").runs
        for name in ("run.json", "predictions.csv")
    ]
    version = tuple((path, stamp(path)) for path in (*own, *measured_once, *others))
    return _model_card(artifacts, run.name, version)


@st.cache_data(show_spinner=False, max_entries=50)
def _model_card(artifacts: Path, name: str, version: tuple) -> Card:
    return build(open_run(artifacts / "runs", name), artifacts)


def classifier(run: Run) -> Classifier:
    """Return the loaded network of a run; one for all sessions, since it may be shared."""
    return _classifier(run.name, run.document["model_sha256"])


@st.cache_resource(show_spinner=False, max_entries=8)
def _classifier(name: str, model_sha256: str) -> Classifier:
    return Classifier(open_run(Paths.from_environment().runs, name))


def sample_items() -> list[Item]:
    """List the samples that are here, the classes mixed: a name would give the diagnosis away."""
    items = samples(Paths.from_environment().samples)
    return sorted(items, key=lambda item: sha256(item.name.encode()))


def sample(path: Path) -> bytes:
    return path.read_bytes()


def has_test_set() -> bool:
    """Whether the official test pictures are here."""
    folder = Paths.from_environment().dataset / "test"
    return all((folder / name).is_dir() for name in CLASS_NAMES)


def readings_store() -> Store:
    """Return the readings' database: one connection pool for all sessions.

    Raises
    ------
    StoreError : if it cannot be opened.
    """
    return _readings_store(database.from_environment())


@st.cache_resource(show_spinner=False, max_entries=2)
def _readings_store(url: str) -> Store:
    return Store(url)


@st.cache_resource(show_spinner=False)
def tours() -> dict:
    """Return what the tour has made of the samples, for all sessions: they are public pictures."""
    return {}


def large(path: Path) -> bytes:
    """Return a sample as a JPEG for a large screen, made again only when the file has changed."""
    return _large(path, stamp(path))


# About 0.2 MB each. Of the samples, never of an upload.
@st.cache_data(show_spinner=False, max_entries=4)
def _large(path: Path, version: tuple[int, int] | None) -> bytes:
    return encode_jpeg(shrunk(read_image(path), LARGE_PX))


def fetch_samples(progress, should_stop) -> bool:
    """Fetch the samples into their folder."""
    _fetch_samples(Paths.from_environment().samples, progress, should_stop)
    return True


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
