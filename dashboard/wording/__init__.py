"""Every sentence with clinical weight, in one place, so that a radiologist can review it."""

from __future__ import annotations

import math

from pipeline.config import CLASS_NAMES

NOTICE = "Research tool, not a medical device. Not for diagnosis or treatment."

INTENDED_USE = (
    "For research and teaching: looking into classifiers that were trained to tell *pneumonia* "
    "from *normal* on frontal chest X-rays of children of one to five years, all from one centre "
    "(Guangzhou Women and Children's Medical Center). It says nothing about adults, other views, "
    "other diseases or other hospitals, and must not be used for diagnosis or treatment."
)

PRIVACY = (
    "An uploaded picture stays in the memory of your session. It is not written to disk, not "
    "logged, and gone when you close the page."
)

OVERLAYS_OFF = (
    "Overlays are off until you ask for them. With ten radiologists, showing a heat map or a "
    "score beside the text brought no gain in accuracy over the text alone (Tang 2023, Radiology: "
    "Artificial Intelligence), and readers trust an explanation whether or not the model is right "
    "(Radiology 2024, 220 physicians). Look at the picture first."
)

LIME_MEANING = (
    "LIME hides groups of pixels (superpixels) many times and fits which of them move the "
    "probability. **Orange** speaks for pneumonia, **blue** against it. It shows what this model "
    "reacts to, not where disease is; a marker, a tube or the picture's edge can be orange too."
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

DATA = (
    "Kermany, D.; Zhang, K.; Goldbaum, M. (2018), *Labeled Optical Coherence Tomography (OCT) and "
    "Chest X-Ray Images for Classification*, Mendeley Data, V2, "
    "[doi:10.17632/rscbjbr9sj.2](https://doi.org/10.17632/rscbjbr9sj.2), licensed "
    "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Paper: Kermany et al. 2018, "
    "Cell 172:1122-1131. The sample X-rays are sixteen of these pictures, unchanged; no run of "
    "this project was trained on them."
)

SAMPLES = (
    "Sixteen pictures of the official validation set at full resolution. No run was trained on "
    "them. Which class the data set gives them is said beside the verdict."
)

DECISION = {
    "PNEUMONIA": "The model calls this **pneumonia**",
    "NORMAL": "The model calls this **normal**",
}

POINT_NAMES = {
    "balanced": "Balanced",
    "sensitivity_95": "95 % sensitivity",
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

# The figures that share an axis from 0 to 1, higher being better.
SHARE_NAMES = {
    name: FIGURE_NAMES[name].split(" (")[0]
    for name in ("auc", "balanced_accuracy", "accuracy", "sensitivity", "specificity")
}

REFUSED = (
    "**This does not look like a picture the model knows.** The figure below is shown for "
    "completeness; do not weigh it."
)


def label(value: int, name: str) -> str:
    """Say what the data set says of a sample."""
    return f"The data set labels this sample **{CLASS_NAMES[value].lower()}** ({name})."


def operating_point(name: str) -> str:
    return POINT_NAMES.get(name, name.replace("_", " "))


def percent(figure: dict) -> str:
    """Say a share with its interval: ``95.1 % (92.5 to 96.9)``."""
    return (
        f"{100 * figure['value']:.1f} % ({100 * figure['low']:.1f} to {100 * figure['high']:.1f})"
    )


def test_performance(report: dict) -> str:
    """Say what a decision at this threshold was worth on the official test set."""
    figures, counts = report["figures"], report["counts"]
    return (
        f"At this threshold, on the official test set of {report['n']} pictures, the model found "
        f"{counts['tp']} of {counts['tp'] + counts['fn']} pneumonias "
        f"(sensitivity {percent(figures['sensitivity'])}) and cleared {counts['tn']} of "
        f"{counts['tn'] + counts['fp']} normals (specificity {percent(figures['specificity'])}); "
        "in brackets the 95 % intervals."
    )


def of_calls(report: dict, decision: str) -> str:
    """Say how often such a call was right on the test set, with the share that makes it so."""
    counts = report["counts"]
    right, wrong = (
        (counts["tp"], counts["fp"]) if decision == "PNEUMONIA" else (counts["tn"], counts["fn"])
    )
    share = (counts["tp"] + counts["fn"]) / report["n"]
    return (
        f"Of its {right + wrong} calls of *{decision.lower()}* there, {right} were right. "
        f"In that set {100 * share:.0f} % of the children had pneumonia; where fewer have it, "
        "a call of pneumonia is wrong more often."
    )


def fidelity(explanation) -> str:
    """Say how well the fit behind an explanation describes the model near this picture."""
    r2 = explanation.fidelity_r2
    if math.isnan(r2):
        return (
            "Hiding parts of this picture never changed the probability: there is nothing to "
            "explain here, and the overlay means nothing."
        )
    if r2 >= 0.7:
        judgement = "the fit describes the model well here"
    elif r2 >= 0.4:
        judgement = "the fit catches the model only roughly; read it with care"
    else:
        judgement = "the fit does not describe the model here: do not interpret the overlay"
    return (
        f"Fidelity R² {r2:.2f}: {judgement}. {explanation.samples} samples, "
        f"{len(explanation.weights)} superpixels, seed {explanation.seed}, "
        f"{explanation.seconds:.1f} s. Change the seed under *Overlay settings*: "
        "what moves then was chance."
    )


def performance_caption(metrics: dict, splits: list[str], document: dict, point: str) -> str:
    """Say what the figures of a model card are figures of."""
    names = {"test": "official test set", "validation": "validation patients, held out of training"}
    sizes = []
    for split in splits:
        counts = metrics[split][point]["counts"]
        sizes.append(
            f"{names[split]}: {metrics[split][point]['n']} pictures "
            f"({counts['tp'] + counts['fn']} pneumonia, {counts['tn'] + counts['fp']} normal)"
        )
    threshold = document["operating_points"][point]
    return (
        f"{'; '.join(sizes)}. Bars are 95 % intervals. Operating point "
        f"*{operating_point(point)}*, threshold {threshold['threshold']:.3f}: {threshold['rule']}."
    )
