"""What a card says of purpose, data, labels and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline import statements
from pipeline.card import commands, wording
from pipeline.card.parts import Facts, Quoted, Section, Text
from pipeline.config import CLASS_NAMES
from pipeline.runs import Run

if TYPE_CHECKING:
    import pandas as pd


def purpose() -> Section:
    return Section(
        "purpose",
        "Purpose and intended use",
        "CLAIM: Introduction; TRIPOD+AI: Background, Objectives",
        (Text(f"**{statements.NOTICE}**"), Text(statements.INTENDED_USE), Text(wording.OUTPUT)),
    )


def data_sections(run: Run, table: pd.DataFrame) -> list[Section]:
    """Return source, participants, ground truth, partition and preparation."""
    return [
        Section(
            "source",
            "Source of the data",
            "CLAIM: Study design, Data; TRIPOD+AI: Data",
            (Text(wording.SOURCE), Text(statements.DATA)),
        ),
        Section(
            "participants",
            "Participants",
            "CLAIM: Data, Results (Data); TRIPOD+AI: Participants",
            (Text(wording.PARTICIPANTS), *_counted(run, table)),
        ),
        Section(
            "truth",
            "Ground truth",
            "CLAIM: Reference standard; TRIPOD+AI: Outcome",
            (Text(wording.GROUND_TRUTH),),
        ),
        Section(
            "partition",
            "Data partition",
            "CLAIM: Data partitions; TRIPOD+AI: Training versus evaluation",
            (*_partition(run), Facts(_sides(run), "As run.json tells.")),
        ),
        Section(
            "preparation",
            "Preparation of the data",
            "CLAIM: Data; TRIPOD+AI: Data preparation, Missing data",
            (Text(wording.PREPARATION if run.status == "finished" else wording.RECORDED),),
        ),
    ]


def _partition(run: Run) -> tuple[Text | Quoted, ...]:
    if run.status == "finished":
        return (Text(wording.PARTITION),)
    # What holds of this project's protocol need not hold of a notebook of 2021.
    return (Quoted(run.notes),) if run.notes else ()


def _counted(run: Run, table: pd.DataFrame) -> tuple[Facts, ...]:
    if table.empty:
        return ()
    rows = []
    for split, own in table.groupby("split", sort=False):
        kinds = own["kind"].value_counts().sort_index()
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        rows.append((split, f"{len(own)} pictures of {own['patient'].nunique()} patients: {told}"))
    return (Facts(tuple(rows), "Counted in predictions.csv."),)


def _sides(run: Run) -> tuple[tuple[str, str], ...]:
    data = run.document.get("data", {})
    rows = []
    for side in ("train", "validation"):
        if side not in data:
            continue
        entry = data[side]
        told = ", ".join(f"{entry[name]} {name.lower()}" for name in CLASS_NAMES)
        told += f"; {entry['patients']} patients" if "patients" in entry else ""
        told += f"; taken from {entry['taken_from']}" if "taken_from" in entry else ""
        rows.append((side, told))
    if "fingerprint" in data:
        rows.append(("fingerprint of the data", data["fingerprint"]))
    return tuple(rows)


def last_sections(run: Run, audit: Mapping | None) -> list[Section]:
    """Return limitations, ethics, availability, reproduction and versions.

    Parameters
    ----------
    audit : the stored audit of the data set, None where there is none.
    """
    failures = "\n".join(f"- {failure}" for failure in statements.known_failures(audit))
    versions = run.document.get("versions", {})
    return [
        Section(
            "limitations",
            "Limitations",
            "CLAIM: Discussion; TRIPOD+AI: Limitations, Usability",
            (
                Text(failures),
                Text(wording.LIMITATIONS),
                *((Text("Of this run:"), Quoted(run.notes)) if run.notes else ()),
            ),
        ),
        Section(
            "ethics",
            "Ethics and regulatory status",
            "CLAIM: Other information; TRIPOD+AI: Ethical approval, Funding, Registration",
            (Text(wording.ETHICS),),
        ),
        Section(
            "availability",
            "Availability and licence",
            "CLAIM: Other information; TRIPOD+AI: Data sharing, Code sharing",
            (Text(wording.AVAILABILITY),),
        ),
        Section(
            "reproduction",
            "Reproduction",
            "CLAIM: Other information; TRIPOD+AI: Code sharing",
            (
                Facts(
                    (
                        ("train it again", commands.training(run)),
                        ("compute every figure again", commands.evaluation(run)),
                        ("write this card again", commands.card(run)),
                        ("hold this card to the stored run", commands.check()),
                    )
                ),
            ),
        ),
        Section(
            "versions",
            "Versions",
            "CLAIM: Model; TRIPOD+AI: Analytical methods",
            (
                Facts(
                    tuple((name, str(version)) for name, version in versions.items())
                    or (("versions", "not recorded"),),
                    "That the run was made with.",
                ),
            ),
        ),
    ]
