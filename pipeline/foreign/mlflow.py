"""MLflow's file store: ``mlruns/<experiment>/<run>/`` with ``metrics/``, ``params/``, ``tags/``.

A metric is a file, in a folder where its name has slashes; its lines are "time value step", the
time in milliseconds, older ones without the step. A setting or a tag is a file of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from pipeline.foreign.found import Foreign
from pipeline.foreign.history import foreign
from pipeline.foreign.limits import SETTINGS, plain, text
from pipeline.foreign.tags import distinct
from pipeline.foreign.timing import moment, seconds_of
from pipeline.foreign.tracks import Tracks, aligned

SOURCE = "MLflow"

_MACHINE = "system/"  # what MLflow measures of the machine, on steps of its own
# Integrations whose steps are Keras' epochs, from 0.
_BY_EPOCH = ("keras", "tensorflow")


def is_run(folders: list[str], files: list[str]) -> bool:
    """Whether a folder with this content is a run of MLflow."""
    return "meta.yaml" in files and "metrics" in folders


def read_mlflow(folder: Path) -> Foreign:
    """Read one run.

    Raises
    ------
    RunError : if it has no figures, or is too large.
    """
    tracks, notes = Tracks(), []
    for name, path in _files(folder / "metrics"):
        if not name.startswith(_MACHINE):
            notes += _add(tracks, name, path)
    settings = {name: text(path) for name, path in _files(folder / "params")}
    tags = {name: text(path).strip() for name, path in _files(folder / "tags")}
    meta = _keys(text(folder / "meta.yaml"))
    notes += _only_once(tracks)
    positions, times, columns = aligned(tracks.by_name)
    meant = distinct(columns)
    started = _seconds(meta.get("start_time"))
    if remark := plain(tags.get("mlflow.note.content", "")):
        notes.append(remark)
    by_epoch = len(positions) and _by_epoch(tags, settings, positions)
    return foreign(
        tags.get("mlflow.runName") or meta.get("run_name") or folder.name,
        SOURCE,
        {meant[metric]: values for metric, values in columns.items()},
        called={figure: metric for metric, figure in meant.items()},
        seconds=seconds_of(times, [started]),
        config=settings,
        notes=[*notes, *tracks.notes()],
        started=moment(started),
        **({"epochs": positions + 1} if by_epoch else {"steps": positions}),
    )


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of everything in a folder and below; names are joined by slashes."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*"))[: 10 * SETTINGS]:
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(folder).as_posix(), path


def _add(tracks: Tracks, name: str, path: Path) -> list[str]:
    """Add a metric's file to the tracks; return what was wrong with it."""
    content = text(path)
    lines = content.splitlines()
    points, unread = [], 0
    if lines and not content.endswith("\n"):
        lines.pop()
        unread += 1
    for line in lines:
        try:
            time, value, *step = line.split()[:3]
            points.append((int(step[0]) if step else 0, int(time) / 1000, float(value)))
        except (ValueError, OverflowError):
            unread += 1
    notes = []
    if unread:
        notes.append(f"{plain(name)}: lines that cannot be read and were left out: {unread}.")
    if len(points) > 1 and not any(step for step, _, _ in points):
        notes.append(f"{plain(name)} was logged without steps: its values are numbered in order.")
        in_order = sorted(points, key=lambda point: point[1])
        points = [(number, time, value) for number, (_, time, value) in enumerate(in_order)]
    # Values arrive in any order; of one step the latest counts.
    for step, time, value in sorted(points, key=lambda point: point[:2]):
        tracks.add(plain(name), step, value, time)
    return notes


def _only_once(tracks: Tracks) -> list[str]:
    """Take figures that were logged once, beside curves, out of the table; return them in words."""
    lengths = {name: len(track.positions) for name, track in tracks.by_name.items()}
    if max(lengths.values(), default=0) < 2:
        return []
    alone = [
        name for name, n in lengths.items() if n == 1 and not tracks.by_name[name].positions[0]
    ]
    return [
        f"{name} = {tracks.by_name.pop(name).values[0]:g} was logged once: it is no curve."
        for name in alone
    ]


def _by_epoch(tags: dict[str, str], settings: dict[str, str], positions) -> bool:
    """Whether its steps are known to be epochs: logged by MLflow's callback for Keras."""
    try:
        planned = int(settings.get("epochs", ""))
    except ValueError:
        return False
    return (
        tags.get("mlflow.autologging") in _BY_EPOCH
        and positions[0] >= 0
        and int(positions[-1]) < planned
    )


def _keys(yaml: str) -> dict[str, str]:
    """Return the plain values of a flat YAML file; MLflow writes no other."""
    found = {}
    for line in yaml.splitlines():
        key, colon, value = line.partition(": ")
        if colon and not key.startswith((" ", "#", "-")):
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1].replace("''", "'")
            found[key] = value
    return found


def _seconds(milliseconds: str | None) -> float:
    try:
        return int(milliseconds or "") / 1000
    except (ValueError, OverflowError):
        return math.nan
