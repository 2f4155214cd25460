import numpy as np
import pandas as pd
import pytest

from pipeline.performance.drop import loss, probability_shares, right_by, right_per_class


@pytest.fixture
def table():
    return pd.DataFrame(
        [
            *[("validation", 0, 0.1)] * 9,
            ("validation", 0, 0.8),
            *[("validation", 1, 0.9)] * 10,
            *[("test", 0, 0.1)] * 6,
            *[("test", 0, 0.75)] * 4,
            *[("test", 1, 0.9)] * 8,
            ("test", 1, 0.2),
            ("test", 1, 0.5),
            ("val", 1, 0.0),
        ],
        columns=["split", "label", "probability"],
    )


def test_right_calls_are_counted_per_class_and_split(table):
    found = right_per_class(table, 0.5)
    assert [found["NORMAL"][split]["value"] for split in ("validation", "test")] == [0.9, 0.6]
    # A probability that equals the threshold is called pneumonia.
    assert [found["PNEUMONIA"][split]["value"] for split in ("validation", "test")] == [1.0, 0.9]
    assert found["NORMAL"]["test"]["n"] == 10


def test_a_split_without_the_class_has_no_figure(table):
    found = right_per_class(table[table["split"] == "test"], 0.5)
    assert found["NORMAL"]["validation"] == {"value": None, "low": None, "high": None, "n": 0}


def test_the_limits_of_a_loss_are_newcombes():
    # Newcombe 1998, table II, contrast (a): 56/70 - 48/80, method 10.
    from pipeline.evaluation.wilson_score import share

    found = loss(share(56, 70), share(48, 80))
    assert found["value"] == pytest.approx(0.2)
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.0524, 0.3339)


def test_the_shares_of_a_class_sum_to_one_whatever_its_size(table):
    shares = probability_shares(table, bins=10)
    for splits in shares.values():
        assert list(splits) == ["validation", "test"]
        for own in splits.values():
            assert own.sum() == pytest.approx(1)
    assert shares["NORMAL"]["test"][7] == pytest.approx(0.4)
    assert np.flatnonzero(shares["PNEUMONIA"]["test"]).tolist() == [2, 5, 9]


def test_subgroups_are_counted_and_others_left_out(table):
    own = table[table["split"] == "test"]
    names = ["old"] * 10 + ["new"] * 5 + [None] * 5
    found = right_by(own, names, 0.5)
    assert list(found) == ["new", "old"]
    assert (found["old"]["value"], found["old"]["n"]) == (0.6, 10)
    assert (found["new"]["value"], found["new"]["n"]) == (1.0, 5)
