"""What a card says of how good a run is."""

from __future__ import annotations

import numpy as np

from pipeline import statements
from pipeline.card import charts, commands, wording
from pipeline.card.evidence import SPLITS, Evidence
from pipeline.card.parts import Chart, Facts, Figure, FigureTable, Section, Text
from pipeline.evaluation import FIGURES
from pipeline.performance.calibration import reliability
from pipeline.performance.operating import rates
from pipeline.runs import Run

SPLIT_NAMES = {
    "test": "official test set",
    "validation": "validation patients, held out of training",
}
_NONE = Text("Nothing of this kind is stored with this run.")
_WITHOUT_THRESHOLD = ("auc", "average_precision", "brier", "ece")
_SHOWN = ("auc", "accuracy", "balanced_accuracy", "sensitivity", "specificity")


def discrimination(run: Run, evidence: Evidence) -> Section:
    """Every figure at every operating point, and the ROC curve."""
    blocks: list = [Text(wording.INTERVALS)]
    if not evidence.reports:
        blocks = [Text(wording.RECORDED)]
    else:
        blocks.append(
            Facts(
                tuple(
                    (
                        statements.operating_point(name),
                        f"probability >= {entry['threshold']:.4f}: {entry['rule']}"
                        + (" (the run's own)" if name == run.point() else ""),
                    )
                    for name, entry in run.operating_points.items()
                ),
                "Operating points, from run.json.",
            )
        )
    if "test" in evidence.reports:
        blocks += [_roc(run, evidence), _forest(run, evidence)]
    own = run.point() if evidence.reports else None
    for split in SPLITS:
        points = evidence.reports.get(split, {})
        if points:
            blocks.append(_whole(run, split, points[own]))
        for point in sorted(points, key=lambda name: name != own):
            blocks.append(_table(run, split, point, points[point]))
    return Section(
        "evaluation",
        "Evaluation",
        "CLAIM: Evaluation, Model performance; TRIPOD+AI: Model performance",
        tuple(blocks),
    )


def _whole(run: Run, split: str, report: dict) -> FigureTable:
    return FigureTable(
        f"{SPLIT_NAMES[split].capitalize()}, n = {report['n']}, whatever the threshold",
        tuple(
            Figure.of(f"{split}.{name}", statements.FIGURE_NAMES[name], report["figures"][name])
            for name in _WITHOUT_THRESHOLD
        ),
        _command(run, split, run.point()),
    )


def _table(run: Run, split: str, point: str, report: dict) -> FigureTable:
    counts = ", ".join(f"{report['counts'][name]} {name.upper()}" for name in report["counts"])
    return FigureTable(
        f"{SPLIT_NAMES[split].capitalize()}, n = {report['n']}, at "
        f"{statements.operating_point(point)} (threshold {report['threshold']:.4f}): {counts}",
        tuple(
            Figure.of(
                f"{split}.{point}.{name}", statements.FIGURE_NAMES[name], report["figures"][name]
            )
            for name in FIGURES
            if name not in _WITHOUT_THRESHOLD
        ),
        _command(run, split, point),
    )


def _command(run: Run, split: str, point: str) -> str:
    if split != "test":  # `evaluate` prints the test set; a card holds both
        return commands.card(run)
    return commands.evaluation(run) + ("" if point == run.point() else f" --point {point}")


def _roc(run: Run, evidence: Evidence) -> Chart:
    test = evidence.table[evidence.table["split"] == "test"]
    curve = rates(test["probability"].to_numpy(), test["label"].to_numpy())
    points = {
        statements.operating_point(name): (
            1 - report["figures"]["specificity"]["value"],
            report["figures"]["sensitivity"]["value"],
        )
        for name, report in evidence.reports["test"].items()
    }
    auc = evidence.reports["test"][run.point()]["figures"]["auc"]
    return Chart(
        f"ROC on the official test set: AUC {auc['value']:.3f} ({auc['low']:.3f} to "
        f"{auc['high']:.3f}), n = {auc['n']}.",
        charts.roc(curve.false_alarms, curve.sensitivity, points),
        commands.card(run),
    )


def _forest(run: Run, evidence: Evidence) -> Chart:
    figures = evidence.reports["test"][run.point()]["figures"]
    rows = [
        (
            statements.FIGURE_NAMES[name],
            *(figures[name][key] for key in ("value", "low", "high")),
        )
        for name in _SHOWN
        if figures[name]["value"] is not None
    ]
    return Chart(
        f"Figures at {statements.operating_point(run.point())} with their 95 % intervals.",
        charts.forest(rows, "official test set"),
        commands.evaluation(run),
    )


def calibration(run: Run, evidence: Evidence) -> Section:
    """Temperature and reliability."""
    if not evidence.reports:
        blocks: tuple = (_NONE,)
    else:
        told = (
            f"Temperature {run.temperature:.4f}, fitted on "
            f"{run.document['calibration'].get('n', '?')} pictures of validation patients (Guo "
            "2017, arXiv:1706.04599). "
        )
        told += (
            "Temperature, thresholds and abstain band come out the same when fitted anew on the "
            "stored validation predictions."
            if not evidence.faults
            else " ".join(evidence.faults)
        )
        blocks = (Text(told),)
        for split in SPLITS:
            own = evidence.table[evidence.table["split"] == split]
            if len(own):
                rows = reliability(own["probability"].to_numpy(), own["label"].to_numpy())
                caption = (
                    f"Reliability on the {SPLIT_NAMES[split]}, n = {len(own)}; bars are 95 % "
                    "intervals (Wilson)."
                )
                blocks += (Chart(caption, charts.reliability(rows), commands.card(run)),)
    return Section(
        "calibration",
        "Calibration",
        "CLAIM: Evaluation; TRIPOD+AI: Model performance",
        blocks,
    )


def selective(run: Run, evidence: Evidence) -> Section:
    """What is left when the run may abstain."""
    blocks: tuple = (_NONE,)
    if evidence.selective:
        band = run.document["abstain"]
        blocks = (
            Text(
                f"No call is made for probabilities from {band['low']:.4f} to below "
                f"{band['high']:.4f}: {band['rule']}."
            ),
        )
        names = {
            "coverage": "Coverage (share that gets a call)",
            "accuracy": "Accuracy of the calls",
            "sensitivity": "Sensitivity of the calls",
            "specificity": "Specificity of the calls",
        }
        for split, found in evidence.selective.items():
            blocks += (
                FigureTable(
                    f"{SPLIT_NAMES[split].capitalize()}, n = {found['n']}",
                    tuple(
                        Figure.of(f"{split}.abstain.{key}", name, found[key])
                        for key, name in names.items()
                    ),
                    commands.card(run),
                ),
            )
    return Section(
        "uncertainty",
        "Uncertainty",
        "CLAIM: Evaluation; TRIPOD+AI: Model output",
        blocks,
    )


def subgroups(run: Run, evidence: Evidence) -> Section:
    """The same figures within parts of the test set."""
    blocks: tuple = (_NONE,)
    if evidence.subgroups:
        shown = ("sensitivity", "specificity")
        blocks = tuple(
            FigureTable(
                f"By {family}, official test set, at {statements.operating_point(run.point())}",
                tuple(
                    Figure.of(
                        f"test.{family}.{name}.{figure}",
                        f"{name}: {statements.FIGURE_NAMES[figure].lower()}",
                        report["figures"][figure],
                    )
                    for name, report in groups.items()
                    for figure in shown
                    if report["figures"][figure]["value"] is not None
                ),
                commands.card(run),
            )
            for family, groups in evidence.subgroups.items()
            if groups
        )
    return Section(
        "subgroups",
        "Subgroups",
        "CLAIM: Evaluation (robustness); TRIPOD+AI: Fairness, Heterogeneity",
        blocks,
    )


def seeds(run: Run, evidence: Evidence) -> Section:
    """Mean, lowest and highest over trainings that differ by the seed alone."""
    blocks: tuple = (Text("This training was done with one seed: its luck is not known."),)
    if evidence.seeds:
        reports = evidence.seeds
        figures = []
        for name in _SHOWN:
            values = [report["figures"][name]["value"] for report in reports.values()]
            if None not in values:
                figures.append(
                    Figure(
                        f"seeds.{name}",
                        statements.FIGURE_NAMES[name],
                        float(np.mean(values)),
                        min(values),
                        max(values),
                        len(values),
                    )
                )
        blocks = (
            Text(
                f"{len(reports)} trainings that differ by nothing but the seed: "
                + ", ".join(f"`{name}`" for name in reports)
                + ". Mean, **lowest and highest** (no interval) on the official test set, each at "
                "its own threshold; here n counts trainings."
            ),
            FigureTable(
                "Over the seeds: mean, lowest and highest",
                tuple(figures),
                f"python -m pipeline evaluate {' '.join(reports)} --stored",
            ),
        )
    return Section(
        "seeds",
        "Repeated training",
        "CLAIM: Training, Evaluation; TRIPOD+AI: Analytical methods",
        blocks,
    )
