"""What a structured report measures: the verdict, its explanation, and every highlighted part."""

from __future__ import annotations

import math
from collections.abc import Iterable

import highdicom.sr as sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes as standard
from pydicom.sr.coding import Code

from pipeline.classifier import Verdict
from pipeline.config import CLASS_NAMES
from pipeline.explain.trust import Trust
from pipeline.report import wording
from pipeline.report.contents import Report
from pipeline.report.dicom import codes
from pipeline.report.dicom.identity import MAKER, Identity, uid
from pipeline.report.dicom.regions import outlines
from pipeline.report.drawing import highlighted
from pipeline.report.numbers import versions
from pipeline.statements import FIGURE_NAMES, operating_point


def verdict(report: Report, identity: Identity, picture: Dataset):
    """Return what the run says of the picture, and whether it should have been asked."""
    told, run = report.verdict, report.run
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracked("Verdict", "verdict", identity),
        finding_type=codes.PNEUMONIA,
        algorithm_id=sr.AlgorithmIdentification(
            name=run.name,
            version=run.document["model_sha256"],
            family=standard.cid7162.ArtificialIntelligence,
            manufacturer=MAKER,
            parameters=[f"temperature: {run.temperature}"],
        ),
        measurements=[
            number(codes.PROBABILITY, told.probability, method=codes.TEMPERATURE),
            number(codes.THRESHOLD, told.threshold),
        ],
        qualitative_evaluations=list(_verdict_evaluations(report)),
        source_images=[sr.SourceImageForMeasurementGroup(*_reference(picture))],
    )
    point = (codes.OPERATING_POINT, operating_point(told.operating_point))
    said = [*_refusal(told), f"{wording.call(report)}.", wording.probability(report)]
    said.append(_test(report))
    return _with_texts(group, [point, *((codes.COMMENT, one) for one in said)])


def _verdict_evaluations(report: Report) -> Iterable[sr.QualitativeEvaluation]:
    called = codes.CLASSES[CLASS_NAMES.index(report.verdict.decision)]
    yield sr.QualitativeEvaluation(codes.INTERPRETATION, called)
    yield _yes_no(codes.UNSURE, report.unsure)
    yield _yes_no(codes.ACCEPTED, report.verdict.gate.accepted)
    if report.override is not None:
        # That there was a reason, not which: what somebody typed may name a patient.
        yield _yes_no(codes.OVERRIDDEN, True)


def _refusal(told: Verdict) -> list[str]:
    if told.gate.accepted:
        return []
    return [
        "The gate refuses this picture; do not weigh the verdict. " + " ".join(told.gate.reasons)
    ]


def _test(report: Report) -> str:
    found = report.test
    if found is None:
        accepted = report.verdict.gate.accepted
        return wording.WITHOUT_TEST if accepted else wording.REFUSED_TEST
    figures = "; ".join(
        f"{FIGURE_NAMES[name]} {own['value']:.3f} ({own['low']:.3f} to {own['high']:.3f}, "
        f"n = {own['n']})"
        for name in ("sensitivity", "specificity")
        for own in [found["figures"][name]]
    )
    return f"On the official test set, at this operating point, with 95 % intervals: {figures}."


def explanation(report: Report, identity: Identity, picture: Dataset, overlay: Dataset | None):
    """Return how the verdict was explained, and how far to trust that.

    Parameters
    ----------
    overlay : the picture that shows it, if there is one.
    """
    told, measured = report.explanation, report.trust
    figures = [number(codes.STABILITY, told.stability), number(codes.SAMPLES, told.samples)]
    if not math.isnan(told.fidelity_r2):
        figures.append(number(codes.FIDELITY, told.fidelity_r2))
    evaluations = [
        sr.QualitativeEvaluation(codes.TARGET, codes.CLASSES[told.target]),
        _yes_no(codes.SETTLED, told.settled),
    ]
    said = [wording.MEANING, f"{wording.strongest(told)}."]
    if measured is None:
        said.append(wording.WITHOUT_TRUST)
    else:
        figures += _trust(measured)
        kind = codes.TRUSTED[measured.verdict.kind]
        evaluations.append(sr.QualitativeEvaluation(codes.TRUST, kind))
        said.append(" ".join([measured.verdict.sentence, *measured.verdict.reasons]))
    if report.command:
        said.append(f"{wording.REPEAT} {report.command}")
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracked("Explanation", "explanation", identity),
        finding_type=codes.EXPLANATION,
        algorithm_id=_method(report),
        measurements=figures,
        qualitative_evaluations=evaluations,
        source_images=[sr.SourceImageForMeasurementGroup(*_reference(picture))],
    )
    if overlay is not None:
        group[0].ContentSequence.append(
            sr.ImageContentItem(
                codes.EXPLANATION, *_reference(overlay), relationship_type="CONTAINS"
            )
        )
    return _with_texts(group, [(codes.COMMENT, one) for one in said])


def _trust(measured: Trust) -> Iterable[sr.Measurement]:
    for own, random, curve in (
        (codes.DELETION, codes.DELETION_RANDOM, measured.deletion),
        (codes.INSERTION, codes.INSERTION_RANDOM, measured.insertion),
    ):
        yield number(own, curve.area)
        yield number(random, curve.random_area, low=curve.random_low, high=curve.random_high)
    shares = [
        (codes.OUTSIDE, measured.outside_share),
        (codes.BORDER, measured.border_share),
        (codes.WITHOUT_BORDER, measured.without_border),
    ]
    if measured.marker >= 0:
        shares.append((codes.WITHOUT_MARKER, measured.without_marker))
    # Where nothing speaks for the class, no share of it lies anywhere.
    yield from (number(name, value) for name, value in shares if not math.isnan(value))


def regions(report: Report, identity: Identity, picture: Dataset):
    """Return the highlighted superpixels as regions of the grey picture, the strongest first.

    A superpixel in several pieces gives a region each, of one tracking identifier: template
    TID 1410 has one line a region. The weight is that of all of them.
    """
    told = report.explanation
    source = sr.SourceImageForRegion(*_reference(picture))
    for label in map(int, highlighted(report)):
        weight, margin = float(told.weights[label]), float(told.margins[label])
        # A method that draws nothing has no intervals.
        bounds = {"low": weight - margin, "high": weight + margin} if told.margins.any() else {}
        for line in outlines(told.segments == label, picture.Rows, picture.Columns):
            yield sr.PlanarROIMeasurementsAndQualitativeEvaluations(
                tracking_identifier=_tracked(f"Superpixel {label}", str(label), identity),
                referenced_region=sr.ImageRegion("POLYLINE", line, source),
                finding_type=codes.EXPLANATION,
                measurements=[number(codes.WEIGHTS[told.unit], weight, **bounds)],
                qualitative_evaluations=[
                    sr.QualitativeEvaluation(
                        codes.DIRECTION, codes.FOR if weight > 0 else codes.AGAINST
                    )
                ],
            )


def number(
    name: Code,
    value: float,
    *,
    low: float | None = None,
    high: float | None = None,
    method: Code | None = None,
) -> sr.Measurement:
    """Return a figure without a unit, with its interval as the widths below and above it."""
    uncertainty = None
    if low is not None and high is not None:
        uncertainty = sr.MeasurementProperties(
            upper_measurement_uncertainty=high - value, lower_measurement_uncertainty=value - low
        )
    return sr.Measurement(name, value, codes.NO_UNIT, method=method, properties=uncertainty)


def _method(report: Report) -> sr.AlgorithmIdentification:
    """Name the explaining method with its settings; its version is that of what it is made of."""
    (_, name), *settings = wording.settings(report)
    return sr.AlgorithmIdentification(
        name=name,
        version=", ".join(f"{package} {number}" for package, number in versions().items()),
        manufacturer=MAKER,
        parameters=[f"{title}: {value}" for title, value in settings],
    )


def _yes_no(name: Code, answer: bool) -> sr.QualitativeEvaluation:
    return sr.QualitativeEvaluation(name, codes.YES if answer else codes.NO)


def _tracked(title: str, part: str, identity: Identity) -> sr.TrackingIdentifier:
    return sr.TrackingIdentifier(uid("tracked", identity.report, part), title)


def _reference(image: Dataset) -> tuple[str, str]:
    return image.SOPClassUID, image.SOPInstanceUID


def _with_texts(group, texts: Iterable[tuple[Code, str]]):
    """Add qualitative evaluations in words, which highdicom cannot be told when it makes a group.

    Both templates, TID 1501 and 1410, have them as TEXT beside the coded ones.
    """
    group[0].ContentSequence.extend(
        sr.TextContentItem(name, text, relationship_type="CONTAINS") for name, text in texts
    )
    return group
