"""Reading an X-ray, as a radiologist does it: in a real browser, with the stored network."""

import json

import pytest

from pipeline.images import encode_jpeg, encode_png

pytestmark = pytest.mark.browser


@pytest.fixture
def reading(open_page, radiograph, settle):
    """The reading page with an uploaded JPEG."""
    page = open_page()
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    upload(page, "chest.jpeg", "image/jpeg", encode_jpeg(radiograph))
    page.locator(".viewer canvas").first.wait_for()
    settle(page)
    return page


def upload(page, name: str, kind: str, data: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": kind, "buffer": data}
    )


def switch(page, label: str) -> None:
    """Press a button of the viewer."""
    page.locator(".viewer").get_by_role("button", name=label, exact=True).click()


def explained(page, settle) -> None:
    page.locator(".viewer[data-layers='first'][data-busy='false']").wait_for(timeout=120_000)
    settle(page)


def numbers(page) -> dict:
    with page.expect_download() as download:
        page.locator(".st-key-save_json button").click()
    return json.loads(download.value.path().read_text())


def test_an_upload_is_judged_and_both_overlays_toggle(reading, settle):
    page = reading
    page.get_by_text("The model calls this").wait_for()
    viewer = page.locator(".viewer")
    assert viewer.get_attribute("data-layers") == "", "overlays must be off until asked for"
    page.get_by_text("Overlays are off until you ask for them").wait_for()

    switch(page, "Mask")
    explained(page, settle)
    first = numbers(page)["explanation"]
    page.get_by_text("How far to trust this map").wait_for()

    switch(page, "Heatmap")
    page.locator(".viewer .legend .bar").wait_for()
    page.wait_for_timeout(1000)
    settle(page)
    second = numbers(page)["explanation"]
    # The same seconds to the last digit: drawing another view has not run LIME again.
    assert first == second

    switch(page, "Heatmap")
    page.locator(".viewer .legend .bar").wait_for(state="detached")


def test_an_explanation_can_be_stopped_and_asked_for_again(reading, settle):
    page = reading
    switch(page, "Mask")
    page.locator(".st-key-stop button").click()
    page.locator(".st-key-stop").wait_for(state="detached")
    settle(page)
    viewer = page.locator(".viewer")
    assert viewer.get_attribute("data-layers") == ""
    button = viewer.get_by_role("button", name="Mask", exact=True)
    assert button.get_attribute("aria-pressed") == "false"
    switch(page, "Mask")
    explained(page, settle)


def test_the_picture_outlives_a_visit_to_another_page(reading, settle):
    page = reading
    name = page.locator(".viewer").get_attribute("data-picture")
    page.get_by_role("link", name="About").first.click()
    page.get_by_role("heading", name="About", level=1).wait_for()
    page.get_by_role("link", name="Read an X-ray").first.click()
    page.locator(".viewer canvas").first.wait_for()
    assert page.locator(".viewer").get_attribute("data-picture") == name


def test_the_saved_picture_is_a_png_of_the_picture(reading):
    with reading.expect_download() as download:
        reading.locator(".st-key-save_png button").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_refused_picture_is_judged_only_for_a_reason_by_keyboard_alone(
    open_page, settle, radiograph
):
    page = open_page()
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    upload(page, "inverted.png", "image/png", encode_png(255 - radiograph))
    page.get_by_text("The picture is inverted").wait_for()
    page.locator(".viewer canvas").first.wait_for()
    settle(page)
    assert page.get_by_text("The model calls this").count() == 0
    assert page.locator(".st-key-save_json").count() == 0

    page.get_by_role("textbox", name="Why judge it all the same?").focus()
    page.keyboard.type("inverted on purpose")
    page.keyboard.press("Enter")
    page.get_by_text("The model calls this").wait_for()
    settle(page)
    assert page.get_by_text("inverted on purpose").is_visible()
    told = numbers(page)
    assert told["override"] == {"reason": "inverted on purpose"}
    assert told["verdict"]["accepted"] is False


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("note.png", b"Dear colleague, ...", "not a PNG, JPEG or DICOM picture"),
        ("empty.png", b"", "empty"),
        ("dot.png", None, "at least"),
    ],
)
def test_a_bad_upload_gets_one_sentence_and_a_next_step(
    open_page, settle, radiograph, name, data, sentence
):
    page = open_page()
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    upload(page, name, "image/png", encode_png(radiograph[:1, :1]) if data is None else data)
    page.locator("[data-testid=stAlert]").get_by_text(sentence).wait_for()
    assert page.locator("[data-testid=stException]").count() == 0
