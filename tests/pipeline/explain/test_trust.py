"""The verdict: every rule by itself, and the whole on classifiers whose truth is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.config import PNEUMONIA
from pipeline.errors import Cancelled
from pipeline.explain import verdict
from pipeline.explain.explanation import Explanation, painted
from pipeline.explain.faithfulness import Curve
from pipeline.explain.lime import explain
from pipeline.explain.measures import MEASURES, Measure
from pipeline.explain.trust import assess
from pipeline.explain.verdict import Verdict, judge

SIZE = 60
SQUARES = np.kron(np.arange(36).reshape(6, 6), np.ones((10, 10))).astype(np.int32)
IMAGE = np.random.default_rng(0).integers(120, 256, (SIZE, SIZE)).astype(np.uint8)
LUNG, CORNER = 19, 0


def looks_at(block: int):
    """A classifier that says pneumonia as far as one square is unevenly bright."""

    def predict(images: np.ndarray) -> np.ndarray:
        rough = images.astype(float).std(axis=(1, 2), where=block == SQUARES) / 45
        positive = np.clip(rough, 0.01, 0.99)
        return np.stack([1 - positive, positive], axis=1)

    return predict


def explanation(**changes) -> Explanation:
    weights = np.zeros(36)
    weights[LUNG] = 0.5
    stated = {
        "method": "lime",
        "run": "",
        "target": PNEUMONIA,
        "segments": SQUARES,
        "weights": weights,
        "margins": np.full(36, 0.05),
        "heat": painted(weights, SQUARES),
        "unit": "probability",
        "intercept": 0.0,
        "seed": 0,
        "samples": 10,
        "segmentation": "own",
        "fill": "mean",
        "fidelity_r2": 0.9,
        "stability": 1.0,
        "settled": True,
        "probability": 0.8,
        "seconds": 0.0,
    }
    return Explanation(**(stated | changes))


def curve(area: float, mean=0.5, low=0.4, high=0.6) -> Curve:
    return Curve((0.0, 1.0), (1.0, 0.0), area, mean, low, high)


GOOD_DELETION, GOOD_INSERTION, CHANCE = curve(0.1), curve(0.9), curve(0.5)


def kind(own=None, deletion=GOOD_DELETION, insertion=GOOD_INSERTION, outside=0.1, border=0.05):
    return judge(own or explanation(), deletion, insertion, outside, border).kind


def test_what_passes_everything_is_steady():
    assert kind() == "steady"


def test_a_map_that_another_draw_would_change_is_not_to_be_interpreted():
    assert kind(explanation(stability=verdict.STABILITY_AT - 0.01)) == "unstable"
    assert kind(explanation(stability=verdict.STABILITY_AT)) == "steady"


def test_a_fit_that_does_not_describe_the_model_is_not_to_be_interpreted():
    assert kind(explanation(fidelity_r2=verdict.FIDELITY_AT - 0.01)) == "unstable"


def test_a_method_without_a_surrogate_needs_no_fidelity():
    own = explanation(fidelity_r2=np.nan, margins=np.zeros(36), method="gradcam")
    assert kind(own) == "steady"


def test_a_map_without_evidence_is_not_to_be_interpreted():
    found = judge(explanation(margins=np.ones(36)), GOOD_DELETION, GOOD_INSERTION, np.nan, np.nan)
    assert found.kind == "unstable"
    assert "No part" in found.reasons[0]


def test_a_map_no_better_than_random_orders_is_not_to_be_interpreted():
    assert kind(deletion=CHANCE, insertion=CHANCE) == "unstable"
    # One of the two will do: the other may have nothing left to move.
    assert kind(deletion=CHANCE) == kind(insertion=CHANCE) == "steady"


def test_a_difference_nobody_could_see_is_none():
    tiny = curve(0.991, mean=0.996, low=0.995, high=0.997)
    assert kind(deletion=tiny, insertion=CHANCE) == "unstable"


def test_a_model_that_says_the_same_of_a_blurred_picture_is_named():
    flat = replace(CHANCE, probabilities=(0.99, 0.98))
    found = judge(explanation(), flat, CHANCE, 0.1, 0.1)
    assert "out of focus the model says 98 %" in found.reasons[-1]
    assert len(judge(explanation(), CHANCE, CHANCE, 0.1, 0.1).reasons) == 1


def test_evidence_outside_the_lungs_is_said():
    found = judge(explanation(), GOOD_DELETION, GOOD_INSERTION, verdict.OUTSIDE_AT + 0.01, 0.0)
    assert found.kind == "outside"
    assert "outside the chest field" in found.reasons[0]
    assert kind(outside=verdict.OUTSIDE_AT) == "steady"
    assert kind(border=verdict.BORDER_AT + 0.01) == "outside"


def test_an_unstable_map_says_nothing_about_where_the_model_looks():
    assert kind(explanation(fidelity_r2=0.1), outside=1.0) == "unstable"


def test_nothing_that_speaks_for_the_class_is_no_shortcut():
    assert kind(outside=np.nan, border=np.nan) == "steady"


def test_the_limits_of_place_are_those_of_a_map_that_knows_nothing():
    assert pytest.approx(0.42, abs=0.01) == verdict.OUTSIDE_AT
    assert pytest.approx(0.36, abs=0.01) == verdict.BORDER_AT


def test_every_verdict_has_reasons_and_a_plain_sentence():
    for found in (
        judge(explanation(settled=False), GOOD_DELETION, GOOD_INSERTION, np.nan, np.nan),
        judge(explanation(fidelity_r2=0.3), CHANCE, CHANCE, 0.1, 0.1),
        judge(explanation(), GOOD_DELETION, GOOD_INSERTION, 0.9, 0.9),
    ):
        assert found.sentence == verdict.SENTENCES[found.kind]
        assert found.reasons
        assert all(one.endswith(".") for one in found.reasons)
        assert "nan" not in " ".join(found.reasons)


def test_an_unknown_verdict_is_refused():
    with pytest.raises(ValueError, match="Expected kind"):
        Verdict("good", "", ())


def test_curves_without_random_orders_cannot_be_judged():
    bare = replace(CHANCE, random_area=np.nan)
    with pytest.raises(ValueError, match="random orders"):
        judge(explanation(), bare, bare, 0.1, 0.1)


@pytest.mark.parametrize(("block", "expected"), [(LUNG, "steady"), (CORNER, "outside")])
def test_a_classifier_that_sees_one_block_is_judged_by_its_place(block, expected):
    predict = looks_at(block)
    own = explain(predict, IMAGE, target=PNEUMONIA, segments=SQUARES, samples=256, fill="mean")
    assert own.ranked()[0] == block
    found = assess(predict, IMAGE, own)
    assert found.verdict.kind == expected
    assert found.deletion.area < found.deletion.random_area
    assert found.insertion.area > found.insertion.random_area
    assert found.marker == (CORNER if block == CORNER else -1)
    if block == CORNER:
        # The border takes most of the corner away, the marker all of it.
        assert found.without_marker < 0.2 < found.without_border < own.probability - 0.2


def test_a_map_of_the_wrong_place_is_not_to_be_interpreted():
    assert assess(looks_at(CORNER), IMAGE, explanation()).verdict.kind == "unstable"


def test_the_same_map_is_judged_the_same_way():
    first, second = (assess(looks_at(LUNG), IMAGE, explanation()).to_json() for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first, allow_nan=False))["marker"] is None


def test_progress_reaches_one_and_a_stop_is_heard():
    told = []
    assess(looks_at(LUNG), IMAGE, explanation(), progress=told.append)
    assert told[-1] == 1.0
    with pytest.raises(Cancelled):
        assess(looks_at(LUNG), IMAGE, explanation(), should_stop=lambda: True)


def test_another_picture_is_refused():
    with pytest.raises(ValueError, match="Expected an image"):
        assess(looks_at(LUNG), IMAGE[:30, :30], explanation())


def test_every_measure_says_which_way_is_better_and_where_it_comes_from():
    assert {"deletion", "insertion", "fidelity_r2", "overlap", "outside_share"} <= set(MEASURES)
    assert MEASURES["deletion"].better == "lower"
    assert MEASURES["insertion"].better == "higher"
    assert all(one.what.endswith(".") and one.source for one in MEASURES.values())
    with pytest.raises(ValueError, match="Expected better"):
        Measure("a", "A", "up", "What.", "nobody")
