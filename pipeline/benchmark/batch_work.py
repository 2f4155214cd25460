"""The process in which a batch is measured: ``python -m pipeline.benchmark.batch_work ...``.

    forward RUN COUNT      the network alone, on prepared pictures, a thread for every core
    steps RUN LIST COUNT   what one picture costs, step by step, in seconds of one core
    batch RUN LIST ENGINE WORKERS   a whole batch

prints one JSON document. In a process of its own, so that nothing is warm that would not be, and
so that the largest resident memory is this batch's.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time, thread_time

import numpy as np

from pipeline.batch.judging import TOGETHER
from pipeline.batch.listing import Listing, listed
from pipeline.batch.running import Batch
from pipeline.benchmark.first_verdict import peak_mb
from pipeline.classifier import Classifier
from pipeline.gate import check
from pipeline.images import read_picture
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
        started, cpu = perf_counter(), process_time()
        for _ in pool.map(lambda _: classifier.logits(images), range(calls)):
            pass
        seconds, cpu = perf_counter() - started, process_time() - cpu
    return {"pictures": calls * TOGETHER, "seconds": seconds, "cpu_seconds": cpu}


def steps(run: Run, listing: Listing, count: int) -> dict:
    """Return milliseconds of one core that each step takes a picture, the mean over `count`."""
    classifier = Classifier(run, threads=1)
    taken = dict.fromkeys(_STEPS, 0.0)
    files = listing.table["file"].slice(0, count).to_pylist()
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


def batch(run: Run, listing: Listing, engine: str, workers: int | None) -> dict:
    """Judge a list and return how long that took, from the first part's begin to the results."""
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        work = Batch(listing, run, f"{folder}/results.parquet")
        started, cpu = perf_counter(), process_time()
        outcome = work.judge(
            engine, None, workers, lambda count: kept.append((perf_counter(), count))
        )
        seconds, cpu = perf_counter() - started, process_time() - cpu
    # Without the start, which of Ray takes seconds, and of each worker another time: the last two
    # thirds of the parts.
    begin = len(kept) // 3
    steady = kept[-1][0] - kept[begin][0]
    later = sum(count for _, count in kept[begin + 1 :])
    return {
        "pictures": len(listing),
        "judged": outcome.judged,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "steady_per_second": later / steady if steady else None,
        "peak_mb": peak_mb(),
    }


def main(what: str, folder: str, *rest: str) -> None:
    run = open_run(Path(folder).parent, Path(folder).name)
    if what == "forward":
        found = forward(run, int(rest[0]))
    elif what == "steps":
        found = steps(run, listed(rest[0]), int(rest[1]))
    else:
        found = batch(run, listed(rest[0]), rest[1], int(rest[2]) or None)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
