"""Results open again: as figures, whatever is in the file, and as cases for readers."""

import contextlib
import io

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from pipeline.batch.columns import RESULTS
from pipeline.batch.listing import listed
from pipeline.batch.results import opened
from pipeline.batch.running import Batch
from pipeline.errors import BatchError
from pipeline.evaluation import report
from pipeline.readings.making import cases_from_results


@pytest.fixture
def results(run, draw, tmp_path):
    """Results of 40 pictures and one that cannot be read; the pictures lie beside them."""
    folder = draw(tmp_path / "pictures", 40)
    (folder / "bad.png").write_bytes(b"no picture")
    Batch(listed(folder), run, tmp_path / "results.parquet").judge()
    return tmp_path / "results.parquet"


def changed(path, **columns) -> bytes:
    """Return the file with columns changed, taken away (None) or of another type."""
    table = parquet.read_table(path)
    for name, column in columns.items():
        place = table.schema.get_field_index(name)
        table = table.remove_column(place)
        if column is not None:
            table = table.add_column(place, name, pyarrow.array(column))
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    return sink.getvalue()


def test_figures_are_those_of_the_rows(results):
    found = opened(results.read_bytes())
    table = parquet.read_table(results).to_pandas()
    good = table[table["error"].isna()]
    assert found.counts == {
        "pictures": 41,
        "judged": 40,
        "refused": int((~good["accepted"].astype(bool)).sum()),
        "unreadable": 1,
        "called": int((good["decision"] == "PNEUMONIA").sum()),
    }
    own = report(
        good["probability"].to_numpy(), good["label"].to_numpy(), 0.5, good["patient"].tolist()
    )
    assert found.report["counts"] == own["counts"]
    assert found.report["figures"]["sensitivity"] == own["figures"]["sensitivity"]
    assert found.report["figures"]["auc"]["value"] == own["figures"]["auc"]["value"]
    assert sum(counts.sum() for counts in found.histogram().values()) == 40
    assert (found.run, found.point, found.threshold) == ("brightness", "balanced", 0.5)


@pytest.mark.parametrize(
    "columns",
    [
        {"probability": None},
        {"probability": ["0.5"] * 41},
        {"probability": [7.0] * 40 + [None]},
        {"threshold": [0.5] * 39 + [0.6, None]},
        {"run": ["a"] * 39 + ["b", None]},
        {"run": ["a" * 5000] * 41},
        {"label": np.full(41, 3, np.int8)},
        {"error": ["bad"] * 41},
    ],
)
def test_what_is_no_result_of_one_batch_is_a_sentence(results, columns):
    with pytest.raises(BatchError, match="holds no results of one batch"):
        opened(changed(results, **columns))


def test_no_damage_goes_further_than_a_sentence(results):
    content = bytearray(results.read_bytes())
    generator = np.random.default_rng(0)
    broken = [b"", b"PAR1", bytes(content[:-9])]
    for _ in range(4):
        one = bytearray(content)
        for place in generator.integers(0, len(one), 40):
            one[place] = generator.integers(256)
        broken.append(bytes(one))
    for one in broken:
        with contextlib.suppress(BatchError):  # and nothing else is raised
            assert len(opened(one).probability) == 41


def test_a_small_file_of_endless_rows_is_refused():
    sink = io.BytesIO()
    rows = 300_000
    table = pyarrow.table(
        {
            field.name: pyarrow.nulls(rows, field.type)
            if field.name != "probability"
            else pyarrow.array(np.zeros(rows))
            for field in RESULTS
        }
    )
    parquet.write_table(table, sink)
    assert len(sink.getvalue()) < 100_000
    with pytest.raises(BatchError, match="more than 200,000"):
        opened(sink.getvalue())


def test_a_program_that_crashes_is_a_sentence(results, tmp_path):
    program = tmp_path / "crash.py"
    for text in ("import os; os.abort()", "print('no archive')"):
        program.write_text(text)
        with pytest.raises(BatchError):
            opened(results.read_bytes(), program)


def test_readers_get_the_least_sure_first_or_drawn_by_a_seed(results):
    table = parquet.read_table(results).to_pandas().dropna(subset="probability")
    nearest = table.iloc[(table["probability"] - 0.5).abs().argsort(kind="stable")]["file"]
    cases = cases_from_results(str(results), 5, least_sure=True)
    assert [case.name for case in cases] == nearest.tolist()[:5]
    assert all(case.source.is_file() for case in cases)
    assert {case.label for case in cases_from_results(str(results))} == {0, 1}
    drawn = [[one.name for one in cases_from_results(str(results), 6, seed)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    with pytest.raises(BatchError, match="40 judged pictures, too few for 41"):
        cases_from_results(str(results), 41)


def test_a_picture_that_has_changed_is_no_case(results):
    case = cases_from_results(str(results), 1)[0]
    case.source.write_bytes(b"another")
    with pytest.raises(BatchError, match="changed since it was judged"):
        cases_from_results(str(results))
    with pytest.raises(BatchError, match="no results of one batch"):
        cases_from_results(str(case.source))
