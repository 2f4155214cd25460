"""The benchmark of a batch measures what it says; how fast it is, no test decides."""

import json
import re
from types import SimpleNamespace

import pytest

from pipeline.__main__ import main
from pipeline.benchmark import batch


@pytest.fixture
def small(monkeypatch):
    counts = {"_FORWARD": 64, "_TIMED": 200, "_LARGE_TIMED": 8, "_STEPPED": 32, "_EXPLAINED": 2}
    counts |= {"_LARGE_STEPPED": 4, "_FORWARD_OF_OTHERS": 32, "_TIMED_OF_OTHERS": 64}
    for name, count in counts.items():
        monkeypatch.setattr(batch, name, count)


def test_batch_limits_ray_and_memory_are_measured(run, draw, small, tmp_path, monkeypatch):
    asked = []

    def ray(*arguments):  # two clusters take half a minute to start
        asked.append(arguments)
        return {"one": 100.0, "two": 190.0, "efficiency": 0.95}

    monkeypatch.setattr(batch, "_with_ray", ray)
    draw(tmp_path / "data" / "train", 30)
    report = batch.measure(run, tmp_path / "data", [run], repeats=1, few=64, many=200)
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
        assert 0 < own["first_seconds"] < own["whole_seconds"]
    assert report["networks"][run.name]["pictures"] == 64
    explained = report["explained"]
    assert explained["pictures"] == 2
    assert explained["samples"] > 200
    passes = explained["per_second"] * explained["samples"] / 2
    assert explained["passes_per_second"] == pytest.approx(passes, rel=0.01)
    # A large picture costs more to decode, and no more to judge.
    assert report["large"]["steps_ms"]["decode"] > report["small"]["steps_ms"]["decode"]


def test_the_command_prints_and_writes_it(run, monkeypatch, capsys):
    part = {
        "per_second": 800.0,
        "forward_per_second": 2000.0,
        "perfect_per_second": 900.0,
        "first_seconds": 0.9,
        "pictures": 3000,
        "whole_seconds": 4.5,
        "batch_cpu_ms": 2.1,
        "steps_ms": {"read": 0.1, "forward": 1.0},
        "ratios": {"to_forward": 0.4, "to_perfect": 0.89},
    }
    report = {
        "benchmark": "batch",
        "run": "brightness",
        "repeats": 3,
        "pictures": {"small": "small ones", "large": "large ones"},
        "small": part,
        "large": part,
        "networks": {"larger": part | {"ratios": {"to_forward": 0.94, "to_perfect": 0.97}}},
        "explained": {
            "method": "lime",
            "per_second": 1.2,
            "passes_per_second": 1900.0,
            "to_forward": 0.95,
        },
        "ray": {"one_per_second": 400.0, "two_per_second": 760.0, "efficiency": 0.95},
        "memory_mb": {"1000": 120.0, "20000": 121.0},
        "machine": {"cores": 2, "load": 0.1, "versions": {}},
    }
    monkeypatch.setattr(batch, "measure", lambda *arguments: report)
    assert main(["benchmark", "batch", "--write"]) == 0
    out = capsys.readouterr().out
    assert "the batch reaches 0.89 of it" in out
    assert re.search(r"0\.94 +0\.97 +larger", out)
    assert "0.95 of those alone" in out
    assert "120 MB for 1,000 and 121 MB for 20,000 pictures" in out
    assert "the network of brightness is 91 % of the work on a small picture" in out
    stored = run.folder.parent.parent / "benchmarks" / "batch.json"
    assert json.loads(stored.read_text()) == report
    report["memory_mb"] = {}
    assert main(["benchmark", "batch"]) == 0
    assert "how much memory it needs is not told here" in capsys.readouterr().out


def test_one_run_of_every_other_architecture_is_set_beside_it():
    def named(name, architecture, servable=True):
        return SimpleNamespace(name=name, architecture=architecture, servable=servable)

    runs = [named("a0", "a"), named("a1", "a"), named("b0", "b", servable=False), named("b1", "b")]
    assert [one.name for one in batch.one_of_each(named("c0", "c"), runs)] == ["a0", "b1"]
    assert [one.name for one in batch.one_of_each(runs[1], runs)] == ["b1"]
