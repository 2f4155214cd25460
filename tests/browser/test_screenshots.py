"""Every page, wide and narrow, dark and light: written to tests/browser/screenshots/ to be seen."""

from pathlib import Path

import pytest

from pipeline.images import encode_jpeg

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "screenshots"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("tour-without-samples", "tour"),
        ("compare", "compare"),
        ("performance", "performance"),
        ("data", "data"),
        ("errors", "errors"),
        ("about", "about"),
    ],
)
def test_screenshots_of_pages_fit_their_width(open_page, settle, name, path, size):
    page = open_page(path, SIZES[size])
    page.wait_for_timeout(1000)  # plotly draws after Streamlit is done
    _shoot(page, f"{name}-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_screenshots_of_reading_fit_their_width(open_page, settle, radiograph, size):
    page = open_page("", SIZES[size])
    _shoot(page, f"read-empty-{size}")
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "chest.jpeg", "mimeType": "image/jpeg", "buffer": encode_jpeg(radiograph)}
    )
    page.locator(".viewer canvas").first.wait_for()
    settle(page)
    for label in ("Mask", "Heatmap"):
        page.locator(".viewer").get_by_role("button", name=label, exact=True).click()
    page.locator(".viewer[data-layers='first'][data-busy='false']").wait_for(timeout=120_000)
    settle(page)
    page.wait_for_timeout(500)
    _shoot(page, f"read-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_screenshots_of_a_refused_picture_fit_their_width(open_page, settle, radiograph, size):
    page = open_page("", SIZES[size])
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "chest.jpeg", "mimeType": "image/jpeg", "buffer": encode_jpeg(radiograph[::-1])}
    )
    page.get_by_role("textbox", name="Why judge it all the same?").wait_for()
    page.locator(".viewer canvas").first.wait_for()
    settle(page)
    _shoot(page, f"read-refused-{size}")


def _shoot(page, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    # Streamlit scrolls an inner element: make the window as tall as the page to see it whole.
    main = page.locator("[data-testid=stMain]")
    wide = main.evaluate("e => e.scrollWidth - e.clientWidth")
    height = main.evaluate("e => e.scrollHeight")
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": min(6000, height + 80)})
    page.wait_for_timeout(700)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.set_viewport_size({"width": width, "height": 844})
    assert wide <= 1, f"the page is {wide} px wider than the window"
