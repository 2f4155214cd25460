"""A card's figures come from the stored predictions, and from nothing else."""

import json

import numpy as np
import pytest

from pipeline.card import FigureTable, build
from pipeline.card.contents import siblings_of
from pipeline.errors import RunError
from pipeline.runs import list_runs, open_run


def card_of(artifacts, name="toy", **options):
    return build(open_run(artifacts / "runs", name), artifacts, **options)


def figures(card) -> dict:
    return {figure.key: figure for figure in card.figures()}


def test_figures_equal_what_can_be_counted_in_the_predictions(toy_artifacts):
    run = open_run(toy_artifacts / "runs", "toy")
    test = run.predictions().query("split == 'test'")
    point = run.document["operating_point"]
    called = test["probability"] >= run.operating_points[point]["threshold"]
    told = figures(card_of(toy_artifacts))
    assert told[f"test.{point}.accuracy"].value == pytest.approx(np.mean(called == test["label"]))
    assert told[f"test.{point}.sensitivity"].n == test["label"].sum() == 30
    band = run.document["abstain"]
    decided = ~test["probability"].between(band["low"], band["high"], inclusive="left")
    assert told["test.abstain.coverage"].value == pytest.approx(decided.mean())


def test_every_figure_has_a_key_of_its_own_and_a_denominator(toy_artifacts):
    card = card_of(toy_artifacts)
    keys = [figure.key for figure in card.figures()]
    assert len(keys) == len(set(keys)) > 50
    assert all(figure.n > 0 for figure in card.figures())


def test_every_figure_table_and_chart_names_its_command(toy_artifacts):
    for section in card_of(toy_artifacts).sections:
        for block in section.blocks:
            if hasattr(block, "command"):
                assert block.command.startswith("python -m pipeline ")


def test_every_heading_of_the_checklists_is_there(toy_artifacts):
    headings = [section.heading for section in card_of(toy_artifacts).sections]
    for wanted in (
        "Purpose and intended use",
        "Source of the data",
        "Participants",
        "Ground truth",
        "Data partition",
        "Preparation of the data",
        "Model",
        "Training",
        "Evaluation",
        "Calibration",
        "Uncertainty",
        "Subgroups",
        "Repeated training",
        "Failure analysis and shortcuts",
        "Limitations",
        "Ethics and regulatory status",
        "Availability and licence",
        "Reproduction",
        "Versions",
    ):
        assert wanted in headings


def test_figures_that_do_not_follow_from_the_predictions_get_no_card(toy_artifacts):
    path = toy_artifacts / "runs/toy/metrics.json"
    metrics = json.loads(path.read_text())
    point = next(iter(metrics["test"]))
    metrics["test"][point]["figures"]["auc"]["value"] += 0.01
    path.write_text(json.dumps(metrics))
    with pytest.raises(RunError, match="not what its predictions give") as caught:
        card_of(toy_artifacts)
    assert "evaluate toy --stored --write" in caught.value.hint


def test_a_threshold_that_was_moved_by_hand_is_noticed(toy_artifacts):
    path = toy_artifacts / "runs/toy/run.json"
    document = json.loads(path.read_text())
    document["operating_points"]["sensitivity_95"]["threshold"] += 0.01
    path.write_text(json.dumps(document))
    faults = card_of(toy_artifacts, strict=False).faults
    assert any("threshold sensitivity_95" in fault for fault in faults)


def test_another_network_beside_the_run_is_noticed(toy_artifacts):
    (toy_artifacts / "runs/toy/model.onnx").write_bytes(b"another network")
    with pytest.raises(RunError, match=r"model\.onnx is not the network"):
        card_of(toy_artifacts)


def test_a_run_whose_weights_are_not_stored_still_has_its_card(toy_artifacts):
    (toy_artifacts / "runs/toy/model.onnx").unlink()
    card = card_of(toy_artifacts)
    assert "runs/toy/model.onnx" not in {source.name for source in card.sources}
    assert "test.auc" in figures(card)


def test_trainings_that_differ_by_the_seed_are_summed_up(toy_artifacts, add_run):
    add_run(toy_artifacts, "toy-again", seed=1)
    card = card_of(toy_artifacts)
    own = figures(card)["seeds.auc"]
    both = [
        figures(card_of(toy_artifacts, name))["test.auc"].value for name in ("toy", "toy-again")
    ]
    assert own.n == 2
    assert (own.low, own.high) == (min(both), max(both))
    assert own.value == pytest.approx(np.mean(both))
    assert "runs/toy-again/predictions.csv" in {source.name for source in card.sources}


def test_a_run_with_other_settings_is_no_sibling(toy_artifacts, add_run):
    folder = add_run(toy_artifacts, "other", seed=1)
    document = json.loads((folder / "run.json").read_text())
    document["config"]["mixup"] = 0.0
    (folder / "run.json").write_text(json.dumps(document))
    runs = list_runs(toy_artifacts / "runs").runs
    assert siblings_of(open_run(toy_artifacts / "runs", "toy"), runs) == []


def test_what_was_measured_of_shortcuts_and_the_data_is_on_the_card(toy_artifacts):
    def entry(value: float) -> dict:
        return {"value": value, "low": 0.1, "high": 0.9, "n": 60}

    (toy_artifacts / "runs/toy/shortcuts.json").write_text(
        json.dumps(
            {
                "command": "python -m pipeline shortcuts toy --write",
                "parts": {"border_ring": {"part": "the ring alone", "auc": entry(0.55)}},
            }
        )
    )
    (toy_artifacts / "audit").mkdir()
    (toy_artifacts / "audit/data.json").write_text(
        json.dumps({"separability": {"NORMAL": {"auc": entry(0.7)}}, "grey": {"x": entry(0.3)}})
    )
    told = figures(card_of(toy_artifacts))
    assert told["shortcuts.border_ring.auc"].value == 0.55
    assert told["audit.separability.NORMAL"].value == 0.7
    assert not any("grey" in key for key in told)  # the audit has hundreds of figures


def test_a_recorded_run_has_a_card_without_test_figures(toy_artifacts):
    folder = toy_artifacts / "runs/toy"
    document = json.loads((folder / "run.json").read_text())
    kept = ("name", "title", "architecture", "parameters", "config", "data")
    recorded = {key: document[key] for key in kept} | {"status": "recorded", "notes": ["A note."]}
    (folder / "run.json").write_text(json.dumps(recorded))
    for name in ("predictions.csv", "metrics.json", "model.onnx"):
        (folder / name).unlink()
    card = card_of(toy_artifacts)
    assert not list(card.figures())
    blocks = [block for section in card.sections for block in section.blocks]
    assert not any(isinstance(block, FigureTable) for block in blocks)
    assert any("recorded in a notebook" in getattr(block, "markdown", "") for block in blocks)


def test_a_run_in_training_has_no_card(toy_artifacts):
    path = toy_artifacts / "runs/toy/run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "unfinished"}))
    with pytest.raises(RunError, match="still in training"):
        card_of(toy_artifacts)
