"""The report in a real browser: it prints on one page of A4 and asks for nothing from elsewhere."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.explain import EXPLAINERS
from pipeline.explain.trust import assess
from pipeline.images import encode_png, read_picture
from pipeline.report import Report, Shown, as_html
from pipeline.runs import default_run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def longest(radiograph) -> Report:
    """A tall picture that the gate refuses, with a long reason: as much as a report can hold."""
    run = default_run(Paths.from_environment().runs)
    classifier = Classifier(run)
    picture = read_picture(encode_png(np.tile(255 - radiograph, (2, 1))[:, :500]))
    prepared = classifier.prepare(picture.image)
    explanation = EXPLAINERS["lime"](classifier.probabilities, prepared, run=run.name, samples=200)
    trust = assess(classifier.probabilities, prepared, explanation)
    reason = "A reason of two hundred letters, as long as one may be. " * 3
    verdict = classifier.judge(picture)
    assert not verdict.gate.accepted
    return Report(picture, run, verdict, reason, explanation, trust, Shown(True, True, k=20))


@pytest.fixture
def opened(browser):
    contexts = []

    def open_it(html: str, size: dict, scheme: str = "light"):
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.set_content(html, wait_until="load")
        assert [url for url in asked if not url.startswith("data:")] == []
        assert said == [], "the page's own policy must allow what is in it"
        return page

    yield open_it
    for context in contexts:
        context.close()


def pages(page) -> int:
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    return printed.count(b"/Type /Page\n")


def test_the_longest_report_prints_on_one_page(opened, longest):
    assert pages(opened(as_html(longest), {"width": 1200, "height": 900})) == 1


def test_a_report_with_test_figures_prints_on_one_page(opened, longest, radiograph):
    picture = read_picture(encode_png(radiograph))
    verdict = Classifier(longest.run).judge(picture)
    report = replace(longest, picture=picture, verdict=verdict, override=None)
    assert report.test is not None
    assert pages(opened(as_html(report), {"width": 1200, "height": 900})) == 1
    assert pages(opened(as_html(report) + "<p>more</p>" * 200, {"width": 1200, "height": 900})) > 1


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_report_fits_a_screen_and_shows_its_pictures(opened, longest, width, scheme):
    page = opened(as_html(longest), {"width": width, "height": 844}, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = page.evaluate("[...document.images].map(one => one.naturalWidth)")
    assert len(drawn) == 3
    assert all(drawn)


def test_all_four_files_are_saved_from_the_reading_page(open_page, settle, opened, radiograph):
    data = encode_png(radiograph)
    page = open_page()
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "Jane Doe.png", "mimeType": "image/png", "buffer": data}
    )
    saved = {}
    for key in ("save_png", "save_json", "save_report", "save_dicom"):
        button = page.locator(f".st-key-{key} button")
        button.wait_for()
        settle(page)
        with page.expect_download() as download:
            button.click()
        assert "Jane" not in download.value.suggested_filename
        saved[key] = download.value.path().read_bytes()
    assert read_picture(saved["save_png"]).image.shape == radiograph.shape
    sha256 = read_picture(data).sha256
    assert json.loads(saved["save_json"])["picture"]["sha256"] == sha256
    report = saved["save_report"].decode()
    assert sha256 in report
    with zipfile.ZipFile(io.BytesIO(saved["save_dicom"])) as file:
        picture = pydicom.dcmread(io.BytesIO(file.read("picture.dcm")))
        saved |= {name: file.read(name) for name in file.namelist()}
    assert picture.pixel_array.shape == radiograph.shape
    assert "report.dcm" in saved
    assert not any("Jane" in one.decode(errors="ignore") for one in saved.values())
    assert pages(opened(report, {"width": 1200, "height": 900})) == 1
