"""A judged and an explained picture, as whoever reports them has them."""

import numpy as np
import pytest

from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.explain import EXPLAINERS
from pipeline.explain.trust import assess
from pipeline.images import encode_png, read_picture
from pipeline.report import Report, Shown
from pipeline.runs import default_run


def _contrast(images: np.ndarray) -> np.ndarray:
    score = 1 / (1 + np.exp(3 - images[:, 60:90, 40:70].astype(float).std(axis=(1, 2)) / 4))
    return np.stack([1 - score, score], axis=1)


@pytest.fixture(scope="session")
def knows_a_block():
    """A predict function: the contrast inside one block, as a probability."""
    return _contrast


@pytest.fixture(scope="session")
def judged(radiograph):
    run = default_run(Paths.from_environment().runs)
    picture = read_picture(encode_png(radiograph))
    classifier = Classifier(run)
    return picture, run, classifier.judge(picture), classifier.prepare(picture.image)


@pytest.fixture(scope="session")
def explained(judged, knows_a_block) -> Report:
    picture, run, verdict, prepared = judged
    explanation = EXPLAINERS["lime"](
        knows_a_block, prepared, run=run.name, samples=300, segments="grid"
    )
    trust = assess(knows_a_block, prepared, explanation)
    shown = Shown(mask=True, heat=True, k=3, samples=300)
    return Report(picture, run, verdict, None, explanation, trust, shown)
