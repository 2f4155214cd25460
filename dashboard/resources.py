"""What the pages share or keep between reruns. The only file with ``st.cache_*``.

Shared between users: runs and loaded networks, which hold nothing of a patient.
Per session: everything made from an upload, keyed by the SHA-256 of its bytes.
"""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

import pandas as pd
import streamlit as st

from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.dataset import Item
from pipeline.fetch import fetch_samples as _fetch_samples
from pipeline.fetch import samples
from pipeline.runs import Listing, Run, default_of, list_runs, open_run


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


def seed_figures(run: Run) -> dict[str, dict[str, float]]:
    """Return the test figures of `run` and of every run that differs from it only by the seed."""
    found = {}
    for other in list_runs(Paths.from_environment().runs).runs:
        same = {**other.config, "seed": run.seed} == run.config
        if same and other.servable and "test" in (metrics := other.metrics()):
            figures = metrics["test"][other.document["operating_point"]]["figures"]
            found[other.name] = {name: entry["value"] for name, entry in figures.items()}
    return found


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


def fetch_samples(progress, should_stop) -> bool:
    """Fetch the samples into their folder."""
    _fetch_samples(Paths.from_environment().samples, progress, should_stop)
    return True


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
