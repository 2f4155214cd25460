"""Every sentence with clinical weight, in one place, so that a radiologist can review it."""

from __future__ import annotations

from pipeline.config import CLASS_NAMES
from pipeline.statements import (
    DATA,
    FIGURE_NAMES,
    INTENDED_USE,
    KNOWN_FAILURES,
    NOTICE,
    POINT_NAMES,
    known_failures,
    operating_point,
)

# Passed on: a printed model card says the same.
__all__ = [
    "DATA",
    "FIGURE_NAMES",
    "INTENDED_USE",
    "KNOWN_FAILURES",
    "NOTICE",
    "POINT_NAMES",
    "known_failures",
    "operating_point",
]

PRIVACY = (
    "An uploaded picture stays in the memory of your session. It is not written to disk, not "
    "logged, and gone when you close the page. Of a DICOM file only the pixels and four tags are "
    "used: age, view, part of the body, kind of device. Look for names burned into the picture."
)

OVERLAYS_OFF = (
    "Overlays are off until you ask for them. With ten radiologists, showing a heat map or a "
    "score beside the text brought no gain in accuracy over the text alone (Tang 2023, Radiology: "
    "Artificial Intelligence), and readers trust an explanation whether or not the model is right "
    "(Radiology 2024, 220 physicians). Look at the picture first."
)

SAMPLES = (
    "Sixteen pictures of the official validation set at full resolution. No run was trained on "
    "them. Which class the data set gives them is said beside the verdict."
)

DECISION = {
    "PNEUMONIA": "The model calls this **pneumonia**",
    "NORMAL": "The model calls this **normal**",
}
BUT_UNSURE = "but is unsure"

# The figures that share an axis from 0 to 1, higher being better.
SHARE_NAMES = {
    name: FIGURE_NAMES[name].split(" (")[0]
    for name in ("auc", "balanced_accuracy", "accuracy", "sensitivity", "specificity")
}


def label(value: int, name: str) -> str:
    """Say what the data set says of a sample."""
    return f"The data set labels this sample **{CLASS_NAMES[value].lower()}** ({name})."


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
    told = "; ".join(sizes)
    return (
        f"{told[0].upper()}{told[1:]}. Bars are 95 % intervals. Operating point "
        f"*{operating_point(point)}*, threshold {threshold['threshold']:.3f}: {threshold['rule']}."
    )


def unsure(band: dict, selective: dict | None) -> str:
    """Say that a probability lies where the run would rather make no call."""
    text = (
        f"**The model is unsure.** From {100 * band['low']:.1f} % to {100 * band['high']:.1f} % "
        "it would rather make no call (chosen on validation patients: "
        f"{band['rule']})."
    )
    if selective and selective["accuracy"]["value"] is not None:
        decided, right = selective["coverage"], selective["accuracy"]
        text += (
            f" On the official test set {percent(decided)} of {decided['n']} pictures lie outside "
            f"that band; of those {right['n']} calls {percent(right)} were right."
        )
    return text


def seeds_say(probability: float, threshold: float, seeds: dict[str, float]) -> str:
    """Say what the same training gave with other seeds."""
    every = [probability, *seeds.values()]
    text = (
        f"Upright ticks: the same training with {len(seeds)} other seeds. Together they say "
        f"{100 * min(every):.1f} to {100 * max(every):.1f} %"
    )
    against = sum((one >= threshold) != (probability >= threshold) for one in seeds.values())
    if against:
        return text + f"; at this threshold {against} of them would call it otherwise."
    return text + "; at this threshold all make the same call."
