"""What the stored network of a run is, and what is said when it is not."""

import numpy as np
import pytest

from pipeline import network
from pipeline.errors import RunError
from pipeline.runs import open_run


@pytest.fixture
def run(brightness_run):
    return open_run(brightness_run.parent, "brightness")


def test_the_bytes_of_a_run_make_a_session_that_answers(run):
    session = network.session(network.stored(run), run.name, threads=1)
    grey = np.full((2, 64, 64), 120, np.uint8)
    network.require_size(session, grey)
    (scores,) = session.run(None, network.feed(session, grey))
    np.testing.assert_allclose(scores[:, 1], 1 / (1 + np.exp(-1)), rtol=1e-5)


def test_a_network_that_is_not_the_one_described_is_refused(run):
    with (run.folder / "model.onnx").open("ab") as file:
        file.write(b"more")
    with pytest.raises(RunError, match="damaged"):
        network.stored(run)


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_what_is_no_network_is_refused(content):
    with pytest.raises(RunError, match="The network of a-run cannot be loaded"):
        network.session(content, "a-run")


def test_a_missing_file_is_a_users_situation(tmp_path):
    with pytest.raises(RunError, match="cannot be loaded"):
        network.read(tmp_path / "gone" / "model.onnx")


def test_images_of_another_size_are_refused_even_if_there_are_none(run):
    session = network.session(network.stored(run), run.name, threads=1)
    for images in (np.zeros((0, 32, 32)), np.zeros((64, 64))):
        with pytest.raises(ValueError, match=r"Expected images \(N, 64, 64\)"):
            network.require_size(session, images)
