"""A batch on all cores of this machine: a process for each, with a network of one thread.

Processes, since threads of one share Python's lock: on small pictures, which cost as much in Python
as in the network, two threads were a third slower than two processes, and more would gain little.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.synchronize import Event
from types import ModuleType

import pyarrow
from pyarrow import ipc
from threadpoolctl import threadpool_limits

from pipeline.batch.judging import Judge, Task
from pipeline.errors import BatchError
from pipeline.runs import Run

# How often a worker may die over the same part, mostly for want of memory, before the batch ends.
_MOST_DEATHS = 3

Part = tuple[int, pyarrow.Table]


def judged(
    run: Run, task: Task, parts: Iterable[Part], workers: int | None = None
) -> Iterator[Part]:
    """Judge numbered parts of a list and yield each with its number, in the order they finish.

    A single part, or what one worker does, is judged in this process, without the second that
    starting another takes. Otherwise as many parts are under way as there are workers, and one lies
    ready. What a worker was doing when it died is done again.

    Parameters
    ----------
    workers : processes; as many as cores by default.

    Raises
    ------
    RunError : if the run cannot judge.
    BatchError : if workers die again and again.
    """
    judge = Judge(run, task)  # what cannot work is said here, not by another process
    workers = workers or os.cpu_count() or 1
    parts = iter(parts)
    first = list(islice(parts, 2))
    parts = chain(first, parts)
    if workers == 1 or len(first) < 2:
        for number, pictures in parts:
            yield number, judge(pictures)
        return
    del judge
    deaths: Counter[int] = Counter()
    while True:
        under_way: dict[int, pyarrow.Table] = {}
        with _pool(run, task, workers) as pool:
            try:
                yield from _finished(pool, parts, workers, under_way)
                return
            except BrokenProcessPool:
                lost = dict(sorted(under_way.items()))
        deaths.update(list(lost))
        if max(deaths.values()) >= _MOST_DEATHS:
            raise _given_up(deaths.most_common(1)[0][0], lost)
        parts = chain(lost.items(), parts)


def _finished(
    pool: ProcessPoolExecutor,
    parts: Iterator[Part],
    workers: int,
    under_way: dict[int, pyarrow.Table],
) -> Iterator[Part]:
    """Give the pool its parts; keep in `under_way` what it has not given back."""
    given: dict[Future, int] = {}
    while True:
        for number, pictures in islice(parts, workers + 1 - len(under_way)):
            under_way[number] = pictures  # first of all: a pool may break before it takes a part
            with _apart():
                given[pool.submit(_judged, _packed(pictures))] = number
        if not given:
            return
        for one in wait(given, return_when=FIRST_COMPLETED).done:
            judged = _unpacked(one.result())
            number = given.pop(one)
            del under_way[number]
            yield number, judged


@contextmanager
def _pool(run: Run, task: Task, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield processes that judge. Whoever leaves waits for a few pictures, not for whole parts."""
    # Not forked: a fork of a process with threads, as ONNX Runtime's, may hang.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(workers, context, _begin, (run, task, stop))
    try:
        yield pool
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _given_up(number: int, lost: dict[int, pyarrow.Table]) -> BatchError:
    files = lost[number]["file"]
    return BatchError(
        f"A worker process died {_MOST_DEATHS} times over the same pictures, from {files[0]} to "
        f"{files[-1]}.",
        "Its memory may not suffice: give the same command with fewer --workers; what is judged is "
        "kept. If it dies again, take the pictures out one after another.",
    )


@contextmanager
def _apart() -> Iterator[None]:
    """Start processes that know little of this one.

    Ctrl-C in a terminal does not reach them: they are told to stop instead. And the program that
    called us is not run by them once more, which Python does lest they lack what it defines.
    """
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    program, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)


# Of a worker's process.
_judge: Judge
_stop: Event


def _begin(run: Run, task: Task, stop: Event) -> None:
    global _judge, _stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threadpool_limits(1)
    _judge, _stop = Judge(run, task), stop


def _end_with_parent() -> None:
    """A killed parent tells nobody, and its workers would wait for their next part for ever."""
    wait_for_any([multiprocessing.parent_process().sentinel])
    os._exit(1)


def _judged(pictures: bytes) -> bytes:
    return _packed(_judge(_unpacked(pictures), _stop.is_set))


def _packed(table: pyarrow.Table) -> bytes:
    """Return a table to be sent. Pickled, a slice of a long list would carry all of the list."""
    sink = pyarrow.BufferOutputStream()
    with ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def _unpacked(content: bytes) -> pyarrow.Table:
    return ipc.open_stream(content).read_all()
