"""May this picture be judged at all?

Three questions in turn: what the file's DICOM tags say, if it has any (`tags`); plain checks that
a frontal chest X-ray of this kind cannot fail (`plain`); and a model fitted on the training
pictures alone (`model`), which tells how unlike them the picture is and whether it lies on its
side, is upside down, inverted or cropped. How often each kind of picture is refused stands in
``artifacts/gate/measured.json``, written by ``python -m pipeline gate measure``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.gate import plain
from pipeline.gate.model import GateModel, stored_model
from pipeline.gate.tags import check_tags
from pipeline.images import Picture, resize
from pipeline.tags import Tags, years

__all__ = ["KINDS", "Gate", "GateModel", "Tags", "check", "check_tags", "stored_model", "years"]

# The three questions, as they are counted.
KINDS = ("tags", "plain", "model")


@dataclass(frozen=True)
class Gate:
    """Whether a picture is accepted.

    Attributes
    ----------
    reasons : sentences, empty if it is.
    kinds : which of `KINDS` they answer, for those who count refusals.
    """

    accepted: bool
    reasons: tuple[str, ...]
    kinds: tuple[str, ...] = field(default=(), compare=False)


def check(picture: Picture, model: GateModel | None = None) -> Gate:
    """Look for signs that `picture` is no frontal chest radiograph of a small child.

    Parameters
    ----------
    picture : with what its DICOM header says of it, if it has one.
    model : the fitted one that is stored with the artifacts, unless another is given.

    Raises
    ------
    GateError : if no model is given and none is stored.
    """
    model = model or stored_model()
    small = resize(picture.image, plain.SIDE_PX)
    looks, has_contrast = plain.check(picture, small)
    found = {
        "tags": check_tags(picture.tags) if picture.tags else (),
        "plain": looks,
        # Without contrast the model would only speak of the noise.
        "model": model.check(small) if has_contrast else (),
    }
    reasons = tuple(reason for kind in KINDS for reason in found[kind])
    return Gate(not reasons, reasons, tuple(kind for kind in KINDS if found[kind]))
