"""The findings of a study as flat tables: what a page shows, and what it hands out as CSV.

Every estimate has its value, its limits, how many it is of, and why it or its limits are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline.observers.agreement import READER, Rater
from pipeline.observers.panel import Moment
from pipeline.observers.study import Findings

ALL, MODEL = "all readers", "the model"


def tables(found: Findings) -> dict[str, list[dict]]:
    """Return every table by its name; those with nothing in them are left out."""
    made = {name: make(found) for name, make in _TABLES.items()}
    return {name: rows for name, rows in made.items() if rows}


def _agreement(found: Findings) -> list[dict]:
    rows = []
    for one in found.agreements:
        group = one.group
        rows.append(
            {
                **_moment(one.moment),
                "first": ALL,
                "second": ALL,
                **_figure("equal", group.equal),
                **_figure("fleiss_kappa", group.fleiss),
                **_figure("ac1", group.ac1),
                **_figure("calls_of_pneumonia", group.positive),
            }
        )
        for pair in one.pairs:
            rows.append(
                {
                    **_moment(one.moment),
                    "first": _name(pair.first),
                    "second": _name(pair.second),
                    **_figure("equal", pair.equal),
                    **_figure("kappa", pair.kappa),
                    **_figure("ac1", pair.ac1),
                    "equal_by_chance": pair.chance,
                    "positive_agreement": pair.positive,
                    "negative_agreement": pair.negative,
                    "prevalence_index": pair.prevalence,
                    "bias_index": pair.bias,
                    **_figure("weighted_kappa_confidence", pair.confidence),
                    **_figure("weighted_kappa_quality", pair.quality),
                }
            )
    return rows


def _repeats(found: Findings) -> list[dict]:
    return [
        {
            "reader": one.reader,
            "first_pass": one.first.pass_number,
            "second_pass": one.second.pass_number,
            "stage": one.first.stage,
            **_figure("equal", one.pair.equal),
            **_figure("kappa", one.pair.kappa),
            **_figure("ac1", one.pair.ac1),
            **_figure("weighted_kappa_confidence", one.pair.confidence),
        }
        for one in found.repeats
    ]


def _accuracy(found: Findings) -> list[dict]:
    return [
        {
            **_moment(one.moment),
            "reader": who,
            "cases": each.cases,
            **_figure("sensitivity", each.sensitivity),
            **_figure("specificity", each.specificity),
            **_figure("auc", each.auc),
        }
        for one in found.accuracies
        for who, each in [
            (ALL, one.pooled),
            *((each.reader, each) for each in one.readers),
            (MODEL, one.model),
        ]
    ]


def _curves(found: Findings) -> list[dict]:
    return [
        {
            **_moment(one.moment),
            "reader": who,
            "false_alarms": float(x),
            "sensitivity": float(y),
        }
        for one in found.accuracies
        for who, curve in [
            *one.curves.items(),
            *([(MODEL, one.model_curve)] if one.model_curve else []),
        ]
        for x, y in zip(curve.false_alarms, curve.sensitivity, strict=True)
    ]


def _changes(found: Findings) -> list[dict]:
    return [
        {
            "pass": one.after.pass_number,
            "arm": one.after.arm,
            "reader": change.reader,
            "figure": change.figure,
            **_figure("before", change.before),
            **_figure("after", change.after),
            **_figure("difference", change.difference),
            "p_mcnemar": change.p,
        }
        for one in found.revealed
        for change in one.changes
    ]


def _reliance(found: Findings) -> list[dict]:
    return [
        {**_moment(one.moment), "reader": person.reader or ALL, "figure": name, **_figure("", part)}
        for one in found.reliances
        for person in (one.all, *one.readers)
        for name, part in person.rates.items()
    ]


def _flow(found: Findings) -> list[dict]:
    return [
        {
            **_moment(one.moment),
            "reader": person.reader or ALL,
            "first_right": first,
            "model_right": model,
            "final_right": final,
            "answers": count,
        }
        for one in found.reliances
        for person in (one.all, *one.readers)
        for (first, model, final), count in person.flow.items()
    ]


def _pace(found: Findings) -> list[dict]:
    return [
        {
            **_moment(one.moment),
            "reader": one.reader,
            "cases": len(one.seconds),
            "median_seconds": one.median,
            "lower_quartile": one.lower,
            "upper_quartile": one.upper,
            **_figure("seconds_more_per_10_cases", one.trend),
        }
        for one in found.paces
    ]


def _superpixels(found: Findings) -> list[dict]:
    return [
        {
            "run": one.source.run,
            "run_sha256": one.source.run_sha256,
            "method": one.source.method,
            "segments": one.source.segments,
            "fill": one.source.fill,
            "seed": one.source.seed,
            "case": part.case,
            "superpixel": part.superpixel,
            "rank": part.rank,
            "weight": part.weight,
            **part.counts,
            "readers": part.readers,
        }
        for one in found.judged
        for part in one.superpixels
    ]


def _comparisons(found: Findings) -> list[dict]:
    return [
        {
            "figure": one.figure,
            "before_pass": one.before.pass_number,
            "before_stage": one.before.stage,
            "after_pass": one.after.pass_number,
            "after_stage": one.after.stage,
            "arm": one.after.arm,
            "readers": len(one.readers),
            "cases": one.cases,
            "cases_of_pneumonia": one.positives,
            "patients": one.patients,
            **_figure("mean_before", one.means[0]),
            **_figure("mean_after", one.means[1]),
            **_figure("difference_random_readers", one.random),
            "p_random_readers": one.random["p"],
            "df_random_readers": one.random["df"],
            **_figure("difference_these_readers", one.fixed),
            "p_these_readers": one.fixed["p"],
        }
        for one in found.comparisons
    ]


_TABLES: Mapping[str, Callable[[Findings], list[dict]]] = {
    "agreement": _agreement,
    "repeats": _repeats,
    "accuracy": _accuracy,
    "roc": _curves,
    "changes": _changes,
    "reliance": _reliance,
    "outcomes": _flow,
    "time": _pace,
    "superpixels": _superpixels,
    "mrmc": _comparisons,
}


def _moment(one: Moment) -> dict:
    return {"pass": one.pass_number, "stage": one.stage, "arm": one.arm, "order": one.order}


def _figure(name: str, figure: Mapping) -> dict:
    prefix = f"{name}_" if name else ""
    return {
        name or "value": figure["value"],
        f"{prefix}low": figure["low"],
        f"{prefix}high": figure["high"],
        f"{prefix}n": figure["n"],
        f"{prefix}missing_because": figure["why"],
    }


def _name(one: Rater) -> str:
    return one.name if one.kind == READER else f"the {one.kind}"
