"""What the tour says: a sentence a step, in words that need no training."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.config import CLASS_NAMES
from pipeline.tour import Case, Seen, Story

TITLES = (
    "The picture",
    "The verdict",
    "What it looked at",
    "When not to believe it",
    "How good it really is",
)
PICTURE = "This is a chest X-ray of a child: does it show pneumonia?"
LOOKED_AT = (
    "Orange parts of the picture spoke for pneumonia, blue ones against it: this is what the "
    "program reacted to, not where the illness is."
)
SOURCE = (
    "X-ray: Kermany, Zhang, Goldbaum 2018, "
    "[doi:10.17632/rscbjbr9sj.2](https://doi.org/10.17632/rscbjbr9sj.2), "
    "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"
)
COLOURED = f"{SOURCE}; colours added."
NO_SAMPLES = "The story is told with sixteen sample X-rays, which are not on this server yet."
NOT_YET = "The program hides parts of the picture a thousand times and watches what changes."
JUDGING = "Judging the sample X-rays"
EXPLAINING = "Hiding parts of the pictures"
NO_FIGURES = "How good this program is has not been measured on the official test set yet."
ELSEWHERE = (
    "All of these children were X-rayed in one hospital. Elsewhere, expect it to do worse until "
    "somebody has measured it there."
)


def verdict(case: Case) -> str:
    """Say what the run makes of the picture, and what its label is."""
    told = case.verdict
    said, label = told.decision.lower(), CLASS_NAMES[case.item.label].lower()
    doctors = (
        "and so did the doctors who labelled it"
        if case.right
        else f"but the doctors who labelled it said {label}"
    )
    return (
        f"The program gives pneumonia a chance of {_percent(told.probability)}; from "
        f"{_percent(told.threshold)} on it says pneumonia, so here it says **{said}**, {doctors}."
    )


def doubt(story: Story) -> str:
    """Say why the case should not be believed."""
    case = story.doubted.case
    told = case.verdict
    said, label = told.decision.lower(), CLASS_NAMES[case.item.label].lower()
    match story.reason:
        case "refused":
            return (
                "The program refuses this picture, because it does not look like those it "
                "learned from; a verdict on it would be worth nothing."
            )
        case "wrong":
            return (
                f"Here it is wrong: it says **{said}** ({_percent(told.probability)} for "
                f"pneumonia), the doctors said **{label}**, and {_warnings(story)}."
            )
        case "unsure":
            return (
                f"Here it gives pneumonia {_percent(told.probability)}, which is too close to "
                "call: the program itself would rather say nothing."
            )
        case "border":
            return (
                "Cover nothing but the picture's border and the program changes its mind: it did "
                "not judge by the lungs alone."
            )
        case "outside":
            return (
                "Much of what moved the program lies outside the lungs, so its reason is not a "
                "medical one, even though its answer is right."
            )
        case "unstable":
            return (
                "Asked again, the program's colours would come out differently: a map that "
                "changes by chance explains nothing."
            )
    return (
        "None of these samples gives a reason for doubt, which proves little: they are few, and "
        "the next step counts the errors among many."
    )


def _warnings(story: Story) -> str:
    """Say what had warned of a wrong call."""
    signs = []
    if story.doubted.case.unsure:
        signs.append("it was unsure")
    if story.doubted.trust.verdict.kind == "unstable":
        signs.append("its colours are unsteady")
    if story.doubted.trust.verdict.kind == "outside":
        signs.append("it looked outside the lungs")
    if story.doubted.border_decides:
        signs.append("with the picture's border covered it says the opposite")
    if not signs:
        return "nothing had warned of it"
    *others, last = signs
    return f"there were signs: {', '.join(others)}{' and ' if others else ''}{last}"


def colours(seen: Seen) -> str:
    """Say what the measures of trust make of the map."""
    verdict = seen.trust.verdict
    return f"How far to trust the colours: {verdict.sentence} {' '.join(verdict.reasons)}"


def program(title: str) -> str:
    return f"Program: {title}, the one that this site asks first."


def of_hundred(counts: Mapping[str, int]) -> str:
    """Say what becomes of a hundred children."""
    ill = counts["found"] + counts["missed"]
    return (
        f"Of 100 children like these, {ill} have pneumonia, and the program finds "
        f"**{counts['found']}** of them; of the {100 - ill} others, "
        f"**{counts['false_alarm']}** get a false alarm."
    )


def measured(report: Mapping, title: str) -> str:
    """Say on whom that was measured and how exact it is."""
    found, cleared = report["figures"]["sensitivity"], report["figures"]["specificity"]
    return (
        f"Measured on {report['n']} X-rays of the official test set that it had never seen: it "
        f"found {_share(found)} of the {found['n']} with pneumonia (sensitivity) and cleared "
        f"{_share(cleared)} of the {cleared['n']} without (specificity); in brackets what chance "
        f"alone could make of it (95 % intervals). Of 100, rounded. Program: {title}."
    )


def progress(step: int) -> str:
    return f"Step {step} of {len(TITLES)}"


def _percent(share: float) -> str:
    # In large type lines break often: a figure must not lose its unit.
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def _share(figure: Mapping) -> str:
    return (
        f"{_percent(figure['value'])} ({100 * figure['low']:.1f} to {100 * figure['high']:.1f} %)"
    )
