"""A batch against what this machine could do at best: pictures per second, cores, memory.

Two limits are told, since the same cores decode and judge. *Forward* counts the network alone, on
pictures that are prepared already. *Perfect* counts all that one picture costs a core (read,
decode, resize, gate, forward), as if nothing had ever to wait: cores by milliseconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow
from pyarrow import parquet

from pipeline.benchmark import machine
from pipeline.benchmark.explain import picture
from pipeline.config import REPOSITORY
from pipeline.errors import RunError
from pipeline.images import encode_jpeg, resize
from pipeline.runs import Run

FEW, MANY = 1_000, 20_000
_TIMED, _LARGE_TIMED, _RAY_TIMED = 3_000, 160, 6_000
_STEPPED, _LARGE_STEPPED = 400, 32
# As large as an original of the data set mostly is.
_HEIGHT_PX, _WIDTH_PX = 1000, 1400
_DRAWN = 64


def measure(
    run: Run,
    dataset: Path,
    repeats: int = 3,
    say: Callable[[str], None] = lambda _: None,
    few: int = FEW,
    many: int = MANY,
) -> dict:
    """Measure batches of one run, each in a process of its own, in turn.

    Parameters
    ----------
    run : servable.
    dataset : whose pictures are judged, some of them often; drawn ones if none are there.
    repeats : rounds of everything but the memory, which is measured once.
    say : receives a sentence per measurement.
    few, many : pictures of the two batches whose memory is compared.

    Returns
    -------
    Pictures per second, the limits, and the ratios between them. Ratios of *cpu* compare seconds of
    cores and hold on a busy machine, too.
    """
    with tempfile.TemporaryDirectory() as folder, _lists(Path(folder), dataset) as pictures:
        small, large, drawn = pictures
        sizes = {"small": (small, _STEPPED, _TIMED), "large": (large, _LARGE_STEPPED, _LARGE_TIMED)}
        rounds = []
        for number in range(repeats):
            rounds.append(_round(run, Path(folder), sizes))
            say(
                f"Round {number + 1} of {repeats}: "
                f"{rounds[-1]['small']['batch']['per_second']:.0f} small pictures a second, "
                f"{rounds[-1]['small']['forward']['per_second']:.0f} forward passes alone"
            )
        ray = [_with_ray(run, Path(folder), small) for _ in range(max(1, repeats // 2))]
        say(f"Ray with one and two workers: {ray[-1]['efficiency']:.2f} of twice as fast")
        memory = {}
        for count in (few, many):
            told = _started("batch", run, _list(Path(folder), small, count), "local", 0)
            memory[str(count)] = told["peak_mb"]
            say(f"{count} pictures: largest resident memory {told['peak_mb']} MB")
    return {
        "benchmark": "batch",
        "run": run.name,
        "repeats": repeats,
        "pictures": {
            "small": "drawn JPEG, 224 x 224 pixels" if drawn else "of the data set, 224 px JPEG",
            "large": f"drawn JPEG, {_WIDTH_PX} x {_HEIGHT_PX} pixels",
        },
        **{size: _summary([one[size] for one in rounds]) for size in sizes},
        "ray": {
            "one_per_second": round(median(one["one"] for one in ray), 1),
            "two_per_second": round(median(one["two"] for one in ray), 1),
            "efficiency": round(median(one["efficiency"] for one in ray), 3),
            "rounds": len(ray),
        },
        "memory_mb": memory,
        "machine": machine(),
    }


def _round(run: Run, folder: Path, sizes: dict) -> dict:
    """Measure the network alone, then for each size the steps and the batch."""
    found = {}
    for size, (files, stepped, timed) in sizes.items():
        forward = _started("forward", run, _TIMED)
        steps = _started("steps", run, _list(folder, files, stepped), stepped)
        batch = _started("batch", run, _list(folder, files, timed), "local", 0)
        for one in (forward, batch):
            one["per_second"] = one["pictures"] / one["seconds"]
            one["cpu_ms"] = 1000 * one["cpu_seconds"] / one["pictures"]
        found[size] = {"forward": forward, "steps_ms": steps, "batch": batch}
    return found


def _summary(rounds: Sequence[dict]) -> dict:
    """Return medians over rounds, and the ratios taken within each round."""
    cores = os.cpu_count() or 1

    def of(figure: Callable[[dict], float], digits: int = 3) -> float:
        return round(median(figure(one) for one in rounds), digits)

    def whole_ms(one: dict) -> float:
        return sum(one["steps_ms"].values())

    return {
        "per_second": of(lambda one: one["batch"]["per_second"], 1),
        "forward_per_second": of(lambda one: one["forward"]["per_second"], 1),
        "perfect_per_second": of(lambda one: 1000 * cores / whole_ms(one), 1),
        "steps_ms": {name: of(lambda one, n=name: one["steps_ms"][n]) for name in _names(rounds)},
        "batch_cpu_ms": of(lambda one: one["batch"]["cpu_ms"]),
        "ratios": {
            "to_forward": of(lambda one: one["batch"]["per_second"] / one["forward"]["per_second"]),
            "to_perfect": of(lambda one: one["batch"]["per_second"] * whole_ms(one) / 1000 / cores),
            "cpu_to_forward": of(lambda one: one["steps_ms"]["forward"] / one["batch"]["cpu_ms"]),
            "cpu_to_perfect": of(lambda one: whole_ms(one) / one["batch"]["cpu_ms"]),
        },
        "all_per_second": [round(one["batch"]["per_second"], 1) for one in rounds],
    }


def _names(rounds: Sequence[dict]) -> list[str]:
    return list(rounds[0]["steps_ms"])


def _with_ray(run: Run, folder: Path, files: Sequence[Path]) -> dict:
    """Measure Ray with one worker, then two, each without its start."""
    listing = _list(folder, files, _RAY_TIMED)
    one, two = (
        _started("batch", run, listing, "ray", workers)["steady_per_second"] for workers in (1, 2)
    )
    return {"one": one, "two": two, "efficiency": two / (2 * one)}


def _started(what: str, run: Run, *arguments: object) -> dict:
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline.benchmark.batch_work", what, str(run.folder.resolve())]
        + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    if ended.returncode:
        raise RunError(
            f"The batch of {run.name} failed: {ended.stderr.strip().splitlines()[-1:]}",
            "Check the run with 'python -m pipeline predict', or choose another with --run.",
        )
    return json.loads(ended.stdout.splitlines()[-1])


@contextmanager
def _lists(folder: Path, dataset: Path) -> Iterator[tuple[list[Path], list[Path], bool]]:
    """Yield small pictures, large ones, and whether the small ones had to be drawn."""
    small = sorted((dataset / "train").rglob("*.jpeg"))
    drawn = not small
    if drawn:
        small = _drawn(folder / "small", 224, 224)
    yield small, _drawn(folder / "large", _HEIGHT_PX, _WIDTH_PX), drawn


def _drawn(folder: Path, height_px: int, width_px: int) -> list[Path]:
    folder.mkdir()
    image, paths = resize(picture(height_px), height_px, width_px), []
    for number in range(_DRAWN):
        paths.append(folder / f"{number}.jpeg")
        darker = (image * (0.6 + 0.4 * number / _DRAWN)).astype(np.uint8)
        paths[-1].write_bytes(encode_jpeg(darker))
    return paths


def _list(folder: Path, files: Sequence[Path], count: int) -> Path:
    """Write a list of so many pictures, each file as often as it takes."""
    path = folder / f"{files[0].parent.name}-{count}.parquet"
    names = [str(file) for file in islice(cycle(files), count)]
    parquet.write_table(pyarrow.table({"file": names}), path)
    return path
