"""Shared by all tests: where Chromium is, and a synthetic radiograph."""

import os
import runpy
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from pipeline.benchmark.radiograph import radiograph as radiograph_of_nobody
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
def postgresql_server(program):
    """Makes a new server each time it is called; all end with the tests."""
    folders = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    programs = Path(program("initdb", package="postgresql", folders=tuple(folders))).parent
    kind = runpy.run_path(str(Path(__file__).with_name("postgresql.py")))["Server"]
    made = []

    def make(port: int | None = None):
        # A short path, which a socket needs, and one that another user can reach.
        server = kind(programs, Path(tempfile.mkdtemp(prefix="xray-pg-")), port)
        made.append(server)
        server.make()
        server.up()
        return server

    yield make
    for server in made:
        server.down()
        shutil.rmtree(server.folder)


@pytest.fixture(scope="session")
def radiograph() -> np.ndarray:
    """A (600, 800) uint8 picture drawn like a frontal chest X-ray; nobody's chest."""
    return radiograph_of_nobody()


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
