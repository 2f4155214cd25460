"""Shared by the tests of reader studies: both databases, and a small study that can be read."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import pytest

from pipeline.images import Picture
from pipeline.readings.design import Design, Pass
from pipeline.readings.store import NewCase, Store

RUN_SHA256 = "ab" * 32


@dataclass
class Server:
    """A PostgreSQL server of our own, on a Unix socket below its folder."""

    programs: Path
    folder: Path
    process: subprocess.Popen | None = None

    def __post_init__(self):
        # The server refuses to run as root.
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, name: str) -> str:
        return f"postgresql:///{name}?host={self.folder}&user=tester"

    def run(self, program: str, *arguments: str) -> None:
        made = self.start(program, *arguments)
        assert made.wait(timeout=60) == 0, f"{program} failed"

    def start(self, program: str, *arguments: str) -> subprocess.Popen:
        user = {"user": self._user.pw_uid, "group": self._user.pw_gid} if self._user else {}
        return subprocess.Popen(
            [self.programs / program, *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            extra_groups=[] if self._user else None,
            **user,
        )

    def make(self) -> None:
        self.run("initdb", "-D", str(self.data), "-U", "tester", "-A", "trust", "-N", "-E", "UTF8")

    def up(self) -> None:
        """Start the server and wait until it answers; it first mends what a kill left behind."""
        self.process = self.start(
            *("postgres", "-D", str(self.data), "-k", str(self.folder), "-c", "listen_addresses="),
            *("-c", "max_connections=60", "-c", "shared_buffers=16MB"),
        )
        for _ in range(600):
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError("PostgreSQL does not answer")

    def kill(self) -> None:
        """End the server and all its processes at once, as a loss of power would."""
        for process in (self.process.pid, *children(self.process.pid)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=30)

    def down(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once, without tidying up
            self.process.wait(timeout=30)


def children(process: int) -> list[int]:
    """Return the ids of a process's children, read from the kernel."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = status.read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == process:
            found.append(int(status.parent.name))
    return found


@pytest.fixture(scope="session")
def postgresql_server(program):
    """Makes a new server each time it is called; all end with the tests."""
    folders = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    programs = Path(program("initdb", package="postgresql", folders=tuple(folders))).parent
    made: list[Server] = []

    def make() -> Server:
        # A short path, which a socket needs, and one that another user can reach.
        server = Server(programs, Path(tempfile.mkdtemp(prefix="xray-pg-")))
        made.append(server)
        server.make()
        server.up()
        return server

    yield make
    for server in made:
        server.down()
        shutil.rmtree(server.folder)


@pytest.fixture(scope="session")
def postgresql(postgresql_server) -> Callable[[], str]:
    """Returns the address of a new, empty schema each time it is called."""
    server = postgresql_server()
    numbers = itertools.count(1)

    def make() -> str:
        # Not a database: making one takes a second, and deleting it as long.
        name = f"readings_{next(numbers)}"
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{server.url('postgres')}&options=-csearch_path%3D{name}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """Where a new store can be opened; every test that takes it runs on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'readings.sqlite'}"
    return request.getfixturevalue("postgresql")()


@pytest.fixture
def store(address):
    opened = Store(address)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def design() -> Callable[..., Design]:
    """A design with changes on top: ``design(scale=100)``."""

    def make(*passes: Pass, **changes) -> Design:
        content = {
            "title": "A study",
            "run": "a-run",
            "run_sha256": RUN_SHA256,
            "operating_point": "balanced",
            "threshold": 0.5,
            "passes": passes or (Pass(),),
        }
        return Design(**content | changes)

    return make


@pytest.fixture(scope="session")
def cases() -> Callable[..., list[NewCase]]:
    """So many tiny cases, every second one ill; the model is wrong about every third."""

    def make(count: int = 4) -> list[NewCase]:
        generator = np.random.default_rng(0)
        made = []
        for number in range(count):
            image = generator.integers(0, 256, (64, 64), dtype=np.uint8)
            label = number % 2
            pneumonia = bool(label) != (number % 3 == 0)
            made.append(
                NewCase(
                    Picture(image, 0.0, f"{number:064x}"),
                    f"P{number // 2}",
                    label,
                    0.875 if pneumonia else 0.125,
                    pneumonia,
                    True,
                )
            )
        return made

    return make
