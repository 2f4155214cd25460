"""What is said of how readers use the model, and of what they gain by it."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.wording.observers import count, moment, percent
from pipeline.observers.mrmc import FEW_OF_A_CLASS, FEW_READERS, Comparison

RATES = {
    "switched": (
        "Changed their call",
        "of the cases answered before and after",
    ),
    "followed": (
        "Gave way to the model",
        "of the first calls that differed from the model's; needs no truth",
    ),
    "over": (
        "Over-reliance: followed a wrong model",
        "of the cases on which the first call was right and the model wrong",
    ),
    "under": (
        "Under-reliance: stayed wrong although the model was right",
        "of the cases on which the first call was wrong and the model right",
    ),
    "appropriate": (
        "Appropriate reliance: right in the end",
        "of the first calls that differed from the model's, on cases of known truth",
    ),
}
RATES_AI_FIRST = {
    "over": (
        "Over-reliance: same call as a wrong model",
        "of the cases on which the model is wrong",
    ),
    "under": (
        "Under-reliance: another call than a right model",
        "of the cases on which the model is right",
    ),
}
MRMC = (
    "Readers differ, and so do cases; both are samples. The analysis of Obuchowski and Rockette "
    "(1995) with Hillis' degrees of freedom (2007) asks whether readers *like these* would do "
    "better with the model on cases *like these*, and beside it, whether *these* readers did."
)


def rate(name: str, of: str, figure: Mapping) -> str:
    """Say one figure of reliance, all readers together, with what it is a share of."""
    if figure["value"] is None:
        return f"**{name}**: cannot be said ({figure['why']})."
    return f"**{name}**: {percent(figure)} {of} (n = {figure['n']} answers)."


OUTCOMES = {
    (True, True): "Reader right, model right",
    (True, False): "Reader right, model wrong",
    (False, True): "Reader wrong, model right",
    (False, False): "Reader wrong, model wrong",
}


def switches(flow: Mapping[tuple[bool, bool, bool], int]) -> str:
    """Say what the reveal did, all readers together."""
    total = sum(flow.values())
    better = {right: flow[False, right, True] for right in (True, False)}
    worse = {right: flow[True, right, False] for right in (True, False)}
    return (
        f"Of {total} answers on cases of known truth, **{sum(better.values())} were changed from "
        f"wrong to right** ({better[True]} with the model right, {better[False]} against it) and "
        f"**{sum(worse.values())} from right to wrong** ({worse[False]} with the model wrong, "
        f"{worse[True]} against it)."
    )


def comparison(one: Comparison, passes: int) -> str:
    """Say in plain words what the comparison of many readers found."""
    name = {"auc": "AUC", "sensitivity": "sensitivity", "specificity": "specificity"}[one.figure]
    span = f"from *{moment(one.before, passes)}* to *{moment(one.after, passes)}*"
    if one.components is None:
        return f"- **{name}**, {span}: cannot be compared ({one.fixed['why']})."
    size = f"{count(len(one.readers), 'reader')}, {count(one.cases, 'case')}"
    alone = "these readers" if len(one.readers) > 1 else "this reader"
    these = f"For {alone} alone, {_moved(one.fixed, name)}."
    if not one.enough:
        return (
            f"- **{name}**, {span} ({size}): too few to tell for readers in general (it takes "
            f"{FEW_READERS} readers and {FEW_OF_A_CLASS} cases of each class). {these}"
        )
    if one.random["value"] is None:
        return f"- **{name}**, {span} ({size}): {one.random['why']}. {these}"
    return f"- **{name}**, {span} ({size}): {_moved(one.random, f'mean {name}')}. {these}"


def _moved(figure: Mapping, name: str) -> str:
    if figure["value"] is None:
        return f"{name}: {figure['why']}"
    verb = "rose" if figure["value"] > 0 else "fell" if figure["value"] < 0 else "changed"
    told = (
        f"{name} {verb} by {abs(figure['value']):.3f} (95 % interval of the change "
        f"{figure['low']:+.3f} to {figure['high']:+.3f}; p = {_p(figure['p'])})"
    )
    return told if figure["p"] < 0.05 else f"{told}, which may be chance"


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
