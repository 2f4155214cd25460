"""What is told of one run on one set of pictures, and of several runs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline import evaluation
from pipeline.runs import Run


def result(
    run: Run,
    point: str,
    report: Mapping,
    judged: tuple[np.ndarray, np.ndarray, Sequence[str]],
    families: Mapping[str, Sequence[str | None]],
    prevalence: float | None,
) -> dict:
    """Return all that `pipeline.evaluation` tells of a run on these pictures.

    Parameters
    ----------
    report : of the pictures at the operating point.
    judged : (score, label, patients), each (N,).
    families : as for `pipeline.evaluation.subgroups`.
    prevalence : share of pneumonias at which PPV and NPV are asked for, or None.

    Returns
    -------
    Run, operating point, temperature; n, counts, threshold and figures of the report;
    ``at_prevalence`` (None if not asked for), ``abstain`` (None if the run has no band),
    ``subgroups``.
    """
    score, label, groups = judged
    figures, band = report["figures"], run.document.get("abstain")
    return {
        "run": run.name,
        "operating_point": point,
        "temperature": run.temperature,
        "threshold": report["threshold"],
        "n": report["n"],
        "counts": report["counts"],
        "figures": figures,
        "at_prevalence": None
        if prevalence is None
        else evaluation.at_prevalence(figures["sensitivity"], figures["specificity"], prevalence),
        "abstain": None
        if band is None
        else {"rule": band["rule"]}
        | evaluation.selective(score, label, band["low"], band["high"], groups),
        "subgroups": evaluation.subgroups(score, label, report["threshold"], families, groups),
    }


def over_runs(results: Sequence[Mapping]) -> dict[str, dict]:
    """Return mean, lowest and highest of each figure that all runs have."""
    table = {}
    for name in evaluation.FIGURES:
        values = [one["figures"][name]["value"] for one in results]
        if all(value is not None for value in values):
            table[name] = {
                "mean": float(np.mean(values)),
                "lowest": min(values),
                "highest": max(values),
                "runs": len(values),
            }
    return table
