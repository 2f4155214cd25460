"""A program of ours in a process of its own: what somebody sent may crash it, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LIMITED = Path(__file__).with_name("limited.py")


def run(
    program: Path, arguments: tuple[object, ...], content: bytes, memory_bytes: int, seconds: int
) -> subprocess.CompletedProcess | None:
    """Give a program bytes to read; return how it ended and what it wrote.

    Parameters
    ----------
    program : a Python file that imports nothing of this project.
    content : what it reads from its standard input.
    memory_bytes : that it may take; more is refused to it.
    seconds : of a core, after which it is ended; after twice as many on the clock the answer is
        None.
    """
    own = (_LIMITED, memory_bytes, seconds, program, *arguments)
    try:
        return subprocess.run(
            [sys.executable, "-I", *map(str, own)],
            input=content,
            stdout=subprocess.PIPE,
            # It may quote what it was given, and is of no use to a reader.
            stderr=subprocess.DEVNULL,
            timeout=2 * seconds,
        )
    except subprocess.TimeoutExpired:
        return None
