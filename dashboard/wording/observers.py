"""What is said of readers: how far they agree, and what the model changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.plain import plain
from pipeline.observers import Findings, Moment
from pipeline.observers.accuracy import AtMoment
from pipeline.observers.agreement import READER, Group, Pair, Rater, Repeat
from pipeline.observers.pace import PER
from pipeline.readings.design import AI_FIRST, Design

WHAT = (
    "How far the readers of a study agree with each other, with the model and with the truth, and "
    "what seeing the model changed. For the study's owner: a reader who looks here is no longer "
    "blind."
)
INTERVALS = (
    "In brackets 95 % intervals: Wilson's for one reader's share of a count, otherwise a bootstrap "
    "that draws patients, each with all their cases and everybody's answers."
)
ARMS = {
    "none": "without the model",
    "text": "with the model's call in words",
    "score": "with the model's call and probability",
    "overlay": "with the model's call, probability and overlay",
}
NOBODY = (
    "Nobody has answered a case yet. Give the readers their codes; this page fills as they read."
)
ONE_READER = (
    "One reader only so far: agreement between readers needs a second one. What follows compares "
    "this reader with the model and, where it is known, the truth."
)
NO_TRUTH = (
    "The truth of these cases is not known, so sensitivity, specificity, ROC curves, over- and "
    "under-reliance and the comparison of many readers are left out. Give it on the *Studies* page "
    "under the truth of the cases, or with `python -m pipeline readings truth`."
)

KAPPA = (
    "**Kappa** is agreement beyond chance: 1 is perfect, 0 what chance alone would give, below 0 "
    "less than that. It falls when nearly all calls are of one kind, however well readers agree "
    "(the *kappa paradox*); **Gwet's AC1** and the plain share of equal calls do not."
)
TOGETHER = (
    "After the reveal, all readers have seen the same model: they may agree more for that reason "
    "alone."
)
WITH_ONESELF = "How far each reader gives the same answer to the same case again, weeks later."
OF_CALLS = (
    "Symbols are the readers' own calls, bars their 95 % intervals (Wilson); all readers together "
    "and the model's own calls for comparison."
)
ROC = (
    "A reader's curve orders their cases by how sure they are, from certainly normal to certainly "
    "pneumonia. The model's curve is of the same cases. Readers above it tell more than the model "
    "at its threshold of the same false alarms; below it, less."
)
AI_SHOWN_FIRST = (
    "In this pass the model was shown first. What readers would have said without it is not known: "
    "agreeing with a wrong model need not be its doing."
)
PACE = (
    "Symbols are medians, bars reach from the lower to the upper quartile. After the reveal, the "
    f"time counts from there. Trend: seconds more or fewer for every {PER} further cases (slope of "
    "Theil and Sen with its 95 % interval); it mixes practice, fatigue and chance."
)
SUPERPIXELS = (
    "What readers said of the parts that the explanation drew as evidence. Implausible means: no "
    "place where this disease would be seen. It says nothing of whether the model used it; a "
    "faithful map of a model that uses the wrong places is implausible, too."
)
REGIONS = (
    "Where readers marked the disease, before they saw the model where they were asked first, "
    "against where each method says the model looked. **Pointing game**: how often the strongest "
    "point lies in the marked region (or within 3 % of the side). **IoU**: how far the drawn "
    "superpixels and the region overlap. Low figures may mean a poor map, or a true map of a model "
    "that looks elsewhere."
)
NO_REGIONS = (
    "Nobody has marked a region yet. Readers mark where they see pneumonia, if the study asks for "
    "it."
)


def study(design: Design, found: Findings, planned: int) -> str:
    """Say what this study is and how far it is."""
    passes = "; then ".join(_pass(one) for one in design.passes)
    return (
        f"{count(len(found.readers), 'reader')} so far, reading {passes}. Shown is run "
        f"`{design.run}` at threshold {design.threshold:.3f}. **{found.finished} of {planned} "
        f"readings are finished**, of {count(found.cases, 'case')} of "
        f"{count(found.patients, 'patient')}. {_truth(found)}"
    )


def _pass(one) -> str:
    if one.arm == "none":
        return ARMS["none"]
    first = "the model shown first" if one.order == AI_FIRST else "first alone, then"
    return f"{first} {ARMS[one.arm]}" if one.order != AI_FIRST else f"{ARMS[one.arm]} shown first"


def _truth(found: Findings) -> str:
    if not found.labelled:
        return "The truth is not known."
    known = "all of them" if found.labelled == found.cases else f"{found.labelled} of them"
    return (
        f"The truth is known of {known}: {found.ill} pneumonia, {found.labelled - found.ill} "
        f"normal; the model is wrong on {found.model_wrong}."
    )


def moment(one: Moment, passes: int) -> str:
    """Name a moment; the pass only where there are several."""
    which = f", pass {one.pass_number}" if passes > 1 else ""
    if not one.aided:
        return f"before the model{which}" if one.arm != "none" else f"without the model{which}"
    return f"after the reveal{which}" if one.order != AI_FIRST else f"model shown first{which}"


def rater(one: Rater) -> str:
    return one.name if one.kind == READER else f"the {one.kind}"


def group(one: Group) -> str:
    """Say how far all readers agree."""
    return (
        f"Any two of the {one.readers} readers make the same call in **{percent(one.equal)}** of "
        f"cases (n = {one.equal['n']}). Fleiss' kappa **{number(one.fleiss)}**, over the "
        f"{one.fleiss['n']} of {one.cases} cases that every reader has answered; Gwet's AC1 "
        f"**{number(one.ac1)}**, over the {one.ac1['n']} that two or more have. Of all their "
        f"calls, {percent(one.positive)} are pneumonia."
    )


def paradox(pair: Pair) -> str:
    """Explain a low kappa of two raters who agree on most cases."""
    return (
        f"**{plain(rater(pair.first))}** and **{plain(rater(pair.second))}** make the same "
        f"call in {100 * pair.equal['value']:.0f} % of {pair.n} cases, yet kappa is "
        f"{'undefined' if pair.kappa['value'] is None else format(pair.kappa['value'], '.2f')}: "
        f"their calls are so much of one kind that chance alone would give "
        f"{100 * pair.chance:.0f} %. Read AC1 ({number(pair.ac1, 2)}), and agreement on pneumonia "
        f"({_share(pair.positive)}) and on normal ({_share(pair.negative)}) apart."
    )


def repeat(one: Repeat, passes: int) -> str:
    return f"{moment(one.first, 1)}, passes {one.first.pass_number} and {one.second.pass_number}"


def pooled(moments: Sequence[AtMoment], passes: int) -> str:
    """Say how often all readers together are right, at one moment after the other."""
    lines = [
        f"- *{moment(one.moment, passes)}*: readers found **{percent(one.pooled.sensitivity)}** of "
        f"pneumonias (n = {one.pooled.sensitivity['n']} answers) and cleared "
        f"**{percent(one.pooled.specificity)}** of normals (n = {one.pooled.specificity['n']}); "
        f"mean AUC {number(one.pooled.auc)}"
        for one in moments
    ]
    model = moments[0].model
    lines.append(
        f"- *the model*: {percent(model.sensitivity)} (n = {model.sensitivity['n']}) and "
        f"{percent(model.specificity)} (n = {model.specificity['n']}); AUC {number(model.auc)}"
    )
    return "\n".join(lines)


def number(figure: Mapping, digits: int = 3) -> str:
    """Say a figure with its interval, or why it does not exist."""
    if figure["value"] is None:
        return f"none ({figure['why']})"
    value = f"{figure['value']:.{digits}f}"
    if figure["low"] is None:
        return f"{value} (no interval)"
    return f"{value} ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"


def percent(figure: Mapping) -> str:
    """Say a share with its interval, or why it does not exist."""
    if figure["value"] is None:
        return f"none ({figure['why']})"
    if figure["low"] is None:
        return f"{100 * figure['value']:.1f} % (no interval)"
    low, high = 100 * figure["low"], 100 * figure["high"]
    return f"{100 * figure['value']:.1f} % ({low:.1f} to {high:.1f})"


def points(figure: Mapping) -> str:
    """Say a difference of two shares in percentage points."""
    if figure["value"] is None:
        return f"none ({figure['why']})"
    value = f"{100 * figure['value']:+.1f}"
    if figure["low"] is None:
        return f"{value} (no interval)"
    return f"{value} ({100 * figure['low']:+.1f} to {100 * figure['high']:+.1f})"


def _share(value: float | None) -> str:
    return "undefined" if value is None else f"{100 * value:.0f} %"


def count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def marks(found: Findings) -> str:
    """Say how much was marked, and how far two readers mark the same."""
    cases = len({mark.case for mark in found.marks})
    text = f"Readers marked where they see it {len(found.marks)} times, on {count(cases, 'case')}."
    if found.ceiling["value"] is None:
        return f"{text} No case has been marked by two readers yet."
    return (
        f"{text} Two readers' regions of one case overlap by IoU **{number(found.ceiling)}** "
        f"(n = {found.ceiling['n']} pairs of readers): hardly more can be asked of a method."
    )


def waiting(methods: Sequence[str], cases: int) -> str:
    """Say what is about to be computed."""
    return f"Explaining {count(cases, 'case')} by {count(len(methods), 'method')}"
