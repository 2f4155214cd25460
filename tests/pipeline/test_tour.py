"""Which case tells what is decided by rule; the story is told of the network's own answers."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.classifier import Classifier, Verdict
from pipeline.config import NORMAL, PNEUMONIA, Paths
from pipeline.dataset import Item
from pipeline.errors import Cancelled
from pipeline.gate import Gate
from pipeline.images import encode_png, read_image, resize
from pipeline.runs import Run, default_run
from pipeline.tour import Case, doubtful, judged, tell, telling


def case(label: int, probability: float, unsure: bool = False, accepted: bool = True) -> Case:
    decision = "PNEUMONIA" if probability >= 0.4 else "NORMAL"
    gate = Gate(accepted, () if accepted else ("Not a chest.",))
    verdict = Verdict("toy", "0" * 64, probability, 0.4, "balanced", decision, gate)
    return Case(Item(Path("x.png"), "val", label, "unknown", "x"), verdict, unsure)


SURE, LESS, UNSURE = case(1, 0.9), case(1, 0.8), case(1, 0.45, unsure=True)
CLEARED, MISSED, ALARM = case(0, 0.1), case(1, 0.05), case(0, 0.6)
REFUSED = case(1, 0.99, accepted=False)


def test_the_story_is_told_with_the_surest_right_call_of_pneumonia():
    assert telling([CLEARED, LESS, MISSED, REFUSED, SURE, UNSURE]) is SURE
    assert telling([CLEARED, MISSED, REFUSED, UNSURE]) is CLEARED
    assert telling([MISSED, UNSURE]) is UNSURE
    assert telling([REFUSED]) is REFUSED
    with pytest.raises(ValueError, match="at least one"):
        telling([])


def test_doubt_is_taught_by_a_refused_then_a_wrong_then_an_unsure_case():
    assert doubtful([SURE, UNSURE, ALARM, MISSED, REFUSED]) == (REFUSED, "refused")
    assert doubtful([SURE, UNSURE, ALARM, MISSED]) == (MISSED, "wrong")
    assert doubtful([SURE, UNSURE, ALARM]) == (ALARM, "wrong")
    assert doubtful([SURE, UNSURE, CLEARED]) == (UNSURE, "unsure")
    assert doubtful([SURE, CLEARED]) is None


def test_a_call_is_right_if_the_label_says_the_same():
    assert SURE.right
    assert CLEARED.right
    assert not MISSED.right
    assert not ALARM.right


@pytest.fixture
def items(tmp_path, radiograph) -> list[Item]:
    found = []
    for name, label, image in (
        ("a.png", PNEUMONIA, radiograph),
        ("b.png", NORMAL, resize(radiograph, 500, 700)),
    ):
        (tmp_path / name).write_bytes(encode_png(image))
        found.append(Item(tmp_path / name, "val", label, "unknown", name))
    return found


def test_cases_are_judged_as_the_classifier_judges_them(items, tmp_path):
    classifier = Classifier(default_run(Paths.from_environment().runs))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    found = judged(classifier, [replace(items[0], path=broken), *items])
    assert [one.item for one in found] == items
    for one in found:
        assert one.verdict == classifier.judge(one.item.path)
        low, high = classifier.run.band(one.verdict.threshold)
        assert one.unsure == (low <= one.verdict.probability < high)


@dataclass
class Toy:
    """Says how much contrast lies in the middle of a picture; or, with `rim`, along its border."""

    run: Run
    rim: bool = False

    def prepare(self, image: np.ndarray) -> np.ndarray:
        return resize(image, 96)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        part = images[:, :6] if self.rim else images[:, 36:60, 36:60]
        score = np.clip(part.astype(float).std(axis=(1, 2)) / 40, 0, 1)
        return np.stack([1 - score, score], axis=1)


def picture(at: tuple[slice, slice]) -> np.ndarray:
    image = np.full((96, 96), 100, np.uint8)
    rows, columns = np.mgrid[0:96, 0:96]
    chequered = np.where((rows + columns) // 2 % 2, 160, 40).astype(np.uint8)
    image[at] = chequered[at]
    return image


@pytest.fixture
def run(brightness_run) -> Run:
    return default_run(brightness_run.parent)


def put(tmp_path, name: str, image: np.ndarray, like: Case) -> Case:
    path = tmp_path / name
    path.write_bytes(encode_png(image))
    return replace(like, item=replace(like.item, path=path))


def test_the_story_explains_both_cases_and_says_how_far_it_is(tmp_path, run):
    middle = picture((slice(30, 66), slice(30, 66)))
    sure, missed = (put(tmp_path, f"{i}.png", middle, one) for i, one in enumerate((SURE, MISSED)))
    heard = []
    story = tell(Toy(run), [missed, sure], heard.append)
    assert (story.told.case, story.doubted.case, story.reason) == (sure, missed, "wrong")
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)
    for seen in (story.told, story.doubted):
        strongest = seen.explanation.ranked()[0]
        rows, columns = np.nonzero(seen.explanation.segments == strongest)
        assert 24 < rows.mean() < 72
        assert 24 < columns.mean() < 72
        path = tmp_path / "seen.jpg"
        path.write_bytes(seen.picture)
        assert read_image(path).shape == middle.shape


def test_without_a_doubtful_verdict_the_measures_of_the_first_decide(tmp_path, run):
    steady = put(tmp_path, "middle.png", picture((slice(30, 66), slice(30, 66))), SURE)
    story = tell(Toy(run), [steady])
    assert story.told is story.doubted
    assert not story.told.border_decides
    assert story.reason == ("none" if story.told.trust.verdict.kind == "steady" else "unstable")
    rim = put(tmp_path, "rim.png", picture((slice(0, 8), slice(None))), SURE)
    story = tell(Toy(run, rim=True), [rim])
    assert story.told.border_decides
    assert story.reason == "border"


def test_the_story_can_be_stopped(tmp_path, run):
    steady = put(tmp_path, "middle.png", picture((slice(30, 66), slice(30, 66))), SURE)
    with pytest.raises(Cancelled):
        tell(Toy(run), [steady], should_stop=lambda: True)
