"""A run that can be called gives the answers its network and its run.json define."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.classifier import BATCH, Classifier
from pipeline.config import PNEUMONIA, Paths
from pipeline.dataset import index, index_labelled
from pipeline.errors import DatasetError, ImageError, RunError
from pipeline.images import encode_jpeg, encode_png, read_picture
from pipeline.runs import default_run, open_run


@pytest.fixture
def classifier(brightness_run):
    return Classifier(open_run(brightness_run.parent, brightness_run.name))


def expected(image: np.ndarray) -> float:
    """What `brightness_run` must answer: see its docstring."""
    return 1 / (1 + np.exp(-(image.mean() - 100) / 40))


def shades(radiograph: np.ndarray, count: int) -> list[np.ndarray]:
    return [(radiograph * scale).astype(np.uint8) for scale in np.linspace(0.4, 1.2, count)]


def change(folder, **changes) -> None:
    document = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**document, **changes}))


def test_the_probability_is_the_networks_calibrated(classifier, radiograph):
    for image in shades(radiograph, 5):
        verdict = classifier.judge(encode_png(image))
        assert verdict.probability == pytest.approx(expected(image), abs=0.005)
        assert verdict.decision == ("PNEUMONIA" if verdict.probability >= 0.5 else "NORMAL")
        assert verdict.run == "brightness"


def test_bytes_file_and_picture_get_the_same_verdict(classifier, radiograph, tmp_path):
    data = encode_png(radiograph)
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    verdict = classifier.judge(data)
    assert classifier.judge(path) == classifier.judge(str(path)) == verdict
    assert classifier.judge(read_picture(data)) == verdict


def test_the_operating_point_decides(classifier, radiograph):
    image = shades(radiograph, 5)[1]
    assert 0.2 < expected(image) < 0.5
    assert classifier.judge(encode_png(image)).decision == "NORMAL"
    verdict = classifier.judge(encode_png(image), "sensitivity_95")
    assert (verdict.decision, verdict.threshold) == ("PNEUMONIA", 0.2)
    assert verdict.operating_point == "sensitivity_95"


def test_an_unknown_operating_point_names_those_that_exist(classifier, radiograph):
    for ask in (classifier.judge, lambda data, point: classifier.judge_all([data], point)):
        with pytest.raises(RunError, match=r"'best'.*balanced, sensitivity_95"):
            ask(encode_png(radiograph), "best")


def test_a_refused_picture_still_carries_its_score(classifier, radiograph):
    verdict = classifier.judge(encode_png(255 - radiograph))
    assert not verdict.gate.accepted
    assert verdict.probability == pytest.approx(expected(255 - radiograph), abs=0.005)


def test_many_pictures_are_judged_in_order_and_errors_keep_their_place(classifier, radiograph):
    files = [encode_png(image) for image in shades(radiograph, 2 * BATCH + 3)]
    files[4] = files[BATCH] = b"no picture"
    answers = list(classifier.judge_all(iter(files)))
    assert len(answers) == len(files)
    for data, answer in zip(files, answers, strict=True):
        if data == b"no picture":
            assert isinstance(answer, ImageError)
        else:
            alone = classifier.judge(data)
            assert answer.sha256 == alone.sha256
            assert answer.probability == pytest.approx(alone.probability, abs=1e-6)


def test_pictures_are_taken_only_as_they_are_needed(classifier, radiograph):
    data, taken = encode_png(radiograph), []
    answers = classifier.judge_all(taken.append(i) or data for i in range(1000))
    next(answers)
    assert len(taken) <= 2 * BATCH


def test_no_pictures_give_no_verdicts(classifier):
    assert list(classifier.judge_all([])) == []
    assert classifier.probabilities(np.empty((0, 64, 64), np.uint8)).shape == (0, 2)


def test_threads_share_a_classifier(classifier, radiograph):
    files = [encode_jpeg(image) for image in shades(radiograph, 12)]
    alone = [classifier.judge(data) for data in files]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(classifier.judge, files * 4)) == alone * 4


def test_images_of_another_size_are_a_callers_mistake(classifier):
    with pytest.raises(ValueError, match=r"Expected images \(N, 64, 64\). Received: \(1, 32, 32\)"):
        classifier.probabilities(np.zeros((1, 32, 32)))


def test_rows_of_probabilities_sum_to_one(classifier, radiograph):
    images = np.stack([classifier.prepare(image) for image in shades(radiograph, 3)])
    probabilities = classifier.probabilities(images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (np.diff(probabilities[:, PNEUMONIA]) > 0).all()


def test_a_changed_network_is_refused(brightness_run):
    path = brightness_run / "model.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(RunError, match=r"damaged, or not the one.*Restore"):
        Classifier(open_run(brightness_run.parent, brightness_run.name))


@pytest.mark.parametrize("content", [b"", b"no network at all", b"\x08\x0a" * 50])
def test_a_network_that_cannot_be_loaded_is_a_run_error(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(RunError, match="cannot be loaded"):
        Classifier.raw_logits(path, np.zeros((1, 64, 64)))


def test_half_a_network_is_a_run_error(brightness_run):
    path = brightness_run / "model.onnx"
    content = path.read_bytes()
    for length in range(1, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(RunError, match="cannot be loaded"):
            Classifier.raw_logits(path, np.zeros((1, 64, 64)))


def test_an_unfinished_run_cannot_judge(brightness_run):
    change(brightness_run, status="unfinished")
    with pytest.raises(RunError, match="no exported network"):
        Classifier(open_run(brightness_run.parent, brightness_run.name))


def test_a_run_without_calibration_is_damaged(brightness_run):
    document = json.loads((brightness_run / "run.json").read_text())
    del document["calibration"]
    (brightness_run / "run.json").write_text(json.dumps(document))
    with pytest.raises(RunError, match="lacks calibration"):
        Classifier(open_run(brightness_run.parent, brightness_run.name))


@pytest.mark.slow
def test_an_original_and_its_small_copy_get_the_same_verdict():
    """The 16 official validation pictures, at full resolution and as 224 px copies.

    XRAY_SAMPLES holds the originals (`python -m pipeline data fetch samples`), XRAY_DATASET the
    copies.
    """
    paths = Paths.from_environment()
    try:
        classifier = Classifier(default_run(paths.runs))
        copies = {item.name: item.path for item in index(paths.dataset, splits=("val",))}
        originals = {item.name: item.path for item in index_labelled(paths.samples)}
    except (DatasetError, RunError) as error:
        pytest.skip(str(error))
    names = sorted(originals.keys() & copies.keys())
    if read_picture(copies[names[0]]).image.shape == read_picture(originals[names[0]]).image.shape:
        pytest.skip("XRAY_DATASET holds the originals, not their 224 px copies")
    assert len(names) == 16
    pairs = [(classifier.judge(originals[name]), classifier.judge(copies[name])) for name in names]
    difference = np.mean([abs(a.probability - b.probability) for a, b in pairs])
    assert difference < 0.03
