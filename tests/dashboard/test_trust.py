"""The panel of trust: verdict, plots, and what the model says without the border."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.figures import trust as figures
from dashboard.wording import trust as told
from pipeline.explain.faithfulness import Curve

CURVE = Curve(
    (0.0, 0.5, 1.0),
    (0.9, 0.4, 0.1),
    0.45,
    0.6,
    0.5,
    0.7,
    (0.9, 0.6, 0.1),
    (0.9, 0.5, 0.1),
    (0.9, 0.7, 0.1),
)


def page(kind="steady", outside=0.1, r2=0.8, without_marker=0.5, second=False):
    """Draw a panel from nothing but an explanation and its trust."""
    import numpy as np

    from dashboard.sections.trust import panel
    from pipeline.explain.explanation import Explanation
    from pipeline.explain.faithfulness import Curve
    from pipeline.explain.trust import Trust
    from pipeline.explain.verdict import SENTENCES, Verdict

    segments = np.kron(np.arange(4).reshape(2, 2), np.ones((4, 4))).astype(np.int32)
    explanation = Explanation(
        method="lime",
        run="compact",
        target=1,
        segments=segments,
        weights=np.array([0.5, -0.2, 0.1, 0.0]),
        margins=np.full(4, 0.05),
        heat=np.zeros((8, 8), np.float32),
        unit="probability",
        intercept=0.0,
        seed=0,
        samples=100,
        segmentation="slic",
        fill="mean",
        fidelity_r2=r2,
        stability=0.97,
        settled=kind != "unstable",
        probability=0.9,
        seconds=1.0,
    )
    curve = Curve((0.0, 0.5, 1.0), (0.9, 0.4, 0.1), 0.45, 0.6, 0.5, 0.7, *[(0.9, 0.5, 0.1)] * 3)
    verdict = Verdict(kind, SENTENCES[kind], ("Because of this.", "And of that."))
    trust = Trust(curve, curve, outside, outside / 2, 0.62, verdict, 0, without_marker)
    panel(explanation, trust)
    if second:
        panel(explanation, trust, key="second")


def drawn(**options) -> AppTest:
    app = AppTest.from_function(page, kwargs=options).run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("kind", "box"), [("steady", "success"), ("unstable", "warning"), ("outside", "error")]
)
def test_the_verdict_is_told_by_words_icon_and_colour(kind, box):
    (headline,) = getattr(drawn(kind=kind), box)
    words = {"steady": "Stable and faithful", "unstable": "do not interpret", "outside": "outside"}
    assert words[kind] in headline.value
    assert "- Because of this.\n- And of that." in headline.value
    assert headline.icon.startswith(":material/")


def test_no_two_verdicts_share_an_icon():
    icons = {
        getattr(drawn(kind=kind), box)[0].icon
        for kind, box in (("steady", "success"), ("unstable", "warning"), ("outside", "error"))
    }
    assert len(icons) == 3


def test_every_number_is_explained_on_hover():
    app = drawn()
    assert [(one.label, one.value) for one in app.metric] == [
        ("Fidelity R²", "0.80"),
        ("Stability", "0.97"),
        ("Settled", "yes"),
    ]
    assert all(one.help for one in app.metric)
    titles = [one for one in app.markdown if one.value.strip("*") in {told.DELETION, told.METER}]
    assert len(titles) == 2
    assert all(one.help for one in titles)


def test_a_method_without_a_surrogate_has_no_fidelity():
    assert drawn(r2=float("nan")).metric[0].value == told.NO_SURROGATE


def test_the_page_says_what_the_model_says_without_border_and_marker():
    texts = " ".join(one.value for one in drawn().markdown)
    assert "Border blanked" in texts
    assert "**62.0 %** for pneumonia, before 90.0 %" in texts
    assert "Marker removed" in texts
    assert "**50.0 %**" in texts
    none = " ".join(one.value for one in drawn(without_marker=float("nan")).markdown)
    assert "no part outside the chest field speaks for the class" in none


def test_areas_stand_beside_those_of_random_orders():
    texts = [one.value for one in drawn().caption]
    assert texts.count("Area **0.45**; random orders 0.60 (0.50 to 0.70)") == 2


def test_without_evidence_for_the_class_there_is_no_meter():
    app = drawn(outside=float("nan"))
    assert told.NOTHING_FOR in [one.value for one in app.caption]
    assert len(app.get("plotly_chart")) == 2
    assert len(drawn().get("plotly_chart")) == 3


def test_two_panels_fit_on_a_page():
    assert len(drawn(second=True).get("plotly_chart")) == 6


def test_a_curve_is_drawn_over_the_band_of_random_orders():
    drawn = figures.faithfulness(CURVE, 1, "Share taken away")
    band, random, own = drawn.data[1], drawn.data[2], drawn.data[3]
    assert band.fill == "tonexty"
    assert list(random.y) == [0.9, 0.6, 0.1]
    assert random.line.dash == "dot"
    assert list(own.y) == [0.9, 0.4, 0.1]
    assert list(own.x) == [0, 50, 100]
    assert drawn.data[3].line.color != figures.faithfulness(CURVE, 0, "").data[3].line.color


def test_the_meter_marks_what_lies_elsewhere_not_by_colour_alone():
    shares = {told.INSIDE: 0.8, told.OUTSIDE: 0.2, told.BORDER: 0.1}
    bars, marks = figures.shortcut_meter(shares, told.BLIND).data
    assert list(bars.x) == pytest.approx([80, 20, 10])
    assert list(bars.marker.pattern.shape) == ["", "/", "/"]
    assert list(marks.y) == list(bars.y)[1:]
    assert [name.split("<b>")[1] for name in bars.y] == ["80 %</b>", "20 %</b>", "10 %</b>"]


def test_a_change_is_told_in_points():
    assert "+5 points" in told.without_border(1, 0.5, 0.55)
    assert "(-1 point)" in told.without_border(1, 0.5, 0.49)
    assert "no change" in told.without_border(0, 0.5, 0.501)
    assert "for normal" in told.without_border(0, 0.5, 0.501)
