"""``python -m pipeline data``: exit statuses, and one JSON document on stdout."""

import json
import zipfile

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.images import encode_png


def picture(seed: int) -> bytes:
    return encode_png(np.random.default_rng(seed).integers(0, 255, (64, 64), dtype=np.uint8))


@pytest.fixture
def archive(tmp_path):
    """A ZIP with one picture per split and class, nested as Kaggle's is."""
    path = tmp_path / "archive.zip"
    places = [(s, c) for s in ("train", "val", "test") for c in ("NORMAL", "PNEUMONIA")]
    with zipfile.ZipFile(path, "w") as file:
        for seed, (split, name) in enumerate(places):
            file.writestr(f"chest_xray/{split}/{name}/{seed}.png", picture(seed))
    return path


def test_a_fetched_copy_passes_the_check(archive, tmp_path, capsys):
    folder = tmp_path / "data"
    assert main(["data", "fetch", "--from", str(archive), "--to", str(folder)]) == 0
    assert capsys.readouterr().out == f"6 pictures in {folder}\n"
    assert main(["data", "check", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"]["test"] == {"NORMAL": 1, "PNEUMONIA": 1}
    assert found["problems"] == []


def test_the_table_lists_what_is_wrong_and_the_status_says_so(archive, tmp_path, capsys):
    folder = tmp_path / "data"
    main(["data", "fetch", "--from", str(archive), "--to", str(folder)])
    (folder / "train/NORMAL/torn.png").write_bytes(b"no picture")
    (folder / "test/NORMAL/twin.png").write_bytes(picture(0))
    capsys.readouterr()
    assert main(["data", "check", str(folder)]) == 1
    report = capsys.readouterr().out
    assert "train/NORMAL/torn.png: This is not a PNG, JPEG or DICOM picture." in report
    assert "train/NORMAL/0.png = test/NORMAL/twin.png" in report
    assert "Problem: 1 files cannot be read." in report
    assert "Caution: 1 groups of identical pictures span more than one split." in report


def test_a_long_list_is_cut_and_says_so(archive, tmp_path, capsys):
    folder = tmp_path / "data"
    main(["data", "fetch", "--from", str(archive), "--to", str(folder)])
    for number in range(23):
        (folder / f"val/NORMAL/torn{number:02}.png").write_bytes(b"")
    capsys.readouterr()
    assert main(["data", "check", str(folder)]) == 1
    report = capsys.readouterr().out
    assert "Unreadable files: 23" in report
    assert report.count("The file is empty.") == 20
    assert "and 3 more" in report


def test_the_folders_come_from_the_environment(archive, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "elsewhere"))
    assert main(["data", "fetch", "--from", str(archive)]) == 0
    assert (tmp_path / "elsewhere/train/NORMAL/0.png").read_bytes() == picture(0)
    assert main(["data", "check"]) == 0
    assert str(tmp_path / "elsewhere") in capsys.readouterr().out


def test_a_missing_folder_is_status_one_and_wrong_usage_two(tmp_path, capsys):
    assert main(["data", "check", str(tmp_path / "nowhere")]) == 1
    assert "does not exist" in capsys.readouterr().err
    for wrong in (["data", "fetch"], ["data", "fetch", "samples", "--from", "x"], ["data"]):
        with pytest.raises(SystemExit) as caught:
            main(wrong)
        assert caught.value.code == 2


def test_the_audit_is_printed_and_stored_only_when_asked(archive, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
    folder = tmp_path / "data"
    main(["data", "fetch", "--from", str(archive), "--to", str(folder)])
    capsys.readouterr()
    assert main(["data", "audit", str(folder), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    stored = tmp_path / "artifacts/audit/data.json"
    assert not stored.exists()
    assert main(["data", "audit", str(folder), "--write"]) == 0
    assert json.loads(stored.read_text(encoding="utf-8")) == printed
    report = capsys.readouterr().out
    assert report.startswith("6 pictures\n")
    assert "A random split of all would leak: 0.0 % of its 2 test pictures" in report
    assert "Not computed. Whether train and test differ in NORMAL" in report
