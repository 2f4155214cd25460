"""The stored network of a run: its bytes, checked, and a session of ONNX Runtime."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from pipeline.errors import RunError
from pipeline.runs import Run

_NEEDED = ("input", "calibration", "operating_points", "operating_point", "model_sha256")
# What ONNX Runtime raises on a network that it cannot load; they share no base but Exception.
_LOADING_ERRORS = (
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NotImplemented,
    native.RuntimeException,
)


def stored(run: Run) -> bytes:
    """Return the ONNX network of a finished run.

    Raises
    ------
    RunError : if the run is not finished, or its files are damaged or do not belong together.
    """
    if not run.servable:
        raise RunError(
            f"The run {run.name} has no exported network.",
            "Choose a finished run: 'python -m pipeline runs' lists them.",
        )
    missing = [key for key in _NEEDED if key not in run.document]
    if missing:
        raise RunError(
            f"run.json of {run.name} lacks {', '.join(missing)}.",
            "Restore the file, or train the run again.",
        )
    # Read once, so that the bytes that are checked are those that are loaded.
    content = read(run.folder / "model.onnx")
    if hashlib.sha256(content).hexdigest() != run.document["model_sha256"]:
        raise RunError(
            f"The network of {run.name} is damaged, or not the one its run.json describes.",
            "Restore its model.onnx, or train the run again.",
        )
    _require_whole(content, run.name)
    return content


def read(model: Path) -> bytes:
    """Return the bytes of an exported network.

    Raises
    ------
    RunError : if it cannot be read.
    """
    try:
        return model.read_bytes()
    except OSError as error:
        raise _unloadable(model.parent.name) from error


def session(content: bytes, name: str, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Return a session on the CPU.

    Parameters
    ----------
    content : an ONNX network.
    name : of the run, for what is said if it cannot be loaded.
    threads : all cores by default.

    Raises
    ------
    RunError : if it is no network, or one that names other files.
    """
    _require_whole(content, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    # A thread that spins while it waits takes the core from another session's work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except _LOADING_ERRORS as error:
        raise _unloadable(name) from error


def _require_whole(content: bytes, name: str) -> None:
    """Refuse a network that has weights in other files: it could name any file of this machine."""
    # The word stands in every network that names a file, and hardly in any other. It is looked for
    # first because taking a network apart takes longer than a verdict.
    if b"location" not in content:
        return
    import onnx
    from google.protobuf.message import DecodeError

    try:
        found = _names_files(onnx.load_from_string(content))
    except DecodeError as error:
        raise _unloadable(name) from error
    if found:
        raise RunError(
            f"The network of {name} has weights in other files, which are never read.",
            "Export it again as one file.",
        )


def _names_files(message) -> bool:
    """Whether a part of a network, at any depth, keeps its content in a file."""
    for field, value in message.ListFields():
        if field.name == "external_data":
            return True
        if field.message_type is not None:
            parts = value if hasattr(value, "__len__") else (value,)
            if any(_names_files(part) for part in parts):
                return True
    return False


def feed(session: onnxruntime.InferenceSession, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return grey images (N, S, S) as the network wants them: (N, S, S, channels) float32."""
    entry = session.get_inputs()[0]
    batch = images[..., None].astype(np.float32)
    channels = entry.shape[3]
    return {entry.name: np.repeat(batch, channels, axis=-1) if channels > 1 else batch}


def require_size(session: onnxruntime.InferenceSession, images: np.ndarray) -> None:
    """Refuse images that do not have the network's size.

    Raises
    ------
    ValueError : saying which size that is.
    """
    size_px = session.get_inputs()[0].shape[1]
    if images.ndim != 3 or images.shape[1:] != (size_px, size_px):
        raise ValueError(f"Expected images (N, {size_px}, {size_px}). Received: {images.shape}")


def _unloadable(name: str) -> RunError:
    return RunError(
        f"The network of {name} cannot be loaded.",
        "Restore its model.onnx, or train the run again.",
    )
