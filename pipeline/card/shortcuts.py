"""What a card says of errors, shortcuts and the gate, where those were measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline import statements
from pipeline.card import commands
from pipeline.card.evidence import Evidence
from pipeline.card.parts import Facts, Figure, FigureTable, Section, Text
from pipeline.card.sources import AUDIT, GATE, stored
from pipeline.mistakes import FALSE_POSITIVE, RIGHT, error_rates, outcomes, selected
from pipeline.runs import Run

_SUREST = 5
# Of what was measured of the gate; the same in grey, and sixteen more pictures, are left out.
_GATED = ("train_held_out", "test", "outside")
_LEFT_OUT = ("in_grey",)


def shortcuts(run: Run, evidence: Evidence, artifacts: Path) -> Section:
    """Failure analysis: the surest errors, and what the figures are without the lungs."""
    blocks: list = []
    test = evidence.table
    test = test[test["split"] == "test"] if len(test) else test
    if len(test):
        blocks += _errors(run, test)
    blocks += _parts(run)
    blocks += [*_audited(artifacts), *_gate(artifacts)]
    return Section(
        "failures",
        "Failure analysis and shortcuts",
        "CLAIM: Model performance (failure analysis); TRIPOD+AI: Model performance",
        tuple(blocks) or (Text("Nothing of this kind is stored with this run."),),
    )


def _errors(run: Run, test) -> list:
    point = run.point()
    judged = outcomes(test, run.operating_points[point]["threshold"])
    where = f"official test set, at {statements.operating_point(point)}"
    rates = tuple(
        Figure.of(
            f"errors.{row['subgroup']}.{row['error']}".replace(" ", "_"),
            f"{row['subgroup']}: {row['error']}s ({row['wrong']})",
            row,
        )
        for row in error_rates(judged)
    )
    surest = selected(judged).head(_SUREST)
    listed = tuple(
        (
            row["file"],
            f"{row['outcome']}, probability {row['probability']:.3f}",
        )
        for _, row in surest.iterrows()
    )
    blocks: list = [FigureTable(f"Share of wrong calls, {where}", rates, commands.card(run))]
    if listed:
        wrong = judged[judged["outcome"] != RIGHT]
        false_positives = int((wrong["outcome"] == FALSE_POSITIVE).sum())
        blocks.append(
            Facts(
                listed,
                f"The {len(listed)} errors it was surest of, of {false_positives} false positives "
                f"and {len(wrong) - false_positives} false negatives. A sure error may also be a "
                "wrong label.",
            )
        )
    return blocks


def _parts(run: Run) -> list:
    """What the network reaches on the test set when it sees only a part of each picture."""
    document = stored(run.folder / "shortcuts.json") or {}
    command = str(document.get("command", commands.shortcuts(run)))
    parts = {
        str(entry.get("part", name)): (name, entry)
        for name, entry in document.get("parts", {}).items()
    }
    figures = tuple(
        Figure.of(f"shortcuts.{name}.{figure}", f"{part}: {figure}", entry[figure])
        for part, (name, entry) in parts.items()
        for figure in ("auc", "sensitivity", "specificity")
        if figure in entry
    )
    if not figures:
        return []
    return [
        Text(
            "The network was shown only a part of each test picture. Where it is right without "
            "having seen the lungs (an AUC clearly above .5), it takes a shortcut."
        ),
        FigureTable("Shown only a part, official test set", figures, command),
    ]


def _audited(artifacts: Path) -> list:
    """What simple models reach on this data: it bounds what a network's figures can mean."""
    document = stored(artifacts / AUDIT) or {}
    figures = [
        Figure.of(f"audit.separability.{name}", f"train told from test among {name}", entry["auc"])
        for name, entry in document.get("separability", {}).items()
        if "auc" in entry
    ]
    figures += [
        Figure.of(
            f"audit.shortcut_models.{part}",
            f"normal told from pneumonia by {part.replace('_', ' ')}",
            entry["auc"],
        )
        for part, entry in document.get("shortcut_models", {}).items()
        if "auc" in entry
    ]
    if not figures:
        return []
    return [
        FigureTable(
            "What simple models reach on this data without any network (AUC; .5 is chance)",
            tuple(figures),
            str(document.get("command", commands.AUDIT)),
        )
    ]


def _gate(artifacts: Path) -> list:
    """How many pictures the gate refuses, by what they are."""
    document = stored(artifacts / GATE) or {}
    told = {name: document[name] for name in _GATED if name in document}
    figures = tuple(_figures(told, ("gate",)))
    if not figures:
        return []
    return [FigureTable("Share that the gate refuses", figures, commands.GATE)]


def _figures(document: Mapping, path: tuple[str, ...]) -> Iterator[Figure]:
    """Yield every ``{"value", "low", "high", "n"}`` in a stored document, named by its place."""
    if {"value", "low", "high", "n"} <= document.keys():
        name = ", ".join(path[1:]).replace("_", " ")
        yield Figure.of(".".join(path), name, dict(document))
        return
    for key, entry in document.items():
        if isinstance(entry, Mapping) and key not in _LEFT_OUT:
            yield from _figures(entry, (*path, str(key)))
