"""A batch on a Ray cluster: the same judge, one on every core, fed by Ray Data.

Every machine needs this program and its packages, and must reach the pictures by the same names:
a shared folder, or URLs. The network travels along. Results come back to whoever asked; no other
machine writes. A worker that dies is started anew, and what it was doing is done again.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pyarrow
from pyarrow.compute import equal

from pipeline import network
from pipeline.batch.columns import LISTED, RESULTS
from pipeline.batch.judging import Judge, Task
from pipeline.errors import BatchError
from pipeline.runs import Run, open_run

# Read when Ray is imported and started: nobody is told that it is used, and only what
# matters is said.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
# A cluster of this machine's own keeps to its loopback address, which Ray by itself does only where
# clusters are not to be had; and whoever has no token is turned away.
_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}
# Enough for lists and results; pictures are read where they are judged, and never sent.
_STORE_BYTES = 200_000_000
_CONNECT_SECONDS = 10
_PICTURES = pyarrow.list_(pyarrow.struct(list(LISTED)))


def judged(
    run: Run,
    task: Task,
    parts: Iterable[tuple[int, pyarrow.Table]],
    address: str | None = None,
    workers: int | None = None,
) -> Iterator[tuple[int, pyarrow.Table]]:
    """Judge numbered parts of a list and yield each with its number, in the order they finish.

    Parameters
    ----------
    address : of a running cluster, ``HOST:PORT``; one is started on this machine and ended if none
        is given.
    workers : as many as the cluster has cores by default.

    Raises
    ------
    BatchError : if the cluster cannot be reached.
    RunError : if the run cannot judge.
    """
    Judge(run, task)  # what cannot work here is said here, not by a distant machine
    # One row for each part: Ray hands rows out, and a part comes back whole.
    rows = [
        pyarrow.table(
            {"part": [number], "pictures": pyarrow.array([pictures.to_pylist()], _PICTURES)}
        )
        for number, pictures in parts
    ]
    if not rows:
        return
    with _connected(address, workers) as ray:
        cores = int(ray.cluster_resources().get("CPU", 1))
        count = min(workers or cores, len(rows))
        judged = ray.data.from_arrow(rows).map_batches(
            _worker(run, task),
            batch_size=1,
            batch_format="pyarrow",
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=count),
        )
        yield from _whole_parts(judged.iter_batches(batch_size=None, batch_format="pyarrow"), rows)


def _worker(run: Run, task: Task) -> type:
    """Return the class whose objects judge on the cluster, each with the network loaded once.

    Made here, so that Ray sends it with what it holds: an object that it kept elsewhere could be
    lost with the machine that keeps it.
    """
    files = {
        "run.json": json.dumps(run.document).encode(),
        "model.onnx": network.stored(run),
    }
    name = run.name

    class Worker:
        def __init__(self):
            with _unpacked(name, files) as unpacked:
                self._judge = Judge(unpacked, task)

        def __call__(self, parts: pyarrow.Table) -> pyarrow.Table:
            tables = []
            for row in parts.to_pylist():
                judged = self._judge(pyarrow.Table.from_pylist(row["pictures"], LISTED))
                number = pyarrow.array([row["part"]] * judged.num_rows, pyarrow.int64())
                tables.append(judged.append_column("part", number))
            return pyarrow.concat_tables(tables)

    return Worker


@contextmanager
def _unpacked(name: str, files: Mapping[str, bytes]) -> Iterator[Run]:
    """Open a run that came along, from a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / name
        own.mkdir()
        for file, content in files.items():
            (own / file).write_bytes(content)
        yield open_run(own.parent, name)


def _whole_parts(
    batches: Iterable[pyarrow.Table], rows: list[pyarrow.Table]
) -> Iterator[tuple[int, pyarrow.Table]]:
    """Yield each part once it is whole: Ray may join parts, or cut one in two."""
    expected = {row["part"][0].as_py(): len(row["pictures"][0]) for row in rows}
    begun: dict[int, list[pyarrow.Table]] = {}
    for batch in batches:
        for number in batch["part"].unique().to_pylist():
            own = batch.filter(equal(batch["part"], number)).drop_columns("part")
            begun.setdefault(number, []).append(own.cast(RESULTS))
            table = pyarrow.concat_tables(begun[number])
            if table.num_rows >= expected[number]:
                del begun[number]
                yield number, table


@contextmanager
def _connected(address: str | None, workers: int | None) -> Iterator:
    """Yield Ray, connected to that cluster or to one of this machine's own."""
    options = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is None:
        options |= {
            "include_dashboard": False,
            "num_cpus": workers or os.cpu_count() or 1,
            "object_store_memory": _STORE_BYTES,
        }
        own = _QUIET | _ALONE | {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
    else:
        _require_listener(address)
        options["address"] = address
        own = _QUIET
    # What Ray says of workers that it starts anew is no part of what this program prints.
    with _environment(own), redirect_stdout(sys.stderr):
        import ray
        import ray.data

        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _unreachable(address or "of this machine") from error
        try:
            context = ray.data.DataContext.get_current()
            context.enable_progress_bars = context.print_on_execution_start = False
            yield ray
        except ray.exceptions.RayError as error:
            raise BatchError(
                "The Ray cluster failed before all was judged.",
                "Look at its logs and give the same command again: what is judged is kept.",
            ) from error
        finally:
            ray.shutdown()


def _require_listener(address: str) -> None:
    """Refuse an address where nobody listens: Ray itself would go on asking for many minutes.

    Raises
    ------
    BatchError : if nobody does.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _unreachable(address) from error


def _unreachable(cluster: str) -> BatchError:
    return BatchError(
        f"The Ray cluster {cluster} cannot be reached.",
        "Check its address (HOST:PORT), its token, and that it runs this version of Ray and "
        "Python.",
    )


@contextmanager
def _environment(own: Mapping[str, str]) -> Iterator[None]:
    """Set variables for as long as the block takes."""
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
