"""Reports of every kind, written as DICOM once and read again by pydicom."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pydicom
import pytest

from pipeline.classifier import Classifier
from pipeline.explain import EXPLAINERS
from pipeline.images import Picture, encode_png, read_picture
from pipeline.report import Report, Shown, as_dicom
from pipeline.tags import Tags

NOW = datetime(2031, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
KINDS = ("explained", "alone", "refused", "adult", "odd")


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def parsed() -> Callable[[bytes], pydicom.Dataset]:
    return lambda content: pydicom.dcmread(io.BytesIO(content))


@pytest.fixture(scope="session")
def reports(judged, explained, knows_a_block, radiograph) -> dict[str, Report]:
    """`KINDS`: a full report, a verdict alone, a refused picture that somebody wanted judged all
    the same, an adult's with strange tags and no measure of trust, and one of an odd number of
    pixels by a method without fit and intervals.
    """
    picture, run, verdict, prepared = judged
    classifier = Classifier(run)

    def refused(tags: Tags, reason: str) -> Report:
        other = replace(read_picture(encode_png(255 - radiograph)), tags=tags)
        told = classifier.judge(other)
        assert not told.gate.accepted
        return Report(other, run, told, reason)

    def odd(picture: Picture) -> Report:
        told = EXPLAINERS["occlusion"](knows_a_block, prepared, run=run.name, segments="grid")
        return Report(picture, run, classifier.judge(picture), None, told, shown=Shown(mask=True))

    return {
        "explained": explained,
        "alone": Report(picture, run, verdict),
        "refused": refused(Tags(1.5, "AP", "CHEST", "DX"), "Because Jane Doe asked for it"),
        "adult": replace(
            refused(Tags(95.0, "LL", "LEFT BIG TOE", "CR"), "To see"),
            explanation=explained.explanation,
            shown=replace(explained.shown, mask=False, heat=False),
        ),
        "odd": odd(read_picture(encode_png(radiograph[:599, :799]))),
    }


@pytest.fixture(scope="session")
def written(reports) -> dict[str, dict[str, bytes]]:
    """The files of every report: kind, then file name."""
    return {kind: as_dicom(report, NOW) for kind, report in reports.items()}


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param
