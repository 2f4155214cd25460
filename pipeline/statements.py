"""Sentences with clinical weight that pages and printed documents share.

`dashboard.wording` passes them on, so that a radiologist finds all of them from one place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NOTICE = "Research tool, not a medical device. Not for diagnosis or treatment."

INTENDED_USE = (
    "For research and teaching: looking into classifiers that were trained to tell *pneumonia* "
    "from *normal* on frontal chest X-rays of children of one to five years, all from one centre "
    "(Guangzhou Women and Children's Medical Center). It says nothing about adults, other views, "
    "other diseases or other hospitals, and must not be used for diagnosis or treatment."
)

KNOWN_FAILURES = (
    "**It calls too many healthy children ill.** The normal pictures of the official test set "
    "look different from the normal ones in training: figures on held-out training patients are "
    "far better than on the test set, and specificity is what falls.",
    "**It can take shortcuts.** Letters, borders and collimation differ between the classes of "
    "this data set, so that even the picture's outermost pixels tell them apart. A right answer "
    "may have a wrong reason; look for it with the overlays.",
    "**It does not carry over.** On 383 paediatric pictures from elsewhere a ResNet-50 trained on "
    "this data set fell from an AUC of .95 to .54 (Xin 2021, 10.1007/s10140-021-01954-x). Expect "
    "the same here until it has been measured with your own pictures: "
    "`python -m pipeline evaluate RUN --data DIR`.",
    "**The labels are opinions.** Specialists reading such pictures agree only moderately "
    "(kappa .4 to .6; sensitivity .71 to .81, specificity .91 to .98; PubMed 23997040).",
)


def known_failures(audit: Mapping | None) -> tuple[str, ...]:
    """Return `KNOWN_FAILURES` with the figures that bear them out, where they were measured.

    Parameters
    ----------
    audit : what ``python -m pipeline data audit --write`` stored; None if nothing was.
    """
    shifted, shortcut, *others = KNOWN_FAILURES
    classes, models = (audit or {}).get("separability", {}), (audit or {}).get("shortcut_models")
    if "NORMAL" in classes:
        told = ", ".join(f"{_auc(own['auc'])} for {name.lower()}" for name, own in classes.items())
        shifted += (
            " Measured: a simple model tells training from test pictures of one class with an AUC "
            f"of {told}; nothing to tell would be .5 (`python -m pipeline data audit`)."
        )
    if models:
        told = "; ".join(
            f"{re.split('[,:(]', own['part'])[0].strip()}: {_auc(own['auc'])}"
            for own in models.values()
            if own["without_lungs"]
        )
        shortcut += (
            " Measured: the AUC of a simple linear model on the official test set, shown no lung "
            f"but {told}. Whether a network does it too: `python -m pipeline shortcuts RUN`."
        )
    return (shifted, shortcut, *others)


def _auc(figure: Mapping) -> str:
    return (
        f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n = {figure['n']:,})"
    )


DATA = (
    "Kermany, D.; Zhang, K.; Goldbaum, M. (2018), *Labeled Optical Coherence Tomography (OCT) and "
    "Chest X-Ray Images for Classification*, Mendeley Data, V2, "
    "[doi:10.17632/rscbjbr9sj.2](https://doi.org/10.17632/rscbjbr9sj.2), licensed "
    "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Paper: Kermany et al. 2018, "
    "Cell 172:1122-1131. The sample X-rays are sixteen of these pictures, unchanged; no run of "
    "this project was trained on them."
)

POINT_NAMES = {
    "balanced": "Balanced",
    "sensitivity_90": "90 % sensitivity",
    "sensitivity_95": "95 % sensitivity",
    "specificity_90": "90 % specificity",
}

FIGURE_NAMES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV (right among calls of pneumonia)",
    "npv": "NPV (right among calls of normal)",
    "auc": "AUC",
    "average_precision": "Average precision",
    "brier": "Brier score (lower is better)",
    "ece": "Calibration error, ECE (lower is better)",
}


def operating_point(name: str) -> str:
    return POINT_NAMES.get(name, name.replace("_", " "))
