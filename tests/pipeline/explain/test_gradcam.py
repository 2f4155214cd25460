"""Class activation maps on runs that are stored, and on maps whose answer is known."""

import numpy as np
import pytest

from pipeline.config import REPOSITORY
from pipeline.explain.feature_maps import FeatureMaps, Look
from pipeline.explain.gradcam import _MAPS, _spread, explain, grad_cam, hires_cam
from pipeline.runs import list_runs

RUNS = {
    run.architecture: run
    for run in list_runs(REPOSITORY / "artifacts" / "runs").runs
    if run.servable
}


def stored(architecture):
    if architecture not in RUNS:
        pytest.skip(f"no run of {architecture} is stored")
    return FeatureMaps(RUNS[architecture], threads=1)


def noise(size_px):
    return np.random.default_rng(0).integers(0, 256, (size_px, size_px)).astype(np.uint8)


def look(maps, gradient):
    return Look(np.array(maps, np.float32), np.array(gradient, float), 0.0, 0.5)


def test_grad_cam_averages_the_gradient_and_hirescam_does_not():
    # One map that is seen on the left and counts on the right.
    seen = look([[[2, 0], [2, 0]]], [[[0, 1], [0, 3]]])
    np.testing.assert_array_equal(_MAPS["gradcam"](seen), [[2, 0], [2, 0]])
    np.testing.assert_array_equal(_MAPS["hirescam"](seen), np.zeros((2, 2)))


def test_maps_are_added_with_the_sign_of_what_they_do():
    seen = look([[[1.0, 0], [0, 0]], [[0, 0], [0, 1.0]]], [np.full((2, 2), 3), np.full((2, 2), -2)])
    for name in ("gradcam", "hirescam"):
        np.testing.assert_array_equal(_MAPS[name](seen), [[3, 0], [0, -2]])


def test_a_value_is_spread_over_the_pixels_it_stands_for():
    spread = _spread(np.array([[0.0, 1.0], [0.0, 1.0]]), 8)
    assert spread.shape == (8, 8)
    assert spread.dtype == np.float32
    # Centres of the two columns of values lie between the pixels 1 and 2, and 5 and 6.
    expected = [0, 0, 1 / 8, 3 / 8, 5 / 8, 7 / 8, 1, 1]
    np.testing.assert_allclose(spread, np.tile(expected, (8, 1)), atol=1e-6)
    np.testing.assert_allclose(_spread(np.ones((3, 5)), 14), 1)


def test_both_are_the_same_and_complete_behind_a_mean_and_one_dense_layer():
    network = stored("compact")
    image = noise(network.size_px)
    gradcam, hirescam = (method(network, image) for method in (grad_cam, hires_cam))
    np.testing.assert_allclose(gradcam.heat, hirescam.heat, atol=1e-6)
    # What is left is the dense layer's constant, whatever the picture.
    rests = [
        seen.log_odds - (seen.maps * seen.gradient).sum()
        for seen in map(network.look, (image, 255 - image, image // 2))
    ]
    np.testing.assert_allclose(rests, rests[0], atol=1e-5)


@pytest.mark.parametrize("architecture", ["alexnet", "resnet_2_5_2", "simple_resnet"])
def test_they_differ_behind_a_dense_layer_that_knows_places(architecture):
    network = stored(architecture)
    image = noise(network.size_px)
    gradcam, hirescam = (method(network, image).heat for method in (grad_cam, hires_cam))
    assert np.abs(gradcam).max() > 0
    assert np.abs(hirescam).max() > 0
    assert np.corrcoef(gradcam.ravel(), hirescam.ravel())[0, 1] < 0.99


def test_the_run_is_named_and_the_unit_is_calibrated_log_odds():
    network = stored("compact")
    found = grad_cam(network, noise(network.size_px))
    assert found.run == network.run.name
    assert (found.unit, found.samples, found.fill) == ("log odds", 1, "")


def test_a_function_or_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="Expected FeatureMaps"):
        grad_cam(lambda images: images, noise(64))
    network = stored("compact")
    with pytest.raises(ValueError, match="Expected method"):
        explain(network, noise(network.size_px), method="gradcam++")
