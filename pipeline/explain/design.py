"""Which superpixels are hidden together: balanced masks that leave less to chance.

Plain LIME flips a coin for every superpixel and picture. Two superpixels then overlap more or
less by chance, and what one does leaks into the weight of the other. In a block made from a
Hadamard matrix every pair of superpixels is shown together, apart and hidden together equally
often, so that no main effect leaks into another; and every mask comes with its opposite, so that
no effect of two superpixels leaks into that of one. What remains is left to chance from block to
block, and the spread of the blocks says how much that is.

References
----------
Plackett, Burman 1946, The design of optimum multifactorial experiments,
doi:10.1093/biomet/33.4.305. Box, Wilson 1951 (fold-over), doi:10.1111/j.2517-6161.1951.tb00067.x.
"""

from __future__ import annotations

import numpy as np


def block_length(count: int) -> int:
    """Return how many masks make a block for `count` superpixels."""
    return 2 * _order(count)


def half_block(count: int, generator: np.random.Generator) -> np.ndarray:
    """Return half a block of masks; the other half are their opposites.

    Parameters
    ----------
    count : superpixels.
    generator : decides which columns of the matrix are used, and which of them are turned round.

    Returns
    -------
    (`block_length` / 2, count) int8 of -1 (hidden) and 1 (shown). Columns are orthogonal to each
    other and to the constant.
    """
    order = _order(count)
    columns = generator.permutation(np.arange(1, order))[:count]
    common = np.arange(order)[:, None] & columns
    # Sylvester's matrix: the sign is the parity of the bits that row and column share.
    masks = (1 - 2 * (np.bitwise_count(common) & 1)).astype(np.int8)
    return masks * generator.choice(np.array([-1, 1], np.int8), count)


def _order(count: int) -> int:
    """Return the size of the smallest Sylvester matrix with `count` columns besides the first."""
    if count < 1:
        raise ValueError(f"Expected at least one superpixel. Received: {count!r}")
    return 1 << int(count).bit_length()
