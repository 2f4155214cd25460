"""``python -m pipeline sanity``: validation pictures only, one of each patient, one document."""

import json

import pytest

from pipeline.__main__ import main
from pipeline.errors import RunError
from pipeline.runs import open_run
from pipeline.sampling import drawn_names

HEADER = "file,split,label,kind,patient,logit,probability\n"


@pytest.fixture
def judged_run(brightness_run, toys, tmp_path, monkeypatch):
    """The brightness run with predictions: six validation pictures of two patients a class."""
    toys(tmp_path / "data", "train", 3, 0)
    rows = [
        *(f"IM-{i:04d}-0001.jpeg,validation,0,normal,IM-{min(i, 1)},0,0.5" for i in range(3)),
        *(f"person{i}_virus_{i}.jpeg,validation,1,virus,p{min(i, 1)},0,0.5" for i in range(3)),
        "person9_virus_9.jpeg,test,1,virus,p9,0,0.5",
    ]
    text = HEADER + "\n".join(rows) + "\n"
    (brightness_run / "predictions.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "data"))
    return open_run(brightness_run.parent, "brightness")


def test_pictures_are_of_validation_and_of_different_patients(judged_run):
    names = drawn_names(judged_run, "validation", 20, seed=0)
    assert len(names) == 4
    assert "person9_virus_9.jpeg" not in names
    assert len([name for name in names if name.startswith("IM")]) == 2
    assert len(drawn_names(judged_run, "validation", 2, seed=0)) == 2


def test_a_network_whose_weights_cannot_be_shuffled_keeps_its_map(judged_run, capsys):
    # Its only tensors are two weights and two offsets: either they swap places or they do not.
    results = set()
    for seed in range(4):
        status = main(["sanity", "brightness", "--pictures", "2", "--seed", str(seed), "--json"])
        document = json.loads(capsys.readouterr().out)
        assert document["split"] == "validation"
        assert document["correlation"]["n"] == 2
        assert document["passed"] == (status == 0)
        results.add(document["passed"])
    assert results == {True, False}


def test_the_text_says_what_it_means(judged_run, capsys):
    main(["sanity", "brightness", "--pictures", "2"])
    told = capsys.readouterr().out
    assert "n = 2 validation pictures" in told
    assert ("Passed" in told) != ("Failed" in told)


def test_a_run_without_validation_pictures_says_so(judged_run):
    (judged_run.folder / "predictions.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(RunError, match="no predictions of validation pictures"):
        drawn_names(judged_run, "validation", 4, seed=0)
