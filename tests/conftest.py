"""Shared by all tests: where Chromium is, and a synthetic radiograph."""

import os
import shutil

import numpy as np
import pytest

# Quiet before anybody imports TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium; without it the test is skipped, or fails if it is required."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    reason = "no Chromium on the path; install it (Debian: apt-get install chromium)"
    if os.environ.get("XRAY_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def radiograph() -> np.ndarray:
    """A (600, 800) uint8 picture with the rough look of a frontal chest X-ray; nobody's chest."""
    rows, columns = np.mgrid[0:600, 0:800] / 600

    def ellipse(row, column, height, width):
        return ((rows - row) / height) ** 2 + ((columns - column) / width) ** 2 < 1

    image = np.full((600, 800), 20.0)
    image[ellipse(0.55, 0.667, 0.62, 0.55)] = 150
    for column in (0.43, 0.90):
        image[ellipse(0.5, column, 0.36, 0.17)] = 60
    image[:, 380:420] += 40
    image += 12 * np.sin(rows * 60) * ellipse(0.5, 0.667, 0.45, 0.45)
    image += np.random.default_rng(0).normal(0, 4, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)
