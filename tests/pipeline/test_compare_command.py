"""`python -m pipeline compare` asks whether two runs differ or whether it was chance."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.__main__ import main


@pytest.fixture
def runs(toy_run, tmp_path, monkeypatch) -> Path:
    """Two trained runs of the same name but one letter; `other` calls everything pneumonia."""
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    for name in ("toy", "other"):
        shutil.copytree(toy_run.folder, tmp_path / "runs" / name)
    path = tmp_path / "runs" / "other" / "run.json"
    document = json.loads(path.read_text())
    for entry in document["operating_points"].values():
        entry["threshold"] = 0.0
    path.write_text(json.dumps(document))
    return tmp_path / "runs"


def test_a_sentence_says_who_does_better_and_a_table_why(runs, capsys):
    assert main(["compare", "toy", "other"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("test: 40 pictures of 40 patients, 20 NORMAL, 20 PNEUMONIA")
    assert "toy clears more of the 20 normals than other" in shown
    assert "DeLong +0.0000 to +0.0000" in shown
    assert "Holm over 1 pairs" in shown


def test_json_is_one_document_with_every_test(runs, capsys):
    assert main(["compare", "toy", "other", "--split", "validation", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["split"] == "validation"
    (pair,) = document["pairs"]
    assert pair["auc"]["p"] == 1.0
    counts = pair["specificity"]["counts"]
    assert counts["only_b"] == counts["both_right"] == 0
    assert counts["only_a"] > 0
    assert {"value", "low", "high", "n"} == set(pair["accuracy"]["difference"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["toy"], "One run alone cannot be compared. Name at least two runs."),
        (["toy", "toy"], "One run alone cannot be compared."),
        (["toy", "nobody"], "There is no run called 'nobody'"),
        (["toy", "other", "--point", "guess"], "Choose one of: balanced, sensitivity_90"),
    ],
)
def test_what_cannot_be_compared_is_said(runs, capsys, arguments, sentence):
    assert main(["compare", *arguments]) == 1
    assert sentence in capsys.readouterr().err


def test_runs_judged_on_other_pictures_are_refused(runs, capsys):
    path = runs / "other" / "predictions.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert main(["compare", "toy", "other"]) == 1
    assert "not judged on the same test pictures: 40 and 39" in capsys.readouterr().err
