"""The process in which a batch is measured: ``python -m pipeline.benchmark.batch_work ...``.

    forward RUN COUNT      the network alone, on prepared pictures, a thread for every core
    steps RUN LIST         what one picture costs, step by step, in seconds of one core
    batch RUN LIST ENGINE WORKERS [METHOD]   a whole batch, perhaps explained

prints one JSON document. In a process of its own, so that nothing is warm that would not be, and
so that the largest resident memory is this batch's: of this process and its workers.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np
from pyarrow import parquet

from pipeline.batch.judging import TOGETHER
from pipeline.batch.listing import Listing, listed
from pipeline.batch.running import Batch
from pipeline.benchmark.process import children, peak_mb
from pipeline.classifier import Classifier
from pipeline.gate import check
from pipeline.images import read_picture
from pipeline.request import Request
from pipeline.runs import Run, open_run

_STEPS = ("read", "decode", "resize", "gate", "forward")


def forward(run: Run, count: int) -> dict:
    """Judge prepared pictures as fast as this machine can: a network of one thread a core."""
    cores = os.cpu_count() or 1
    classifier = Classifier(run, threads=1)
    size_px = classifier.size_px
    images = np.random.default_rng(0).integers(0, 256, (TOGETHER, size_px, size_px), np.uint8)
    classifier.logits(images)
    calls = count // TOGETHER
    with ThreadPoolExecutor(cores) as pool:
        started = perf_counter()
        for _ in pool.map(lambda _: classifier.logits(images), range(calls)):
            pass
        seconds = perf_counter() - started
    return {"pictures": calls * TOGETHER, "seconds": seconds}


def steps(run: Run, listing: Listing) -> dict:
    """Return milliseconds of one core that each step takes a picture, the mean of a list."""
    classifier = Classifier(run, threads=1)
    taken = dict.fromkeys(_STEPS, 0.0)
    files = listing.table["file"].to_pylist()
    places = [listing.source.below(file).local for file in files]
    for start in range(0, len(places), TOGETHER):
        prepared = []
        for path in places[start : start + TOGETHER]:
            moments = [thread_time()]
            content = path.read_bytes()
            moments.append(thread_time())
            picture = read_picture(content)
            moments.append(thread_time())
            prepared.append(classifier.prepare(picture.image))
            moments.append(thread_time())
            check(picture)
            moments.append(thread_time())
            for name, begun, ended in zip(_STEPS, moments, moments[1:], strict=False):
                taken[name] += ended - begun
        begun = thread_time()
        classifier.logits(np.stack(prepared))
        taken["forward"] += thread_time() - begun
    return {name: 1000 * seconds / len(places) for name, seconds in taken.items()}


def batch(
    run: Run, listing: Listing, engine: str, workers: int | None, method: str | None = None
) -> dict:
    """Judge a list; tell how long that took, and how long without the start of the workers.

    ``peaks_mb``: the largest resident memory of each process that worked, the largest first; empty
    where the system does not tell.
    """
    kept: list[tuple[float, int]] = []
    peaks: dict[int, float] = {}

    def keep(count: int) -> None:
        kept.append((perf_counter(), count))
        peaks.update(_peaks_mb())

    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/results.parquet"
        work = Batch(listing, run, out, request=Request(method) if method else None)
        started, cpu = perf_counter(), _cpu_seconds()
        outcome = work.judge(engine, None, workers, keep)
        seconds, cpu = perf_counter() - started, _cpu_seconds() - cpu
        samples = 0
        if method:
            told = parquet.read_table(out)["explanation"].combine_chunks().field("samples")
            samples = sum(told.to_pylist())
    # Without the start, which of Ray takes seconds, and of each worker another time: the last two
    # thirds of the parts.
    begin = len(kept) // 3
    steady = kept[-1][0] - kept[begin][0]
    later = sum(count for _, count in kept[begin + 1 :])
    return {
        "pictures": len(listing),
        "judged": outcome.judged,
        "samples": samples,
        "seconds": seconds,
        "first_seconds": kept[0][0] - started,
        "cpu_seconds": cpu,
        "steady_per_second": later / steady if steady else len(listing) / seconds,
        "peaks_mb": sorted(peaks.values(), reverse=True),
    }


def _cpu_seconds() -> float:
    """Return the seconds of a core that this process took, and its workers that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peaks_mb() -> dict[int, float]:
    """Return the largest resident memory so far of this process and of each that it started."""
    own = os.getpid()
    found = {process: peak_mb(process) for process in (own, *children(own))}
    return {process: mb for process, mb in found.items() if mb is not None}


def main(what: str, folder: str, *rest: str) -> None:
    run = open_run(Path(folder).parent, Path(folder).name)
    if what == "forward":
        found = forward(run, int(rest[0]))
    elif what == "steps":
        found = steps(run, listed(rest[0]))
    else:
        found = batch(run, listed(rest[0]), rest[1], int(rest[2]) or None, *rest[3:])
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
