"""What a batch gave, opened on the page *Performance*."""

import argparse
import io
import re
import shlex

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet
from streamlit.testing.v1 import AppTest

from dashboard import figures, state
from dashboard.wording.batch import as_cases
from pipeline.batch.columns import RESULTS
from pipeline.commands.readings import add_arguments
from pipeline.config import REPOSITORY

SCRIPT = "from dashboard.sections import batch_results\nbatch_results.draw()\n"


def written(labelled: bool) -> bytes:
    """Results of 100 judged pictures, 7 of them refused, and 3 that could not be read."""
    label = np.arange(100) % 2
    rows = [
        {
            "file": f"Jane Doe {number}.png",
            "run": "compact",
            "probability": 0.9 if number % 10 else 0.1 + 0.8 * (1 - value),
            "threshold": 0.5,
            "operating_point": "balanced",
            "accepted": number >= 7,
            "label": int(value) if labelled else None,
        }
        for number, value in enumerate(label)
    ]
    rows += [{"file": "Jane Doe.txt", "error": "No.", "hint": "Choose."}] * 3
    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows, RESULTS), sink)
    return sink.getvalue()


@pytest.fixture
def page():
    def shown(content: bytes) -> AppTest:
        test = AppTest.from_string(SCRIPT, default_timeout=60).run()
        assert not test.exception
        test.file_uploader(key=state.BATCH_RESULTS).set_value(
            ("results.parquet", content, "application/octet-stream")
        ).run()
        assert not test.exception
        return test

    return shown


def text(test: AppTest) -> str:
    return " ".join(part.value for part in test.markdown)


def test_results_say_what_became_of_the_pictures_and_how_good_the_calls_are(page):
    test = page(written(labelled=True))
    told = text(test)
    assert "**103 pictures**, judged by `compact`" in told
    assert "100 judged" in told
    assert "7 should not be judged" in told
    assert "3 could not be read" in told
    assert re.search(r"sensitivity \*\*.* % \(.* to .*\)\*\*, n = 50", told)
    assert re.search(r"AUC \*\*0\.\d+ \(0\.\d+ to 0\.\d+\)\*\*, n = 100", told)
    assert len(test.get("plotly_chart")) == 1
    assert "Jane" not in told
    assert test.code[0].value == as_cases(100)[1]


@pytest.mark.parametrize(("judged", "cases"), [(100, 40), (16, 16)])
def test_the_command_for_readers_is_one_and_asks_for_no_more_than_there_are(judged, cases):
    sentence, command = as_cases(judged)
    assert f"the {cases} pictures" in sentence
    python, module, pipeline, name, *rest = shlex.split(command)
    assert (python, module, pipeline, name) == ("python", "-m", "pipeline", "readings")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    asked = parser.parse_args(rest)
    assert (asked.cases, asked.least_sure) == (f"RESULTS.parquet:{cases}", True)


def test_few_pictures_are_counted_by_ones():
    few, many = np.array([0, 3, 8]), np.array([0, 3, 9])
    assert figures.batch({"NORMAL": few}, 0.5).layout.yaxis.dtick == 1
    assert figures.batch({"NORMAL": many, "PNEUMONIA": few}, 0.5).layout.yaxis.dtick is None


def test_without_labels_nothing_is_said_of_how_good_it_is(page):
    told = text(page(written(labelled=False)))
    assert "No picture of this batch has a label" in told
    assert "sensitivity" not in told


def test_a_file_that_is_none_is_a_sentence(page):
    test = page(b"PAR1 something else PAR1")
    assert "holds no results of one batch" in test.error[0].value


def test_the_performance_page_has_the_place():
    test = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=120).run()
    test.switch_page("views/performance.py").run()
    assert not test.exception
    assert test.file_uploader(key=state.BATCH_RESULTS).label == "Results of a batch"
