"""From an error to its explanation and back, and a card that opens on its own: in a browser."""

import pytest

from pipeline import mistakes
from pipeline.config import CLASS_NAMES, REPOSITORY
from pipeline.images import encode_jpeg
from pipeline.runs import default_run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def surest():
    """The default run's errors on the official test set, the surest first."""
    run = default_run(REPOSITORY / "artifacts" / "runs")
    table = run.predictions()
    threshold = run.operating_points[run.document["operating_point"]]["threshold"]
    return mistakes.selected(mistakes.outcomes(table[table["split"] == "test"], threshold))


@pytest.fixture(scope="module")
def dataset(surest, radiograph, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for number, (_, case) in enumerate(surest.iterrows()):
        own = folder / "test" / CLASS_NAMES[case["label"]]
        own.mkdir(parents=True, exist_ok=True)
        # Its own height tells one picture from the others.
        image = radiograph[: 600 - 4 * number]
        (own / case["file"]).write_bytes(encode_jpeg(image))
    return folder


@pytest.fixture(scope="module")
def dashboard(serving, dataset, tmp_path_factory):
    samples = str(tmp_path_factory.mktemp("samples"))
    with serving(XRAY_SAMPLES=samples, XRAY_DATASET=str(dataset)) as address:
        yield address


def shown(page) -> tuple[int, int]:
    """Height and width of the picture that the viewer shows."""
    viewer = page.locator(".viewer")
    return tuple(int(viewer.get_attribute(f"data-{side}")) for side in ("height", "width"))


def test_explain_opens_that_very_picture_with_its_heatmap_and_leads_back(open_page, settle, surest):
    page = open_page("errors?error_kind=all&error_order=surest")
    second = surest.iloc[1]
    page.get_by_text(second["file"], exact=True).first.wait_for()
    settle(page)
    # By its address: links come after the words of their rows, and not in their order.
    page.locator(f'a[href*="{second["file"]}"]').click()
    page.get_by_role("heading", name="Read an X-ray", level=1).wait_for()
    page.locator(".viewer canvas").first.wait_for()
    settle(page)
    assert shown(page) == (596, 800)
    page.get_by_text(f"({second['file']})").wait_for()
    # The heatmap was asked for by the click.
    button = page.locator(".viewer").get_by_role("button", name="Heatmap", exact=True)
    assert button.get_attribute("aria-pressed") == "true"
    page.locator(".viewer[data-layers='first']").wait_for(timeout=120_000)
    page.get_by_role("link", name="Back to the errors").click()
    page.get_by_role("heading", name="Errors", level=1).wait_for()
    page.get_by_text(second["file"], exact=True).first.wait_for()


def test_the_link_brings_its_filter_with_it_and_follows_the_next_one(open_page, settle):
    page = open_page("errors?error_kind=False%20negatives")
    page.get_by_text("false negative").first.wait_for()
    assert page.get_by_text("labelled normal: false positive").count() == 0
    page.locator(".st-key-error_kind").get_by_text("False positives").click()
    settle(page)
    page.get_by_text("labelled normal: false positive").first.wait_for()
    assert "error_kind=False+positives" in page.url.replace("%20", "+")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_its_width(open_page, width):
    page = open_page("errors", {"width": width, "height": 844})
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


def test_the_card_is_downloaded_and_opens_alone_without_a_complaint(open_page, browser, tmp_path):
    page = open_page("about")
    page.get_by_text("Repeated training").first.wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-save_card button").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".html"
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    alone, heard, asked = context.new_page(), [], []
    alone.on("console", lambda message: heard.append(message.text))
    alone.on("pageerror", lambda error: heard.append(str(error)))
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(path.as_uri())
    assert alone.get_by_role("heading", level=1).inner_text().startswith("Model card")
    assert alone.locator("svg").count() >= 5
    assert heard == []
    assert asked == [path.as_uri()]
    assert alone.evaluate("() => document.documentElement.scrollWidth") <= 390
    context.close()
