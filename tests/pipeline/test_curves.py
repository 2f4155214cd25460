import numpy as np
import pandas as pd
import pytest

from pipeline.curves import CURVE_COLUMNS, curves, overfit_gap, smooth


def history(**columns):
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"epoch": range(1, length + 1), **columns})


def test_smoothing_is_the_bias_corrected_moving_average_of_its_definition():
    values, weight = [3.0, 1.0, 4.0, 1.0, 5.0], 0.7
    average, expected = 0.0, []
    for count, value in enumerate(values, start=1):
        average = weight * average + (1 - weight) * value
        expected.append(average / (1 - weight**count))
    np.testing.assert_allclose(smooth(pd.Series(values), weight), expected, rtol=1e-12)


def test_smoothing_keeps_the_first_value_and_a_constant():
    assert smooth(pd.Series([0.25, 9.0]), 0.9)[0] == pytest.approx(0.25)
    assert smooth(pd.Series([2.0] * 5), 0.9).tolist() == pytest.approx([2.0] * 5)


def test_smoothing_of_weight_zero_changes_nothing():
    assert smooth(pd.Series([3.0, 1.0, 4.0]), 0.0).tolist() == [3.0, 1.0, 4.0]


def test_a_missing_value_stays_missing_and_has_no_influence():
    gapped = smooth(pd.Series([1.0, np.nan, 3.0]), 0.5)
    assert np.isnan(gapped[1])
    assert gapped[2] == pytest.approx(smooth(pd.Series([1.0, 3.0]), 0.5)[1])


@pytest.mark.parametrize("weight", [-0.1, 1.0])
def test_a_weight_outside_the_range_is_the_callers_mistake(weight):
    with pytest.raises(ValueError, match=r"Expected 0 <= weight < 1\. Received"):
        smooth(pd.Series([1.0]), weight)


def test_the_table_has_a_row_per_epoch_and_side_and_time_from_the_start():
    table = curves(
        {"a": history(seconds=[10.0, 20.0], loss=[2.0, 1.0], val_loss=[3.0, 2.5])}, ["loss"]
    )
    assert tuple(table) == CURVE_COLUMNS
    validation = table[table["side"] == "validation"]
    assert validation["raw"].tolist() == [3.0, 2.5]
    assert validation["seconds"].tolist() == [10.0, 30.0]
    assert len(table) == 4


def test_what_a_run_did_not_record_has_no_rows():
    told = {"a": history(loss=[1.0], val_auc=[0.9]), "b": pd.DataFrame({"epoch": []})}
    table = curves(told, ["loss", "auc", "accuracy"])
    assert set(zip(table["run"], table["metric"], table["side"], strict=True)) == {
        ("a", "loss", "train"),
        ("a", "auc", "validation"),
    }
    assert curves({}, ["loss"]).empty


def test_the_overfit_gap_is_taken_at_the_last_epoch():
    assert overfit_gap(history(loss=[1.0, 0.1], val_loss=[1.0, 0.8])) == pytest.approx(0.7)
    assert overfit_gap(history(loss=[1.0])) is None
    assert overfit_gap(pd.DataFrame()) is None
