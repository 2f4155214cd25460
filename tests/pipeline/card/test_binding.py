"""A card that was written once is held to its run: whatever changes, the check says so."""

import json
import re

import pytest

from pipeline.card import as_html, build, differences
from pipeline.card.page import number
from pipeline.errors import RunError
from pipeline.runs import open_run


def test_a_fresh_card_holds(written, toy_artifacts):
    assert differences(written, toy_artifacts) == []


def test_the_same_run_gives_the_same_bytes(written, toy_artifacts):
    assert as_html(build(open_run(toy_artifacts / "runs", "toy"), toy_artifacts)) == written


def test_a_changed_prediction_shows_in_hash_figures_and_metrics(written, toy_artifacts):
    path = toy_artifacts / "runs/toy/predictions.csv"
    table = open_run(toy_artifacts / "runs", "toy").predictions()
    # The surest of the ill on the test set becomes the surest of the normal.
    worst = table.query("split == 'test' and label == 1")["probability"].idxmax()
    table.loc[worst, ["logit", "probability"]] = [-20.0, 0.0]
    table.to_csv(path, index=False)
    found = differences(written, toy_artifacts)
    assert any("predictions.csv has changed" in sentence for sentence in found)
    assert any(s.startswith("metrics.json at test") and "does not follow" in s for s in found)
    changed = {s.split(":")[0] for s in found if "the card says" in s}
    assert {"test.auc", "test.sensitivity_95.sensitivity", "test.brier"} <= changed
    assert not any(key.startswith("validation.") for key in changed)


def test_every_figure_on_the_card_is_computed_anew(written, toy_artifacts):
    """Move all predictions: no figure that can move may stay as it was."""
    run = open_run(toy_artifacts / "runs", "toy")
    table = run.predictions()
    table["probability"] = (1 - table["probability"]).round(6)
    table["logit"] = -table["logit"]
    table.to_csv(run.folder / "predictions.csv", index=False)
    before = {f.key: f for f in build(run, toy_artifacts, strict=False).figures()}
    changed = {s.split(":")[0] for s in differences(written, toy_artifacts) if "card says" in s}
    assert changed == before.keys()


@pytest.mark.parametrize(
    "name", ["run.json", "history.csv", "predictions.csv", "metrics.json", "model.onnx"]
)
def test_every_stored_file_is_bound(written, toy_artifacts, name):
    path = toy_artifacts / "runs/toy" / name
    data = path.read_bytes()
    # JSON and CSV may end in one more empty line and say the same; the hash differs all the same.
    path.write_bytes(data + b"\n")
    assert any(f"runs/toy/{name} has changed" in s for s in differences(written, toy_artifacts))


def test_a_file_that_went_and_one_that_came_are_named(written, toy_artifacts):
    (toy_artifacts / "runs/toy/model.onnx").unlink()
    (toy_artifacts / "runs/toy/shortcuts.json").write_text("{}")
    found = differences(written, toy_artifacts)
    assert "runs/toy/model.onnx is not stored any more." in found
    assert "runs/toy/shortcuts.json was stored after the card was written." in found


def test_a_figure_edited_in_the_card_is_found(written, toy_artifacts):
    figure = next(
        f
        for f in build(open_run(toy_artifacts / "runs", "toy"), toy_artifacts).figures()
        if f.key == "test.auc"
    )
    shown = number(figure.value)
    row = re.search(r'<tr data-figure="test\.auc">.*?</tr>', written)[0]
    better = written.replace(row, row.replace(f">{shown}<", ">0.9999<", 1))
    assert better != written
    [found] = differences(better, toy_artifacts)
    assert found.startswith("test.auc: the card says 0.9999")


def test_a_sentence_edited_in_the_card_is_found(written, toy_artifacts):
    edited = written.replace("Not for diagnosis or treatment", "For diagnosis and treatment")
    assert edited != written
    [found] = differences(edited, toy_artifacts)
    assert "but not the text" in found


@pytest.mark.parametrize("text", ["", "<html></html>", "%PDF-1.4", '<meta name="card-run">'])
def test_what_is_no_card_is_refused(toy_artifacts, text):
    with pytest.raises(RunError, match="not a model card"):
        differences(text, toy_artifacts)


def test_a_card_of_another_format_is_refused(written, toy_artifacts):
    other = written.replace('name="card-schema" content="1"', 'name="card-schema" content="99"')
    with pytest.raises(RunError, match="format 99"):
        differences(other, toy_artifacts)


def test_a_card_of_a_run_that_is_not_here_says_so(written, tmp_path):
    with pytest.raises(RunError, match="no run called 'toy'"):
        differences(written, tmp_path / "elsewhere")


def test_a_run_name_in_a_card_never_leads_out_of_the_folder(written, toy_artifacts):
    other = written.replace('name="card-run" content="toy"', 'name="card-run" content="../../x"')
    with pytest.raises(RunError, match="cannot be the name of a run"):
        differences(other, toy_artifacts)


def test_the_fingerprint_stands_for_all_files(written, toy_artifacts):
    before = re.search(r'name="card-fingerprint" content="([0-9a-f]{64})"', written)[1]
    path = toy_artifacts / "runs/toy/run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"notes": ["New."]}))
    after = build(open_run(toy_artifacts / "runs", "toy"), toy_artifacts).fingerprint
    assert before != after
