"""Where the logs are: what to read of a folder, and as what."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import RunError
from pipeline.foreign import mlflow, tensorboard
from pipeline.foreign.limits import DEPTH, FILES

_TABLES = (".csv", ".tsv", ".log", ".txt")
# Names that say nothing of the run: its folder's does.
_NAMELESS = ("history", "log", "logs", "metrics", "training", "training_log", "training-log")


@dataclass(frozen=True)
class Log:
    """Something to be read.

    Attributes
    ----------
    kind : ``events``, ``mlflow``, ``own``, ``table``, ``json`` or ``zip``.
    place : folders from the top to the run, the last one its name.
    files : per side the event files; otherwise one file or folder, under None.
    """

    kind: str
    place: tuple[str, ...]
    files: dict[str | None, list[Path]]

    @property
    def path(self) -> Path:
        return self.files[None][0]


def kind_of(path: Path) -> str | None:
    """Return as what a file would be read, by its name; None if it would not."""
    if tensorboard.is_event_file(path.name):
        return "events"
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        return "table"
    return {".json": "json", ".zip": "zip"}.get(suffix)


def logs_in(top: Path, called: str) -> Iterator[Log]:
    """Yield what there is to read in a folder and below.

    The two sides of Keras are the folders ``train`` and ``validation`` of one run.

    Parameters
    ----------
    called : name of the folder, for what lies at its top.

    Raises
    ------
    RunError : if it holds more files than anybody's logs.
    """
    events: dict[tuple[str, ...], dict[str | None, list[Path]]] = {}
    count = 0
    for parent, folders, names in os.walk(top):
        here = Path(parent)
        parts = here.relative_to(top).parts
        count += len(names)
        if count > FILES:
            raise RunError(f"It holds more than {FILES:,} files.", "Give the folder of the logs.")
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "__MACOSX")
        if len(parts) == DEPTH:
            folders[:] = []
        place = (called, *parts)
        kind = _run_of(folders, names)
        if kind:
            folders[:] = []  # what else lies in a run belongs to it
            yield Log(kind, place, {None: [here]})
            continue
        sides = defaultdict(list)
        for name in sorted(names):
            path = here / name
            kind = None if name.startswith(".") or not path.is_file() else kind_of(path)
            if kind == "events":
                sides[tensorboard.side_of(here.name)].append(path)
            elif kind:
                yield Log(kind, (*place, *_stem(path)), {None: [path]})
        for side, files in sides.items():
            run = place[:-1] if side and len(place) > 1 else place
            events.setdefault(run, {}).setdefault(side, []).extend(files)
    yield from (Log("events", place, sides) for place, sides in events.items())


def log_of(path: Path) -> Log:
    """Return what to read of one file; an unknown name counts as a table."""
    parent = path.resolve().parent
    kind = kind_of(path) or "table"
    if kind != "events":
        return Log(kind, (parent.name, *_stem(path)), {None: [path]})
    side = tensorboard.side_of(parent.name)
    return Log(kind, ((parent.parent if side else parent).name,), {side: [path]})


def _run_of(folders: list[str], names: list[str]) -> str | None:
    if mlflow.is_run(folders, names):
        return "mlflow"
    return "own" if {"run.json", "history.csv"} <= set(names) else None


def _stem(path: Path) -> tuple[str, ...]:
    return () if path.stem.lower() in _NAMELESS else (path.stem,)
