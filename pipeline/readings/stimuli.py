"""An explanation as bytes: every reader of a study is shown the same one, whatever comes later."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields

import numpy as np

from pipeline import zips
from pipeline.explain import Explanation

# Of the arrays together: what the largest picture that is read can need.
_LARGEST_BYTES = 640_000_000
_ARRAYS = ("segments", "weights", "margins", "heat")


def packed(explanation: Explanation) -> bytes:
    """Return everything of an explanation; NaN survives, which JSON of other programs may not."""
    rest = {
        field.name: getattr(explanation, field.name)
        for field in fields(explanation)
        if field.name not in _ARRAYS
    }
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        rest=np.frombuffer(json.dumps(rest).encode(), np.uint8),
        **{name: getattr(explanation, name) for name in _ARRAYS},
    )
    return buffer.getvalue()


def unpacked(content: bytes) -> Explanation:
    """Return what `packed` was given.

    Raises
    ------
    ValueError : if the content is damaged, or is no explanation.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _LARGEST_BYTES:
                raise ValueError("Expected the arrays of one picture. Received: more")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            rest = json.loads(stored["rest"].tobytes())
            return Explanation(**rest, **{name: stored[name] for name in _ARRAYS})
    except (*zips.ERRORS, KeyError, TypeError) as error:
        raise ValueError("Expected a packed explanation. Received: damaged bytes") from error
