"""Measurements that other commands left in the artifacts folder; None where they have not run."""

from __future__ import annotations

from pathlib import Path

from pipeline.storage import read_object


def latencies(artifacts: Path) -> dict | None:
    """Return what ``python -m pipeline benchmark latency --write`` stored.

    Raises
    ------
    RunError : if the file is damaged, as for the other function here.
    """
    return _read(artifacts / "benchmarks" / "latency.json", "benchmark latency --write")


def data_audit(artifacts: Path) -> dict | None:
    """Return what ``python -m pipeline data audit`` stored."""
    return _read(artifacts / "audit" / "data.json", "data audit")


def _read(path: Path, command: str) -> dict | None:
    if not path.is_file():
        return None
    return read_object(
        path,
        f"{path.parent.name}/{path.name}",
        f"Make it again with 'python -m pipeline {command}'.",
    )
