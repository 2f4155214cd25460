"""Numbers in, a picture out: what is drawn is what was given."""

import numpy as np
import pytest

from dashboard import figures
from dashboard.wording import performance as told
from pipeline.evaluation.wilson_score import share
from pipeline.performance.calibration import reliability
from pipeline.performance.operating import at_threshold, rates

COLOURS, SYMBOLS = {"a": "#111111", "b": "#222222"}, {"a": "circle", "b": "square"}


def figure(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.05, "n": 624}


@pytest.fixture
def judged():
    generator = np.random.default_rng(5)
    label = np.repeat([0, 1], 100)
    return 1 / (1 + np.exp(-generator.normal(2.0 * label - 1, 1))), label


def test_the_forest_has_every_figure_with_its_limits_and_errors_apart():
    reports = {
        "a": {"figures": {"auc": figure(0.9), "ece": figure(0.2)}},
        "b": {"figures": {"auc": {**figure(0.8), "value": None}, "ece": figure(0.3)}},
    }
    drawn = figures.forest(reports, {"auc": "AUC", "ece": "ECE"}, ("ece",), COLOURS, SYMBOLS)
    shares = [trace for trace in drawn.data if trace.xaxis == "x"]
    errors = [trace for trace in drawn.data if trace.xaxis == "x2"]
    assert [list(trace.x) for trace in shares] == [[0.9], []], "what is unknown is not drawn"
    assert [list(trace.x) for trace in errors] == [[0.2], [0.3]]
    assert shares[0].error_x.array == pytest.approx([0.05])
    assert shares[0].error_x.arrayminus == pytest.approx([0.1])


def test_the_curve_marks_the_threshold_in_use_with_limits_the_right_way_round(judged):
    now = at_threshold(*judged, 0.4)["figures"]
    drawn = figures.roc(rates(*judged), "#123456", now, {"Balanced": (0.1, 0.9)})
    here = drawn["now"]
    assert (here["x"], here["y"]) == (1 - now["specificity"]["value"], now["sensitivity"]["value"])
    assert here["left"] < here["x"] < here["right"] == 1 - now["specificity"]["low"]
    assert drawn["marks"] == [{"x": 0.1, "y": 0.9, "name": "Balanced"}]
    assert len(drawn["x"]) == len(drawn["y"]) == len(drawn["threshold"])
    assert (drawn["x"][-1], drawn["y"][-1]) == (1, 1)


def test_precision_recall_holds_numbers_only_and_leaves_out_a_call_never_made(judged):
    now = at_threshold(*judged, 0.4)["figures"]
    unknown = {"sensitivity": now["sensitivity"], "ppv": share(0, 0)}
    drawn = figures.precision_recall(rates(*judged), "#123456", 0.3, unknown)
    assert drawn["now"] is None
    assert np.isfinite(drawn["y"]).all()
    assert drawn["y"][-1] == pytest.approx(0.3)


def test_a_hundred_children_are_a_hundred_marks_and_errors_crosses():
    counts = {"found": 60, "missed": 2, "false_alarm": 8, "cleared": 30}
    drawn = figures.hundred(counts)
    # Two kinds of mark more each, for the legend.
    assert drawn.count("<circle") == 60 + 30 + 2
    assert drawn.count("<path") == 2 + 8 + 2
    assert "8 false alarms" in drawn


def test_the_matrix_tells_counts_and_shares_of_rows():
    drawn = figures.confusion({"tp": 9, "fn": 1, "tn": 3, "fp": 1})
    for told_share in ("90.0 % of row", "10.0 % of row", "75.0 % of row", "25.0 % of row"):
        assert told_share in drawn
    assert "0.0 % of row" in figures.confusion({"tp": 0, "fn": 0, "tn": 3, "fp": 1})


def test_reliability_tells_how_many_pictures_stand_behind_a_bin(judged):
    bins = reliability(*judged)
    drawn = figures.reliability(bins, bins, "#123456")
    (counts,) = (trace for trace in drawn.data if trace.type == "bar")
    assert sum(counts.y) == 200


def test_a_run_without_a_price_is_not_drawn():
    prices = {"Parameters": {"a": 1000, "b": 10}, "Milliseconds a picture": {"b": 2.5}}
    drawn = figures.price({"a": figure(0.9), "b": figure(0.8)}, prices, COLOURS, SYMBOLS)
    assert [(trace.name, trace.x[0]) for trace in drawn.data] == [
        ("a", 1000),
        ("b", 10),
        ("b", 2.5),
    ]
    # Each run once in the legend, and ticks that can be read.
    assert [trace.showlegend for trace in drawn.data] == [True, True, False]
    assert {"10", "1k"} <= set(drawn.layout.xaxis.ticktext)


def test_the_price_axis_has_round_ticks_however_little_the_runs_differ():
    drawn = figures.price({"a": figure(0.9)}, {"Parameters": {"a": 601_362}}, COLOURS, SYMBOLS)
    assert list(drawn.layout.xaxis.ticktext) == ["500k", "700k", "1M"]


def test_a_loss_a_gain_and_chance_are_told_apart():
    splits = {"validation": share(90, 100), "test": share(70, 100)}

    def sentence(value, low, high):
        return told.lost("NORMAL", splits, {"value": value, "low": low, "high": high})

    assert "20.0 points fewer** (9.0 to 31.0)" in sentence(0.2, 0.09, 0.31)
    assert "20.0 points more** (9.0 to 31.0)" in sentence(-0.2, -0.31, -0.09)
    assert "may be chance" in sentence(0.02, -0.05, 0.09)


def test_many_pairs_that_are_alike_are_told_in_few_sentences():
    pairs = [
        {"a": a, "b": b, "sentence": f"{a} and {b}."}
        for a, b in (("r", "s"), ("r", "t"), ("s", "t"), ("r", "u"))
    ]
    assert told.alike(pairs[:2], 624) == ["r and s.", "r and t."]
    assert told.alike(pairs, 624) == [
        "r can't be told apart on these 624 pictures from s, t, u.",
        "s can't be told apart on these 624 pictures from t.",
    ]
