"""What a TensorBoard tag means: which figure, of which side, counted in what.

=================================  ====================  =====================
tag                                figure                 counted in
=================================  ====================  =====================
``epoch_loss`` (Keras)             by the folder's side   epochs, from 0
``batch_loss`` (Keras)             by the folder's side   batches
``evaluation_loss_vs_iterations``  ``val_loss``           steps
``Loss/train``, ``train/loss``     ``Loss``, ``loss``     steps
``Loss/val``, ``valid/loss``       ``val_Loss``, ...      steps
``eval/loss`` (Hugging Face)       ``val_loss``           steps
``train_loss``, ``val_loss``       ``loss``, ``val_loss`` steps
``train_loss_epoch`` (Lightning)   ``loss``               steps
``train_loss_step`` (Lightning)    ``loss``               batches
``test/loss``                      ``test_loss``          steps
anything else                      as it is               steps
=================================  ====================  =====================

The folders ``train`` and ``validation`` of Keras are the two sides of one run; ``val``, ``valid``
and ``eval`` mean the same. A test is no validation: it keeps its name. `pipeline.foreign.names`
then turns figures into ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SIDES = {
    "train": "",
    "training": "",
    "val": "val_",
    "valid": "val_",
    "validation": "val_",
    "eval": "val_",
    "test": "test_",
}

_EVALUATION = re.compile(r"evaluation_(.+)_vs_iterations")


@dataclass(frozen=True)
class Meaning:
    """Of a tag: the figure's name with the prefix of its side, and what its steps count.

    `counts` is ``epochs``, ``steps``, ``batches`` or ``evaluations`` (Keras' second copy of what
    it has by epoch).
    """

    figure: str
    counts: str


def meaning(tag: str, folder: str | None = None) -> Meaning:
    """Return what `tag` means.

    Parameters
    ----------
    folder : name of the folder of the file, where it is one of `SIDES`.
    """
    side = SIDES.get(folder or "", "")
    if found := _EVALUATION.fullmatch(tag):
        return Meaning(f"val_{found[1]}", "evaluations")
    for prefix, counts in (("epoch_", "epochs"), ("batch_", "batches")):
        if tag.startswith(prefix) and tag != prefix:
            return Meaning(side + tag.removeprefix(prefix), counts)
    parts = [part for part in tag.split("/") if part]
    told = [part.lower() for part in parts if part.lower() in SIDES]
    if len(told) == 1 and len(parts) > 1:
        side = SIDES[told[0]]
        parts = [part for part in parts if part.lower() not in SIDES]
    stem, counts = _counted("_".join(parts) or tag)
    words = stem.split("_")
    for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
        if not told and rest and word.lower() in SIDES:
            return Meaning(SIDES[word.lower()] + "_".join(rest), counts)
    return Meaning(side + stem, counts)


def distinct(tags: Iterable[str]) -> dict[str, str]:
    """Return the figure of each tag or column, for a source that says elsewhere what it counts.

    Where two mean the same, both keep their own names.
    """
    meant = {tag: meaning(tag) for tag in tags}
    figures = {tag: told.figure if told.counts == "steps" else tag for tag, told in meant.items()}
    times = Counter(figures.values())
    return {tag: figure if times[figure] == 1 else tag for tag, figure in figures.items()}


def _counted(stem: str) -> tuple[str, str]:
    """Take Lightning's ending off a name."""
    for ending, counts in (("_epoch", "steps"), ("_step", "batches")):
        if stem.endswith(ending) and stem != ending:
            return stem.removesuffix(ending), counts
    return stem, "steps"
