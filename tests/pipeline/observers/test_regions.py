"""Marked regions against maps whose evidence lies in a known place."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import Cancelled
from pipeline.explain import Explanation
from pipeline.observers.regions import Marked, between_readers, localise, marked, mask
from pipeline.readings.reading import Answer, Region

SIZE = 64
QUARTERS = np.repeat(np.repeat([[0, 1], [2, 3]], SIZE // 2, 0), SIZE // 2, 1).astype(np.int32)
LEFT_TOP, RIGHT_BOTTOM = Region(0, 0, 0.5, 0.5), Region(0.5, 0.5, 0.5, 0.5)


def pointing_to(quarter: int) -> Explanation:
    weights = np.full(4, -0.1)
    weights[quarter] = 0.5
    return Explanation(
        method="lime",
        run="r",
        target=1,
        segments=QUARTERS,
        weights=weights,
        margins=np.zeros(4),
        heat=weights.astype(np.float32)[QUARTERS],
        unit="probability",
        intercept=0.0,
        seed=0,
        samples=1,
        segmentation="own",
        fill="blur",
        fidelity_r2=1.0,
        stability=1.0,
        settled=True,
        probability=0.9,
        seconds=0.0,
    )


def mark(case: int, *regions: Region, reader: str = "a") -> Marked:
    return Marked(reader, case, f"patient-{case}", regions, True)


def test_rectangles_unite_to_one_mask():
    covered = mask([LEFT_TOP, RIGHT_BOTTOM, LEFT_TOP], SIZE)
    assert covered.mean() == 0.5
    assert (covered[0, 0], covered[-1, -1], covered[0, -1]) == (True, True, False)
    assert mask([Region(0.999, 0.999, 0.001, 0.001)], SIZE).sum() == 1


def test_a_map_of_the_marked_place_hits_and_another_misses():
    marks = [mark(case, LEFT_TOP) for case in range(4)]
    right, wrong = localise(
        marks, ["right", "wrong"], lambda method, case: pointing_to(0 if method == "right" else 3)
    )
    assert (right.pointing["value"], right.iou["value"]) == (1, 1)
    assert (wrong.pointing["value"], wrong.iou["value"]) == (0, 0)
    assert 0.25 < right.by_chance < 0.3  # a quarter and what lies within 3 % of it
    assert right.pointing["n"] == 4


def test_half_of_the_hits_is_said_with_an_interval():
    marks = [mark(case, LEFT_TOP if case % 2 else RIGHT_BOTTOM) for case in range(10)]
    (found,) = localise(marks, ["lime"], lambda method, case: pointing_to(0))
    assert found.pointing["value"] == found.iou["value"] == 0.5
    assert found.pointing["low"] < 0.5 < found.pointing["high"]


def test_a_case_is_explained_once_for_all_its_readers():
    asked, told = [], []
    marks = [mark(1, LEFT_TOP), mark(1, RIGHT_BOTTOM, reader="b"), mark(2, LEFT_TOP)]

    def explain(method, case):
        asked.append((method, case))
        return pointing_to(0)

    localise(marks, ["lime", "rise"], explain, told.append)
    assert asked == [("lime", 1), ("lime", 2), ("rise", 1), ("rise", 2)]
    assert told == [0.25, 0.5, 0.75, 1]


def test_it_stops_when_asked():
    with pytest.raises(Cancelled):
        localise([mark(1, LEFT_TOP)], ["lime"], lambda *_: pointing_to(0), should_stop=lambda: True)


def test_two_readers_overlap_is_the_ceiling():
    half = Region(0, 0, 0.5, 0.25)
    marks = [mark(1, LEFT_TOP), mark(1, half, reader="b"), mark(2, LEFT_TOP)]
    found = between_readers(marks)
    assert (found["value"], found["n"]) == (0.5, 1)
    assert between_readers([])["why"] == "nobody marked a region"
    assert between_readers(marks[:1])["value"] is None


def test_what_was_marked_blind_counts_not_what_was_marked_after_the_map(drawn_study):
    one = drawn_study(1, 1)[0]
    first, final = Answer(True, 3, regions=(LEFT_TOP,)), Answer(True, 3, regions=(RIGHT_BOTTOM,))
    (found,) = marked([replace(one, first=first, final=final)])
    assert (found.regions, found.blind) == ((LEFT_TOP,), True)
    (found,) = marked([replace(one, first=None, final=final)])
    assert (found.regions, found.blind) == ((RIGHT_BOTTOM,), False)
    assert marked([replace(one, first=Answer(False, 3), final=final)]) == []
