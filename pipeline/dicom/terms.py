"""The four tags that are kept, in the words of the standard only.

View and body part are free enough to hold a name. What is no defined term is kept as
`pipeline.tags.ANOTHER`: that it is said, not what.

References
----------
DICOM PS3.3, sections C.7.3.1.1.1 (modality), C.8.7.1 and C.8.11.5 (view position); PS3.16,
CID 4010 (views of digital X-ray), CID 4 and annex L (regions of the body).
"""

from __future__ import annotations

import re
from datetime import date

from pipeline.dicom.elements import Elements, first_item
from pipeline.dicom.values import text
from pipeline.errors import ImageError
from pipeline.tags import ANOTHER, Tags, years

MODALITY, BODY_PART, VIEW = 0x00080060, 0x00180015, 0x00185101
AGE, BIRTH, STUDY = 0x00101010, 0x00100030, 0x00080020
VIEW_CODES, REGION_CODES = 0x00540220, 0x00082218
_CODE = 0x00080100
TERM_TAGS = frozenset((MODALITY, BODY_PART, VIEW, AGE, BIRTH, STUDY, VIEW_CODES, REGION_CODES))

_MODALITIES = (
    "AR AS BI BMD CF CR CT CTPROTOCOL DG DM DOC DX EC ECG EPS ES FID FS GM HC HD IO IOL IVOCT IVUS "
    "KER KO LEN LP LS M3D MA MG MR MS NM OAM OCT OP OPM OPR OPT OPTBSV OPTENF OPV OSS OT PA PLAN "
    "POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT RWV SEG SM SMR SR SRF ST "
    "STAIN TG US VA VF XA XAPROTOCOL XC"
)
_BODY_PARTS = (
    "ABDOMEN ABDOMENPELVIS ANKLE ARM BREAST CALCANEUS CHEST CHESTABDOMEN CHESTABDPELVIS CLAVICLE "
    "COCCYX CSPINE CTSPINE ELBOW EXTREMITY FEMUR FINGER FOOT FOREARM HAND HEAD HEADNECK HEART HIP "
    "HUMERUS JAW KNEE LEG LOWERLEG LSPINE LSSPINE LUNG MAXILLA NECK NECKCHEST NECKCHESTABDOMEN "
    "ORBIT PELVIS PHANTOM RIB SCAPULA SHOULDER SINUS SKULL SPINE SSPINE STERNUM THIGH THORAX THUMB "
    "TLSPINE TOE TSPINE UPARM WHOLEBODY WRIST ZYGOMA"
)
MODALITIES = frozenset(_MODALITIES.split())
BODY_PARTS = frozenset(_BODY_PARTS.split())
VIEWS = frozenset(("AP", "PA", "LL", "RL", "LLD", "RLD", "LLO", "RLO", "LATERAL"))
_CHESTS = ("CHEST", "THORAX", "LUNG")
# SNOMED CT, and the codes of SNOMED RT that older files use.
_VIEWS_BY_CODE = {
    "399348003": "AP",
    "R-10206": "AP",
    "272479007": "PA",
    "R-10214": "PA",
    "R-40888": "PA",
    "399033003": "AP",  # frontal, from which side is not told: both are accepted
    "R-10202": "AP",
    "399067008": "LATERAL",
    "R-102CD": "LATERAL",
    "399173006": "LL",
    "R-10236": "LL",
    "399198007": "RL",
    "R-10232": "RL",
}
_CHEST_CODES = frozenset(
    ("51185008", "T-D3000", "816094009", "43799004", "T-D3200", "39607008", "T-28000")
)
_DAY = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")
# Of older people the age alone can tell who they are (HIPAA, 45 CFR 164.514(b)(2)(i)(C)).
_OLDEST_TOLD = 90


def read_tags(elements: Elements, notes: list[str]) -> Tags:
    """Return what is kept of the header; how the age was come by is added to `notes`."""
    modality = text(elements, MODALITY).upper()
    return Tags(
        age_years=_age(elements, notes),
        view=_view(elements),
        body_part=_body_part(elements),
        modality=modality if modality in MODALITIES else None,
    )


def _view(elements: Elements) -> str | None:
    told = text(elements, VIEW).upper()
    if not told:
        code = _code(elements, VIEW_CODES)
        return _VIEWS_BY_CODE.get(code, ANOTHER) if code else None
    return "LATERAL" if told in ("LAT", "LATERAL") else told if told in VIEWS else ANOTHER


def _body_part(elements: Elements) -> str | None:
    told = text(elements, BODY_PART).upper()
    if not told:
        code = _code(elements, REGION_CODES)
        return ("CHEST" if code in _CHEST_CODES else ANOTHER) if code else None
    if told in BODY_PARTS:
        return told
    # Hospitals write "CHEST PA" and "THORAX_2 EB.", too.
    first = re.split(r"[^A-Z]", told)[0]
    return first if first in _CHESTS else ANOTHER


def _code(elements: Elements, tag: int) -> str:
    if tag not in elements:
        return ""
    try:
        return text(first_item(elements[tag], (_CODE,)), _CODE).upper()
    except ImageError:  # a picture is not refused for a damaged remark beside it
        return ""


def _age(elements: Elements, notes: list[str]) -> float | None:
    told = years(text(elements, AGE))
    if told is None:
        birth, study = (_day(text(elements, tag)) for tag in (BIRTH, STUDY))
        if birth is None or study is None or birth > study:
            return None
        before_birthday = (study.month, study.day) < (birth.month, birth.day)
        told = float(study.year - birth.year - before_birthday)
        notes.append("Age in whole years worked out from two dates, which are not kept.")
    # 200 years are no age but a slip; `Tags` would refuse it.
    return min(told, float(_OLDEST_TOLD)) if told < 200 else None


def _day(told: str) -> date | None:
    match = _DAY.fullmatch(told)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
