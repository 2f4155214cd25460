"""Masks whose balance is arithmetic, not luck."""

import numpy as np
import pytest

from pipeline.explain.design import block_length, half_block


def block(count: int, generator: np.random.Generator) -> np.ndarray:
    half = half_block(count, generator)
    return np.concatenate([half, -half])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 15, 16, 31, 48, 64])
def test_every_two_superpixels_are_shown_together_and_apart_equally_often(count):
    masks = block(count, np.random.default_rng(count)).astype(int)
    assert masks.shape == (block_length(count), count)
    assert set(np.unique(masks)) == {-1, 1}
    np.testing.assert_array_equal(masks.T @ masks, len(masks) * np.eye(count))
    assert not masks.sum(axis=0).any()


def test_no_effect_of_two_superpixels_leaks_into_that_of_one():
    masks = block(12, np.random.default_rng(0)).astype(int)
    for first in range(12):
        for second in range(first):
            assert not ((masks[:, first] * masks[:, second]) @ masks).any()


def test_another_draw_hides_others_together_and_the_same_seed_the_same():
    draws = [block(20, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_no_superpixel_is_no_design():
    with pytest.raises(ValueError, match="at least one superpixel"):
        block(0, np.random.default_rng(0))
