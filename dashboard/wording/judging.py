"""Sentences below the training curves: what the figures mean, and what a remark means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.flags import DIVERGED, OVERFITTING, PLATEAU, STILL_IMPROVING, TOO_FEW
from pipeline.flags import title as plain
from pipeline.groups import TEST_AUC, called

# Column of the table -> its heading, and what it means.
FIGURES = {
    "run": ("Run", None),
    "best_epoch": ("Best epoch", "By the validation figure that the run was watched by."),
    "val_loss": ("Val. loss", "At the best epoch."),
    "val_accuracy": ("Val. accuracy", "At the best epoch."),
    "val_auc": ("Val. AUC", "At the best epoch."),
    "overfit_gap": ("Overfit gap", "Validation loss minus training loss at the last epoch."),
    "epochs_wasted": ("Epochs wasted", "Epochs that came after the best one."),
    "test_auc": ("Test AUC", "Official test set."),
    "test_interval": ("95 % interval", "Of the test AUC, by a bootstrap over patients."),
    "validation_to_test_drop": (
        "Drop to test",
        "AUC on the validation patients minus AUC on the official test set.",
    ),
    "drop_interval": ("95 % interval of the drop", "From the intervals of both (MOVER)."),
    "parameters": ("Parameters", "Weights of the network."),
    "seconds": ("Seconds", "Of all epochs together, on the machine it was trained on."),
    "last_value": ("Last value", "Of the figure that the run was watched by, where it ended."),
    "best_value": ("Best value", "Of the figure that the run was watched by."),
    "monitor": ("Watched figure", "The setting *monitor*."),
    "stop_epoch": ("Patience spent", "The epoch at which the run's own patience ran out."),
    "gap_at_best": ("Gap at best", "Validation loss minus training loss at the best epoch."),
    "mean_gap": (
        "Mean gap",
        "The area between validation and training loss, divided by the epochs it spans.",
    ),
    "test_accuracy": ("Test accuracy", "At the run's own operating point."),
    "test_n": ("Test n", "Pictures of the official test set."),
    "seconds_per_epoch": ("Seconds per epoch", "Median."),
    "epochs": ("Epochs", None),
    "architecture": ("Architecture", None),
    "status": ("Status", None),
}
# What decides comes first: a phone shows the first few columns only.
FIRST = (
    *("run", "best_epoch", "val_loss", "val_accuracy", "val_auc", "overfit_gap", "epochs_wasted"),
    *("test_auc", "test_interval", "validation_to_test_drop", "parameters", "seconds"),
)

BEST = (
    "*Best epoch*: by the validation figure the run was watched by (the setting *monitor*; lowest "
    "loss where nothing is told); loss, accuracy and AUC are those of that epoch. "
    "*Overfit gap*: validation loss minus training loss at the last epoch; far above 0 the network "
    "has learned its training pictures by heart. *Epochs wasted* came after the best one. *Test*: "
    "the official test set, accuracy at the run's own operating point; its interval is a bootstrap "
    "over patients. *Drop to test*: AUC on the validation patients minus AUC on the official test. "
    "Runs with different validation sets cannot be ranked by validation figures."
)

# Name of a flag -> its heading, its icon, and what it means for somebody who did not train.
REMARKS = {
    DIVERGED: ("Diverged", ":material/error:", "The training broke down; its result is of no use."),
    OVERFITTING: (
        "Overfitting",
        ":material/trending_up:",
        "It got better on the pictures it was trained on, and worse on those it had not seen.",
    ),
    STILL_IMPROVING: (
        "Still improving",
        ":material/north_east:",
        "It was stopped while it still got better: more epochs may help.",
    ),
    PLATEAU: (
        "Plateau",
        ":material/trending_flat:",
        "It had stopped getting better, and went on all the same.",
    ),
    TOO_FEW: ("Too few epochs", ":material/hourglass_empty:", "No trend can be told."),
}
STOPPED = "Stopped early, as planned, once its patience was spent"
NOTHING = "Nothing else to remark on these curves: none diverged, overfitted or was cut short."

VERDICT = (
    "A training from another seed ends elsewhere, so two configurations differ only where they lie "
    "further apart than their own seeds. Runs with equal seeds are paired and the signs of their "
    "differences exchanged (Fisher's exact test, Student's interval); otherwise the runs are "
    "exchanged between the groups (permutation test, Welch's interval). n is the number of runs. "
    "The best of all epochs flatters either side. Whoever tries many pairs finds one by chance: "
    "choose first, then look."
)
ONE_CONFIGURATION = (
    "There is only one configuration, so there is nothing to set it against. Train another one "
    "with `python -m pipeline train`, or import one below."
)

PARALLEL = (
    "A line is a run; where it crosses an axis is its setting, and the last axis is the result, "
    "which also gives the colour. Drag along an axis to keep only the runs in that range; drag an "
    "axis's name to move it."
)
FEW_PARALLEL = (
    "Choose three runs or more whose result is known: this chart shows which settings go with good "
    "results."
)
NO_PARALLEL = "The chosen runs have the same settings, so there is nothing to draw."

NOTED = (
    "Kept in the run's folder (`annotations.json`), for everybody who sees this page. The same "
    "from the command line: `python -m pipeline runs note RUN --tag T --text TEXT`. No names of "
    "patients, please."
)


def listed(names: Sequence[str], most: int = 8) -> str:
    """Say names, and of many how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def counted(names: Sequence[str]) -> str:
    return "1 run" if len(names) == 1 else f"{len(names)} runs"


def interval(row: Mapping, low: str, high: str) -> str | None:
    """Say an interval of a summary; None where it is not known."""
    if row[low] is None or row[high] is None:
        return None
    return f"{row[low]:.3f} to {row[high]:.3f}"


def title(figure: str) -> str:
    """Return what a figure is called on a page: ``val_auc`` is ``Best validation AUC``."""
    name = called(figure)
    return name[0].upper() + name[1:]


def at_best(figure: str) -> str:
    """Return what a figure of a summary is called, which is that of the best epoch."""
    if figure == TEST_AUC:
        return title(figure)
    name = plain(figure)
    return f"{name[0].upper()}{name[1:]} at the best epoch"
