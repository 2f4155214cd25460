"""A server that a benchmark starts on loopback and ends again."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from socket import socket
from time import perf_counter, sleep

from pipeline.config import REPOSITORY
from pipeline.errors import PipelineError

_START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """Where it answers, when it was started (``perf_counter``), and its process."""

    address: str
    started: float
    process: subprocess.Popen


@contextmanager
def serving(
    command: list[str], port_option: str, health: str, **environment: str
) -> Iterator[Server]:
    """Start a server on a free port and give it once it answers.

    Parameters
    ----------
    port_option : with ``{}`` where the port stands.
    health : the path that is asked until it answers.
    environment : what differs from our own.

    Raises
    ------
    PipelineError : if it does not start.
    """
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, started = f"http://127.0.0.1:{port}", perf_counter()
    process = subprocess.Popen(
        [*command, port_option.format(port)],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                fetched(address + health)
                break
            except OSError as error:
                if process.poll() is not None or perf_counter() - started > _START_SECONDS:
                    raise PipelineError(
                        "The server that is to be measured does not start.",
                        f"Start it yourself to see why: {shlex.join(command)}",
                    ) from error
                sleep(0.05)
        yield Server(address, started, process)
    finally:
        process.terminate()
        process.wait(10)


def dashboard(*options: str, **environment: str) -> AbstractContextManager[Server]:
    """Start the dashboard as the README does, on loopback; as `serving` otherwise."""
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", *options]
    command += ["--server.headless=true", "--server.address=127.0.0.1"]
    return serving(command, "--server.port={}", "/_stcore/health", **environment)


def fetched(address: str, posted: bytes | None = None) -> bytes:
    """Return what a server answers."""
    with urllib.request.urlopen(address, posted, timeout=60) as answer:
        return answer.read()
