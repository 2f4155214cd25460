"""What the system tells of a process: its resident memory, and the time it had of the cores."""

from __future__ import annotations

import os
from pathlib import Path


def resident_mb(process: int) -> float | None:
    """Return the resident memory of a process; None where the system does not tell, or it is gone.

    Processes that it started, such as a decoder of compressed frames, are not in it.
    """
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) * 1024 / 1e6, 1)
    return None


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
