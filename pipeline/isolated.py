"""A program of ours in a process of its own: what somebody sent may crash it, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run(
    program: Path, arguments: tuple[object, ...], content: bytes, seconds: float
) -> subprocess.CompletedProcess | None:
    """Give a program bytes to read; return how it ended and what it wrote.

    Parameters
    ----------
    program : a Python file that imports nothing of this project and limits its own memory.
    content : what it reads from its standard input.
    seconds : after which it is ended; then the answer is None.
    """
    try:
        return subprocess.run(
            [sys.executable, "-I", program, *map(str, arguments)],
            input=content,
            stdout=subprocess.PIPE,
            # It may quote what it was given, and is of no use to a reader.
            stderr=subprocess.DEVNULL,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return None
