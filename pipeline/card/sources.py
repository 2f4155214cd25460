"""The stored files behind a card, and their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.card.parts import Source
from pipeline.runs import Run
from pipeline.storage import read_object

AUDIT, GATE = "audit/data.json", "gate/measured.json"


def sources(
    run: Run, artifacts: Path, siblings: Sequence[Run], commands: dict[str, str]
) -> list[Source]:
    """Return every stored file that a card of `run` is made from; those that exist.

    Parameters
    ----------
    artifacts : holds ``audit/`` and ``gate/``.
    siblings : the runs that differ from this one by nothing but the seed.
    commands : file name -> what makes it anew.
    """
    files = [(f"runs/{run.name}/{name}", run.folder / name) for name in commands if "/" not in name]
    files += [(name, artifacts / name) for name in commands if "/" in name]
    files += [
        (f"runs/{other.name}/{name}", other.folder / name)
        for other in siblings
        for name in ("run.json", "predictions.csv")
    ]
    return [
        Source(name, *digest(path), commands.get(name, commands.get(path.name, "")))
        for name, path in files
        if path.is_file()
    ]


def digest(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size in bytes of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest(), path.stat().st_size


def fingerprint(found: Iterable[Source]) -> str:
    """Return a SHA-256 that changes with the name or the content of any of these files."""
    lines = sorted(f"{source.sha256}  {source.name}" for source in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def stored(path: Path) -> dict | None:
    """Return a stored JSON object, None where there is no such file.

    Raises
    ------
    RunError : if it is damaged.
    """
    if not path.is_file():
        return None
    return read_object(
        path,
        f"{path.parent.name}/{path.name}",
        "Restore the file, or remove it and make it again.",
    )
