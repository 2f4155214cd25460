"""A batch against what this machine could do at best: pictures per second, cores, memory.

Two limits are told, since the same cores decode and judge. *Forward* counts the network alone, on
pictures that are prepared already. *Perfect* counts all that one picture costs a core (read,
decode, resize, gate, forward), as if nothing had ever to wait: cores by milliseconds. The smaller
the network, the further the first lies beyond reach, so that every architecture is measured.

Rates are those of the running batch, without the start of its workers, which is told beside them.
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
_FORWARD, _TIMED, _LARGE_TIMED, _EXPLAINED, _RAY_TIMED = 3_000, 6_000, 1_024, 48, 6_000
_STEPPED, _LARGE_STEPPED = 400, 32
# Of every other architecture, of which some are eight times slower.
_FORWARD_OF_OTHERS, _TIMED_OF_OTHERS = 1_000, 3_000
_METHOD = "lime"
# As large as an original of the data set mostly is.
_HEIGHT_PX, _WIDTH_PX = 1000, 1400
_DRAWN = 64


def measure(
    run: Run,
    dataset: Path,
    others: Sequence[Run] = (),
    repeats: int = 3,
    say: Callable[[str], None] = lambda _: None,
    few: int = FEW,
    many: int = MANY,
) -> dict:
    """Measure batches, each in a process of its own, in turn.

    Parameters
    ----------
    run : servable.
    dataset : whose pictures are judged, some of them often; drawn ones if none are there.
    others : servable runs to set beside it, small pictures only.
    repeats : rounds of everything but the memory, which is measured once.
    say : receives a sentence per measurement.
    few, many : pictures of the two batches whose memory is compared.

    Returns
    -------
    Pictures per second, the limits, and the ratios between them. Ratios of *cpu* compare seconds of
    cores and hold on a busy machine, too.
    """
    where = machine()  # before this program makes work of its own
    with tempfile.TemporaryDirectory() as folder, _lists(Path(folder), dataset) as pictures:
        small, large, drawn = pictures
        lists = {
            "small": (_list(Path(folder), small, _STEPPED), _list(Path(folder), small, _TIMED)),
            "large": (
                _list(Path(folder), large, _LARGE_STEPPED),
                _list(Path(folder), large, _LARGE_TIMED),
            ),
        }
        fewer = lists["small"][0], _list(Path(folder), small, _TIMED_OF_OTHERS)
        explained = _list(Path(folder), small, _EXPLAINED)
        rounds: list[dict] = []
        for number in range(repeats):
            done = {size: _limits_and_batch(run, _FORWARD, *own) for size, own in lists.items()}
            done["networks"] = {
                other.name: _limits_and_batch(other, _FORWARD_OF_OTHERS, *fewer) for other in others
            }
            done["explained"] = _started("batch", run, explained, "local", 0, _METHOD)
            rounds.append(done)
            say(
                f"Round {number + 1} of {repeats}: "
                f"{done['small']['batch']['steady_per_second']:.0f} small pictures a second, "
                f"{done['small']['forward']['per_second']:.0f} forward passes alone"
            )
        ray = [_with_ray(run, Path(folder), small) for _ in range(max(1, repeats // 2))]
        say(f"Ray with one and two workers: {ray[-1]['efficiency']:.2f} of twice as fast")
        memory = {}
        for count in (few, many):
            told = _started("batch", run, _list(Path(folder), small, count), "local", 0)
            if told["peaks_mb"]:
                memory[str(count)] = round(sum(told["peaks_mb"]), 1)
                say(f"{count} pictures: largest resident memory {memory[str(count)]} MB")
    return {
        "benchmark": "batch",
        "run": run.name,
        "repeats": repeats,
        "pictures": {
            "small": "drawn JPEG, 224 x 224 pixels" if drawn else "of the data set, 224 px JPEG",
            "large": f"drawn JPEG, {_WIDTH_PX} x {_HEIGHT_PX} pixels",
        },
        **{size: _summary([one[size] for one in rounds]) for size in lists},
        "networks": {
            other.name: _summary([one["networks"][other.name] for one in rounds])
            for other in others
        },
        "explained": _explained(rounds),
        "ray": {
            "one_per_second": round(median(one["one"] for one in ray), 1),
            "two_per_second": round(median(one["two"] for one in ray), 1),
            "efficiency": round(median(one["efficiency"] for one in ray), 3),
            "rounds": len(ray),
        },
        "memory_mb": memory,
        "machine": where,
    }


def one_of_each(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return a servable run of every architecture but that of `run`."""
    found = {one.architecture: one for one in reversed(runs) if one.servable}
    found.pop(run.architecture, None)
    return sorted(found.values(), key=lambda one: one.name)


def _limits_and_batch(run: Run, count: int, stepped: Path, timed: Path) -> dict:
    """Measure `count` passes of the network alone, the steps, and a batch."""
    forward = _started("forward", run, count)
    forward["per_second"] = forward["pictures"] / forward["seconds"]
    steps = _started("steps", run, stepped)
    batch = _started("batch", run, timed, "local", 0)
    batch["cpu_ms"] = 1000 * batch["cpu_seconds"] / batch["pictures"]
    return {"forward": forward, "steps_ms": steps, "batch": batch}


def _summary(rounds: Sequence[dict]) -> dict:
    """Return medians over rounds, and the ratios taken within each round."""
    cores = os.cpu_count() or 1

    def of(figure: Callable[[dict], float], digits: int = 3) -> float:
        return round(median(figure(one) for one in rounds), digits)

    def whole_ms(one: dict) -> float:
        return sum(one["steps_ms"].values())

    return {
        "per_second": of(lambda one: one["batch"]["steady_per_second"], 1),
        "forward_per_second": of(lambda one: one["forward"]["per_second"], 1),
        "perfect_per_second": of(lambda one: 1000 * cores / whole_ms(one), 1),
        "first_seconds": of(lambda one: one["batch"]["first_seconds"], 2),
        "pictures": rounds[0]["batch"]["pictures"],
        "whole_seconds": of(lambda one: one["batch"]["seconds"], 2),
        "steps_ms": {name: of(lambda one, n=name: one["steps_ms"][n]) for name in _names(rounds)},
        "batch_cpu_ms": of(lambda one: one["batch"]["cpu_ms"]),
        "ratios": {
            "to_forward": of(
                lambda one: one["batch"]["steady_per_second"] / one["forward"]["per_second"]
            ),
            "to_perfect": of(
                lambda one: one["batch"]["steady_per_second"] * whole_ms(one) / 1000 / cores
            ),
        },
        "all_per_second": [round(one["batch"]["steady_per_second"], 1) for one in rounds],
    }


def _explained(rounds: Sequence[dict]) -> dict:
    """Return how near explaining a batch comes to the forward passes that it takes."""

    def rate(one: dict, what: str) -> float:
        # With the start: of so few parts the last ones tell little.
        return one["explained"][what] / one["explained"]["seconds"]

    return {
        "method": _METHOD,
        "pictures": rounds[0]["explained"]["pictures"],
        "samples": rounds[0]["explained"]["samples"],
        "per_second": round(median(rate(one, "pictures") for one in rounds), 3),
        "passes_per_second": round(median(rate(one, "samples") for one in rounds), 1),
        "to_forward": round(
            median(rate(one, "samples") / one["small"]["forward"]["per_second"] for one in rounds),
            3,
        ),
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
