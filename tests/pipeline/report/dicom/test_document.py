"""The structured report, read again by highdicom: every figure is found, and no other."""

import io
import math
from dataclasses import replace

import highdicom.sr as sr
import numpy as np
import pytest
from pydicom.sr.codedict import codes as standard

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.explain import Explanation
from pipeline.explain.explanation import painted
from pipeline.report import Shown, as_dicom, wording
from pipeline.report.dicom import DOCUMENT, OVERLAY, PICTURE, codes
from pipeline.report.drawing import highlighted
from pipeline.statements import NOTICE


@pytest.fixture
def document(written, kind) -> sr.ComprehensiveSR:
    return sr.srread(io.BytesIO(written[kind][DOCUMENT]))


def group(document: sr.ComprehensiveSR, name: str):
    (found,) = [
        one
        for one in document.content.get_image_measurement_groups()
        if one.tracking_identifier == name
    ]
    return found


def figures(group) -> dict:
    return {one.name: one.value for one in group.get_measurements()}


def answers(group) -> dict:
    return {one.name: one.value for one in group.get_qualitative_evaluations()}


def texts(item) -> list[str]:
    found = [item.TextValue] if item.ValueType == "TEXT" else []
    return found + [text for one in item.get("ContentSequence", ()) for text in texts(one)]


def uncertainty(measurement) -> tuple[float, float]:
    """Return the widths below and above."""
    widths = {
        one.name.value: one.value
        for one in measurement[0].ContentSequence
        if one.relationship_type.value == "HAS PROPERTIES"
    }
    return widths["371885007"], widths["371886008"]


def test_it_is_a_measurement_report_of_the_three_objects_study(document, written, parsed, kind):
    assert isinstance(document, sr.ComprehensiveSR)
    assert isinstance(document.content, sr.MeasurementReport)
    images = [parsed(written[kind][name]) for name in (PICTURE, OVERLAY) if name in written[kind]]
    assert document.get_evidence() == [
        (one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID, one.SOPClassUID)
        for one in images
    ]
    assert document.StudyInstanceUID == images[0].StudyInstanceUID
    assert document.SpecificCharacterSet == "ISO_IR 192"
    assert (document.CompletionFlag, document.VerificationFlag) == ("COMPLETE", "UNVERIFIED")


def test_a_device_observed_and_it_is_the_network(document, reports, kind):
    (observer,) = document.content.get_observer_contexts()
    run, device = reports[kind].run, observer.observer_identifying_attributes
    assert observer.observer_type == standard.DCM.Device
    assert (device.name, device.model_name) == (run.name, run.document["architecture"])
    assert device.serial_number == run.document["model_sha256"]


def test_the_verdict_is_found_again(document, reports, kind):
    report = reports[kind]
    verdict = group(document, "Verdict")
    assert verdict.finding_type == codes.PNEUMONIA
    assert figures(verdict) == {
        codes.PROBABILITY: report.verdict.probability,
        codes.THRESHOLD: report.verdict.threshold,
    }
    assert all(one.unit == standard.UCUM.NoUnits for one in verdict.get_measurements())
    answered = answers(verdict)
    called = {"NORMAL": standard.SCT.Normal, "PNEUMONIA": codes.PNEUMONIA}
    assert answered[codes.INTERPRETATION] == called[report.verdict.decision]
    assert answered[codes.UNSURE] == (codes.YES if report.unsure else codes.NO)
    said = texts(verdict[0])
    assert report.run.name in said
    assert report.run.document["model_sha256"] in said
    assert wording.probability(report) in said


def test_both_calls_can_be_told(reports, parsed):
    for decision in CLASS_NAMES:
        report = replace(
            reports["alone"], verdict=replace(reports["alone"].verdict, decision=decision)
        )
        document = sr.ComprehensiveSR.from_dataset(parsed(as_dicom(report)[DOCUMENT]))
        called = answers(group(document, "Verdict"))[codes.INTERPRETATION]
        assert called.meaning.upper() == decision


def test_the_gate_and_a_reader_who_overrode_it_are_told(written, reports):
    def gate(kind: str) -> tuple:
        document = sr.srread(io.BytesIO(written[kind][DOCUMENT]))
        verdict = group(document, "Verdict")
        answered = answers(verdict)
        return answered[codes.ACCEPTED], answered.get(codes.OVERRIDDEN), " ".join(texts(verdict[0]))

    accepted, overridden, said = gate("explained")
    assert (accepted, overridden) == (codes.YES, None)
    assert "refuses" not in said
    assert f"n = {reports['explained'].test['figures']['sensitivity']['n']}" in said
    accepted, overridden, said = gate("refused")
    assert (accepted, overridden) == (codes.NO, codes.YES)
    assert all(reason in said for reason in reports["refused"].verdict.gate.reasons)
    assert wording.REFUSED_TEST in said


def test_how_far_to_trust_the_explanation_is_found_again(written, reports):
    document = sr.srread(io.BytesIO(written["explained"][DOCUMENT]))
    told, trust = reports["explained"].explanation, reports["explained"].trust
    explanation = group(document, "Explanation")
    assert explanation.finding_type == standard.DCM.VisualExplanation
    expected = {
        codes.STABILITY: told.stability,
        codes.SAMPLES: told.samples,
        codes.FIDELITY: told.fidelity_r2,
        codes.DELETION: trust.deletion.area,
        codes.DELETION_RANDOM: trust.deletion.random_area,
        codes.INSERTION: trust.insertion.area,
        codes.INSERTION_RANDOM: trust.insertion.random_area,
        codes.OUTSIDE: trust.outside_share,
        codes.BORDER: trust.border_share,
        codes.WITHOUT_BORDER: trust.without_border,
    }
    if trust.marker >= 0:
        expected[codes.WITHOUT_MARKER] = trust.without_marker
    found = figures(explanation)
    assert found == {name: value for name, value in expected.items() if not math.isnan(value)}
    (random,) = explanation.get_measurements(codes.DELETION_RANDOM)
    below, above = uncertainty(random)
    assert trust.deletion.random_area - below == pytest.approx(trust.deletion.random_low)
    assert trust.deletion.random_area + above == pytest.approx(trust.deletion.random_high)
    assert answers(explanation) == {
        codes.TARGET: codes.PNEUMONIA,
        codes.SETTLED: codes.YES if told.settled else codes.NO,
        codes.TRUST: codes.TRUSTED[trust.verdict.kind],
    }
    said = texts(explanation[0])
    for sentence in (
        wording.METHODS["lime"],
        f"Seed: {told.seed}",
        "Superpixels: ",
        *(trust.verdict.sentence, *trust.verdict.reasons, reports["explained"].command),
    ):
        assert any(sentence in one for one in said)


def test_an_explanation_that_was_not_measured_says_so(written):
    document = sr.srread(io.BytesIO(written["odd"][DOCUMENT]))
    explanation = group(document, "Explanation")
    assert wording.WITHOUT_TRUST in texts(explanation[0])
    assert codes.TRUST not in answers(explanation)
    assert codes.FIDELITY not in figures(explanation), "this method fits nothing"


def test_the_overlay_is_named_as_the_visual_explanation(written, parsed):
    document = sr.srread(io.BytesIO(written["explained"][DOCUMENT]))
    named = [
        one.referenced_sop_instance_uid
        for one in group(document, "Explanation")[0].ContentSequence
        if one.value_type.value == "IMAGE" and one.name == standard.DCM.VisualExplanation
    ]
    assert named == [parsed(written["explained"][OVERLAY]).SOPInstanceUID]


@pytest.mark.parametrize("kind", ["explained", "adult", "odd"])
def test_the_highlighted_superpixels_are_regions_of_the_grey_picture(
    document, reports, written, parsed, kind
):
    report = reports[kind]
    told, (height, width) = report.explanation, report.picture.image.shape
    picture = parsed(written[kind][PICTURE])
    regions = document.content.get_planar_roi_measurement_groups()
    labels = highlighted(report).tolist()
    assert [one.tracking_identifier for one in regions] == [f"Superpixel {one}" for one in labels]
    for label, region in zip(labels, regions, strict=True):
        (weight,) = region.get_measurements()
        assert weight.name == codes.WEIGHTS[told.unit]
        assert weight.value == told.weights[label]
        if told.margins.any():
            assert uncertainty(weight) == pytest.approx((told.margins[label],) * 2)
        side = codes.FOR if told.weights[label] > 0 else codes.AGAINST
        assert answers(region) == {codes.DIRECTION: side}
        line = region.roi.value
        np.testing.assert_array_equal(line[0], line[-1])
        assert line.min() >= 0
        assert (line <= (width, height)).all()
        # The middle of a line is about where the superpixel's is.
        rows, columns = np.nonzero(told.segments == label)
        middle = (np.array([columns.mean(), rows.mean()]) + 0.5) / len(told.segments)
        extent = (line.min(axis=0) + line.max(axis=0)) / 2 / (width, height)
        np.testing.assert_allclose(extent, middle, atol=0.05)
        source = region[0].ContentSequence[-1].ContentSequence[0]
        assert source.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == picture.SOPInstanceUID


def test_a_superpixel_in_two_pieces_gives_two_regions_of_one_name(reports, parsed):
    segments = np.zeros((64, 64), np.int32)
    segments[5:15, 5:15] = segments[40:60, 40:60] = 1
    weights = np.array([0.0, 2.0])
    told = Explanation(
        method="lime", run=reports["alone"].run.name, target=PNEUMONIA, segments=segments,
        weights=weights, margins=np.array([1.0, 0.5]), heat=painted(weights, segments),
        unit="probability", intercept=0.0, seed=0, samples=10, segmentation="own", fill="blur",
        fidelity_r2=0.5, stability=1.0, settled=True, probability=0.5, seconds=1.0,
    )  # fmt: skip
    report = replace(reports["alone"], explanation=told, shown=Shown(mask=True))
    document = sr.ComprehensiveSR.from_dataset(parsed(as_dicom(report)[DOCUMENT]))
    one, two = document.content.get_planar_roi_measurement_groups()
    assert one.tracking_uid == two.tracking_uid
    assert np.ptp(one.roi.value) > np.ptp(two.roi.value)
    assert one.get_measurements()[0].name == codes.WEIGHTS["probability"]


def test_it_says_once_that_it_is_no_medical_device(document):
    assert texts(document.content[0]).count(NOTICE) == 1


def test_own_terms_are_described_and_fit_their_fields(document):
    (scheme,) = document.CodingSchemeIdentificationSequence
    assert scheme.CodingSchemeDesignator == codes.SCHEME
    used = [one for one in document.iterall() if one.keyword in ("CodeValue", "CodeMeaning")]
    assert used
    assert all(len(one.value) <= (16 if one.keyword == "CodeValue" else 64) for one in used)
    own = [one for one in vars(codes).values() if isinstance(one, codes.Code)]
    own += [*codes.TRUSTED.values(), *codes.WEIGHTS.values()]
    own = [one for one in own if one.scheme_designator == codes.SCHEME]
    assert len({one.value for one in own}) == len(own) > 20
    assert all(len(one.value) <= 16 and len(one.meaning) <= 64 for one in own)
