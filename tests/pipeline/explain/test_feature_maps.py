"""The feature maps and gradients of every stored run, against the classifier and differences."""

import subprocess
import sys

import numpy as np
import pytest

from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA, REPOSITORY
from pipeline.errors import RunError
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.runs import list_runs, open_run

RUNS = [run for run in list_runs(REPOSITORY / "artifacts" / "runs").runs if run.servable]
CONVOLUTIONAL = [run for run in RUNS if run.architecture != "dense_baseline"]
DENSE = [run for run in RUNS if run.architecture == "dense_baseline"]


def picture(size_px):
    """A bright disc on a slope, with some noise: nobody's chest, and not flat anywhere."""
    rows, columns = np.mgrid[0:size_px, 0:size_px] / size_px
    image = 60 + 80 * rows + 80 * (np.hypot(rows - 0.6, columns - 0.3) < 0.2)
    image += np.random.default_rng(0).normal(0, 10, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("run", CONVOLUTIONAL, ids=lambda run: run.name)
def test_a_stored_run_shows_maps_and_the_gradient_of_its_answer(run):
    network = FeatureMaps(run, threads=1)
    image = picture(network.size_px)
    look = network.look(image)
    classifier = Classifier(run, threads=1)
    expected = classifier.probabilities(image[None])[0, PNEUMONIA]
    assert look.probability == pytest.approx(expected, abs=1e-6)
    assert look.maps.ndim == 3
    assert min(look.maps.shape[1:]) >= 5, "a place in the picture can be told"
    assert look.gradient.shape == look.maps.shape
    # Where scores are rounded the classifier's log odds end at about 16.
    logit = classifier.logits(image[None])[0]
    if abs(logit) < 12:
        assert look.log_odds * run.temperature == pytest.approx(logit, abs=1e-2)

    # Along some directions. A touch of noise first: behind a ReLU many places are tied at zero,
    # where the largest of a window has no derivative.
    generator = np.random.default_rng(1)
    spread = look.maps.std()
    here = look.maps + 1e-3 * spread * generator.random(look.maps.shape)
    _, gradient = network._head.log_odds(here)
    for direction in (gradient / np.abs(gradient).max(), generator.normal(size=here.shape)):
        # So short that no ReLU behind changes its mind on the way.
        step = 1e-8 * spread * direction
        ahead, behind = (network._head.log_odds(here + s * step)[0] for s in (1, -1))
        along = (gradient * step).sum()
        scale = np.linalg.norm(gradient) * np.linalg.norm(step)
        assert scale > 0
        assert abs((ahead - behind) / 2 - along) < 1e-4 * scale


@pytest.mark.parametrize("run", DENSE, ids=lambda run: run.name)
def test_a_run_without_convolutions_says_so_and_what_to_do(run):
    with pytest.raises(RunError, match=r"no feature maps .*Choose a run with convolutions"):
        FeatureMaps(run, threads=1)


def test_a_network_of_other_operators_says_the_same(brightness_run):
    with pytest.raises(RunError, match="no feature maps"):
        FeatureMaps(open_run(brightness_run.parent, "brightness"), threads=1)


def test_a_damaged_network_is_refused(brightness_run):
    with (brightness_run / "model.onnx").open("ab") as file:
        file.write(b"more")
    with pytest.raises(RunError, match="damaged"):
        FeatureMaps(open_run(brightness_run.parent, "brightness"))


@pytest.mark.parametrize("run", CONVOLUTIONAL[:1], ids=lambda run: run.name)
def test_a_picture_of_another_size_is_a_callers_mistake(run):
    with pytest.raises(ValueError, match="Expected images"):
        FeatureMaps(run, threads=1).look(np.zeros((7, 7), np.uint8))


@pytest.mark.parametrize("run", CONVOLUTIONAL[:1], ids=lambda run: run.name)
def test_no_library_that_differentiates_is_loaded(run):
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.explain.feature_maps import FeatureMaps\n"
        "from pipeline.runs import open_run\n"
        "print('onnx' in sys.modules)\n"
        f"FeatureMaps(open_run(Path({str(run.folder.parent)!r}), {run.name!r}), threads=1)\n"
        "print([n for n in ('tensorflow', 'keras', 'jax', 'torch') if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ended.stdout.split("\n")[:2] == ["False", "[]"]
