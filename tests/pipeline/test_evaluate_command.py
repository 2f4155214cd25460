"""`python -m pipeline evaluate` judges a run on labelled pictures."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.__main__ import main
from pipeline.evaluation import FIGURES
from pipeline.images import encode_png
from pipeline.judging import refitted
from pipeline.runs import open_run


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
    assert "All pictures are NORMAL: what needs both classes cannot be told." in shown
    assert "Put pictures of the other class under PNEUMONIA/." in shown
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
        (["brightness", "--refit"], "Leave --data out"),
        (["brightness", "--write"], "Add one of them"),
    ],
)
def test_what_cannot_be_evaluated_is_said(runs, labelled, capsys, arguments, sentence):
    assert sentence in failed(capsys, *arguments, "--data", str(labelled))


def test_equal_names_in_both_classes_are_two_children(runs, tmp_path, capsys):
    folder = write(tmp_path / "x", {"NORMAL": [20, 60], "PNEUMONIA": [160, 200]})
    for name in ("NORMAL", "PNEUMONIA"):
        for i in range(2):
            (folder / name / f"{name.lower()}{i}.png").rename(folder / name / f"{i}.png")
    assert evaluate(capsys, "brightness", "--data", str(folder))["data"]["patients"] == 4


def test_a_folder_without_pictures_is_said(runs, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in failed(capsys, "brightness", "--data", str(tmp_path / "empty"))
    assert "does not exist" in failed(capsys, "brightness", "--data", str(tmp_path / "no"))
    (tmp_path / "empty" / "NORMAL").mkdir()
    (tmp_path / "empty" / "NORMAL" / "a.png").write_bytes(b"")
    assert "None of the 1 pictures can be read" in failed(
        capsys, "brightness", "--data", str(tmp_path / "empty")
    )
    file = tmp_path / "empty" / "NORMAL" / "a.png"
    assert "is a file, not a folder" in failed(capsys, "brightness", "--data", str(file))


def test_predictive_values_are_told_at_a_prevalence(runs, labelled, capsys):
    arguments = ["brightness", "--data", str(labelled), "--prevalence", "0.1"]
    (result,) = evaluate(capsys, *arguments)["runs"]
    found = result["at_prevalence"]
    # Sensitivity 2/3, specificity 3/4: of 120 children 8 of 12 are found, 27 of 108 wrongly called.
    assert found["ppv"]["value"] == pytest.approx(8 / 35)
    assert found["npv"]["value"] == pytest.approx(81 / 85)
    assert found["ppv"]["low"] < 8 / 35 < found["ppv"]["high"]
    assert main(["evaluate", *arguments]) == 0
    assert "Where 10.0 % of the children have pneumonia" in capsys.readouterr().out
    assert evaluate(capsys, *arguments[:-2])["runs"][0]["at_prevalence"] is None


@pytest.mark.parametrize("share", ["0", "1", "10", "x"])
def test_a_prevalence_that_is_no_share_is_wrong_usage(runs, share, capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "brightness", "--prevalence", share])
    assert "--prevalence" in capsys.readouterr().err


def with_entry(run: Path, **entries) -> None:
    document = json.loads((run / "run.json").read_text()) | entries
    (run / "run.json").write_text(json.dumps(document))


def test_the_abstain_band_gives_coverage_and_the_accuracy_of_what_is_left(runs, labelled, capsys):
    # Grey 80 and 90 lie within: probabilities .38 and .44.
    with_entry(runs / "brightness", abstain={"low": 0.35, "high": 0.55, "rule": "the middle"})
    (result,) = evaluate(capsys, "brightness", "--data", str(labelled))["runs"]
    assert result["abstain"]["coverage"]["value"] == pytest.approx(5 / 7)
    assert result["abstain"]["accuracy"]["value"] == pytest.approx(4 / 5)
    assert result["abstain"]["undecided"] == {"NORMAL": 1, "PNEUMONIA": 1}
    assert main(["evaluate", "brightness", "--data", str(labelled)]) == 0
    assert "(1 NORMAL and 1 PNEUMONIA undecided)" in capsys.readouterr().out


def test_a_run_without_an_abstain_band_says_nothing_of_it(runs, labelled, capsys):
    assert evaluate(capsys, "brightness", "--data", str(labelled))["runs"][0]["abstain"] is None
    assert main(["evaluate", "brightness", "--data", str(labelled)]) == 0
    assert "undecided" not in capsys.readouterr().out


def test_subgroups_follow_from_names_and_from_the_pictures(runs, tmp_path, capsys):
    for folder, names in {
        "NORMAL": ["IM-0001-0001", "IM-0002-0001", "NORMAL2-IM-0003-0001"],
        "PNEUMONIA": ["person1_bacteria_1", "person2_virus_2", "person3_virus_3"],
    }.items():
        (tmp_path / "x" / folder).mkdir(parents=True)
        for i, name in enumerate(names):
            grey, side = 60 + 20 * i + 60 * (folder == "PNEUMONIA"), 100 * (i + 1)
            picture = encode_png(np.full((side, side), grey, np.uint8))
            (tmp_path / "x" / folder / f"{name}.png").write_bytes(picture)
    (result,) = evaluate(capsys, "brightness", "--data", str(tmp_path / "x"))["runs"]
    sizes = {
        family: {name: part["n"] for name, part in parts.items()}
        for family, parts in result["subgroups"].items()
    }
    assert sizes == {
        "germ": {"bacterial": 1, "viral": 2},
        "normal series": {"IM": 2, "NORMAL2-IM": 1},
        "image size": {
            "small (up to 0.01 megapixels)": 2,
            "medium (up to 0.04 megapixels)": 2,
            "large (over 0.04 megapixels)": 2,
        },
        "brightness": {
            "dark (up to 80.0 mean grey level)": 2,
            "medium (up to 120.0 mean grey level)": 2,
            "bright (over 120.0 mean grey level)": 2,
        },
    }
    assert result["subgroups"]["germ"]["viral"]["auc_against_others"]["n"] == 5
    assert main(["evaluate", "brightness", "--data", str(tmp_path / "x")]) == 0
    assert "normal series: NORMAL2-IM: specificity" in capsys.readouterr().out


def official(run: Path, probabilities: dict[str, tuple[int, float]]) -> None:
    """Store predictions of an official test set."""
    rows = [
        f"{name},test,{label},unknown,{name},0.0,{value}"
        for name, (label, value) in probabilities.items()
    ]
    header = "file,split,label,kind,patient,logit,probability"
    (run / "predictions.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def test_outside_pictures_are_set_against_the_official_test_set(runs, labelled, capsys):
    faultless = {f"a{i}.png": (i % 2, 0.1 + 0.8 * (i % 2)) for i in range(40)}
    official(runs / "brightness", faultless)
    (result,) = evaluate(capsys, "brightness", "--data", str(labelled))["runs"]
    change = result["change"]
    assert (change["against"], change["n_reference"]) == ("official test", 40)
    assert change["figures"]["sensitivity"] == pytest.approx(
        {"value": -1 / 3, "low": -1.0, "high": 0.0, "n": 3, "n_reference": 20}
    )
    assert change["figures"]["auc"]["value"] == pytest.approx(11 / 12 - 1)
    assert main(["evaluate", "brightness", "--data", str(labelled)]) == 0
    shown = capsys.readouterr().out
    assert "Change against the 40 pictures of the official test set" in shown
    assert "-0.3333  -1.0000 to +0.0000     3, 20" in shown
    assert "CAUTION" not in shown


def test_the_official_test_set_is_not_set_against_itself(runs, labelled, capsys):
    names = {path.name: (path.parent.name == "PNEUMONIA", 0.5) for path in labelled.glob("*/*")}
    official(runs / "brightness", {name: (int(label), p) for name, (label, p) in names.items()})
    assert evaluate(capsys, "brightness", "--data", str(labelled))["runs"][0]["change"] is None


def test_outside_pictures_that_are_in_the_official_test_set_are_pointed_out(runs, labelled, capsys):
    official(runs / "brightness", {"normal0.png": (0, 0.2), "other.png": (1, 0.7)})
    assert main(["evaluate", "brightness", "--data", str(labelled)]) == 0
    assert "CAUTION: 1 of the pictures are in the official test set" in capsys.readouterr().out


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
        (result,) = document["runs"]
        assert result["operating_point"] == "sensitivity_95"
        assert result["figures"] == json.loads(before)["test"]["sensitivity_95"]["figures"]
        assert set(result["subgroups"]) == {"germ", "normal series"}
        assert result["abstain"]["n"] == 40

    def test_a_changed_figure_is_noticed_and_left_alone_unless_asked(self, run, capsys):
        changed = (run / "metrics.json").read_text().replace('"n": 40', '"n": 41')
        (run / "metrics.json").write_text(changed)
        found = evaluate(capsys, "toy", "--stored")["runs"][0]["metrics_json"]
        assert found.startswith("differs")
        assert (run / "metrics.json").read_text() == changed

    def test_judging_the_pictures_anew_gives_the_stored_figures(self, run, toy_dataset, capsys):
        anew = evaluate(capsys, "toy", "--data", str(toy_dataset))["runs"][0]
        stored = json.loads((run / "metrics.json").read_text())["test"]["sensitivity_95"]
        assert anew["counts"] == stored["counts"]
        for name, entry in stored["figures"].items():
            assert anew["figures"][name] == pytest.approx(entry, abs=1e-4), name

    def test_a_run_of_an_older_version_gains_what_this_one_fits(self, run, capsys):
        files = ("run.json", "predictions.csv", "metrics.json")
        new = {name: (run / name).read_bytes() for name in files}
        document = json.loads(new["run.json"])
        points = {
            name: document["operating_points"][name] for name in ("balanced", "sensitivity_95")
        }
        document |= {"operating_points": points, "operating_point": "balanced"}
        del document["abstain"]
        (run / "run.json").write_text(json.dumps(document))
        metrics = json.loads(new["metrics.json"])
        metrics = {
            split: {name: entry[name] for name in points} for split, entry in metrics.items()
        }
        (run / "metrics.json").write_text(json.dumps(metrics))

        before = {name: (run / name).read_bytes() for name in files}
        (result,) = evaluate(capsys, "toy", "--stored", "--refit")["runs"]
        assert {name: (run / name).read_bytes() for name in files} == before
        assert result["metrics_json"].startswith("differs")

        (result,) = evaluate(capsys, "toy", "--stored", "--refit", "--write")["runs"]
        assert result["refit"]["temperature"] == result["refit"]["temperature_before"]
        assert json.loads((run / "run.json").read_text()) == json.loads(new["run.json"])
        assert (run / "predictions.csv").read_bytes() == new["predictions.csv"]
        assert (run / "metrics.json").read_bytes() == new["metrics.json"]

    def test_a_wrong_temperature_is_put_right_everywhere(self, run, capsys):
        new = (run / "predictions.csv").read_bytes()
        document = json.loads((run / "run.json").read_text())
        right = document["calibration"]["temperature"]
        document["calibration"]["temperature"] = 2 * right
        (run / "run.json").write_text(json.dumps(document))
        changed = new.decode().splitlines()
        changed[1:] = [line.rsplit(",", 1)[0] + ",0.5" for line in changed[1:]]
        (run / "predictions.csv").write_text("\n".join([*changed, ""]))
        (result,) = evaluate(capsys, "toy", "--stored", "--refit", "--write")["runs"]
        assert result["refit"]["temperature_before"] == 2 * right
        assert json.loads((run / "run.json").read_text())["calibration"]["temperature"] == right
        assert (run / "predictions.csv").read_bytes() == new

    def test_the_network_judges_its_held_out_pictures_anew(
        self, run, toy_dataset, monkeypatch, capsys
    ):
        monkeypatch.setenv("XRAY_DATASET", str(toy_dataset))
        files = ("run.json", "predictions.csv", "metrics.json")
        right = {name: (run / name).read_bytes() for name in files}
        table = pd.read_csv(run / "predictions.csv")
        table.assign(logit=table["logit"].round(1)).to_csv(run / "predictions.csv", index=False)
        evaluate(capsys, "toy", "--refit", "--write")
        assert {name: (run / name).read_bytes() for name in files} == right

    def test_held_out_pictures_that_are_gone_are_counted(
        self, run, toy_dataset, tmp_path, monkeypatch, capsys
    ):
        part = shutil.copytree(toy_dataset, tmp_path / "part")
        gone = sorted((part / "test" / "NORMAL").iterdir())[0]
        gone.unlink()
        monkeypatch.setenv("XRAY_DATASET", str(part))
        told = failed(capsys, "toy", "--refit")
        assert "1 of the " in told
        assert f"test/{gone.name}" in told

    def test_a_very_sure_network_keeps_the_order_of_its_pictures(self, run):
        table = open_run(run.parent, "toy").predictions()
        sure = table["split"] == "test"
        table.loc[sure, "logit"] = 16 + np.arange(sure.sum()) * 1e-7
        _, judged = refitted(open_run(run.parent, "toy"), table)
        assert judged.loc[sure, "probability"].is_unique

    def test_nothing_is_fitted_on_test_pictures(self, run, capsys):
        lines = (run / "predictions.csv").read_text().splitlines()
        kept = [line for line in lines if ",validation," not in line]
        (run / "predictions.csv").write_text("\n".join([*kept, ""]))
        assert "no predictions of validation patients" in failed(
            capsys, "toy", "--stored", "--refit"
        )
