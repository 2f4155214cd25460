"""What a study's readers are shown comes back from the database as it was."""

from dataclasses import fields

import numpy as np
import pytest

from pipeline.explain import Explanation
from pipeline.readings.stimuli import packed, unpacked


def explanation(**changes) -> Explanation:
    segments = np.repeat(np.arange(4, dtype=np.int32), 16).reshape(8, 8)
    weights = np.array([0.5, -0.25, 0.0, 1e-9])
    content = {
        "method": "lime",
        "run": "a-run",
        "target": 1,
        "segments": segments,
        "weights": weights,
        "margins": np.array([0.1, 0.1, 0.1, 0.1]),
        "heat": weights[segments].astype(np.float32),
        "unit": "log odds",
        "intercept": float("nan"),
        "seed": 3,
        "samples": 1025,
        "segmentation": "slic",
        "fill": "blur",
        "fidelity_r2": 0.86,
        "stability": 0.97,
        "settled": True,
        "probability": 0.93,
        "seconds": 1.25,
    }
    return Explanation(**content | changes)


def test_an_explanation_survives_storing_whole():
    before = explanation()
    after = unpacked(packed(before))
    for field in fields(Explanation):
        np.testing.assert_equal(getattr(after, field.name), getattr(before, field.name))


def test_a_damaged_one_is_refused():
    content = packed(explanation())
    for length in range(0, len(content), 50):
        with pytest.raises(ValueError, match="packed explanation"):
            unpacked(content[:length])
