"""Shared by the batch's tests: drawn pictures in a folder, two of them no pictures."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.config import REPOSITORY
from pipeline.images import encode_jpeg, resize
from pipeline.runs import open_run


@pytest.fixture
def run(brightness_run, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(brightness_run.parent.parent))
    return open_run(brightness_run.parent, brightness_run.name)


@pytest.fixture
def draw(radiograph) -> Callable[[Path, int], Path]:
    """Draws so many different pictures of two classes into a folder: ``draw(folder, count)``."""
    small = resize(radiograph, 150, 200)

    def drawn(folder: Path, count: int) -> Path:
        for number in range(count):
            label = ("NORMAL", "PNEUMONIA")[number % 2]
            name = f"person{number}_virus_{number}.jpeg" if number % 2 else f"IM-{number:04}-1.jpeg"
            path = folder / label / name
            path.parent.mkdir(parents=True, exist_ok=True)
            brighter = small * (0.5 + 0.5 * ((number * 37) % count) / count)
            path.write_bytes(encode_jpeg(brighter.astype(np.uint8)))
        return folder

    return drawn


@pytest.fixture
def pictures(draw, tmp_path) -> Path:
    """150 pictures: three parts of a batch."""
    return draw(tmp_path / "pictures", 150)


@pytest.fixture
def start() -> Callable[..., subprocess.Popen]:
    """Starts ``python -m pipeline`` with these arguments; ended with the test."""
    begun = []

    def run_command(*arguments: str, **options) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *map(str, arguments)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever is started in the background ignores Ctrl-C, and all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **options,
        )
        begun.append(process)
        return process

    yield run_command
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()
