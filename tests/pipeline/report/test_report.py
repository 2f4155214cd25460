"""Exports of a judged and explained picture: complete, repeatable, harmless, and honest."""

import argparse
import json
import math
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from pipeline.classifier import Classifier
from pipeline.commands import explain as command
from pipeline.config import PNEUMONIA
from pipeline.explain import EXPLAINERS
from pipeline.images import encode_png, read_picture
from pipeline.report import Report, Shown, as_html, png, to_json
from pipeline.report.wording import METHODS
from pipeline.statements import NOTICE

EVIL = "<script>alert(\"x\")</script><img src=http://x onerror=alert(1)> & 'single'"
_VOID = {"meta", "img", "br"}


@pytest.fixture
def refused(judged, radiograph) -> Report:
    _, run, _, _ = judged
    picture = read_picture(encode_png(255 - radiograph))
    verdict = Classifier(run).judge(picture)
    assert not verdict.gate.accepted
    return Report(picture, run, verdict, EVIL)


class Page(HTMLParser):
    """Collects tags, and holds that every tag is closed in its turn."""

    def __init__(self, html: str):
        super().__init__()
        self.opened: list[str] = []
        self.seen: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)
        assert self.opened == []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in _VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, data):
        self.text += data


def document(report: Report) -> dict:
    return json.loads(json.dumps(to_json(report), allow_nan=False))


def test_the_numbers_say_whatever_is_needed_to_repeat_them(explained):
    told = document(explained)
    assert told["picture"]["sha256"] == explained.picture.sha256
    assert told["run"]["model_sha256"] == explained.run.document["model_sha256"]
    assert told["verdict"]["operating_point"] == explained.run.point()
    assert told["settings"] == {
        "method": "lime",
        "target": "PNEUMONIA",
        "segments": "grid",
        "fill": "blur",
        "samples": 300,
        "seed": 0,
    }
    assert told["explanation"]["weights"] == explained.explanation.weights.tolist()
    assert told["explanation"]["margins"] == explained.explanation.margins.tolist()
    assert told["trust"]["deletion"]["area"] == explained.trust.deletion.area
    assert told["test"]["n"] == 624
    assert {"python", "onnxruntime", "numpy", "scikit-image"} <= set(told["versions"])
    assert told["notice"] == NOTICE
    assert "override" not in told


def test_the_command_line_makes_the_same_weights(explained, judged, knows_a_block):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = explained.command.split()
    assert words[:4] == ["python", "-m", "pipeline", "explain"]
    asked = parser.parse_args(words[4:])
    assert asked.run == explained.run.name
    again = EXPLAINERS[asked.method](
        knows_a_block,
        judged[3],
        run=asked.run,
        segments=asked.segments,
        fill=asked.fill,
        samples=asked.samples,
        seed=asked.seed,
    )
    np.testing.assert_array_equal(again.weights, explained.explanation.weights)
    assert document(explained)["repeat"] == explained.command


def test_superpixels_of_ones_own_have_no_command_line(explained):
    own = replace(explained.explanation, segmentation="own")
    report = replace(explained, explanation=own)
    assert report.command is None
    assert document(report)["repeat"] is None
    assert "drawn by hand" in as_html(report)


def test_a_figure_that_does_not_exist_is_null_and_is_said(explained):
    trust = replace(explained.trust, outside_share=math.nan)
    report = replace(explained, trust=trust)
    assert document(report)["trust"]["outside_share"] is None
    assert "cannot be computed" in as_html(report)


def test_the_saved_picture_has_its_full_size_and_only_what_is_switched_on(explained):
    image = explained.picture.image

    def saved(**shown) -> np.ndarray:
        return read_picture(png(replace(explained, shown=Shown(**shown)))).image

    np.testing.assert_array_equal(saved(), image)
    masked = saved(mask=True, k=1)
    assert masked.shape == image.shape
    assert (masked != image).any()
    heated = saved(heat=True)
    assert heated.shape[0] == image.shape[0]
    assert heated.shape[1] > image.shape[1], "a heatmap brings its colour bar"
    hidden = saved(mask=True, k=1, rest="hidden")
    assert (hidden == 0).mean() > 0.8


def test_weights_below_the_least_are_not_drawn(explained):
    def colours(least: float) -> int:
        shown = Shown(heat=True, least=least)
        drawn = read_picture(png(replace(explained, shown=shown))).image
        image = explained.picture.image
        return int((drawn[:, : image.shape[1]] != image).sum())

    assert colours(0.0) > colours(1.0) > 0


def test_the_page_needs_nothing_from_elsewhere(explained):
    html = as_html(explained)
    page = Page(html)
    assert not {tag for tag, _ in page.seen} & {"script", "link", "iframe", "object", "form", "a"}
    pictures = [attributes for tag, attributes in page.seen if tag == "img"]
    assert len(pictures) == 3
    assert all(one["src"].startswith("data:image/jpeg;base64,") and one["alt"] for one in pictures)
    assert not any(name.startswith("on") for _, attributes in page.seen for name in attributes)
    assert "url(" not in html
    assert "@import" not in html
    assert "@page" in html


def test_the_page_says_verdict_numbers_trust_and_what_the_run_is_worth(explained):
    text = Page(as_html(explained)).text
    verdict, told = explained.verdict, explained.explanation
    assert f"The model calls this {verdict.decision.lower()}" in text
    assert f"{100 * verdict.probability:.1f} %" in text
    first = told.ranked()[0]
    low = told.weights[first] - told.margins[first]
    assert f"{told.weights[first]:+.3f} ({low:+.3f} to" in text
    assert explained.trust.verdict.sentence in text
    assert all(reason in text for reason in explained.trust.verdict.reasons)
    found = explained.test["figures"]["sensitivity"]
    assert f"{found['value']:.4f}" in text
    assert f"{found['low']:.4f} to {found['high']:.4f}" in text
    for said in (
        explained.picture.sha256,
        explained.run.name,
        explained.run.document["model_sha256"],
        explained.command,
        NOTICE,
        "n = 624",
    ):
        assert said in text


def test_a_verdict_alone_can_be_reported(judged):
    picture, run, verdict, _ = judged
    report = Report(picture, run, verdict)
    told = document(report)
    assert told["explanation"] is told["settings"] is told["trust"] is told["repeat"] is None
    text = Page(as_html(report)).text
    assert "No explanation was asked for" in text
    np.testing.assert_array_equal(read_picture(png(report)).image, picture.image)


def test_an_explanation_without_its_measures_says_so(explained):
    text = Page(as_html(replace(explained, trust=None))).text
    assert "was not measured" in text
    assert "Stability" in text


def test_no_figure_of_the_test_set_speaks_for_a_refused_picture(refused):
    told = document(refused)
    assert told["test"] is None
    assert told["verdict"]["accepted"] is False
    assert told["override"] == {"reason": EVIL}
    text = Page(as_html(refused)).text
    assert refused.verdict.gate.reasons[0] in text
    assert "do not weigh the verdict" in text
    assert "Sensitivity" not in text


def test_what_somebody_typed_cannot_become_markup(refused):
    html = as_html(refused)
    page = Page(html)
    assert EVIL in page.text
    assert [tag for tag, _ in page.seen].count("img") == 1
    assert "script" not in {tag for tag, _ in page.seen}


def test_a_probability_within_the_abstain_band_is_called_unsure(judged):
    picture, run, verdict, _ = judged
    low, high = run.band(verdict.threshold)
    sure = Report(picture, run, replace(verdict, probability=(1 + high) / 2))
    unsure = Report(picture, run, replace(verdict, probability=(low + high) / 2))
    assert document(unsure)["verdict"]["unsure"]
    assert not document(sure)["verdict"]["unsure"]
    assert "but is unsure" in as_html(unsure)
    assert "but is unsure" not in as_html(sure)


def test_what_a_viewer_says_of_its_settings_is_taken_over():
    told = {"mask": True, "heat": False, "k": 7, "sign": "positive", "layout": "one", "swipe": 0.5}
    assert Shown.of(told, 300) == Shown(mask=True, k=7, sign="positive", samples=300)
    assert Shown.of(None) == Shown()


def test_parts_that_do_not_belong_together_are_refused(explained, refused):
    with pytest.raises(ValueError, match="Expected a verdict"):
        replace(explained, verdict=refused.verdict)
    with pytest.raises(ValueError, match="Expected an explanation of"):
        replace(explained, explanation=replace(explained.explanation, run="another"))
    with pytest.raises(ValueError, match="trust"):
        replace(explained, explanation=None)


@pytest.mark.parametrize(
    "wrong", [{"sign": "up"}, {"rest": "blue"}, {"k": -1}, {"opacity": 1.5}, {"least": -0.1}]
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="Received"):
        Shown(**wrong)


def test_the_explained_class_is_named(explained):
    assert explained.explanation.target == PNEUMONIA
    assert "for pneumonia" in Page(as_html(explained)).text


def test_every_method_has_its_paper():
    assert set(EXPLAINERS) <= set(METHODS)
