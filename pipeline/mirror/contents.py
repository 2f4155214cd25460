"""Which of the artifacts are mirrored: what serving needs, under names that stay in their folder.

Left where they are: ``model.keras``, checkpoints, readings, and whatever else somebody put there.
"""

from __future__ import annotations

import re

_RUN = (
    *("run.json", "history.csv", "predictions.csv", "metrics.json"),
    *("shortcuts.json", "annotations.json", "model.onnx"),
)
_TRY = ("try.json", "history.csv", "predictions.csv", "metrics.json", "run.json")
_GATE = ("gate.json", "gate.npz", "measured.json", "README.md")
# A name that this or another system may take for something else than a plain file is left out.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}")


def is_served(name: str) -> bool:
    """Whether the file of that name below the artifacts, parts divided by ``/``, is mirrored."""
    parts = name.split("/")
    if not all(_PLAIN.fullmatch(part) for part in parts):
        return False
    match parts:
        case ["runs", _, file]:
            return file in _RUN
        case ["lab", _, file]:
            return file in _TRY
        case ["gate", file]:
            return file in _GATE
        case ["audit" | "benchmarks", file]:
            return file.endswith(".json")
    return False


def leads_to_served(folder: str) -> bool:
    """Whether files below the folder of that name may be mirrored."""
    parts = folder.split("/")
    if not all(_PLAIN.fullmatch(part) for part in parts):
        return False
    match parts:
        case ["runs" | "lab" | "gate" | "audit" | "benchmarks"]:
            return True
        case ["runs" | "lab", _]:
            return True
    return False
