"""A card's sections, in the order of the checklists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.card import commands
from pipeline.card.evidence import Evidence, gather, siblings_of
from pipeline.card.parts import Card, Section
from pipeline.card.results import calibration, discrimination, seeds, selective, subgroups
from pipeline.card.shortcuts import shortcuts
from pipeline.card.sources import AUDIT, GATE, fingerprint, sources, stored
from pipeline.card.study import data_sections, last_sections, purpose
from pipeline.card.training import model, training
from pipeline.errors import RunError
from pipeline.runs import Run, list_runs

_WHAT = {"recorded": "a record", "finished": "finished"}


def build(run: Run, artifacts: Path, strict: bool = True) -> Card:
    """Compute the card of a finished or recorded run from its stored files.

    Parameters
    ----------
    artifacts : holds ``runs/``, and ``audit/`` and ``gate/`` where those were measured.
    strict : refuse a run whose stored figures do not follow from its predictions.

    Raises
    ------
    RunError : for a run in training, a damaged file, or (`strict`) figures that do not follow.
    """
    if run.status == "imported":
        raise RunError(
            f"The run {run.name} has no card: only its curves were imported.",
            "Choose a run that was trained here.",
        )
    if run.status not in _WHAT:
        raise RunError(
            f"The run {run.name} is still in training, or was cut off.",
            "Wait for its end, or go on with 'python -m pipeline train' and '--resume'.",
        )
    siblings = siblings_of(run, list_runs(artifacts / "runs").runs)
    evidence = gather(run, siblings)
    if strict and evidence.faults:
        raise RunError(
            f"The stored figures of {run.name} are not what its predictions give: "
            f"{evidence.faults[0]}",
            f"Make them again with 'python -m pipeline evaluate {run.name} --stored --write', or "
            "restore predictions.csv and run.json.",
        )
    found = sources(run, artifacts, siblings, _commands(run))
    return Card(
        run=run.name,
        title=run.title,
        sections=tuple(_sections(run, evidence, artifacts)),
        sources=tuple(found),
        fingerprint=fingerprint(found),
        faults=evidence.faults,
    )


def _commands(run: Run) -> dict[str, str]:
    """Return which stored files a card may be made from, with what makes each anew."""
    train = commands.training(run)
    return {
        "run.json": train,
        "history.csv": train,
        "predictions.csv": train,
        "metrics.json": f"{commands.evaluation(run)} --write",
        "model.onnx": train,
        "shortcuts.json": commands.shortcuts(run),
        AUDIT: commands.AUDIT,
        GATE: commands.GATE,
    }


def _sections(run: Run, evidence: Evidence, artifacts: Path) -> Sequence[Section]:
    return [
        purpose(),
        *data_sections(run, evidence.table),
        model(run),
        training(run),
        discrimination(run, evidence),
        calibration(run, evidence),
        selective(run, evidence),
        subgroups(run, evidence),
        seeds(run, evidence),
        shortcuts(run, evidence, artifacts),
        *last_sections(run, stored(artifacts / AUDIT)),
    ]
