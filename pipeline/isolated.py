"""A program of ours in a process of its own: what somebody sent may crash it, and nothing else.

This file is that process, too: it limits itself, then becomes the program. So it imports nothing of
this project and little besides, and starts quickly.

    python -I isolated.py BYTES SECONDS PROGRAM [ARGUMENT ...]
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path


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
    own = (__file__, memory_bytes, seconds, program, *arguments)
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


def _limit(memory_bytes: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # there is none on Windows; the clock ends the program all the same
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no dump of what somebody sent on disk


if __name__ == "__main__":
    _limit(int(sys.argv[1]), int(sys.argv[2]))
    del sys.argv[:3]
    runpy.run_path(sys.argv[0], run_name="__main__")
