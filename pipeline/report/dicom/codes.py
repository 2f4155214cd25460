"""The terms of a structured report: standard ones where there are any, else our own.

SNOMED CT and DICOM's own (PS3.16) have words for what is found and for the parts of a report. They
have none for the gate, for how faithful an explanation is, or for what to make of it: those are
coded in a scheme of this program's, which the file describes as DICOM asks.
"""

from __future__ import annotations

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from pipeline.explain import verdict

# Local schemes begin with 99 (PS3.16 8.2).
SCHEME, SCHEME_NAME = "99XRAYLOOK", "Looking into a chest X-ray classifier: own terms"


def _own(value: str, meaning: str) -> Code:
    return Code(value, SCHEME, meaning)


PNEUMONIA = Code("233604007", "SCT", "Pneumonia")
CHEST_XRAY = Code("399208008", "SCT", "Plain chest X-ray")
CLASSES = (codes.SCT.Normal, PNEUMONIA)
INTERPRETATION = codes.DCM.Interpretation
PROBABILITY = codes.DCM.Probability
THRESHOLD = codes.DCM.ThresholdValue
OPERATING_POINT = codes.DCM.CADOperatingPointDescription
EXPLANATION = codes.DCM.VisualExplanation
COMMENT = codes.DCM.Comment
NO_UNIT = codes.UCUM.NoUnits
YES, NO = codes.SCT.Yes, codes.SCT.No
# PS3.16 TID 1500, row 12.
QUALITATIVE = Code("C0034375", "UMLS", "Qualitative Evaluations")

TEMPERATURE = _own("TEMPERATURE", "Calibrated by temperature on held-out patients")
UNSURE = _own("UNSURE", "The run would rather make no call")
ACCEPTED = _own("GATE_ACCEPTED", "The gate accepts the picture for judging")
OVERRIDDEN = _own("GATE_OVERRIDDEN", "Judged all the same, for a reason that a reader gave")
TARGET = _own("EXPLAINED_CLASS", "Class that is explained")
SETTLED = _own("SETTLED", "Settled by the method's own rule")
SAMPLES = _own("SAMPLES", "Pictures judged to explain this one")
FIDELITY = _own("FIDELITY_R2", "Fidelity of the fit (R2), 1 is best")
STABILITY = _own("STABILITY", "Stability of the five strongest (Jaccard), 1 is best")
DELETION = _own("DELETION", "Deletion: area under the probability, low is good")
INSERTION = _own("INSERTION", "Insertion: area under the probability, high is good")
DELETION_RANDOM = _own("DELETION_RANDOM", "Deletion in random order")
INSERTION_RANDOM = _own("INSERTION_RANDOM", "Insertion in random order")
OUTSIDE = _own("OUTSIDE_SHARE", "Share of the evidence outside the chest field")
BORDER = _own("BORDER_SHARE", "Share of the evidence in the border ring")
WITHOUT_BORDER = _own("WITHOUT_BORDER", "Probability with the border blanked")
MARKER = _own("MARKER", "Strongest superpixel outside the chest field")
WITHOUT_MARKER = _own("WITHOUT_MARKER", "Probability without the strongest superpixel outside")
TRUST = _own("TRUST", "How far to trust the explanation")
TRUSTED = {
    verdict.STEADY: _own("STEADY", "Stable and faithful"),
    verdict.UNSTABLE: _own("UNSTABLE", "Unstable: do not interpret"),
    verdict.OUTSIDE: _own("OUTSIDE", "Evidence outside the lungs: do not rely on the call"),
}
DIRECTION = _own("DIRECTION", "Direction of the evidence")
FOR = _own("FOR", "For the explained class")
AGAINST = _own("AGAINST", "Against the explained class")
WEIGHTS = {
    "log odds": _own("WEIGHT_LOG_ODDS", "Weight of the superpixel in log odds"),
    "probability": _own("WEIGHT_PROB", "Weight of the superpixel in probability"),
}
