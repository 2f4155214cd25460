"""Comparing training curves, as somebody does who then sends the link to a colleague."""

import csv

import pytest

pytestmark = pytest.mark.browser

RUNS = ("notebook-simple_resnet-141-report", "notebook-alexnet-141-update")


@pytest.fixture
def link():
    return f"compare?runs={RUNS[0]}&runs={RUNS[1]}"


def plotted(page) -> list[dict]:
    with page.expect_download() as download:
        page.locator(".st-key-csv button").click()
    with download.value.path().open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_link_chooses_the_runs_and_the_csv_holds_what_is_plotted(open_page, link):
    page = open_page(link)
    page.locator(".js-plotly-plot").nth(1).wait_for()
    rows = plotted(page)
    assert {row["run"] for row in rows} == set(RUNS)
    assert {row["metric"] for row in rows} == {"loss", "accuracy"}
    assert all(row["raw"] == row["smoothed"] for row in rows), "smoothing is off by default"


def test_smoothing_goes_into_the_link_and_the_link_brings_it_back(open_page, settle, link):
    page = open_page(link)
    slider = page.locator(".st-key-smoothing input")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('smoothing')")
    settle(page)
    address = page.url.split("/", 3)[3]
    again = open_page(address)
    rows = plotted(again)
    assert {row["run"] for row in rows} == set(RUNS)
    assert any(row["raw"] != row["smoothed"] for row in rows)


def test_a_stale_link_says_so_and_still_opens(open_page):
    page = open_page(f"compare?runs=gone&runs={RUNS[0]}")
    page.get_by_text("The link names runs that are not here: gone").wait_for()
