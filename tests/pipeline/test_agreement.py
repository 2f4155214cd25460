"""Agreement of runs: against scikit-learn, a published table and hand counts."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from pipeline import agreement


def table(scores, labels, files=None) -> pd.DataFrame:
    files = files or [f"f{i}" for i in range(len(scores))]
    return pd.DataFrame(
        {
            "file": files,
            "label": labels,
            "kind": "normal",
            "patient": files,
            "probability": scores,
        }
    )


def calls_of(*called, labels):
    return agreement.calls(
        {f"run{i}": table(own, labels) for i, own in enumerate(called)},
        {f"run{i}": 0.5 for i in range(len(called))},
    )


def test_kappa_equals_scikit_learns():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 200)
    a = np.where(generator.random(200) < 0.8, labels, 1 - labels)
    b = np.where(generator.random(200) < 0.7, labels, 1 - labels)
    [pair] = agreement.pairs(calls_of(a, b, labels=labels))
    assert pair["kappa"]["value"] == pytest.approx(cohen_kappa_score(a, b), abs=1e-12)
    assert pair["kappa"]["low"] < pair["kappa"]["value"] < pair["kappa"]["high"]
    assert pair["equal"]["value"] == pytest.approx(np.mean(a == b))
    assert pair["equal"]["n"] == pair["kappa"]["n"] == 200


def test_kappa_of_the_textbook_table_is_four_tenths():
    # 20 both yes, 5 and 10 apart, 15 both no: observed .70, by chance .50, kappa .40.
    a = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
    b = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
    [pair] = agreement.pairs(calls_of(a, b, labels=np.arange(50) % 2))
    assert pair["kappa"]["value"] == pytest.approx(0.4)


def test_runs_that_call_everything_the_same_have_no_kappa():
    [pair] = agreement.pairs(calls_of([1] * 4, [1] * 4, labels=[0, 0, 1, 1]))
    assert pair["equal"]["value"] == 1
    assert pair["kappa"] == {"value": None, "low": None, "high": None, "n": 4}


def test_siblings_of_a_patient_widen_the_interval_of_kappa():
    generator = np.random.default_rng(1)
    labels = np.repeat(generator.integers(0, 2, 40), 10)
    a = np.where(np.repeat(generator.random(40), 10) < 0.8, labels, 1 - labels)
    alone = calls_of(a, labels, labels=labels)
    cases = alone.cases.assign(patient=np.repeat(np.arange(40), 10).astype(str))
    together = agreement.Calls(cases, alone.runs, alone.called, 0)
    widths = [
        pair["kappa"]["high"] - pair["kappa"]["low"]
        for calls in (alone, together)
        for pair in agreement.pairs(calls)
    ]
    assert widths[1] > 2 * widths[0]


def test_cases_are_matched_by_file_and_label_and_what_one_run_lacks_is_counted():
    calls = agreement.calls(
        {
            "a": table([0.9, 0.1, 0.9], [1, 1, 0], ["x", "y", "z"]),
            "b": table([0.1, 0.9, 0.9], [1, 1, 1], ["y", "x", "w"]),
        },
        {"a": 0.5, "b": 0.5},
    )
    assert calls.cases["file"].tolist() == ["x", "y"]
    assert calls.called.tolist() == [[True, True], [False, False]]
    assert calls.left_out == 2


def test_each_run_is_held_to_its_own_threshold():
    calls = agreement.calls({"a": table([0.6], [1]), "b": table([0.6], [1])}, {"a": 0.5, "b": 0.7})
    assert calls.wrong.tolist() == [[False, True]]


def test_what_all_runs_miss_is_listed_and_counted_by_class():
    labels = [0, 0, 1, 1]
    calls = calls_of([1, 1, 0, 1], [1, 0, 0, 1], labels=labels)
    assert calls.missed_by_all()["file"].tolist() == ["f0", "f2"]
    rows = agreement.misses(calls)
    assert [(row["NORMAL"], row["PNEUMONIA"]) for row in rows] == [(0, 1), (1, 0), (1, 1)]
    # NORMAL rates 1 and 1/2: of 2 pictures one is expected to be missed by both.
    assert rows[2]["NORMAL_by_chance"] == pytest.approx(1.0)
    assert rows[2]["PNEUMONIA_by_chance"] == pytest.approx(2 * 0.5 * 0.5)


def test_independent_runs_miss_together_as_often_as_chance_says():
    generator = np.random.default_rng(2)
    labels = np.zeros(20_000, int)
    runs = [(generator.random(20_000) < rate).astype(int) for rate in (0.1, 0.3, 0.5)]
    rows = agreement.misses(calls_of(*runs, labels=labels))
    for row in rows:
        assert row["NORMAL"] == pytest.approx(row["NORMAL_by_chance"], rel=0.1)
        assert row["PNEUMONIA"] == row["PNEUMONIA_by_chance"] == 0


def test_no_run_at_all_is_the_callers_mistake():
    with pytest.raises(ValueError, match="Expected at least one run"):
        agreement.calls({}, {})
