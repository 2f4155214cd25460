"""The statistics of a study's readings for the shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.observers.agreement import MODEL, READER, TRUTH, Agreement, Rater
from pipeline.observers.mrmc import FEW_OF_A_CLASS, FEW_READERS, Comparison
from pipeline.observers.panel import Moment
from pipeline.observers.reliance import OfPass
from pipeline.observers.study import Findings, findings
from pipeline.readings.reading import IMPLAUSIBLE, Reading

_RATERS = {MODEL: "the model", TRUTH: "the truth"}
FIGURES = {"auc": "AUC", "sensitivity": "sensitivity", "specificity": "specificity"}
RELIANCE = {
    "switched": "calls changed",
    "followed": "first calls against the model given up for it",
    "over": "over-reliance",
    "under": "under-reliance",
    "appropriate": "right in the end after differing from the model",
}


def summary(readings: Sequence[Reading]) -> str:
    """Return a study's statistics as lines of text; in brackets are 95 % intervals."""
    found = findings(readings)
    if not found.readers:
        return "Nobody has answered a case yet."
    return "\n".join(_lines(found))


def _lines(found: Findings) -> Iterator[str]:
    yield (
        f"{len(found.readers)} readers, {found.finished} readings finished, {found.cases} cases of "
        f"{found.patients} patients; truth known of {found.labelled} ({found.ill} pneumonia)."
    )
    for one in found.agreements:
        yield from _agreement(one)
    for repeat in found.repeats:
        yield (
            f"{repeat.reader} with themselves, pass {repeat.first.pass_number} and "
            f"{repeat.second.pass_number}: kappa {number(repeat.pair.kappa)}, n = {repeat.pair.n}"
        )
    for one in found.accuracies:
        yield ""
        yield f"Against the truth, {moment(one.moment)}"
        rows = [("all readers", one.pooled), *((each.reader, each) for each in one.readers)]
        for name, each in [*rows, ("the model", one.model)]:
            yield (
                f"  {name}: sensitivity {number(each.sensitivity)}, n = {each.sensitivity['n']}; "
                f"specificity {number(each.specificity)}, n = {each.specificity['n']}; "
                f"AUC {number(each.auc)}"
            )
    for one in found.reliances:
        yield from _reliance(one)
    if found.comparisons:
        yield ""
        yield "Many readers, many cases (Obuchowski, Rockette 1995; Hillis 2007)"
        yield from (comparison(one) for one in found.comparisons)
    for one in found.judged:
        yield ""
        yield (
            f"Superpixels of {one.source.run}, {one.source.method}: "
            + ", ".join(f"{count} {kind}" for kind, count in one.counts.items())
            + f"; {IMPLAUSIBLE} {number(one.implausible)}"
        )
    if not found.labelled:
        yield "No truth is known: accuracy, over- and under-reliance cannot be computed."


def _agreement(one: Agreement) -> Iterator[str]:
    group = one.group
    yield ""
    yield f"Agreement, {moment(one.moment)}"
    yield (
        f"  all {group.readers} readers: Fleiss' kappa {number(group.fleiss)}, "
        f"n = {group.fleiss['n']}; Gwet's AC1 {number(group.ac1)}, n = {group.ac1['n']}"
    )
    for pair in one.pairs:
        yield (
            f"  {rater(pair.first)} and {rater(pair.second)}: kappa {number(pair.kappa)}, "
            f"AC1 {number(pair.ac1)}, equal calls {number(pair.equal)}, n = {pair.n}"
        )


def _reliance(one: OfPass) -> Iterator[str]:
    yield ""
    yield f"What the model changed, {moment(one.moment)}"
    for person in (one.all, *one.readers):
        told = [
            f"{RELIANCE[name]} {number(figure)}, n = {figure['n']}"
            for name, figure in person.rates.items()
        ]
        yield f"  {person.reader or 'all readers'}: " + "; ".join(told)


def comparison(one: Comparison) -> str:
    """Say one comparison in a line."""
    name = FIGURES[one.figure]
    if one.components is None:
        return f"  {name}: {one.fixed['why']}"
    few = (
        ""
        if one.enough
        else f" (fewer than {FEW_READERS} readers or {FEW_OF_A_CLASS} cases of a class: "
        "do not speak of readers in general)"
    )
    return (
        f"  {name}, {moment(one.before)} to {moment(one.after)}: readers like these "
        f"{_tested(one.random)}; these readers {_tested(one.fixed)}; {len(one.readers)} readers, "
        f"{one.cases} cases{few}"
    )


def _tested(figure: Mapping) -> str:
    if figure["value"] is None:
        return figure["why"]
    return f"{number(figure, sign=True)}, p = {figure['p']:.3f}"


def moment(one: Moment) -> str:
    """Name a moment."""
    if not one.aided:
        return f"pass {one.pass_number} before the model"
    return f"pass {one.pass_number} with the model ({one.arm})"


def rater(one: Rater) -> str:
    return one.name if one.kind == READER else _RATERS[one.kind]


def number(figure: Mapping, digits: int = 3, sign: bool = False) -> str:
    """Say a figure with its interval, or why there is none."""
    if figure["value"] is None:
        return f"none ({figure['why']})"
    form = f"{'+' if sign else ''}.{digits}f"
    value = format(figure["value"], form)
    if figure["low"] is None:
        return f"{value} (no interval: {figure['why']})"
    return f"{value} ({figure['low']:{form}} to {figure['high']:{form}})"
