"""No table that is taken away holds a formula, whoever wrote it."""

import ast
import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from pipeline.config import REPOSITORY
from pipeline.spreadsheet import csv_text, harmless

TEXTS = json.loads(Path(__file__).with_name("spreadsheet_texts.json").read_text(encoding="utf-8"))
SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


@pytest.mark.parametrize(("text", "marked"), TEXTS)
def test_what_would_be_run_gets_a_mark(text, marked):
    assert harmless(text) == marked
    for separator in ";\t\n":
        cells = marked.split(separator)
        # The first cell may not begin with what is not seen, the others with no sign.
        assert not cells[0].startswith(SIGNS)
        assert not any(cell.strip(" \"'").startswith(SIGNS) and "'" not in cell for cell in cells)


def test_numbers_stay_numbers_and_what_is_missing_is_empty():
    rows = [{"=x": -1, "b": -0.5, "c": True}, {"=x": float("nan"), "b": None, "d": "-1"}]
    text = csv_text(rows)
    assert text == "'=x,b,c,d\n-1,-0.5,True,\n,,,'-1\n"
    assert list(csv.reader(io.StringIO(text)))[1] == ["-1", "-0.5", "True", ""]


def test_columns_are_those_asked_for_in_their_order():
    assert csv_text([{"a": 1, "b": 'say "so", twice'}], ("b",), "\r\n") == (
        'b\r\n"say ""so"", twice"\r\n'
    )


def test_the_browser_marks_the_same(program):
    source = (REPOSITORY / "dashboard/curves/save.js").read_text(encoding="utf-8")
    texts = json.dumps([text for text, _ in TEXTS])
    script = f"{source}\nconsole.log(JSON.stringify({texts}.map(harmless)));"
    node = program("node", "nodejs", package="nodejs")
    ended = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == [marked for _, marked in TEXTS]


def test_no_page_and_no_export_writes_csv_in_another_way():
    """What is kept for ourselves is another matter: a run's own files are read by programs."""
    own = {"pipeline/runs.py", "pipeline/importing.py", "pipeline/spreadsheet.py"}
    found = set()
    for path in [*REPOSITORY.glob("pipeline/**/*.py"), *REPOSITORY.glob("dashboard/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and (
                (node.attr == "to_csv" and not _is_ours(node))
                or (node.attr in ("writer", "DictWriter") and _named(node.value) == "csv")
            ):
                found.add(path.relative_to(REPOSITORY).as_posix())
    assert found <= own


def _named(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_ours(node: ast.Attribute) -> bool:
    """Whether it is the export of runs, which has the name of the method of pandas."""
    return _named(node.value) == "exporting"
