"""What a reader must know of a DICOM picture beside its pixels."""

from __future__ import annotations

from pipeline.dicom.elements import Elements
from pipeline.dicom.values import text, texts

BURNED_IN, CONVERSION, CLASS, INTENT = 0x00280301, 0x00080064, 0x00080016, 0x00080068
ORIENTATION, LOSSY, OVERLAY = 0x00200020, 0x00282110, 0x60003000
CAUTION_TAGS = frozenset((BURNED_IN, CONVERSION, CLASS, INTENT, ORIENTATION, LOSSY, OVERLAY))
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
# Along a row towards the patient's left, along a column towards the feet; lesser directions
# may follow each letter.
_USUAL = ["L", "F"]


def read_cautions(elements: Elements) -> list[str]:
    """Return a sentence for each."""
    found = []
    burned_in = text(elements, BURNED_IN).upper()
    captured = CONVERSION in elements or text(elements, CLASS).startswith(_SECONDARY_CAPTURE)
    if burned_in == "YES":
        found.append("The file says that text is burned into the picture: look for names in it.")
    elif captured and burned_in != "NO":
        found.append(
            "The picture was captured, and the file does not say whether text is burned into it: "
            "look for names in it."
        )
    if text(elements, INTENT).upper() == "FOR PROCESSING":
        found.append("This is the detector's raw picture, not the one that is made for reading.")
    turned = [part.upper()[:1] for part in texts(elements, ORIENTATION)[:2]]
    if len(turned) == 2 and all(turned) and turned != _USUAL:
        found.append("The file says that the picture lies otherwise than usual; shown as stored.")
    if text(elements, LOSSY) == "01":
        found.append(
            "The file says that it was compressed with loss: near the threshold, the original may "
            "be called otherwise."
        )
    if OVERLAY in elements:
        found.append("Drawings that lie over the picture in the file are not shown.")
    return found
