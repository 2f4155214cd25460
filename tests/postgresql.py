"""A PostgreSQL server for tests, as a plain process. The fixture is ``postgresql_server``."""

import os
import pwd
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg


@dataclass
class Server:
    """A PostgreSQL server of our own, on a Unix socket below its folder.

    With a port, on that of 127.0.0.1 as well.
    """

    programs: Path
    folder: Path
    port: int | None = None
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
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql:///{name}?host={self.folder}&user=tester{port}"

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
        listens = ("-h", "127.0.0.1", "-p", str(self.port)) if self.port else ("-h", "")
        self.process = self.start(
            *("postgres", "-D", str(self.data), "-k", str(self.folder), *listens),
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
