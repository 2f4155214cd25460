"""The drawings put numbers where they belong."""

import re
from xml.etree import ElementTree

import pytest

from pipeline.card import charts

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def places(svg: str, number: int) -> list[tuple[float, float]]:
    lines = parsed(svg).findall(f"{SVG}polyline")
    return [tuple(map(float, place.split(","))) for place in lines[number].get("points").split()]


def test_a_perfect_roc_goes_along_the_corner():
    svg = charts.roc([0, 0, 1], [0, 1, 1], {})
    (left, bottom), (right, top) = places(svg, 0)  # the diagonal of chance
    assert places(svg, 1) == [(left, bottom), (left, top), (right, top)]


def test_an_operating_point_stands_at_its_rates_and_is_read_out():
    svg = charts.roc([0, 1], [0, 1], {"here": (0.5, 0.5)})
    (left, bottom), (right, top) = places(svg, 0)
    circle = parsed(svg).find(f"{SVG}circle")
    assert float(circle.get("cx")) == pytest.approx((left + right) / 2, abs=0.1)
    assert float(circle.get("cy")) == pytest.approx((top + bottom) / 2, abs=0.1)
    told = parsed(svg).find(f"{SVG}desc").text
    assert told == "Operating points: here: sensitivity 0.500, specificity 0.500."


def test_a_lower_loss_lies_lower_and_a_gap_is_left_out():
    lines = {"training": ([0.9, float("nan"), 0.1], False), "validation": ([0.8, 0.7, 0.6], True)}
    svg = charts.training([1, 2, 3], lines, 2, "loss")
    best, training, validation = (places(svg, i) for i in range(3))
    assert len(training) == 2
    assert len(validation) == 3
    assert training[0][1] < training[1][1]  # y grows downwards
    assert best[0][0] == best[1][0] == validation[1][0]


def test_the_interval_of_a_forest_row_spans_its_limits():
    svg = charts.forest([("a", 0.8, 0.7, 0.9), ("b", 0.6, 0.5, 0.7)], "x")
    first, second = places(svg, 0), places(svg, 1)
    assert first[0][0] < first[1][0]
    # .7 is the same place in both rows.
    assert first[0][0] == second[1][0]
    assert first[0][1] < second[0][1]


def test_reliability_bars_run_from_low_to_high():
    row = {"probability": 0.5, "value": 0.4, "low": 0.3, "high": 0.6, "n": 10}
    svg = charts.reliability([row])
    (left, bottom), (right, top) = places(svg, 0)
    (x, low), (same, high) = places(svg, 1)
    assert x == same == pytest.approx((left + right) / 2, abs=0.1)
    assert low == pytest.approx(bottom - 0.3 * (bottom - top), abs=0.1)
    assert high == pytest.approx(bottom - 0.6 * (bottom - top), abs=0.1)


@pytest.mark.parametrize("name", ["<b>", "a & b", '"'])
def test_names_are_escaped(name):
    svg = charts.forest([(name, 0.8, 0.7, 0.9)], name)
    texts = [element.text for element in parsed(svg).iter(f"{SVG}text")]
    assert name in texts
    assert not re.search(r"<b>", svg)


def test_one_epoch_and_equal_values_can_be_drawn():
    assert parsed(charts.training([1], {"training": ([0.5], False)}, None, "loss")) is not None
    assert parsed(charts.training([1, 2], {"t": ([0.0, 0.0], False)}, 1, "loss")) is not None
    assert parsed(charts.forest([], "nothing")) is not None
