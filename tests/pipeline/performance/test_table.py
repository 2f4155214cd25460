import json

import pytest

from pipeline.errors import RunError
from pipeline.performance.measured import data_audit, latencies
from pipeline.performance.table import (
    COLUMNS,
    COMPARED,
    best_of_each_architecture,
    figure_rows,
    judged,
    over_seeds,
    own_report,
    seed_groups,
)
from pipeline.runs import Run


def run(folder, name, architecture="compact", **config):
    document = {
        "name": name,
        "status": "finished",
        "title": "",
        "architecture": architecture,
        "parameters": {"total": 7},
        "config": config,
        "operating_point": "chosen",
    }
    return Run(folder / name, document)


def report(value=0.9):
    figure = {"value": value, "low": 0.8, "high": 0.95, "n": 624}
    return {"n": 624, "threshold": 0.4, "figures": dict.fromkeys(COMPARED, figure)}


def test_a_run_is_judged_with_predictions_and_figures_even_without_weights(tmp_path):
    one = run(tmp_path, "one")
    one.folder.mkdir()
    (one.folder / "predictions.csv").touch()
    assert not judged(one)
    (one.folder / "metrics.json").touch()
    assert judged(one)
    assert not one.servable


def test_the_report_is_that_of_the_runs_own_point(tmp_path):
    metrics = {"test": {"other": report(0.1), "chosen": report(0.9)}}
    assert own_report(run(tmp_path, "a"), metrics, "test")["figures"]["auc"]["value"] == 0.9


def test_figures_of_other_points_are_a_sentence_with_the_command(tmp_path):
    with pytest.raises(RunError, match="no figures of test at chosen") as raised:
        own_report(run(tmp_path, "a"), {"test": {"other": report()}}, "test")
    assert "evaluate a --stored --write" in raised.value.hint


def test_the_best_of_each_architecture_is_chosen_by_validation_alone(tmp_path):
    runs = [
        run(tmp_path, "a0", "a"),
        run(tmp_path, "a1", "a"),
        run(tmp_path, "b0", "b"),
        run(tmp_path, "c0", "c"),
    ]
    auc = {"a0": 0.97, "a1": 0.98, "b0": 0.99, "c0": None}
    assert best_of_each_architecture(runs, auc, 5) == ["b0", "a1"]
    assert best_of_each_architecture(runs, auc, 1) == ["b0"]
    assert best_of_each_architecture(runs, {}, 5) == []


def test_the_projects_own_network_comes_before_those_of_the_notebooks(tmp_path):
    own, baseline = run(tmp_path, "own", "a"), run(tmp_path, "baseline", "b")
    baseline.document["tags"] = ["notebook"]
    auc = {"own": 0.97, "baseline": 0.99}
    assert best_of_each_architecture([own, baseline], auc, 5) == ["own", "baseline"]
    assert best_of_each_architecture([own, baseline], auc, 1) == ["own"]


def test_runs_that_differ_only_by_the_seed_belong_together(tmp_path):
    runs = [
        run(tmp_path, "a0", seed=0, epochs=3),
        run(tmp_path, "a1", seed=1, epochs=3),
        run(tmp_path, "a2", seed=0, epochs=4),
        run(tmp_path, "b0", "alexnet", seed=2, epochs=3),
    ]
    assert [[one.name for one in group] for group in seed_groups(runs)] == [["a0", "a1"]]


def test_rows_tell_everything_and_seeds_their_mean_and_range(tmp_path):
    rows = [
        row
        for name, value in (("a0", 0.9), ("a1", 0.8))
        for row in figure_rows(run(tmp_path, name), report(value), "test")
    ]
    assert set(rows[0]) == set(COLUMNS)
    assert len(rows) == 2 * len(COMPARED)
    assert over_seeds(rows)["auc"] == pytest.approx(
        {"mean": 0.85, "lowest": 0.8, "highest": 0.9, "runs": 2}
    )
    rows[0]["value"] = None
    assert rows[0]["figure"] not in over_seeds(rows)


@pytest.mark.parametrize(
    ("read", "file"), [(latencies, "benchmarks/latency.json"), (data_audit, "audit/data.json")]
)
def test_measurements_are_read_if_they_are_there(tmp_path, read, file):
    assert read(tmp_path) is None
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(json.dumps({"runs": {}}), encoding="utf-8")
    assert read(tmp_path) == {"runs": {}}
    for damaged in ("{", "[]"):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(RunError, match="Make it again with"):
            read(tmp_path)
