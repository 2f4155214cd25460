"""Sentences of the Errors page, and of the reading page when it is opened from there."""

from __future__ import annotations

from pipeline.config import CLASS_NAMES
from pipeline.mistakes import (
    BACTERIAL,
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    OTHER,
    SERIES_IM,
    SERIES_NORMAL2,
    VIRAL,
)

INTRODUCTION = (
    "Which pictures a model calls wrongly, and how sure it was of them. A wrong call that it was "
    "sure of says most: about the model, or about the label."
)

KINDS = {
    "all": "All errors",
    FALSE_POSITIVE: "False positives",
    FALSE_NEGATIVE: "False negatives",
    "unsure": "Unsure",
}
KINDS_HELP = (
    "**False positive**: the data set says normal, the model pneumonia (a false alarm). "
    "**False negative**: the data set says pneumonia, the model normal (a missed one). "
    "**Unsure**: every picture with a probability in the band in which the model had better make "
    "no call, whether the call would have been right or wrong; it is offered where the run has "
    "such a band."
)
SUBGROUP_NAMES = {
    BACTERIAL: "Bacterial",
    VIRAL: "Viral",
    SERIES_IM: "Normal, series IM",
    SERIES_NORMAL2: "Normal, series NORMAL2",
    OTHER: "Other names",
}
SUBGROUPS_HELP = (
    "As the files' names tell: the germ of a pneumonia, and one of the two series in which the "
    "normal pictures are numbered. Nothing chosen: all of them."
)
ORDER_NAMES = {
    "surest": "surest first",
    "least sure": "least sure first",
    "most shared": "called wrongly by most other runs first",
    "file": "file name",
}
SPLIT_NAMES = {
    "test": "official test set",
    "validation": "validation patients, held out of training",
    "val": "official validation folder (16 pictures)",
}

WHY_SHARED = (
    "Networks of different kinds rarely call the same picture wrongly by accident. A picture that "
    "all of them get wrong is hard for a reason they share: an unusual exposure, a marker, a look "
    "that their training pictures did not have, or a **wrong label**. Take the pictures below as "
    "suspects of label noise and let a radiologist look at them; do not correct a label because "
    "a model disagrees with it."
)
KAPPA_HELP = (
    "Agreement beyond chance (Cohen 1960): 1 is the same calls throughout, 0 no more than chance. "
    "Two runs may agree and both be wrong."
)
WITHOUT_PICTURES = (
    "The pictures are not here, so the cases are listed by their file names. To see them, fetch "
    "the data set with `python -m pipeline data fetch kaggle`, or set `XRAY_DATASET` to the folder "
    "that holds it, and reload this page."
)
NO_SUCH_CASE = (
    "The link names a picture that is not here. Fetch the data set with "
    "`python -m pipeline data fetch kaggle`, or set `XRAY_DATASET` to its folder."
)
NOT_SERVABLE = (
    "This run's network is not stored, only its predictions: its errors can be looked at, but not "
    "explained. Choose a run whose network is stored."
)


def case(label: int, name: str) -> str:
    """Say what the data set says of a picture that was opened from the Errors page."""
    return f"From the data set, which labels it **{CLASS_NAMES[label].lower()}** ({name})."


def others_wrong(count: int, others: int) -> str:
    """Say how many of the other runs miss a picture."""
    if others == 0:
        return "no other run chosen"
    if others == 1:
        return "the other run is wrong too" if count else "the other run is right"
    if count == others:
        return f"all {others} other runs are wrong too"
    return f"{count} of {others} other runs are wrong too"


def shared(missed: int, total: int, runs: int, by_chance: float) -> str:
    """Say how many pictures all runs miss, and how many it would be if they erred by accident."""
    all_runs = "both runs" if runs == 2 else f"all {runs} runs"
    chance = f"{by_chance:.1f}" if by_chance >= 0.05 else "fewer than 0.1"
    return (
        f"**{missed} of {total} pictures are called wrongly by {all_runs}.** If each run erred at "
        f"its own rate but by accident, it would be {chance}."
    )


def found(count: int, judged, run: str, split: str, threshold: float) -> str:
    """Say how many cases are listed, of how many.

    Parameters
    ----------
    judged : as `pipeline.mistakes.outcomes` returns it.
    """
    false_positives = int((judged["outcome"] == FALSE_POSITIVE).sum())
    false_negatives = int((judged["outcome"] == FALSE_NEGATIVE).sum())
    ill = int(judged["label"].sum())
    return (
        f"**{count} shown.** At threshold {threshold:.3f}, `{run}` calls {false_positives} of "
        f"{len(judged) - ill} normal pictures pneumonia and {false_negatives} of {ill} pneumonia "
        f"pictures normal ({SPLIT_NAMES[split]}, n = {len(judged)})."
    )


def unsure(count: int, total: int, band: dict) -> str:
    """Say how many pictures lie in the band in which no call should be made."""
    return (
        f"*Unsure*: {count} of {total} pictures have a probability from {band['low']:.3f} to below "
        f"{band['high']:.3f}, the band fitted on validation patients in which this run had better "
        "make no call."
    )


def cell(case, others: int) -> str:
    """Say what matters of one case, below its picture. `case` is a row of `selected`."""
    unsure = "; in the *unsure* band" if case["unsure"] else ""
    return (
        f"**{100 * case['probability']:.1f} %** for pneumonia{unsure}  \n"
        f"labelled **{CLASS_NAMES[case['label']].lower()}**: {case['outcome']}  \n"
        f"patient {case['patient']}  \n`{case['file']}`  \n"
        f"{others_wrong(case['also_wrong'], others)}"
    )


def suspect(case) -> str:
    """Say what matters of a picture that all runs miss."""
    called = CLASS_NAMES[1 - case["label"]].lower()
    return (
        f"labelled **{CLASS_NAMES[case['label']].lower()}**, called {called} by all  \n"
        f"patient {case['patient']}  \n`{case['file']}`"
    )
