"""How fast, as ratios measured side by side on one machine: seconds alone do not travel."""

from __future__ import annotations

import importlib.metadata
import os
import platform

_PACKAGES = (
    "numpy",
    "onnxruntime",
    "scikit-image",
    "scikit-learn",
    "lime",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
)


def machine() -> dict:
    """Return what the figures depend on: cores, system and versions; nothing that names a host."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "load": load,  # more than a few tenths before the measurement: somebody else was working
        "versions": versions,
    }
