from dataclasses import replace

import numpy as np
import pytest

from pipeline.explain import Explanation, overlay
from pipeline.explain.explanation import painted

SQUARES = np.kron(np.arange(16).reshape(4, 4), np.ones((12, 12))).astype(np.int32)
HEIGHT, WIDTH = 240, 360  # 60 rows and 90 columns per square


def explained(**weights):
    values = np.zeros(16)
    for name, weight in weights.items():
        values[int(name[1:])] = weight
    return Explanation(
        method="lime",
        run="",
        target=1,
        segments=SQUARES.copy(),
        weights=values,
        margins=np.full(16, 0.001),
        heat=painted(values, SQUARES),
        unit="probability",
        intercept=0.5,
        seed=0,
        samples=10,
        segmentation="slic",
        fill="mean",
        fidelity_r2=0.9,
        stability=1.0,
        settled=True,
        probability=0.5,
        seconds=0.1,
    )


def square(layer, number):
    row, column = divmod(number, 4)
    return layer[row * 60 : (row + 1) * 60, column * 90 : (column + 1) * 90]


def drawn(layer):
    """Squares in which a line lies."""
    lines = layer[..., 3] > 240
    return {number for number in range(16) if square(lines, number).sum() > 50}


def test_only_the_strongest_superpixels_are_outlined():
    layer = overlay.mask(explained(s5=0.3, s10=-0.2, s0=0.1), HEIGHT, WIDTH, k=2)
    assert layer.shape == (HEIGHT, WIDTH, 4)
    assert layer.dtype == np.uint8
    assert drawn(layer) == {5, 10}


def test_what_is_no_evidence_is_neither_outlined_nor_coloured():
    unsure = explained(s5=0.3, s10=-0.0005)
    assert drawn(overlay.mask(unsure, HEIGHT, WIDTH, k=2)) == {5}
    assert not square(overlay.heatmap(unsure, HEIGHT, WIDTH), 10)[20:40, 30:60, 3].any()


def test_a_map_of_pixels_is_drawn_pixel_by_pixel():
    heat = np.zeros(SQUARES.shape, np.float32)
    heat[12:18, 12:24] = 0.3  # the upper half of square 5
    pixels = replace(explained(s5=0.15), heat=heat)
    layer = square(overlay.heatmap(pixels, HEIGHT, WIDTH), 5)
    assert layer[5:20, 30:60, 3].all()
    assert not layer[45:55, 30:60, 3].any()


@pytest.mark.parametrize(("sign", "expected"), [("positive", {5}), ("negative", {10})])
def test_a_sign_leaves_out_the_other(sign, expected):
    layer = overlay.mask(explained(s5=0.3, s10=-0.2), HEIGHT, WIDTH, sign=sign)
    assert drawn(layer) == expected


def test_for_and_against_differ_in_line_style_and_not_only_in_colour():
    layer = overlay.mask(explained(s5=0.3, s10=-0.3), HEIGHT, WIDTH)
    lines = layer[..., 3] > 240
    solid, dashed = square(lines, 5).sum(), square(lines, 10).sum()
    assert 0.4 < dashed / solid < 0.8
    assert tuple(square(layer, 5)[30, 45, :3]) == overlay.FOR
    assert tuple(square(layer, 10)[30, 45, :3]) == overlay.AGAINST


@pytest.mark.parametrize("number", [0, 3, 12, 15])
def test_the_line_of_a_superpixel_at_the_edge_lies_inside_the_picture(number):
    lines = square(overlay.mask(explained(**{f"s{number}": 1.0}), HEIGHT, WIDTH)[..., 3], number)
    for side in (lines[:6], lines[-6:], lines[:, :6].T, lines[:, -6:].T):
        assert (side.max(axis=0)[10:-10] > 240).all()


@pytest.mark.parametrize(("height", "width"), [(240, 360), (1000, 1400), (48, 48), (30, 20)])
def test_a_line_is_some_pixels_thick_at_every_scale(height, width):
    layer = overlay.mask(explained(s5=1.0), height, width, dim=False)
    row = layer[round(height * 0.375), :, 3] > 200
    assert 2 * 2 <= row.sum() <= 2 * (max(height, width) / 400 + 4)


def test_the_rest_is_dimmed_only_if_asked():
    explanation = explained(s5=0.3)
    assert square(overlay.mask(explanation, HEIGHT, WIDTH, dim=True), 0)[..., 3].min() > 100
    assert square(overlay.mask(explanation, HEIGHT, WIDTH, dim=False), 0)[..., 3].max() == 0


@pytest.mark.parametrize("k", [0, 5, 1000])
def test_an_explanation_without_weights_outlines_nothing_and_is_clear(k):
    nothing = explained()
    assert drawn(overlay.mask(nothing, HEIGHT, WIDTH, k)) == set()
    assert overlay.heatmap(nothing, HEIGHT, WIDTH)[..., 3].max() == 0
    assert overlay.limit(nothing) == 0


def test_more_superpixels_than_there_are_outlines_those_that_count():
    assert drawn(overlay.mask(explained(s5=0.3), HEIGHT, WIDTH, k=99)) == {5}
    assert drawn(overlay.mask(explained(s5=0.3), HEIGHT, WIDTH, sign="negative")) == set()


def test_the_heatmap_is_clear_at_zero_and_strongest_at_the_limit():
    layer = overlay.heatmap(explained(s5=0.4, s10=-0.2), HEIGHT, WIDTH, opacity=0.5)
    centre = [square(layer, number)[30, 45].astype(int) for number in range(16)]
    assert centre[0][3] == 0
    assert centre[5][3] == 128
    assert 60 <= centre[10][3] <= 68
    assert centre[5][0] > centre[5][2] + 100, "for the target is warm"
    assert centre[10][2] > centre[10][0] + 100, "against it is cold"


def test_the_scale_stays_when_a_sign_is_left_out():
    explanation = explained(s5=0.4, s10=-0.2)
    both = overlay.heatmap(explanation, HEIGHT, WIDTH)
    negative = overlay.heatmap(explanation, HEIGHT, WIDTH, sign="negative")
    np.testing.assert_array_equal(square(both, 10)[30, 45], square(negative, 10)[30, 45])
    assert square(negative, 5)[30, 45, 3] == 0


def test_the_palette_is_symmetric_in_strength_and_exactly_clear_in_the_middle():
    palette = overlay.palette(0.8)
    np.testing.assert_array_equal(palette[:, 3], palette[::-1, 3])
    assert palette[127, 3] == 0
    assert palette[0, 3] == palette[-1, 3] == 204
    with pytest.raises(ValueError, match="opacity"):
        overlay.palette(1.5)


def test_anatomy_shows_through_every_layer():
    image = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    explanation = explained(s5=0.4, s6=-0.4)
    heat = overlay.compose(image, overlay.heatmap(explanation, HEIGHT, WIDTH, 0.5))
    mask = overlay.compose(image, overlay.mask(explanation, HEIGHT, WIDTH))
    for picture, number in ((heat, 5), (heat, 6), (mask, 5), (mask, 6), (mask, 0)):
        across = square(picture, number)[30, 12:-12].astype(int)
        assert (np.diff(across, axis=0) >= 0).all()
        own = int(square(image, number)[30, -13]) - int(square(image, number)[30, 12])
        assert (across[-1] - across[0] >= 0.35 * own).all()


def test_compose_without_layers_is_the_picture_itself_and_refuses_another_size():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(overlay.compose(image), np.stack([image] * 3, axis=-1))
    opaque = np.full((16, 16, 4), 255, np.uint8)
    assert (overlay.compose(image, opaque) == 255).all()
    with pytest.raises(ValueError, match="layers"):
        overlay.compose(image, opaque[:8])


@pytest.mark.parametrize("height", [64, 240, 900])
def test_the_colour_bar_stands_beside_the_picture_with_its_limit(height):
    picture = np.zeros((height, 100, 3), np.uint8)
    shown = overlay.with_colour_bar(picture, explained(s5=0.123), 0.5)
    assert shown.shape[0] == height
    assert shown.shape[1] > 120
    np.testing.assert_array_equal(shown[:, :100], picture)
    assert (shown[:, 100:] == 230).all(axis=-1).any(), "figures are written"


def test_a_legend_gets_its_colours_from_against_to_for():
    stops, limit = overlay.colour_stops(explained(s5=0.25, s6=-0.1), count=5)
    assert limit == 0.25
    assert len(stops) == 5
    assert stops[0][2] > stops[0][0]
    assert stops[-1][0] > stops[-1][2]
    assert stops[2] == (128, 128, 128)
