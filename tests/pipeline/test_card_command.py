"""``python -m pipeline card``: write, refuse to overwrite, check."""

import json

import pytest

from pipeline.__main__ import main


@pytest.fixture
def name(monkeypatch) -> str:
    """A stored run that is small: a recorded one of the notebooks."""
    monkeypatch.delenv("XRAY_ARTIFACTS", raising=False)
    return "notebook-alexnet-141-update"


def test_a_card_is_written_and_holds(name, tmp_path, capsys):
    out = tmp_path / "card.html"
    assert main(["card", name, "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["card", "--check", str(out)]) == 0
    assert "holds" in capsys.readouterr().out


def test_a_card_may_replace_an_older_card_of_the_same_run_only(name, tmp_path, capsys):
    out = tmp_path / "card.html"
    assert main(["card", name, "--out", str(out)]) == 0
    assert main(["card", name, "--out", str(out)]) == 0
    assert main(["card", "notebook-simple_resnet-16-maiden", "--out", str(out)]) == 1
    assert "not a card of" in capsys.readouterr().err
    out.write_text("A letter.")
    assert main(["card", name, "--out", str(out)]) == 1
    assert out.read_text() == "A letter."
    assert main(["card", name, "--out", str(out), "--force"]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_an_edited_card_fails_its_check_with_status_1(name, tmp_path, capsys):
    out = tmp_path / "card.html"
    main(["card", name, "--out", str(out)])
    out.write_text(out.read_text(encoding="utf-8").replace("Not for diagnosis", "For diagnosis"))
    capsys.readouterr()
    assert main(["card", "--check", str(out), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is False
    assert len(told["differences"]) == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"plain"])
def test_what_is_no_card_gets_one_sentence(tmp_path, capsys, content):
    path = tmp_path / "x.html"
    path.write_bytes(content)
    assert main(["card", "--check", str(path)]) == 1
    error = capsys.readouterr().err
    assert "card" in error
    assert "Traceback" not in error


def test_a_missing_folder_or_run_gets_one_sentence(name, tmp_path, capsys):
    assert main(["card", name, "--out", str(tmp_path / "no" / "card.html")]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert main(["card", "no-such-run", "--out", str(tmp_path / "card.html")]) == 1
    assert "no run called" in capsys.readouterr().err
