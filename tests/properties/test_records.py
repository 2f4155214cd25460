"""Runs, curves, annotations, truth and links: read as they were written, or refused."""

import csv
import io
import json
import math
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.curves import link
from pipeline import annotations
from pipeline.curves import AXES, axes, figures
from pipeline.diagnosis import diagnose
from pipeline.errors import PipelineError, RunError
from pipeline.exporting import to_csv, to_tensorboard
from pipeline.foreign import Foreign, Found, read
from pipeline.importing import import_runs, safe_name
from pipeline.readings import truth
from pipeline.runs import checked_name, open_run, read_predictions

words = st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    *("name", "status", "title", "architecture", "parameters", "config", "tags", "notes", "data"),
    *("calibration", "operating_points", "abstain", "operating_point"),
)
RUN = {
    "name": "fox",
    "title": "Fox",
    "status": "imported",
    "architecture": "unknown",
    "parameters": {"total": None},
    "config": {},
}
finite = st.floats(-(2.0**90), 2.0**90, width=32, allow_subnormal=False)


def stored(folder: str, document: object = RUN, history: str = "epoch,loss\n1,0.5\n"):
    here = Path(folder, "fox")
    here.mkdir()
    (here / "run.json").write_text(json.dumps(document), encoding="utf-8")
    (here / "history.csv").write_bytes(history.encode("utf-8", "surrogatepass"))
    return open_run(Path(folder), "fox")


@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4))
def test_a_run_is_whole_or_refused(changes):
    with tempfile.TemporaryDirectory() as folder:
        try:
            run = stored(folder, RUN | changes)
        except RunError:
            return
        assert all(isinstance(said, str) for said in (run.title, run.architecture, *run.tags))
        assert run.parameters is None or isinstance(run.parameters, int)
        assert run.seed is None or isinstance(run.seed, int)
        assert run.band(0.5) is None or run.band(0.5)[0] <= 0.5 <= run.band(0.5)[1]
        axes(run, run.history())


fields = st.sampled_from(["", "1", "2", "-1", "0.5", "nan", "inf", "x", '"', "1e400", "9" * 30])
lines = st.lists(st.lists(fields, min_size=1, max_size=4).map(",".join), max_size=5)


@given(st.permutations(["epoch", "loss", "val_loss", "seconds"]), lines, st.booleans())
def test_a_history_can_be_drawn_or_is_refused(columns, rows, ended):
    text = "\n".join([",".join(columns), *rows]) + "\n" * ended
    with tempfile.TemporaryDirectory() as folder:
        run = stored(folder, history=text)
        try:
            history = run.history()
        except RunError:
            return
        assert set(axes(run, history)) <= set(AXES)
        assert set(figures(history)) <= set(columns)
        diagnose(history)


@given(lines)
def test_predictions_are_numbers_or_are_refused(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "predictions.csv")
        path.write_text("\n".join(["file,label,logit,probability", *rows]), encoding="utf-8")
        try:
            table = read_predictions(path)
        except RunError:
            return
        assert [table[name].dtype.kind for name in ("label", "logit", "probability")] == [*"iff"]


@st.composite
def logged(draw):
    count = draw(st.integers(1, 6))
    values = st.lists(finite, min_size=count, max_size=count)
    columns = {name: draw(values) for name in ("loss", "val_loss", "my_figure")}
    return pd.DataFrame({"epoch": range(1, count + 1), **columns})


@given(words, logged(), st.sampled_from([to_csv, to_tensorboard]))
@example("../../x", pd.DataFrame({"epoch": [1], "loss": [0.5]}), to_csv)
def test_what_is_exported_is_imported_as_it_was(name, history, export):
    """Whatever a run is called; TensorBoard keeps single precision, which is what was drawn."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, "here"), Path(folder, "there")
        (run,) = import_runs(Found((Foreign(name or "x", "X", history),)), here).runs
        assert checked_name(run.name)
        export([run], Path(folder, "out"))
        (again,) = import_runs(read(Path(folder, "out")), there).runs
        back = again.history()[list(history)]
        pd.testing.assert_frame_equal(back, history, rtol=1e-6, check_dtype=False)


@given(st.text(max_size=200))
@example("CON")
@example("..")
@example("a" * 500)
@example("e\N{COMBINING ACUTE ACCENT}/\0")
def test_every_name_becomes_one_that_a_run_can_have(name):
    assert checked_name(safe_name(name)) == safe_name(name)
    assert safe_name(safe_name(name)) == safe_name(name)


@given(st.lists(st.text(max_size=50), max_size=5), st.text(max_size=100))
def test_annotations_are_kept_as_they_were_taken(tags, note):
    try:
        told = annotations.Annotations(tuple(tags), note)
    except RunError:
        return
    with tempfile.TemporaryDirectory() as folder:
        run = stored(folder)
        annotations.write(run, told)
        assert annotations.read(run) == told
        assert told.changed() == told


@given(
    st.dictionaries(st.integers(1, 999_999), st.tuples(st.integers(0, 1), st.text(max_size=9))),
    st.sampled_from(",;"),
)
def test_truth_is_read_as_it_was_written(told, separator):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerows([("case", "label", "patient")])
    writer.writerows((case, label, patient) for case, (label, patient) in told.items())
    try:
        found = truth.read(buffer.getvalue().encode("utf-8", "surrogatepass"))
    except PipelineError:
        assert not told or any(
            "\0" in patient or not patient.isprintable() for _, patient in told.values()
        )
        return
    assert {case: label for case, (label, _) in found.items()} == {
        case: label for case, (label, _) in told.items()
    }
    by_patient = {told[case][1].strip(): patient for case, (_, patient) in found.items()}
    assert len(set(by_patient.values())) == len(by_patient)


RUNS = ["fox", "owl", "hen"]
choices = {name: st.sampled_from(allowed) for name, allowed in link._CHOICES.items()}
numbers = st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.6g}"))
pairs = st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]).map(list)
states = st.fixed_dictionaries(
    {
        "runs": st.lists(st.sampled_from(RUNS), unique=True),
        "metrics": st.lists(st.text(min_size=1, max_size=9), unique=True, max_size=3),
        "smoothing": st.floats(0, 0.99).map(lambda value: float(f"{value:.6g}")),
        "zoom": st.none() | pairs,
        "zoomY": st.dictionaries(st.text(min_size=1, max_size=9), pairs, max_size=2),
        "at": st.none() | numbers,
        "text": st.text(max_size=30),
        "pinned": st.sampled_from(["", *RUNS]),
        "tag": st.lists(st.text(min_size=1, max_size=9), max_size=2),
        **choices,
        **dict.fromkeys(("logx", "logy", "clip", "difference"), st.booleans()),
    }
)


@given(states)
def test_a_link_says_what_was_chosen(chosen):
    default = link.defaults(RUNS[:2], ["loss"])
    state = link.checked(chosen, default, RUNS)
    again = link.checked(link.read(link.written(state, default, RUNS), RUNS), default, RUNS)
    every = len(state["runs"]) == len(RUNS)
    assert {**again, "runs": sorted(again["runs"])} == {**state, "runs": sorted(state["runs"])}
    assert every or again["runs"] == state["runs"]


@given(json_values, json_values)
def test_no_message_leaves_a_state_that_cannot_be_drawn(one, other):
    default = link.defaults(RUNS, ["loss"])
    state = link.checked(dict.fromkeys(default, one) | {"zoom": other}, default, RUNS)
    json.dumps(state, allow_nan=False)
    assert 0 <= state["smoothing"] <= 0.99
    assert state["at"] is None or math.isfinite(state["at"])
