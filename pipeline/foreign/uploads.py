"""Logs that arrive as names and bytes: through a temporary folder that is gone afterwards."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.foreign.found import Found
from pipeline.foreign.limits import plain
from pipeline.foreign.reading import read

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def read_uploads(files: Iterable[tuple[str, bytes]]) -> Found:
    """Read files that somebody sent.

    CSV files are read together, because W&B exports every chart of a run on its own; each other
    file is read by itself. What is wrong with one never stops the others.

    Parameters
    ----------
    files : name and content; of the name only its last part counts.
    """
    runs, problems = [], []
    with tempfile.TemporaryDirectory(prefix="uploads-") as folder:
        tables = Path(folder) / "uploaded"
        asked = []
        for number, (name, content) in enumerate(files):
            safe = _UNSAFE.sub("-", name.replace("\\", "/").rpartition("/")[2])[-120:].lstrip(".")
            together = tables / (safe or "file")
            path = Path(folder) / str(number) / "uploaded" / (safe or "file")
            if path.suffix.lower() == ".csv" and not together.exists():
                path = together
            else:
                asked.append((name, path))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if tables.is_dir():
            asked.insert(0, ("", tables))
        for name, path in asked:
            try:
                found = read(path)
            except PipelineError as error:
                problems.append(f"{plain(name)}: {error}")
                continue
            runs += found.runs
            problems += found.problems
            if not found.runs and not found.problems:
                problems.append(f"No training curves are in {plain(name)}: left out.")
    return Found(tuple(runs), tuple(problems))
