"""From nothing to a verdict: cold start, warm prediction, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from pipeline.benchmark import machine
from pipeline.benchmark.explain import picture
from pipeline.config import REPOSITORY
from pipeline.errors import RunError
from pipeline.images import encode_png, resize
from pipeline.runs import Run

# As large as an original of the data set mostly is.
_HEIGHT_PX, _WIDTH_PX = 1000, 1400


def measure(
    run: Run, repeats: int = 5, warm: int = 200, say: Callable[[str], None] = lambda _: None
) -> dict:
    """Start a fresh Python `repeats` times and time its first and its next verdicts on a PNG.

    Parameters
    ----------
    run : servable.
    repeats : processes to start.
    warm : verdicts after the first, in each of them.
    say : receives a sentence per measurement.

    Returns
    -------
    ``cold_seconds``: from before the process is created until its verdict has arrived.
    ``warm_ms``: bytes in, verdict out. ``peak_mb``: largest resident memory of the process.
    """
    cold, seconds, peaks, loaded = [], [], [], set()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "synthetic.png"
        file.write_bytes(encode_png(resize(picture(_HEIGHT_PX), _HEIGHT_PX, _WIDTH_PX)))
        for number in range(repeats):
            first, rest = _start(run, file, warm)
            cold.append(first)
            seconds += rest["seconds"]
            peaks.append(rest["peak_mb"])
            loaded.update(rest["training_libraries"])
            say(f"Process {number + 1} of {repeats}: first verdict after {first:.2f} s")
    return {
        "benchmark": "serve",
        "run": run.name,
        "picture": f"PNG, {_WIDTH_PX} x {_HEIGHT_PX} pixels",
        "repeats": repeats,
        "cold_seconds": {
            "median": round(median(cold), 3),
            "all": [round(value, 3) for value in cold],
        },
        "warm_ms": {
            "median": round(1000 * median(seconds), 2),
            "p95": round(1000 * float(np.percentile(seconds, 95)), 2),
            "n": len(seconds),
        },
        "peak_mb": None if None in peaks else max(peaks),
        "training_libraries": sorted(loaded),
        "machine": machine(),
    }


def _start(run: Run, file: Path, warm: int) -> tuple[float, dict]:
    """Return the seconds to the first verdict, and what the process says afterwards."""
    command = [sys.executable, "-m", "pipeline.benchmark.first_verdict"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    started = perf_counter()
    with subprocess.Popen(
        [*command, str(run.folder.resolve()), str(file), str(warm)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        verdict = process.stdout.readline()
        first = perf_counter() - started
        # Not by `communicate`, which loses what was read together with the first line.
        rest, complaint = process.stdout.read(), process.stderr.read()
    if process.returncode or not verdict:
        raise RunError(
            f"The run {run.name} could not be served: {complaint.strip().splitlines()[-1:]}",
            "Check it with 'python -m pipeline predict', or choose another with --run.",
        )
    return first, json.loads(rest)
