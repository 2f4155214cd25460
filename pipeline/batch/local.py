"""A batch on all cores of this machine: a thread for each, with a network of one thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from threading import Event

import pyarrow

from pipeline.batch.judging import Judge, Task
from pipeline.runs import Run


def judged(
    run: Run,
    task: Task,
    parts: Iterable[tuple[int, pyarrow.Table]],
    workers: int | None = None,
) -> Iterator[tuple[int, pyarrow.Table]]:
    """Judge numbered parts of a list and yield each with its number, in the order they finish.

    Each thread reads, decodes and judges pictures of its own, so that none waits for another.
    As many parts are under way as there are threads, and none is taken before it can be begun.

    Parameters
    ----------
    workers : threads; as many as cores by default.

    Raises
    ------
    RunError : if the run cannot judge.
    """
    judge, stop = Judge(run, task), Event()
    workers = workers or os.cpu_count() or 1
    waiting, under_way = iter(parts), {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                for number, pictures in waiting:
                    under_way[pool.submit(judge, pictures, stop.is_set)] = number
                    if len(under_way) > workers:  # one lies ready while another is kept
                        break
                if not under_way:
                    return
                finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for one in finished:
                    yield under_way.pop(one), one.result()
        finally:
            # Whoever stops in the middle waits for a few pictures, not for whole parts.
            stop.set()
            for one in under_way:
                one.cancel()
