"""Which figure of another program is which of ours: the one table of synonyms.

``sensitivity`` is what others call recall or true positive rate. A figure that is in no table
keeps the name it has. A name goes with its twin: if ``acc`` is mapped, so is ``val_acc``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

OURS = {
    "loss": "loss",
    "accuracy": "accuracy",
    "acc": "accuracy",
    "binary_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "auc": "auc",
    "auroc": "auc",
    "roc_auc": "auc",
    "sensitivity": "sensitivity",
    "recall": "sensitivity",
    "tpr": "sensitivity",
    "true_positive_rate": "sensitivity",
    "specificity": "specificity",
    "tnr": "specificity",
    "true_negative_rate": "specificity",
    "objective": "objective",
    "learning_rate": "learning_rate",
    "lr": "learning_rate",
}
# The columns of history.csv that count instead of judging.
COUNTING = ("epoch", "step", "seconds")

_VALIDATION = "val_"
# Keras numbers the metrics of every further model of a session: auc_1, recall_2.
_NUMBERED = re.compile(r"(.+?)_\d+")
# Lightning's monitor of the learning rate names the optimiser: lr-Adam.
_RATE_OF = re.compile(r"lr-\w+")


def ours(names: Iterable[str]) -> dict[str, str]:
    """Return our name of every figure; one without a synonym keeps its own.

    Where two figures would get the same name, both keep the one they have, unless one of them
    has our name already: then only the other does.

    Parameters
    ----------
    names : figures of one run, those of validation with ``val_``; each occurs once.
    """
    names = list(names)
    stems = dict.fromkeys(name.removeprefix(_VALIDATION) for name in names)
    wanted = {stem: _synonym(stem) for stem in stems}
    claimed = Counter(wanted.values())
    mapped = {stem: name if claimed[name] == 1 else stem for stem, name in wanted.items()}
    return {
        name: _VALIDATION * name.startswith(_VALIDATION) + mapped[name.removeprefix(_VALIDATION)]
        for name in names
    }


def _synonym(stem: str) -> str:
    lower = stem.lower()
    numbered = _NUMBERED.fullmatch(lower)
    if numbered and numbered[1] in OURS:
        lower = numbered[1]
    if _RATE_OF.fullmatch(lower):
        lower = "lr"
    name = OURS.get(lower, stem)
    return f"{name}_logged" if name in COUNTING else name
