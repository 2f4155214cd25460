"""Runs of other programs, written beside our own: nothing is ever overwritten."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import RunError
from pipeline.foreign import Foreign, Found
from pipeline.runs import SCHEMA, Run, list_runs, open_run
from pipeline.storage import require_own, write_json, write_text

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 72  # leaves room for -2, -3, ... in the 80 that a run's name may have
_TRIES = 10_000
# Figures of which it is known whether less or more is better.
_WATCHED = ("val_loss", "val_auc", "val_accuracy", "val_sensitivity", "val_specificity")
# Settings that mean something to us.
_COUNTS = ("seed", "epochs", "patience", "batch_size")
_WORDS = ("recipe",)


@dataclass(frozen=True)
class Imported:
    """What an import wrote.

    Attributes
    ----------
    runs : the new runs.
    skipped : a sentence for every run that is here already.
    """

    runs: tuple[Run, ...]
    skipped: tuple[str, ...]


def safe_name(name: str) -> str:
    """Return `name` as one that a run can have: plain letters, digits, dots, hyphens, underscores.

    Accents are dropped; what is left without a letter becomes "imported".
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("._-")[:_LONGEST].rstrip("._-") or "imported"


def import_runs(found: Found, folder: Path, *, names: Sequence[str] | None = None) -> Imported:
    """Write every run found as a run with the status ``imported``.

    A name that is taken gets -2, -3, ...; a history that was imported before, byte for byte, is
    not imported again. A run is there whole or not at all.

    Parameters
    ----------
    folder : ``artifacts/runs``; made if it does not exist.
    names : what to call each of `found.runs`; as their sources do if not told.

    Raises
    ------
    ValueError : if there are not as many names as runs.
    RunError : if the folder cannot be written to, or only mirrors another place.
    """
    require_own(folder)
    names = [run.name for run in found.runs] if names is None else list(names)
    if len(names) != len(found.runs):
        raise ValueError(f"Expected {len(found.runs)} names. Received: {len(names)}")
    here = {
        run.document["history_sha256"]: run.name
        for run in list_runs(folder, unfinished=True).runs
        if "history_sha256" in run.document
    }
    runs, skipped = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for run, name in zip(found.runs, names, strict=True):
            history = run.history.to_csv(index=False, lineterminator="\n")
            digest = hashlib.sha256(history.encode()).hexdigest()
            if digest in here:
                skipped.append(f"{run.name} is here already, as {here[digest]}: left out.")
                continue
            written = _write(run, safe_name(name), history, digest, folder)
            here[digest] = written.name
            runs.append(written)
    except OSError as error:
        raise RunError(
            f"The runs could not be written to {folder} ({error.strerror or error}).",
            "Check its permissions and the free space, then import again; what is there is kept.",
        ) from error
    return Imported(tuple(runs), tuple(skipped))


def _write(run: Foreign, name: str, history: str, digest: str, folder: Path) -> Run:
    # The name begins with a dot, so that no listing takes it for a run.
    temporary = Path(tempfile.mkdtemp(dir=folder, prefix=".partial-"))
    try:
        write_text(temporary / "history.csv", history)
        temporary.chmod(0o755)  # mkdtemp gives 0700, and artifacts are meant to be shared
        for number in range(1, _TRIES):
            free = name if number == 1 else f"{name}-{number}"
            if (folder / free).exists():
                continue
            write_json(temporary / "run.json", _document(run, free, digest))
            try:
                temporary.rename(folder / free)
            except FileExistsError:  # another import was quicker
                continue
            except OSError:
                if (folder / free).exists():  # Linux says that it is not empty
                    continue
                raise
            return open_run(folder, free)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    raise RunError(f"{_TRIES:,} runs are called {name}.", "Give it another name.")


def _document(run: Foreign, name: str, digest: str) -> dict:
    document = {
        "schema": SCHEMA,
        "name": name,
        "title": f"{run.name}, from {run.source}",
        "status": "imported",
        "origin": f"imported from {run.source}",
        "tags": ["imported"],
        "notes": list(run.notes),
        "architecture": "unknown",
        "parameters": {"total": None},
        "config": _config(run),
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
        "renamed": dict(run.renamed),
        "history_sha256": digest,
    }
    return document | ({"started": run.started} if run.started else {})


def _config(run: Foreign) -> dict:
    """Return its settings; one of ours that cannot mean what it means to us is marked as theirs."""
    return {
        key if _is_ours(key, value) else f"{key} of {run.source}": value
        for key, value in run.config.items()
    }


def _is_ours(key: str, value: object) -> bool:
    if key == "monitor":
        return value in _WATCHED
    if key in _WORDS:
        return isinstance(value, str)
    return key not in _COUNTS or (type(value) is int and 0 <= value < 2**31)
