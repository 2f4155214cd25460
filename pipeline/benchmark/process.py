"""What the system tells of a process: its memory, its time of the cores, what it started."""

from __future__ import annotations

import os
from pathlib import Path


def resident_mb(process: int) -> float | None:
    """Return the resident memory of a process; None where the system does not tell, or it is gone.

    Processes that it started, such as a decoder of compressed frames, are not in it.
    """
    return _megabytes(process, "VmRSS")


def peak_mb(process: int) -> float | None:
    """Return the largest resident memory that a process has had; None as above.

    Not ``getrusage``: a child's figure there starts from its parent's.
    """
    return _megabytes(process, "VmHWM")


def _megabytes(process: int, field: str) -> float | None:
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith(f"{field}:"):
            return round(int(line.split()[1]) * 1024 / 1e6, 1)
    return None


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that still run, as far as it is told."""
    return [
        int(child)
        for task in Path(f"/proc/{process}/task").glob("*")
        for child in _started_by(task)
    ]


def _started_by(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:  # the thread has ended, or this kernel does not tell
        return []


def core_seconds(process: int) -> float | None:
    """Return the seconds of cores that a process has had; None where it is not told."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # its name may have spaces
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float | None:
    """Return the seconds for which the cores of the machine worked for anybody."""
    try:
        first = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0]
    except OSError:
        return None
    user, nice, system, _, _, irq, soft = map(int, first.split()[1:8])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")
