"""`python -m pipeline evaluate` judges a run on labelled pictures."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.evaluation import FIGURES
from pipeline.images import encode_png


@pytest.fixture
def runs(brightness_run, monkeypatch) -> Path:
    """The runs' folder, with a run that calls pictures of mean grey 100 or more pneumonia."""
    monkeypatch.setenv("XRAY_ARTIFACTS", str(brightness_run.parent.parent))
    return brightness_run.parent


def write(folder: Path, greys: dict[str, list[int]]) -> Path:
    for class_name, values in greys.items():
        (folder / class_name).mkdir(parents=True, exist_ok=True)
        for i, grey in enumerate(values):
            picture = encode_png(np.full((80, 80), grey, np.uint8))
            (folder / class_name / f"{class_name.lower()}{i}.png").write_bytes(picture)
    return folder


@pytest.fixture
def labelled(tmp_path) -> Path:
    """Two of three with pneumonia are bright, and one of four normal pictures."""
    return write(tmp_path / "x", {"NORMAL": [20, 60, 80, 140], "PNEUMONIA": [90, 160, 200]})


def evaluate(capsys, *arguments: str) -> dict:
    assert main(["evaluate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def failed(capsys, *arguments: str) -> str:
    assert main(["evaluate", *arguments]) == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_pictures_are_judged_at_the_run_s_own_threshold(runs, labelled, capsys):
    (result,) = evaluate(capsys, "brightness", "--data", str(labelled))["runs"]
    assert result["counts"] == {"tp": 2, "fn": 1, "tn": 3, "fp": 1}
    assert set(result["figures"]) == set(FIGURES)
    assert result["figures"]["sensitivity"]["value"] == pytest.approx(2 / 3)
    assert result["figures"]["specificity"] == pytest.approx(
        {"value": 3 / 4, "low": 0.3006, "high": 0.9544, "n": 4}, abs=1e-4
    )
    assert result["figures"]["auc"]["value"] == pytest.approx(11 / 12)
    assert (result["threshold"], result["temperature"]) == (0.5, 2.0)


def test_another_operating_point_can_be_named(runs, labelled, capsys):
    document = evaluate(capsys, "brightness", "--data", str(labelled), "--point", "sensitivity_95")
    # .2 is reached at a mean grey of 100 - 40 log 4 = 44.5.
    assert document["runs"][0]["counts"] == {"tp": 3, "fn": 0, "tn": 1, "fp": 3}


def test_of_a_data_set_in_the_kaggle_layout_the_test_split_is_taken(
    runs, labelled, tmp_path, monkeypatch, capsys
):
    shutil.copytree(labelled, tmp_path / "kaggle" / "test")
    write(tmp_path / "kaggle" / "train", {"NORMAL": [250], "PNEUMONIA": [0]})
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "kaggle"))
    by_default = evaluate(capsys, "brightness")
    named = evaluate(capsys, "brightness", "--data", str(tmp_path / "kaggle"))
    assert by_default == named
    assert by_default["data"]["pictures"] == 7
    assert by_default["data"]["split"] == "test"


def test_unreadable_pictures_are_listed_and_left_out(runs, labelled, capsys):
    (labelled / "NORMAL" / "broken.png").write_bytes(b"no picture")
    document = evaluate(capsys, "brightness", "--data", str(labelled))
    (unreadable,) = document["data"]["unreadable"]
    assert unreadable["file"].endswith("broken.png")
    assert unreadable["hint"]
    assert (document["data"]["NORMAL"], document["data"]["PNEUMONIA"]) == (4, 3)


def test_one_class_gives_the_figures_that_exist_and_names_the_others(runs, tmp_path, capsys):
    folder = write(tmp_path / "one", {"NORMAL": [20, 140]})
    assert main(["evaluate", "brightness", "--data", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "Specificity" in shown
    assert "Cannot be computed from these pictures: Sensitivity, Balanced accuracy, AUC" in shown


def test_training_pictures_are_recognised_by_the_stored_predictions(runs, labelled, capsys):
    (runs / "brightness" / "predictions.csv").write_text(
        "file,split,label,kind,patient,logit,probability\n"
        "normal0.png,validation,0,normal,normal0,-1.0,0.3\n",
        encoding="utf-8",
    )
    assert main(["evaluate", "brightness", "--data", str(labelled)]) == 0
    assert "seems to be the folder that the run was trained on" in capsys.readouterr().out


def test_several_runs_give_mean_and_range(runs, labelled, capsys):
    shutil.copytree(runs / "brightness", runs / "stricter")
    path = runs / "stricter" / "run.json"
    document = json.loads(path.read_text()) | {"name": "stricter"}
    document["operating_points"]["balanced"]["threshold"] = 0.9
    path.write_text(json.dumps(document))
    found = evaluate(capsys, "brightness", "stricter", "--data", str(labelled))
    assert [result["run"] for result in found["runs"]] == ["brightness", "stricter"]
    assert found["over_runs"]["sensitivity"] == pytest.approx(
        {"mean": 0.5, "lowest": 1 / 3, "highest": 2 / 3, "runs": 2}
    )
    assert found["over_runs"]["auc"]["lowest"] == found["over_runs"]["auc"]["highest"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody"], "There is no run called 'nobody'"),
        (["brightness", "--point", "guess"], "Choose one of: balanced, sensitivity_95"),
        (["brightness", "--stored"], "has no stored predictions"),
    ],
)
def test_what_cannot_be_evaluated_is_said(runs, labelled, capsys, arguments, sentence):
    assert sentence in failed(capsys, *arguments, "--data", str(labelled))


def test_a_folder_without_pictures_is_said(runs, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in failed(capsys, "brightness", "--data", str(tmp_path / "empty"))
    assert "does not exist" in failed(capsys, "brightness", "--data", str(tmp_path / "no"))
    (tmp_path / "empty" / "NORMAL").mkdir()
    (tmp_path / "empty" / "NORMAL" / "a.png").write_bytes(b"")
    assert "None of the 1 pictures can be read" in failed(
        capsys, "brightness", "--data", str(tmp_path / "empty")
    )


class TestStored:
    @pytest.fixture
    def run(self, toy_run, tmp_path, monkeypatch) -> Path:
        monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "a"))
        return shutil.copytree(toy_run.folder, tmp_path / "a" / "runs" / "toy")

    def test_metrics_are_computed_again_byte_for_byte(self, run, capsys):
        before = (run / "metrics.json").read_bytes()
        assert evaluate(capsys, "toy", "--stored")["runs"][0]["metrics_json"] == "agrees"
        (run / "metrics.json").unlink()
        document = evaluate(capsys, "toy", "--stored", "--write")
        assert (run / "metrics.json").read_bytes() == before
        assert document["runs"][0]["figures"] == (json.loads(before)["test"]["balanced"]["figures"])

    def test_a_changed_figure_is_noticed_and_left_alone_unless_asked(self, run, capsys):
        changed = (run / "metrics.json").read_text().replace('"n": 40', '"n": 41')
        (run / "metrics.json").write_text(changed)
        found = evaluate(capsys, "toy", "--stored")["runs"][0]["metrics_json"]
        assert found.startswith("differs")
        assert (run / "metrics.json").read_text() == changed

    def test_judging_the_pictures_anew_gives_the_stored_figures(self, run, toy_dataset, capsys):
        anew = evaluate(capsys, "toy", "--data", str(toy_dataset))["runs"][0]
        stored = json.loads((run / "metrics.json").read_text())["test"]["balanced"]
        assert anew["counts"] == stored["counts"]
        for name, entry in stored["figures"].items():
            assert anew["figures"][name] == pytest.approx(entry, abs=1e-4), name
