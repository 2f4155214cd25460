"""The gate's fitted part: how unlike the training pictures is this one, and what is wrong with it?

Numpy alone, some 0.2 MB and a millisecond a picture, so that starting and judging stay quick.

References
----------
Tipping, Bishop 1999, "Probabilistic principal component analysis", JRSS B 61:611 (unlikeness).
Fisher 1936, "The use of multiple measurements in taxonomic problems" (one discriminant a fault).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline import storage
from pipeline.config import REPOSITORY, Paths
from pipeline.errors import GateError
from pipeline.gate.faults import FAULTS, Fault
from pipeline.gate.features import LENGTH, describe

UNLIKE = (
    "The picture is unlike the frontal chest radiographs of children that the model learned from: "
    "another view or part of the body, a chest that is cut off, or no radiograph at all."
)


@dataclass(frozen=True)
class GateModel:
    """A Gaussian of right pictures' features, and a direction for each fault.

    Attributes
    ----------
    mean : (512,) of the features of the training pictures.
    components : (512, K) orthonormal main directions in which they differ.
    variances : (K,) along them.
    noise : variance along every other direction.
    limit : the largest unlikeness that is accepted.
    directions : (F, 512), one for each of `FAULTS`.
    limits : (F,) the largest projection on each that is accepted.
    document : how it was fitted; stored as ``gate.json``.
    """

    mean: np.ndarray
    components: np.ndarray
    variances: np.ndarray
    noise: float
    limit: float
    directions: np.ndarray
    limits: np.ndarray
    document: dict

    def __post_init__(self):
        count = len(FAULTS)
        expected = {
            "mean": (LENGTH,),
            "components": (LENGTH, len(self.variances)),
            "directions": (count, LENGTH),
            "limits": (count,),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"Expected {name} {shape}. Received: {getattr(self, name).shape}")
        if not (self.noise > 0 and (self.variances > 0).all()):
            raise ValueError("Expected variances > 0. Received: one that is not")

    def unlikeness(self, features: np.ndarray) -> np.ndarray:
        """Return the squared Mahalanobis distance (N,) of features (N, 512) from the mean."""
        away = features - self.mean
        along = away @ self.components
        within = (along**2 / self.variances).sum(axis=1)
        return within + ((away**2).sum(axis=1) - (along**2).sum(axis=1)) / self.noise

    def faults(self, features: np.ndarray) -> np.ndarray:
        """Return by how much features (N, 512) pass the limit of each fault: (N, F)."""
        return (features - self.mean) @ self.directions.T - self.limits

    def refuses(self, features: np.ndarray) -> np.ndarray:
        """Tell for features (N, 512) whether the model refuses them: (N,) bool."""
        return (self.unlikeness(features) > self.limit) | (self.faults(features) > 0).any(axis=1)

    def check(self, image: np.ndarray) -> list[str]:
        """Return why `image` (H, W) uint8 is refused: no sentence or one.

        A fault is named only if the picture passes once it is undone, a cut only if the picture
        is otherwise much like a chest: a photograph may lie on the far side of any limit.
        """
        features = describe(image)[None]
        if not self.refuses(features)[0]:
            return []
        passed = self.faults(features)[0]
        for position in np.argsort(-passed):
            fault = FAULTS[position]
            if passed[position] > 0 and self._explains(fault, image, features):
                return [fault.reason]
        return [UNLIKE]

    def _explains(self, fault: Fault, image: np.ndarray, features: np.ndarray) -> bool:
        if fault.undo is None:
            return bool(self.unlikeness(features)[0] <= self.limit)
        return not self.refuses(describe(fault.undo(image))[None])[0]

    def save(self, folder: Path) -> None:
        """Write ``gate.npz`` and ``gate.json``, which names the other by its SHA-256."""
        folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        arrays = {name: getattr(self, name).astype(np.float32) for name in _ARRAYS}
        np.savez(buffer, **arrays)
        with storage.replacing(folder / "gate.npz") as temporary:
            temporary.write_bytes(buffer.getvalue())
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        document = {
            "faults": [fault.name for fault in FAULTS],
            "noise": self.noise,
            "limit": self.limit,
            "npz_sha256": digest,
            **self.document,
        }
        storage.write_json(folder / "gate.json", document)

    @classmethod
    def load(cls, folder: Path) -> GateModel:
        """Read what `save` wrote.

        Raises
        ------
        GateError : if a file is missing or damaged, or the two do not belong together.
        """
        try:
            document = json.loads((folder / "gate.json").read_text(encoding="utf-8"))
            content = (folder / "gate.npz").read_bytes()
            if hashlib.sha256(content).hexdigest() != document["npz_sha256"]:
                raise ValueError("Expected the arrays that gate.json names. Received: others")
            if document["faults"] != [fault.name for fault in FAULTS]:
                raise ValueError("Expected today's faults. Received: others")
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in _ARRAYS}
            return cls(
                **arrays, noise=document["noise"], limit=document["limit"], document=document
            )
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise GateError(
                f"The gate's model in {folder} is missing, damaged or of another version.",
                "Restore gate.json and gate.npz, or fit it anew: 'python -m pipeline gate fit'.",
            ) from error


_ARRAYS = ("mean", "components", "variances", "directions", "limits")


def model_folder() -> Path:
    """Return where the gate's model lies: with the artifacts, else where this project keeps it.

    A folder of artifacts of one's own need only hold runs.
    """
    own = Paths.from_environment().artifacts / "gate"
    return own if (own / "gate.json").is_file() else REPOSITORY / "artifacts" / "gate"


def stored_model() -> GateModel:
    """Return the stored model, read again only when its file has changed.

    Raises
    ------
    GateError : if there is none, or it is damaged.
    """
    folder = model_folder()
    try:
        told = (folder / "gate.json").stat()
    except OSError:
        return GateModel.load(folder)  # which says what is wrong
    return _model(folder, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=2)
def _model(folder: Path, changed: int, size: int) -> GateModel:
    return GateModel.load(folder)
