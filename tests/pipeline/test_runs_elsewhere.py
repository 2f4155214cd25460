"""``python -m pipeline runs import`` and ``export``."""

import json

import pytest

from pipeline.__main__ import main
from pipeline.runs import list_runs

LOG = "epoch,acc,loss\n0,0.5,0.9\n1,0.75,0.7\n"


@pytest.fixture
def artifacts(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "fox.csv").write_text(LOG)
    return tmp_path / "artifacts"


def test_import_says_what_it_found_renamed_and_wrote(artifacts, tmp_path, capsys):
    assert main(["runs", "import", str(tmp_path / "logs")]) == 0
    out, err = capsys.readouterr()
    assert "fox  (Keras CSVLogger, 2 epochs): accuracy, loss" in out
    assert "renamed: acc -> accuracy" in out
    assert "Added: fox" in out
    assert err == ""
    (run,) = list_runs(artifacts / "runs").runs
    assert run.history()["accuracy"].tolist() == [0.5, 0.75]
    assert main(["runs"]) == 0
    assert "imported" in capsys.readouterr().out
    assert main(["runs", "import", str(tmp_path / "logs")]) == 0
    assert "here already, as fox" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(artifacts, tmp_path, capsys):
    assert main(["runs", "import", str(tmp_path / "logs"), "--dry-run"]) == 0
    assert "Nothing was written" in capsys.readouterr().out
    assert not artifacts.exists()


@pytest.mark.parametrize("arguments", [["runs", "--json", "import"], ["runs", "import", "--json"]])
def test_json_is_one_document_and_problems_stand_beside_it(artifacts, tmp_path, capsys, arguments):
    (tmp_path / "logs" / "odd.json").write_text("{")
    assert main([*arguments, str(tmp_path / "logs"), "--name", "mine"]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["written"] == ["mine"]
    assert document["found"][0]["renamed"] == {"acc": "accuracy"}
    assert len(document["problems"]) == 1
    assert "not JSON" in err


def test_nothing_to_import_says_what_could_be(artifacts, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["runs", "import", str(tmp_path / "empty")]) == 1
    assert "no training curve" in capsys.readouterr().err
    assert main(["runs", "import", str(tmp_path / "nowhere")]) == 1
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["tensorboard", "csv"])
def test_export_prints_its_file_and_it_comes_back(artifacts, tmp_path, capsys, form, monkeypatch):
    main(["runs", "import", str(tmp_path / "logs")])
    capsys.readouterr()
    asked = ["runs", "export", "fox", "--to", form, "--out", str(tmp_path / "out")]
    assert main(asked) == 0
    (path,) = capsys.readouterr().out.splitlines()
    assert main(asked) == 1
    assert "already" in capsys.readouterr().err
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "elsewhere"))
    assert main(["runs", "import", path, "--name", "back"]) == 0
    (back,) = list_runs(tmp_path / "elsewhere" / "runs").runs
    assert back.name == "back"
    assert back.history()["accuracy"].tolist() == [0.5, 0.75]


def test_export_of_a_run_that_is_not_there_names_those_that_are(artifacts, tmp_path, capsys):
    main(["runs", "import", str(tmp_path / "logs")])
    assert main(["runs", "export", "owl", "--to", "csv", "--out", str(tmp_path / "out")]) == 1
    assert "fox" in capsys.readouterr().err
