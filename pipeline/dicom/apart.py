"""Compressed frames decoded in a process of their own, whose crash is an error like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline import isolated
from pipeline.containers import damaged
from pipeline.dicom import decoder
from pipeline.dicom.codestream import Codestream

PROGRAM = Path(decoder.__file__)


def decode_apart(
    packed: Codestream, program: Path = PROGRAM, seconds: int = decoder.LIMIT_SECONDS
) -> np.ndarray:
    """Return the samples (H, W, S), uint8 up to 8 bits and otherwise uint16.

    Parameters
    ----------
    program : a Python file that is called as `pipeline.dicom.decoder` is.
    seconds : of a core, after which it is ended; or after twice as many on the clock.

    Raises
    ------
    ImageError : if it fails, crashes, takes too long, or gives another number of samples.
    """
    shape = (packed.rows, packed.columns, packed.samples)
    arguments = (packed.decoder, *shape, packed.bits)
    ended = isolated.run(program, arguments, packed.data, decoder.LIMIT_BYTES, seconds)
    if ended is None or ended.returncode:
        raise damaged()
    kind = np.dtype(np.uint8 if packed.bits <= 8 else "<u2")
    if len(ended.stdout) != np.prod(shape) * kind.itemsize:
        raise damaged()
    return np.frombuffer(ended.stdout, kind).reshape(shape)
