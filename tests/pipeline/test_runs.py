import json

import pytest

from pipeline.__main__ import main
from pipeline.config import REPOSITORY
from pipeline.errors import RunError
from pipeline.runs import default_of, list_runs, open_run
from pipeline.storage import write_json, write_text


def write_run(folder, name, status="finished", history="", **entries):
    document = {
        "name": name,
        "status": status,
        "title": f"Title of {name}",
        "architecture": "compact",
        "parameters": {"total": 1234567, "trainable": 1234567},
        "config": {"seed": 0, "learning_rate": 0.002, "flip": False},
    }
    (folder / name).mkdir(parents=True)
    write_json(folder / name / "run.json", document | entries)
    if history:
        write_text(folder / name / "history.csv", history)
    return open_run(folder, name)


HISTORY = (
    "epoch,seconds,loss,val_loss,val_auc\n1,5,0.9,0.8,0.90\n2,7,0.5,0.4,0.95\n3,6,0.1,0.6,0.97\n"
)


@pytest.fixture
def artifacts(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    return tmp_path


def test_the_command_prints_a_table(artifacts, capsys):
    write_run(artifacts / "runs", "b", history=HISTORY)
    write_run(artifacts / "runs", "a", status="recorded")
    assert main(["runs"]) == 0
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split()[0] == "RUN"
    assert first.split() == ["a", "compact", "recorded", "1,234,567", "0", "-", "-", "-", "-"]
    assert second.split()[3:7] == ["1,234,567", "3", "2", "0.4000"]


def test_unfinished_runs_are_shown_on_request(artifacts, capsys):
    write_run(artifacts / "runs", "cut-off", status="unfinished")
    main(["runs"])
    assert "cut-off" not in capsys.readouterr().out
    main(["runs", "--all"])
    assert "cut-off" in capsys.readouterr().out


def test_json_is_one_document_and_damaged_runs_are_named_beside_it(artifacts, capsys):
    write_run(artifacts / "runs", "good", history=HISTORY)
    write_text(write_run(artifacts / "runs", "torn").folder / "run.json", "{")
    write_text(write_run(artifacts / "runs", "odd").folder / "metrics.json", "[]")
    assert main(["runs", "--json"]) == 1
    out, err = capsys.readouterr()
    (only,) = json.loads(out)
    assert (only["run"], only["best_epoch"]) == ("good", 2)
    assert "torn" in err
    assert "odd" in err


def test_an_empty_folder_says_what_to_do_next(artifacts, capsys):
    assert main(["runs"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "python -m pipeline train" in err


def test_record_without_a_record_says_how_to_give_one(artifacts, capsys):
    assert main(["runs", "record"]) == 1  # this folder holds no record of the notebooks
    assert "--from" in capsys.readouterr().err


def test_record_takes_the_record_from_the_folder_given(artifacts, capsys):
    assert main(["runs", "record", "--from", str(REPOSITORY / "artifacts" / "notebooks")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 14
    assert main(["runs"]) == 0
    assert "notebook-simple_resnet-141-report" in capsys.readouterr().out


def test_a_listing_hides_unfinished_and_damaged_runs_but_names_the_damaged(tmp_path):
    write_run(tmp_path, "b")
    write_run(tmp_path, "a", status="recorded")
    write_run(tmp_path, "cut-off", status="unfinished")
    (tmp_path / "no-run").mkdir()
    listing = list_runs(tmp_path)
    assert [run.name for run in listing.runs] == ["a", "b"]
    assert listing.damaged == ()
    assert [run.name for run in list_runs(tmp_path, unfinished=True).runs] == ["a", "b", "cut-off"]
    write_json(tmp_path / "b" / "run.json", {"name": "b"})
    (error,) = list_runs(tmp_path).damaged
    assert "lacks" in error.message


def test_a_line_that_is_still_being_written_is_not_an_epoch(tmp_path):
    assert len(write_run(tmp_path, "a", history=HISTORY + "4,5,0.1").history()) == 3
    assert write_run(tmp_path, "b", history="epoch,lo").history().empty


@pytest.mark.parametrize("name", ["../secret", "", ".hidden", "a/b", "a" * 81])
def test_a_name_with_a_path_in_it_is_no_run(tmp_path, name):
    with pytest.raises(RunError, match="cannot be the name"):
        open_run(tmp_path, name)


def test_the_default_is_the_projects_own_network_of_the_highest_validation_auc(tmp_path):
    better = HISTORY.replace("0.97", "0.98")
    best = write_run(tmp_path, "a", history=HISTORY.replace("0.97", "0.99"), tags=["notebook"])
    own = [
        write_run(tmp_path, "b", history=HISTORY, tags=["project"]),
        write_run(tmp_path, "c", history=better, tags=["project"]),
    ]
    assert default_of([best, *own]).name == "c"
    assert default_of([best]).name == "a"


@pytest.mark.parametrize(
    "damage", ["label,logit\n1,0.5\n", "label,logit,probability\n1,a,b\n", '"', ""]
)
def test_damaged_predictions_are_named(tmp_path, damage):
    run = write_run(tmp_path, "torn")
    write_text(run.folder / "predictions.csv", damage)
    with pytest.raises(RunError, match=r"predictions\.csv of torn is damaged"):
        run.predictions()
