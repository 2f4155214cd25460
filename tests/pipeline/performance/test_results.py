import pytest

from pipeline.performance.results import as_markdown, name_smallest, results, smallest
from pipeline.performance.table import COMPARED
from pipeline.runs import Run


def run(folder, name, parameters, seed=0, width=1.0):
    document = {
        "name": name,
        "status": "finished",
        "title": "",
        "architecture": "compact",
        "parameters": {"total": parameters},
        "config": {"seed": seed, "width": width},
    }
    return Run(folder / name, document)


def report(auc):
    figure = {"value": auc, "low": auc - 0.01, "high": auc + 0.01, "n": 624}
    return {"figures": dict.fromkeys(COMPARED, figure)}


@pytest.fixture
def found(tmp_path):
    runs = [
        run(tmp_path, "large-seed0", 600_000, 0),
        run(tmp_path, "large-seed1", 600_000, 1),
        run(tmp_path, "half-seed0", 150_000, width=0.5),
        run(tmp_path, "quarter-seed0", 40_000, width=0.25),
    ]
    aucs = {"large-seed0": 0.99, "large-seed1": 0.98, "half-seed0": 0.97, "quarter-seed0": 0.96}
    return results(runs, {name: report(auc) for name, auc in aucs.items()})


def test_seeds_share_a_row_with_their_mean_and_range(found):
    assert [one.name for one in found] == ["large", "half-seed0", "quarter-seed0"]
    assert found[0].figures["auc"] == {"value": pytest.approx(0.985), "low": 0.98, "high": 0.99}


def test_one_run_keeps_its_interval(found):
    assert found[1].figures["auc"] == {"value": 0.97, "low": 0.96, "high": 0.98}


def test_the_table_has_a_row_per_training(found):
    lines = as_markdown(found)
    assert len(lines) == 2 + 3
    assert lines[2].startswith("| `large` | 2 | 600,000 | 0.985 (0.980 to 0.990) |")


def test_the_smallest_good_network_is_not_the_best_nor_the_smallest_of_all(found):
    assert smallest(found).name == "half-seed0"
    assert smallest(found, auc=0.98).name == "large"
    assert smallest(found, auc=0.999) is None


def test_its_milliseconds_are_told_only_where_they_were_measured(found):
    measured = {"runs": {"half-seed0": {"ms": {"median": 1.26}}}, "machine": {"cores": 2}}
    told = name_smallest(found, measured)
    assert "`half-seed0`: 150,000 parameters, AUC 0.970 (0.960 to 0.980)" in told
    assert told.endswith("1.3 ms a picture on 2 cores.")
    assert name_smallest(found, None).endswith("its milliseconds are not measured yet.")
    assert "No stored network reaches" in name_smallest(found, measured, auc=0.999)
