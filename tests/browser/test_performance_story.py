"""Moving the operating point, as somebody does who weighs misses against false alarms."""

import re

import pytest

from pipeline.config import REPOSITORY
from pipeline.performance.operating import at_threshold
from pipeline.runs import open_run

pytestmark = pytest.mark.browser

RUN = "compact-seed0"
LINK = f"performance?judged={RUN}&judged=simple_resnet-notebook-seed0&focus={RUN}"


def counts(page) -> dict[str, int]:
    """Return the numbers that the confusion matrix shows."""
    told = page.locator(".st-key-confusion svg").get_attribute("aria-label")
    names = {"cleared": "tn", "false alarms": "fp", "missed": "fn", "found": "tp"}
    return {names[word.strip()]: int(n) for word, n in re.findall(r"([a-z ]+?) (\d+)(?:,|$)", told)}


def expected(threshold: float) -> dict[str, int]:
    table = open_run(REPOSITORY / "artifacts" / "runs", RUN).predictions()
    own = table[table["split"] == "test"]
    score, label = own["probability"].to_numpy(), own["label"].to_numpy()
    return at_threshold(score, label, threshold)["counts"]


@pytest.fixture
def page(open_page):
    page = open_page(LINK)
    page.locator(".st-key-confusion svg").wait_for()
    return page


def moved(page, before: dict) -> float:
    """Wait until the matrix has changed; return the threshold that the link now has."""
    page.wait_for_function("() => location.search.includes('threshold=')")
    for _ in range(100):
        if counts(page) != before:
            break
        page.wait_for_timeout(100)
    return float(re.search(r"threshold=([\d.e-]+)", page.url)[1])


def test_a_typed_threshold_moves_the_matrix_and_goes_into_the_link(page, open_page):
    before = counts(page)
    box = page.locator(".st-key-threshold_typed input")
    box.fill("0.9")
    box.press("Enter")
    assert moved(page, before) == 0.9
    assert counts(page) == expected(0.9) != before
    again = open_page(page.url.split("/", 3)[3])
    again.locator(".st-key-confusion svg").wait_for()
    assert counts(again) == expected(0.9)


def test_the_point_is_dragged_along_the_roc_curve(page):
    before = counts(page)
    curve = page.locator(".st-key-roc svg")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    point = page.locator(".st-key-roc circle").bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    page.mouse.down()
    # Towards the upper right: more false alarms, fewer misses.
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.05 * box["height"], steps=8)
    said = curve.locator(".said").text_content()
    assert said.startswith("threshold 0.")
    page.mouse.up()
    threshold = moved(page, before)
    assert counts(page) == expected(threshold)
    assert counts(page)["fp"] > before["fp"]
    assert page.locator(".st-key-threshold_typed input").input_value() == f"{threshold:.4f}"


def test_the_slider_moves_the_point_on_the_curve(page):
    before = counts(page)
    point = page.locator(".st-key-roc circle")
    place = point.get_attribute("cx")
    slider = page.locator(".st-key-threshold input")
    slider.focus()
    slider.press("PageUp")
    threshold = moved(page, before)
    assert counts(page) == expected(threshold)
    assert point.get_attribute("cx") != place
