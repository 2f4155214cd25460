import json

import plotly.graph_objects as go
import pytest

from dashboard.figures import performance, verdict_scale

NAMES = {"auc": "AUC"}


def test_nothing_on_the_scale_lies_over_the_verdict():
    scale = verdict_scale(0.43, 0.5, (0.1, 0.8), (0.2, 0.6))
    assert {shape.layer for shape in scale.layout.shapes if shape.type == "rect"} == {"below"}
    assert list(scale.data[-1].x) == [0.43]


@pytest.mark.parametrize("band", [None, (0.1, 0.8)])
@pytest.mark.parametrize("others", [(), (0.2, 0.6)])
@pytest.mark.parametrize("probability", [0.02, 0.43, 0.97])
def test_the_scale_is_a_figure_as_plotly_checks_it(probability, band, others):
    drawn = verdict_scale(probability, 0.5, band, others)
    assert json.loads(go.Figure(drawn.to_dict()).to_json()) == json.loads(drawn.to_json())
    wrong = drawn.to_dict()
    wrong["layout"]["annotations"][0]["anchor"] = "left"
    with pytest.raises(ValueError, match="anchor"):
        go.Figure(wrong)


def test_the_band_is_named_on_the_scale_where_there_is_one():
    def told(band):
        return [note.text for note in verdict_scale(0.4, 0.5, band).layout.annotations]

    assert "unsure" in told((0.1, 0.8))
    assert "unsure" not in told(None)


@pytest.mark.parametrize("colour", ["black", "white"])
def test_the_ticks_of_other_seeds_show_on_either_theme(colour):
    ticks = list(verdict_scale(0.4, 0.5, None, (0.2, 0.6)).data[:-1])
    assert colour in {trace.marker.line.color for trace in ticks}
    assert all(list(trace.x) == [0.2, 0.6] for trace in ticks)


def test_splits_stand_side_by_side_in_a_row():
    part = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 10}
    report = {"n": 10, "figures": {"auc": part}}
    drawn = performance({"test": report, "validation": report}, NAMES)
    # Plotly groups across the rows only where the marks are said to be horizontal.
    assert {trace.orientation for trace in drawn.data} == {"h"}
