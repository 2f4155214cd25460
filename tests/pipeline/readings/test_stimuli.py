"""What a study's readers are shown comes back from the database as it was."""

from dataclasses import fields

import numpy as np
import pytest

from pipeline.explain import Explanation
from pipeline.readings.stimuli import packed, unpacked


def test_an_explanation_survives_storing_whole(explanation):
    before = explanation()
    after = unpacked(packed(before))
    for field in fields(Explanation):
        np.testing.assert_equal(getattr(after, field.name), getattr(before, field.name))


def test_a_damaged_one_is_refused(explanation):
    content = packed(explanation())
    for length in range(0, len(content), 50):
        with pytest.raises(ValueError, match="packed explanation"):
            unpacked(content[:length])
