"""Do train and test come from the same world, and what can be told without seeing a lung?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipeline import evaluation
from pipeline.audit.parts import PARTS, WITHOUT_LUNGS
from pipeline.audit.simple import MODELS, auc, enough, fitted, held_out
from pipeline.config import CLASS_NAMES
from pipeline.dataset import Item

# Where the difference between train and test may sit.
SEPARATED_BY = ("whole", "border_frame", "lungs_only")
SHIFT_FIGURES = ("auc", "accuracy", "sensitivity", "specificity")


class Cells:
    """What the simple models read of the train and test pictures.

    Parameters
    ----------
    items : N pictures.
    cells : part -> (N, F) float32.
    grey : (N, 2) mean and standard deviation of each picture's grey levels.
    """

    def __init__(self, items: Sequence[Item], cells: dict[str, np.ndarray], grey: np.ndarray):
        self.cells, self.grey = cells, grey
        self.split = np.array([item.split for item in items])
        self.label = np.array([item.label for item in items])
        self.patient = np.array([item.patient for item in items])

    def side(self, split: str) -> np.ndarray:
        """Return (N,) bool: the pictures of a split."""
        return self.split == split


def separability(data: Cells) -> dict[str, dict]:
    """Tell train from test within each class, by patients that the model has not seen.

    If both came from the same world nobody could: AUC .5.

    Returns
    -------
    ``{class: {"auc", "train", "test", "parts": {part: auc}, "brightness_and_contrast": auc,
    "control": auc}}``; the control tells two random halves of the training patients apart, of the
    same sizes as train and test, and must come out near .5. A class with too few patients is
    absent.
    """
    table = {}
    for label, name in enumerate(CLASS_NAMES):
        own = (data.label == label) & (data.side("train") | data.side("test"))
        is_test, patients = data.side("test")[own].astype(int), data.patient[own]
        if not enough(is_test, patients):
            continue
        of_parts = {
            part: auc(held_out(data.cells[part][own], is_test, patients), is_test, patients)
            for part in SEPARATED_BY
        }
        grey = held_out(data.grey[own], is_test, patients)
        table[name] = {
            "auc": of_parts["whole"],
            "train": int((is_test == 0).sum()),
            "test": int(is_test.sum()),
            "parts": of_parts,
            "brightness_and_contrast": auc(grey, is_test, patients),
            "control": _control(data, label, float(is_test.mean())),
        }
    return table


def _control(data: Cells, label: int, share: float) -> dict | None:
    own = (data.label == label) & data.side("train")
    patients = data.patient[own]
    names = np.unique(patients)
    count = round(share * len(names))
    drawn = np.random.default_rng(0).permutation(len(names))[:count]
    side = np.isin(patients, names[drawn]).astype(int)
    if not enough(side, patients):
        return None
    return auc(held_out(data.cells["whole"][own], side, patients), side, patients)


def shift(data: Cells) -> dict | None:
    """Judge the linear model inside train by patients it has not seen, and on the official test.

    Returns
    -------
    ``{"inside_train", "test"}``, each AUC, accuracy, sensitivity and specificity at .5; None
    without both classes on both sides.
    """
    learn, judge = data.side("train"), data.side("test")
    if not _can_learn(data):
        return None
    cells = data.cells["whole"]
    inside = held_out(cells[learn], data.label[learn], data.patient[learn])
    model = fitted(cells[learn], data.label[learn])
    outside = model.predict_proba(cells[judge])[:, 1]
    return {
        "inside_train": _figures(inside, data, learn),
        "test": _figures(outside, data, judge),
    }


def shortcut_models(data: Cells, done: Callable[[], None] = lambda: None) -> dict[str, dict]:
    """Learn on train from one part of each picture alone, and judge on test.

    Returns
    -------
    ``{part: {"part", "without_lungs", "auc", "auc_trees", "inside_train"}}``: AUC of the linear
    model and of boosted trees on test, and of the linear model on patients held out of train.
    Empty without both classes on both sides.
    """
    if not _can_learn(data):
        return {}
    learn, judge = data.side("train"), data.side("test")
    table = {}
    for part, what in PARTS.items():
        cells = data.cells[part]
        on_test = {
            model: auc(
                fitted(cells[learn], data.label[learn], model).predict_proba(cells[judge])[:, 1],
                data.label[judge],
                data.patient[judge],
            )
            for model in MODELS
        }
        inside = held_out(cells[learn], data.label[learn], data.patient[learn])
        table[part] = {
            "part": what,
            "without_lungs": part in WITHOUT_LUNGS,
            "auc": on_test["linear"],
            "auc_trees": on_test["trees"],
            "inside_train": auc(inside, data.label[learn], data.patient[learn]),
        }
        done()
    return table


def _can_learn(data: Cells) -> bool:
    learn, judge = data.side("train"), data.side("test")
    return enough(data.label[learn], data.patient[learn]) and len(np.unique(data.label[judge])) == 2


def _figures(probability: np.ndarray, data: Cells, side: np.ndarray) -> dict:
    found = evaluation.report(probability, data.label[side], 0.5, data.patient[side].tolist())
    return {"n": found["n"], "patients": len(np.unique(data.patient[side]))} | {
        name: found["figures"][name] for name in SHIFT_FIGURES
    }
