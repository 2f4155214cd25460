"""The tour as a stakeholder takes it: in a real browser, with keys alone, at any width."""

from pathlib import Path

import pytest

from dashboard.wording import tour as told

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "screenshots"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def address(serving, drawn_samples):
    with serving(XRAY_SAMPLES=str(drawn_samples)) as found:
        yield found


@pytest.fixture
def visit(browser, address, settle):
    contexts = []

    def open_it(path: str = "tour", size: str = "1440", scheme: str = "dark"):
        context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        settle(page)
        return page

    yield open_it
    for context in contexts:
        context.close()


def drawn(page, step: int, settle) -> None:
    """Wait until a step has its sentence and its picture."""
    page.get_by_role("heading", name=told.TITLES[step - 1], level=1).wait_for()
    if step in (3, 4):
        page.get_by_role("img", name="orange and blue parts").wait_for(timeout=180_000)
    elif step == 1:
        page.get_by_role("img", name="Chest X-ray").wait_for()
    else:
        page.locator(".pictogram svg").wait_for()
    settle(page)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_arrow_keys_lead_through_five_sentences_and_pictures(visit, settle, size, scheme):
    page = visit(size=size, scheme=scheme)
    sentences = []
    for step in range(1, 6):
        drawn(page, step, settle)
        assert page.get_by_text(told.progress(step)).is_visible()
        sentences.append(page.get_by_role("heading", level=2).inner_text())
        main = page.locator("[data-testid=stMain]")
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
        page.wait_for_timeout(500)
        FOLDER.mkdir(exist_ok=True)
        page.screenshot(path=FOLDER / f"tour-{step}-{scheme}-{size}.png")
        page.keyboard.press("ArrowRight")
        if step < 5:
            page.wait_for_url(f"**/tour?step={step + 1}")
    assert len(set(sentences)) == 5
    # At the end the key does nothing, and the way back is open.
    assert page.get_by_role("heading", level=1).inner_text() == told.TITLES[4]
    page.keyboard.press("ArrowLeft")
    drawn(page, 4, settle)


def test_the_buttons_stay_where_they_are(visit, settle):
    page = visit()
    places = set()
    for step in (1, 2, 3):
        drawn(page, step, settle)
        box = page.locator(".st-key-next button").bounding_box()
        places.add((round(box["x"]), round(box["y"])))
        page.locator(".st-key-next button").click()
        page.wait_for_url(f"**/tour?step={step + 1}")
    assert len(places) == 1


def test_a_link_opens_its_step_and_the_last_one_leads_to_reading(visit, settle):
    page = visit("tour?step=5")
    drawn(page, 5, settle)
    page.get_by_role("link", name="Read an X-ray yourself").click()
    page.get_by_role("heading", name="Read an X-ray", level=1).wait_for()
