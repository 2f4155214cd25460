"""The benchmark of a batch measures what it says; how fast it is, no test decides."""

import json

import pytest

from pipeline.__main__ import main
from pipeline.benchmark import batch


@pytest.fixture
def small(monkeypatch):
    for name, count in (("_TIMED", 64), ("_LARGE_TIMED", 8), ("_STEPPED", 32)):
        monkeypatch.setattr(batch, name, count)
    monkeypatch.setattr(batch, "_LARGE_STEPPED", 4)


def test_batch_limits_ray_and_memory_are_measured(run, draw, small, tmp_path, monkeypatch):
    asked = []

    def ray(*arguments):  # two clusters take half a minute to start
        asked.append(arguments)
        return {"one": 100.0, "two": 190.0, "efficiency": 0.95}

    monkeypatch.setattr(batch, "_with_ray", ray)
    draw(tmp_path / "data" / "train", 30)
    report = batch.measure(run, tmp_path / "data", repeats=1, few=64, many=200)
    assert asked
    assert report["ray"] == {
        "one_per_second": 100.0,
        "two_per_second": 190.0,
        "efficiency": 0.95,
        "rounds": 1,
    }
    assert set(report["memory_mb"]) == {"64", "200"}
    for size in ("small", "large"):
        own = report[size]
        assert set(own["steps_ms"]) == {"read", "decode", "resize", "gate", "forward"}
        assert own["per_second"] > 0
        whole = sum(own["steps_ms"].values())
        perfect = 1000 * report["machine"]["cores"] / whole
        assert own["perfect_per_second"] == pytest.approx(perfect, rel=0.01)
        ratios = own["ratios"]
        assert ratios["to_forward"] == pytest.approx(
            own["per_second"] / own["forward_per_second"], rel=0.02, abs=0.001
        )
    # A large picture costs more to decode, and no more to judge.
    assert report["large"]["steps_ms"]["decode"] > report["small"]["steps_ms"]["decode"]


def test_the_command_prints_and_writes_it(run, monkeypatch, capsys):
    part = {
        "per_second": 800.0,
        "forward_per_second": 2000.0,
        "perfect_per_second": 900.0,
        "steps_ms": {"read": 0.1, "forward": 1.0},
        "ratios": {
            "to_forward": 0.4,
            "to_perfect": 0.89,
            "cpu_to_forward": 0.41,
            "cpu_to_perfect": 0.93,
        },
    }
    report = {
        "benchmark": "batch",
        "run": "brightness",
        "repeats": 3,
        "pictures": {"small": "small ones", "large": "large ones"},
        "small": part,
        "large": part,
        "ray": {"one_per_second": 400.0, "two_per_second": 760.0, "efficiency": 0.95},
        "memory_mb": {"1000": 120.0, "20000": 121.0},
        "machine": {"cores": 2, "load": 0.1, "versions": {}},
    }
    monkeypatch.setattr(batch, "measure", lambda *arguments: report)
    assert main(["benchmark", "batch", "--write"]) == 0
    out = capsys.readouterr().out
    assert "the batch reaches 0.89 of it (by cores' time 0.93)" in out
    assert "120.0 MB for 1000, 121.0 MB for 20000" in out
    stored = run.folder.parent.parent / "benchmarks" / "batch.json"
    assert json.loads(stored.read_text()) == report
