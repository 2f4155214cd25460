"""Every page, wide and narrow, dark and light: written to tests/browser/screenshots/ to be seen."""

from pathlib import Path

import numpy as np
import pytest

from dashboard.desk import Desk
from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.images import encode_jpeg
from pipeline.readings import making
from pipeline.readings.store import Store
from pipeline.runs import open_run

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


@pytest.fixture(scope="module")
def studied(serving, radiograph, tmp_path_factory):
    """A dashboard with a study of six drawn chests: ``(address, codes)``; ann has read
    them all, and there is another reader for each size."""
    folder = tmp_path_factory.mktemp("studied")
    database = f"sqlite:///{folder}/readings.sqlite"
    run = open_run(Paths.from_environment().runs, "simple_resnet-notebook-seed0")
    files = [
        encode_jpeg(np.clip(radiograph.astype(int) + 4 * number, 0, 255).astype(np.uint8))
        for number in range(6)
    ]
    store = Store(database)
    design = making.design_for(run, "Drawn chests", method="gradcam", findings=("consolidation",))
    created = making.make(
        store, Classifier(run), design, ("ann", *SIZES), making.cases_from_bytes(files)
    ).created
    study = store.study(created.study_id)
    store.set_truth(study.id, {case: case % 2 for case in range(1, 7)})
    for item in store.worklist(study.id, "ann"):
        desk = Desk(store, study, "ann", item)
        desk.draft.update(pneumonia=item.case % 3 > 0, confidence=1 + item.case % 5)
        desk.lock()
        desk.draft["ratings"] = {
            str(one["superpixel"]): {"judgement": "implausible"} for one in desk.highlighted
        }
        desk.finish()
    store.dispose()
    with serving(XRAY_DATABASE_URL=database, XRAY_SAMPLES=str(folder / "none")) as address:
        yield address, {"owner": created.owner_code, **created.reader_codes}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["studies", "agreement", "reading"])
def test_screenshots_of_reader_studies_fit_their_width(browser, settle, studied, name, size):
    address, codes = studied
    context = browser.new_context(viewport=SIZES[size], color_scheme="dark")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{address}/{name}")
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    _shoot(page, f"{name}-empty-{size}")
    page.goto(f"{address}/{name}?seat={codes[size if name == 'reading' else 'owner']}")
    page.get_by_text("Drawn chests").first.wait_for()
    if name == "reading":
        page.locator(".viewer canvas").first.wait_for()
        settle(page)
        _shoot(page, f"reading-blind-{size}")
        # By mouse or finger: a phone has no keys.
        for key in ("call_Y", "confidence_4"):
            page.locator(f"[class*=st-key-{key}] button").click()
            page.locator(f"[class*=st-key-{key}] [data-testid=stBaseButton-primary]").wait_for()
            settle(page)
        page.locator("[class*=st-key-lock] button:enabled").click()
        page.get_by_text("The model calls this").wait_for()
        page.get_by_role("button", name="I change it").wait_for()
    settle(page)
    page.wait_for_timeout(1000)  # plotly draws after Streamlit is done
    _shoot(page, f"{name}-{size}")
    context.close()


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
