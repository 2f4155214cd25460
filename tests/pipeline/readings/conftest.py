"""Shared by the tests of reader studies: both databases, and a small study that can be read."""

import itertools
from collections.abc import Callable

import numpy as np
import psycopg
import pytest

from pipeline.explain import Explanation
from pipeline.images import Picture
from pipeline.readings.design import Design, Pass
from pipeline.readings.store import NewCase, Store

RUN_SHA256 = "ab" * 32


@pytest.fixture(scope="session")
def postgresql(postgresql_server) -> Callable[[], str]:
    """Returns the address of a new, empty schema each time it is called."""
    server = postgresql_server()
    numbers = itertools.count(1)

    def make() -> str:
        # Not a database: making one takes a second, and deleting it as long.
        name = f"readings_{next(numbers)}"
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{server.url('postgres')}&options=-csearch_path%3D{name}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """Where a new store can be opened; every test that takes it runs on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'readings.sqlite'}"
    return request.getfixturevalue("postgresql")()


@pytest.fixture
def store(address):
    opened = Store(address)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def design() -> Callable[..., Design]:
    """A design with changes on top: ``design(scale=100)``."""

    def make(*passes: Pass, **changes) -> Design:
        content = {
            "title": "A study",
            "run": "a-run",
            "run_sha256": RUN_SHA256,
            "operating_point": "balanced",
            "threshold": 0.5,
            "passes": passes or (Pass(),),
        }
        return Design(**content | changes)

    return make


@pytest.fixture(scope="session")
def cases() -> Callable[..., list[NewCase]]:
    """So many tiny cases, every second one ill; the model is wrong about every third."""

    def make(count: int = 4) -> list[NewCase]:
        generator = np.random.default_rng(0)
        made = []
        for number in range(count):
            image = generator.integers(0, 256, (64, 64), dtype=np.uint8)
            label = number % 2
            pneumonia = bool(label) != (number % 3 == 0)
            made.append(
                NewCase(
                    Picture(image, 0.0, f"{number:064x}"),
                    f"P{number // 2}",
                    label,
                    0.875 if pneumonia else 0.125,
                    pneumonia,
                    True,
                )
            )
        return made

    return make


@pytest.fixture(scope="session")
def explanation() -> Callable[..., Explanation]:
    """An invented explanation with changes on top: ``explanation(seed=4)``."""

    def make(**changes) -> Explanation:
        segments = np.repeat(np.arange(4, dtype=np.int32), 16).reshape(8, 8)
        weights = np.array([0.5, -0.25, 0.0, 1e-9])
        content = {
            "method": "lime",
            "run": "a-run",
            "target": 1,
            "segments": segments,
            "weights": weights,
            "margins": np.array([0.1, 0.1, 0.1, 0.1]),
            "heat": weights[segments].astype(np.float32),
            "unit": "log odds",
            "intercept": float("nan"),
            "seed": 3,
            "samples": 1025,
            "segmentation": "slic",
            "fill": "blur",
            "fidelity_r2": 0.86,
            "stability": 0.97,
            "settled": True,
            "probability": 0.93,
            "seconds": 1.25,
        }
        return Explanation(**content | changes)

    return make
