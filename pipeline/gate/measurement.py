"""How often the gate refuses what: counts with intervals, stored so that texts can quote them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pipeline.errors import GateError, ImageError
from pipeline.evaluation.wilson_score import share
from pipeline.gate import check
from pipeline.gate.faults import FAULTS
from pipeline.gate.model import GateModel
from pipeline.images import Picture, read_picture

SUFFIXES = (".jpeg", ".jpg", ".png")
# Pictures that are timed, and how often each.
_TIMED, _REPEATS = 20, 5


@dataclass
class Tally:
    """What became of some pictures."""

    n: int = 0
    refused: int = 0
    reasons: Counter = field(default_factory=Counter)

    def add(self, reasons: Sequence[str]) -> None:
        self.n += 1
        self.refused += bool(reasons)
        # The size in pixels differs; the first words say which check it was.
        self.reasons.update(" ".join(reason.split()[:6]) for reason in reasons)

    def to_json(self) -> dict:
        return {
            "n": self.n,
            "refused_count": self.refused,
            "refused": share(self.refused, self.n),
            "reasons": dict(self.reasons.most_common()),
        }


def families(folder: Path) -> dict[str, list[Path]]:
    """Return the picture files of ``folder/<family>/``, by family.

    Raises
    ------
    GateError : if there are none.
    """
    found = {}
    if folder.is_dir():
        for entry in sorted(folder.iterdir()):
            if entry.is_dir() and not entry.name.startswith("."):
                files = [path for path in entry.iterdir() if path.suffix.lower() in SUFFIXES]
                if files:
                    found[entry.name] = sorted(files)
    if not found:
        raise GateError(
            f"{folder} holds no folders with pictures.",
            "Put the outside pictures into one folder a family: see artifacts/gate/README.md.",
        )
    return found


def measure_outside(files: Iterable[Path], model: GateModel) -> dict:
    """Count how many pictures are refused: as they are, and with all colour taken out."""
    as_they_are, grey = Tally(), Tally()
    unreadable = 0

    def look(path: Path) -> tuple[Sequence[str], Sequence[str]] | None:
        try:
            picture = read_picture(path)
        except ImageError:
            return None
        colourless = replace(picture, colour=0.0)
        return check(picture, model=model).reasons, check(colourless, model=model).reasons

    with ThreadPoolExecutor() as pool:
        for found in pool.map(look, files):
            if found is None:
                unreadable += 1
            else:
                as_they_are.add(found[0])
                grey.add(found[1])
    return {
        **as_they_are.to_json(),
        "in_grey": grey.to_json(),
        "unreadable": unreadable,
    }


def measure_chests(images: np.ndarray, model: GateModel) -> dict:
    """Count how many radiographs (N, H, W) are refused: rightly presented, and with each fault."""
    ways: dict[str, Callable] = {"upright": lambda image: image}
    ways |= {fault.name: fault.make for fault in FAULTS}
    measured = {}
    with ThreadPoolExecutor() as pool:
        for name, make in ways.items():
            tally = Tally()
            for gate in pool.map(
                lambda image, make=make: check(_picture(make(image)), model=model), images
            ):
                tally.add(gate.reasons)
            measured[name] = tally.to_json()
    return measured


def milliseconds(images: np.ndarray, model: GateModel) -> float:
    """Return the median time of one check of a decoded picture."""
    taken = []
    for image in images[:_TIMED]:
        picture = _picture(image)
        for _ in range(_REPEATS):
            start = time.perf_counter()
            check(picture, model=model)
            taken.append(time.perf_counter() - start)
    return 1000 * float(np.median(taken))


def _picture(image: np.ndarray) -> Picture:
    return Picture(np.ascontiguousarray(image), colour=0.0, sha256="")
