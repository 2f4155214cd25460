"""The chest field: one outline, generous, and the one that the stored fit gives."""

import json

import numpy as np
import pytest

from pipeline.audit.parts import FRAME
from pipeline.config import REPOSITORY
from pipeline.explain import thorax


def test_a_square_outline_fills_its_square():
    mask = thorax.inside(((0.25, 0.25), (0.25, 0.75), (0.75, 0.75), (0.75, 0.25)), 8)
    expected = np.zeros((8, 8), bool)
    expected[2:6, 2:6] = True
    assert np.array_equal(mask, expected)


def test_the_outline_is_convex_and_goes_clockwise():
    corners = np.array(thorax.OUTLINE)
    sides = np.roll(corners, -1, axis=0) - corners
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 1] * following[:, 0] - sides[:, 0] * following[:, 1]
    assert (turns > 0).all()


@pytest.mark.parametrize("size_px", [96, 192, 224])
def test_the_field_is_the_same_share_at_every_size(size_px):
    assert thorax.field(size_px).mean() == pytest.approx(0.576, abs=0.006)
    assert thorax.border(size_px).mean() == pytest.approx(0.36, abs=0.02)


def test_lungs_and_heart_are_inside_and_corners_outside():
    field = thorax.field(100)
    assert field[50, 30]
    assert field[50, 70]
    assert field[60, 50]
    assert not any(field[row, column] for row in (2, 97) for column in (2, 50, 97))
    assert not field[50, 2]
    assert not field[50, 97]


def test_the_border_is_that_of_the_audit():
    assert thorax.BORDER == FRAME


def test_nobody_can_change_the_shared_field():
    with pytest.raises(ValueError, match="read-only"):
        thorax.field(64)[0, 0] = True


def test_the_outline_is_the_one_that_was_fitted():
    stored = json.loads((REPOSITORY / "artifacts/audit/thorax.json").read_text(encoding="utf-8"))
    assert [list(corner) for corner in thorax.OUTLINE] == stored["fitted_outline"]
    assert stored["outline"] == stored["fitted_outline"]
