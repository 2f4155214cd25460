"""TensorBoard's event files: all of a run's folders as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.foreign.event import events
from pipeline.foreign.found import Foreign
from pipeline.foreign.history import foreign
from pipeline.foreign.limits import FIGURES, content, plain
from pipeline.foreign.record_file import records
from pipeline.foreign.tags import SIDES, Meaning, meaning
from pipeline.foreign.timing import moment, seconds_of
from pipeline.foreign.tracks import Track, Tracks, aligned

SOURCE = "TensorBoard"


@dataclass
class _Log:
    """What the files of one folder hold, and what is wrong with them."""

    tracks: Tracks = field(default_factory=Tracks)
    opened: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def is_event_file(name: str) -> bool:
    """Whether TensorBoard would take a file of that name for an event file."""
    return "tfevents" in name


def side_of(folder: str) -> str | None:
    """Return the side that a folder's name stands for, in lower case; None if for none."""
    return folder.lower() if folder.lower() in SIDES else None


def read_events(name: str, folders: Mapping[str | None, Sequence[Path]]) -> Foreign:
    """Read one run.

    Parameters
    ----------
    name : of the run.
    folders : event files per side, as `side_of` tells it from their folder's name.

    Raises
    ------
    RunError : if no figure can be read, or it is too large.
    """
    logs = {side: _read(files) for side, files in folders.items()}
    tags = {
        (side, tag): track
        for side, log in logs.items()
        for tag, track in log.tracks.by_name.items()
    }
    meanings = {key: meaning(key[1], key[0]) for key in tags}
    notes = [note for log in logs.values() for note in (*log.faults, *log.tracks.notes())]
    opened = [time for log in logs.values() for time in log.opened]
    chosen, by_epoch, left_out = _chosen(tags, meanings)
    if left_out:
        notes.append(
            "It counts epochs; what is counted in batches or steps was left out: "
            f"{plain(', '.join(left_out))}."
        )
    named = _names(chosen, meanings)
    called = {figure: f"{side}/{tag}" if side else tag for figure, (side, tag) in named.items()}
    positions, times, columns = aligned({figure: tags[key] for figure, key in named.items()})
    columns = {figure: _shortest(values) for figure, values in columns.items()}
    first = min((time for time in (*opened, *times) if np.isfinite(time)), default=np.nan)
    told = {
        "called": called,
        "seconds": seconds_of(times, opened),
        "notes": notes,
        "started": moment(first),
    }
    if by_epoch:
        steps = _steps(tags, meanings, positions, columns)
        return foreign(name, SOURCE, columns, epochs=positions + 1, steps=steps, **told)
    epochs = _logged_epochs(columns)
    if epochs is not None:
        columns.pop("epoch")
    return foreign(name, SOURCE, columns, epochs=epochs, steps=positions, **told)


def _read(files: Sequence[Path]) -> _Log:
    log, named = _Log(), {}
    for path in sorted(files, key=lambda path: path.name):  # they begin with when they were opened
        found = records(content(path))
        unknown = 0
        for event in events(found.contents):
            if event is None:
                unknown += 1
                continue
            if event.opens or event.restarts:
                log.opened.append(event.time)
            if event.restarts:
                log.tracks.restart(event.step)
            for tag, value in event.scalars:
                if tag not in named:
                    named[tag] = plain(tag) or "unnamed"
                log.tracks.add(named[tag], event.step, value, event.time)
        log.faults += _faults(plain(path.name), found.damaged + unknown, found.lost)
    return log


def _faults(name: str, damaged: int, lost: int) -> list[str]:
    faults = []
    if damaged:
        what = "1 record is" if damaged == 1 else f"{damaged} records are"
        faults.append(f"{name}: {what} damaged and left out.")
    if lost:
        faults.append(f"{name} is cut off or damaged: its last {lost:,} bytes cannot be read.")
    return faults


def _chosen(
    tags: Mapping[tuple, Track], meanings: Mapping[tuple, Meaning]
) -> tuple[list[tuple], bool, list[str]]:
    """Choose what goes into one table; return it, whether it counts epochs, and the tags left out.

    Batches and epochs cannot share rows. Where there are epochs, they count.
    """
    counted = [key for key in tags if meanings[key].counts == "epochs"]
    if not counted:
        better = {meanings[key].figure for key in tags if meanings[key].counts == "steps"}
        return (
            [
                key
                for key in tags
                if meanings[key].counts == "steps" or meanings[key].figure not in better
            ],
            False,
            [],
        )
    epochs = {position for key in counted for position in tags[key].positions}
    known = {meanings[key].figure for key in counted}
    left_out = []
    for key in tags:
        if meanings[key].counts in ("batches", "evaluations"):
            if meanings[key].figure not in known:
                left_out.append(key[1])
        elif meanings[key].counts == "steps":
            # A value that was logged by hand beside Keras' own, with the epoch as its step.
            if epochs.issuperset(tags[key].positions):
                counted.append(key)
            else:
                left_out.append(key[1])
    return counted, True, left_out


def _names(chosen: list[tuple], meanings: Mapping[tuple, Meaning]) -> dict[str, tuple]:
    """Return which tag each figure is; where two mean the same, the second keeps its tag."""
    named = {}
    for key in chosen:
        side, tag = key
        own = f"{side}/{tag}" if side else tag
        wanted = (meanings[key].figure, tag, own, *(f"{own} ({n})" for n in range(2, FIGURES)))
        named[next(name for name in wanted if name not in named)] = key
    return named


def _shortest(values: np.ndarray) -> np.ndarray:
    """Return the shortest decimals of what was stored as float32: 0.3, not 0.30000001192092896."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    same = (single == values) | np.isnan(values)
    return single.astype("U").astype(np.float64) if same.all() else values


def _steps(
    tags: Mapping[tuple, Track],
    meanings: Mapping[tuple, Meaning],
    epochs: np.ndarray,
    columns: dict[str, np.ndarray],
) -> np.ndarray | None:
    """Return the optimiser's steps at each epoch: our own export has them, Keras has them twice.

    Keras writes its validation figures by epoch, and again by the optimiser's steps.
    """
    logged = _whole(columns.get("step"))
    if logged is not None:
        del columns["step"]
        return logged
    by_epoch = {meanings[k].figure: tags[k] for k in tags if meanings[k].counts == "epochs"}
    for key, track in tags.items():
        twin = by_epoch.get(meanings[key].figure)
        if (
            meanings[key].counts == "evaluations"
            and twin is not None
            and len(twin.positions) == len(epochs)
            and list(twin.values) == list(track.values)
        ):
            return np.array(track.positions, np.int64)
    return None


def _logged_epochs(columns: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return the epochs that Lightning and Hugging Face log as a figure, if each row is one."""
    logged = _whole(columns.get("epoch"))
    if logged is None or logged[0] < 0 or (np.diff(logged) < 1).any():
        return None
    return logged + (1 if logged[0] == 0 else 0)


def _whole(values: np.ndarray | None) -> np.ndarray | None:
    """Return values as integers if all of them are."""
    if values is None or not (np.abs(values) < 2**53).all() or (values % 1 != 0).any():
        return None
    return values.astype(np.int64)
