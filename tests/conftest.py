"""Shared by all tests: where Chromium is, and a synthetic radiograph."""

import os
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.fetch import SampleManifest
from pipeline.images import encode_jpeg, resize

# Quiet before anybody imports TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


@pytest.fixture(scope="session", autouse=True)
def readings_aside(tmp_path_factory):
    """No test writes readings into the repository's own database."""
    file = tmp_path_factory.mktemp("readings") / "readings.sqlite"
    before = os.environ.get("XRAY_DATABASE_URL")
    os.environ["XRAY_DATABASE_URL"] = f"sqlite:///{file}"
    yield
    if before is None:
        del os.environ["XRAY_DATABASE_URL"]
    else:
        os.environ["XRAY_DATABASE_URL"] = before


@pytest.fixture(scope="session")
def program():
    """Find a program of the system by one of its names: ``program("chromium", package="...")``.

    Without it the test is skipped, or fails if all are required.
    """

    def find(*names: str, package: str, folders: tuple[str, ...] = ()) -> str:
        path = os.pathsep.join([os.environ.get("PATH", ""), *folders])
        for name in names:
            if found := shutil.which(name, path=path):
                return found
        reason = f"no {names[0]} on the path; install it (Debian: apt-get install {package})"
        if os.environ.get("XRAY_REQUIRE_PROGRAMS"):
            pytest.fail(reason)
        pytest.skip(reason)

    return find


@pytest.fixture(scope="session")
def chromium(program) -> str:
    return program("chromium", "chromium-browser", "google-chrome", package="chromium")


@pytest.fixture(scope="session")
def radiograph() -> np.ndarray:
    """A (600, 800) uint8 picture drawn like a frontal chest X-ray; nobody's chest."""
    rows, columns = np.mgrid[0:600, 0:800] / np.array([600, 800])[:, None, None]
    aside = np.abs(columns - 0.5)

    def inside(distance, softness):
        return 1 / (1 + np.exp(-np.clip(distance / softness, -30, 30)))

    shoulders = inside(0.33 - aside, 0.016) * inside(rows - 0.28 * (aside - 0.05), 0.016)
    neck = inside(0.1 - aside, 0.016) * inside(0.07 - rows, 0.03)
    trunk = np.clip(shoulders + neck, 0, 1)
    down = np.clip((rows - 0.08) / 0.75, 0, 1)  # from the apex of the lungs to their base
    outer = 0.16 + 0.13 * np.sqrt(down)
    inner = 0.07 + 0.08 * down + np.where(columns > 0.5, 0.055 * down**2, 0)  # the heart's side
    diaphragm = 0.83 + 0.06 * (1 - np.cos(np.clip((aside - 0.12) / 0.2, -1.2, 1.2) * np.pi / 2))
    lungs = inside(outer - aside, 0.015) * inside(aside - inner, 0.015)
    lungs *= inside(rows - 0.08, 0.02) * inside(diaphragm - rows, 0.012)
    ribs = np.sin(2 * np.pi * (9.8 * rows + 0.7 * (aside - 0.2)))
    spine = inside(0.05 - aside, 0.01) * trunk
    image = 20 + 118 * trunk - lungs * (75 - 14 * ribs) + 28 * spine
    image += np.random.default_rng(0).normal(0, 2, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def drawn_study():
    """Readings of invented readers: ``drawn_study(readers=4, cases=40, ...)``."""
    return runpy.run_path(str(Path(__file__).with_name("drawn_study.py")))["study"]


@pytest.fixture(scope="session")
def drawn_samples(tmp_path_factory, radiograph) -> Path:
    """A samples folder with sixteen drawn radiographs, of which none is like another."""
    folder = tmp_path_factory.mktemp("drawn")
    for number, sample in enumerate(SampleManifest.read().samples):
        path = sample.path(folder)
        path.parent.mkdir(exist_ok=True)
        brighter = np.clip(radiograph.astype(int) + number - 8, 0, 255).astype(np.uint8)
        path.write_bytes(_padded(encode_jpeg(resize(brighter, 300, 400), 80), sample.bytes))
    return folder


def _padded(jpeg: bytes, size: int) -> bytes:
    """Return the JPEG with comments that bring it to `size` bytes: samples are told by their size.

    A comment takes 4 to 65,537 bytes.
    """
    missing, comments = size - len(jpeg), b""
    while missing:
        length = min(missing, 60_000)
        if 0 < missing - length < 4:
            length -= 4
        comments += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + bytes(length - 4)
        missing -= length
    return jpeg[:2] + comments + jpeg[2:]
