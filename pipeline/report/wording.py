"""What a report says, in plain words beside the field's terms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pipeline import statements
from pipeline.explain import Explanation
from pipeline.report.contents import Report

if TYPE_CHECKING:
    from pipeline.explain.trust import Trust

METHODS = {
    "lime": "LIME (Ribeiro 2016)",
    "kernel_shap": "KernelSHAP (Lundberg 2017)",
    "occlusion": "Occlusion (Zeiler 2014)",
    "rise": "RISE (Petsiuk 2018)",
    "gradcam": "Grad-CAM (Selvaraju 2017)",
    "hirescam": "HiResCAM (Draelos 2020)",
}
MEANING = (
    "An explanation shows what the model reacts to, not where disease is. A marker, a tube or the "
    "picture's edge can be orange, too."
)
WITHOUT_EXPLANATION = "No explanation was asked for."
WITHOUT_TRUST = "How far the explanation may be believed was not measured."
WITHOUT_TEST = "This run has no figures on the official test set."
REFUSED_TEST = "No figure on the official test set speaks for a picture that the gate refuses."
WITHOUT_COMMAND = "Its superpixels were drawn by hand: no command line makes them again."
REPEAT = (
    "Anybody with the same file gets the same explanation. FILE is the picture, DIR a folder for "
    "what is made."
)


def call(report: Report) -> str:
    """Say what the run calls the picture, and in the same breath whether it is unsure."""
    unsure = ", but is unsure" if report.unsure else ""
    return f"The model calls this {report.verdict.decision.lower()}{unsure}"


def probability(report: Report) -> str:
    """Say the probability and the line it is held against."""
    verdict = report.verdict
    return (
        f"Probability of pneumonia {100 * verdict.probability:.1f} %; it calls pneumonia from "
        f"{100 * verdict.threshold:.1f} % on (operating point "
        f"{statements.operating_point(verdict.operating_point)})."
    )


def superpixel(told: Explanation, label: int) -> tuple[str, str]:
    """Return the name of a superpixel, and its weight with interval and direction."""
    weight, margin = told.weights[label], told.margins[label]
    # A method that draws nothing has no intervals.
    interval = f" ({weight - margin:+.3f} to {weight + margin:+.3f})" if told.margins.any() else ""
    # Of a mean over places of a map, the odds say nothing.
    odds = f", odds x {_rounded(math.exp(weight))}" if told.unit == "log odds" and told.fill else ""
    side = "for" if weight > 0 else "against"
    return f"Superpixel {label}", f"{weight:+.3f}{interval}{odds}, {side}"


def strongest(told: Explanation) -> str:
    """Say what the figures of the strongest superpixels are."""
    interval = ""
    if told.margins.any():
        interval = " with its 95 % interval over other draws, which hold for all parts at once"
    unit = "log odds (0.69 doubles the odds)" if told.unit == "log odds" else told.unit
    return f"Strongest evidence: weight{interval}, in {unit}"


def _rounded(value: float) -> str:
    """Two figures, never as a power of ten."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def settings(report: Report) -> tuple[tuple[str, str], ...]:
    """Return how the explanation was made: names and values."""
    told, asked = report.explanation, report.shown.samples
    assert told is not None
    until = "as many as it needed" if asked is None else f"{asked:,} asked for"
    rows = [
        ("Method", METHODS.get(told.method, told.method)),
        ("Explained class", report.target.lower()),
        ("Superpixels", f"{len(told.weights)} ({told.segmentation or 'none'})"),
        ("Hidden parts became", told.fill or "nothing was hidden"),
        ("Pictures judged", f"{told.samples:,} ({until})"),
        ("Seed", str(told.seed)),
        ("Unit of the weights", told.unit),
    ]
    return tuple(rows)


def steadiness(told: Explanation) -> tuple[tuple[str, str], ...]:
    """Return what the method itself knows of its steadiness: names and values."""
    rows = [
        ("Stability of the five strongest (overlap, 1 is best)", f"{told.stability:.2f}"),
        ("Settled by its own rule", "yes" if told.settled else "no"),
    ]
    if not math.isnan(told.fidelity_r2):
        rows.append(("Fidelity of the fit (R2, 1 is best)", f"{told.fidelity_r2:.2f}"))
    return tuple(rows)


def trust(measured: Trust) -> tuple[tuple[str, str], ...]:
    """Return the measures of trust: names and values."""
    rows = []
    for name, better, curve in (
        ("Deletion: strongest parts hidden first", "lower", measured.deletion),
        ("Insertion: strongest parts shown first", "higher", measured.insertion),
    ):
        rows.append(
            (
                f"{name} ({better} is better)",
                f"{curve.area:.3f}; random order {curve.random_area:.3f} "
                f"({curve.random_low:.3f} to {curve.random_high:.3f})",
            )
        )
    rows += [
        ("Evidence outside the chest field", _share(measured.outside_share)),
        ("Evidence in the border ring", _share(measured.border_share)),
        ("Probability with the border blanked", _share(measured.without_border)),
    ]
    if measured.marker >= 0:
        name = f"Probability without superpixel {measured.marker}, the strongest outside"
        rows.append((name, _share(measured.without_marker)))
    return tuple(rows)


def _share(value: float) -> str:
    return "cannot be computed" if math.isnan(value) else f"{100 * value:.1f} %"
