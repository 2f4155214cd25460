"""Reading the tensors of a PyTorch file without PyTorch, and without trusting it.

Such a file is a pickle, and unpickling may run any code. Here three names are known: an ordered
dictionary, a tensor's description and a storage's type. Whatever else is asked for is refused.
Read is the format of PyTorch before 1.6: header, dictionary, list of storages, raw numbers.
"""

from __future__ import annotations

import collections
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype
    count: int


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage, known before the storage's numbers are."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, numbers: np.ndarray) -> np.ndarray:
        steps = [(length - 1) * step for length, step in zip(self.shape, self.strides, strict=True)]
        counts = (self.offset, *self.shape, *self.strides)
        if min(counts) < 0 or self.offset + sum(steps) >= len(numbers):
            raise pickle.UnpicklingError("A tensor reaches beyond its storage.")
        step_bytes = [step * numbers.itemsize for step in self.strides]
        view = np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, step_bytes)
        return view.copy()


def _rebuild(storage, offset, shape, strides, requires_grad=False, hooks=None) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise pickle.UnpicklingError(f"The file asks for {module}.{name}, which no tensor needs.")

    def persistent_load(self, pid):
        kind, dtype, key, place, count, view = pid
        if kind != "storage" or place != "cpu" or view is not None:
            raise pickle.UnpicklingError("The file holds a storage of an unknown kind.")
        return _Storage(key, dtype, count)


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Return the named tensors of the PyTorch file at `path` as float32 or int64 arrays.

    Raises
    ------
    pickle.UnpicklingError : if it is no such file, or asks for more than tensors.
    """
    with path.open("rb") as file:
        try:
            if _load(file) != _MAGIC or _load(file) != _VERSION:
                raise pickle.UnpicklingError("This is not a PyTorch file of the older format.")
            if _load(file)["little_endian"] is not True or sys.byteorder != "little":
                raise pickle.UnpicklingError("The numbers are not stored little-endian.")
            described, keys = _load(file), _load(file)
            storages = {tensor.storage.key: tensor.storage for tensor in described.values()}
            numbers = {key: _numbers(file, storages[key]) for key in keys}
            return {
                name: tensor.of(numbers[tensor.storage.key]) for name, tensor in described.items()
            }
        except (AttributeError, EOFError, IndexError, KeyError, TypeError, ValueError) as error:
            raise pickle.UnpicklingError(f"The file is damaged ({error}).") from error


def _load(file: BinaryIO):
    return _Unpickler(file).load()


def _numbers(file: BinaryIO, storage: _Storage) -> np.ndarray:
    (count,) = np.frombuffer(file.read(8), "<i8")
    if count != storage.count:
        raise pickle.UnpicklingError("A storage has another length than announced.")
    numbers = np.frombuffer(file.read(storage.count * storage.dtype.itemsize), storage.dtype)
    if len(numbers) != count:
        raise EOFError("it ends too early")
    return numbers
