"""One command a file: ``add_arguments(parser)`` and ``run(arguments) -> exit status``.

Here is what several of them ask for, or print.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from pipeline.config import Paths
from pipeline.runs import Run, default_run, open_run


def between(smallest: int, largest: int) -> Callable[[str], int]:
    """Return a type for `argparse` that takes whole numbers within these limits."""

    def number(text: str) -> int:
        if not smallest <= int(text) <= largest:
            raise argparse.ArgumentTypeError(f"must lie between {smallest} and {largest}")
        return int(text)

    return number


def share_between_0_and_1(text: str) -> float:
    """Read a share such as ``0.1`` for `argparse`; neither 0 nor 1."""
    if not 0 < float(text) < 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1, such as 0.1")
    return float(text)


def printable(name: str) -> str:
    """Escape what would disturb a terminal, or what its encoding cannot say."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    encoding = sys.stdout.encoding or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def named_run(name: str | None) -> Run:
    """Open the run of that name, or the one the pages use if none is named."""
    folder = Paths.from_environment().runs
    return open_run(folder, name) if name else default_run(folder)
