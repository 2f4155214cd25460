"""What fuzzing found, each kept as the smallest input that shows it."""

import json

import pytest
from dicom_parts import EXPLICIT, PIXELS, Part, written
from fuzz_dicom import header
from fuzz_imports import zipped

from dashboard.curves import link
from dashboard.viewer import report
from pipeline import annotations
from pipeline.card import binding
from pipeline.diagnosis import diagnose
from pipeline.dicom.grey import _Scale
from pipeline.dicom.look import Ramp
from pipeline.errors import RunError
from pipeline.foreign import read_uploads
from pipeline.images import read_picture
from pipeline.importing import import_runs
from pipeline.runs import list_runs, open_run, read_predictions

HISTORY = "epoch,val_loss\n1,0.5\n2,0.4\n"
RUN = {
    "name": "fox",
    "title": "Fox",
    "status": "finished",
    "architecture": "compact",
    "parameters": {"total": 4},
    "config": {},
}


def stored(folder, run=RUN, history=b"epoch,val_loss\n1,0.5\n"):
    here = folder / "fox"
    here.mkdir()
    document = run if isinstance(run, bytes) else json.dumps(run).encode()
    (here / "run.json").write_bytes(document)
    (here / "history.csv").write_bytes(history)
    return open_run(folder, "fox")


@pytest.mark.parametrize("function", [b"", b"LINEAR_EXACT", b"SIGMOID"])
@pytest.mark.parametrize(
    ("centre", "width"),
    [
        (b"100000000000000000 ", b"2 "),  # both ends are the same float
        (b"1e308 ", b"1e308 "),
        (b"-1e308", b"1e308 "),
        (b"0 ", b"1e-308"),
    ],
)
def test_a_window_far_from_every_value_is_left_out(function, centre, width):
    window = (
        Part(0x00281050, b"DS", centre),
        Part(0x00281051, b"DS", width),
        Part(0x00281056, b"CS", function),
    )
    levels = bytes(range(2, 252, 2)) * 75
    pixels = Part(PIXELS, b"OW", levels[: 65 * 72 * 2])
    picture = read_picture(written(EXPLICIT, header(12, pixels, b"MONOCHROME2", *window)))
    assert picture.image.max() > picture.image.min()
    for one in picture.depth.windows:
        assert one.low < one.high


def test_a_window_too_narrow_for_where_it_lies_is_left_out():
    ends = _Scale(1, 0, 4095).window("one", Ramp(1e12, 1e12 + 1e-9))
    assert ends is None


@pytest.mark.parametrize("name", ["", ".", "./.", "/"])
def test_a_member_without_a_name_is_left_out(name):
    found = read_uploads([("sent.zip", zipped([(name, b"x"), ("log.csv", HISTORY.encode())]))])
    assert len(found.runs) == 1
    assert len(found.problems) <= 1


def test_a_run_of_ours_whose_history_has_no_epoch_is_named():
    content = zipped([("a/run.json", b"{}"), ("a/history.csv", b"x,y\n1,2\n")])
    found = read_uploads([("sent.zip", content)])
    assert found.runs == ()
    assert "no column epoch" in found.problems[0]


def test_brackets_without_end_are_no_json(tmp_path):
    with pytest.raises(RunError, match=r"run\.json of fox cannot be read"):
        stored(tmp_path, b"[" * 100_000)


@pytest.mark.parametrize(
    "odd",
    [
        {"config": None},
        {"parameters": []},
        {"parameters": {"total": "4"}},
        {"title": 5},
        {"tags": "one"},
        {"tags": None},
        {"data": None},
        {"data": {"train": None}},
        {"tags": [None]},
        {"notes": {}},
        {"data": []},
        {"data": {"train": {"NORMAL": "3", "PNEUMONIA": 5}}},
        {"data": {"train": {"NORMAL": 3}}},
        {"config": {"seed": "x"}},
        {"config": {"batch_size": "16"}},
        {"config": {"monitor": 1}},
        {"abstain": {"low": 0.1}},
        {"abstain": {"low": 0.1, "high": [1]}},
        {"calibration": {}, "operating_points": {"balanced": 0.5}},
        {"calibration": {"temperature": 10**400}},
        {"calibration": {"temperature": float("nan")}},
        {"operating_points": {"balanced": {"threshold": None}}},
    ],
)
def test_a_run_that_says_one_kind_of_thing_for_another_is_damaged(tmp_path, odd):
    with pytest.raises(RunError, match="fox makes no sense where it tells"):
        stored(tmp_path, RUN | odd)
    assert len(list_runs(tmp_path).damaged) == 1


@pytest.mark.parametrize(
    "history",
    [
        b"epoch,loss\n1,\xff\n",
        b"loss\n1\n",
        b"epoch,loss\none,0.5\n",
        b"epoch,seconds,loss\n1,long,0.5\n",
        b"epoch,step,loss\n1,x,0.5\n",
        b"epoch,loss\n,0.5\n",
        b"epoch,loss\n1e300,0.5\n",
        b"epoch,loss\ninf,0.5\n",
        b"epoch,loss\n" + b"9" * 400 + b",0.5\n",
        b'epoch,loss\n1,"0.5\n',
    ],
)
def test_a_history_that_does_not_count_is_damaged(tmp_path, history):
    with pytest.raises(RunError, match=r"history\.csv of fox is damaged"):
        stored(tmp_path, history=history).history()


def test_steps_beyond_all_counting_are_a_figure_and_no_steps():
    table = b"epoch,step,loss\n1,1e300,0.5\n2,2e300,0.4\n"
    (run,) = read_uploads([("log.csv", table)]).runs
    assert run.history["step_logged"].tolist() == [1e300, 2e300]


def test_figures_near_the_largest_float_are_no_warning(tmp_path):
    history = b"epoch,loss,val_loss\n1,-1e308,1e308\n1,-1e308,1e308\n"
    assert diagnose(stored(tmp_path, history=history).history()).best_epoch == 1


def test_a_label_of_hundreds_of_digits_is_damage(tmp_path):
    path = tmp_path / "predictions.csv"
    path.write_text("file,label,logit,probability\na," + "9" * 40 + ",0,0.5\n", encoding="utf-8")
    with pytest.raises(RunError, match="damaged"):
        read_predictions(path)


def test_a_setting_of_others_is_not_taken_for_ours(tmp_path):
    entries = [
        ("m/meta.yaml", b"run_name: fox\n"),
        ("m/metrics/loss", b"0 0.5 0\n1 0.4 1\n"),
        ("m/params/batch_size", b"16 to 32"),
        ("m/params/recipe", b"3"),
    ]
    (run,) = import_runs(read_uploads([("sent.zip", zipped(entries))]), tmp_path).runs
    assert run.config == {"batch_size of MLflow": "16 to 32", "recipe of MLflow": 3}


def test_half_a_surrogate_is_no_note_and_no_tag():
    for content in ({"note": "\ud800"}, {"tags": ("a\udfff",)}):
        with pytest.raises(RunError):
            annotations.Annotations(**content)


@pytest.mark.parametrize("field", ["files", "figures", "__class__", "__dict__"])
def test_a_card_sets_no_field_that_it_has_no_say_in(field):
    text = (
        f'<meta name="card-{field}" content="x"><meta name="card-run" content="fox">'
        f'<meta name="card-schema" content="{binding.SCHEMA}">'
        '<tr data-file="run.json" data-sha256="ab"><tr data-figure="auc"><td>0.9</td>'
    )
    told = binding.read(text)
    assert told.files == {"run.json": "ab"}
    assert told.figures == {"auc": ("0.9",)}


def test_a_row_may_begin_before_the_last_cell_has_ended():
    text = (
        f'<meta name="card-run" content="fox"><meta name="card-schema" content="{binding.SCHEMA}">'
        '<tr data-file="run.json" data-sha256="ab">'
        '<tr data-figure="auc"><td>0.9<tr data-figure="ece">words<td>0.1</td>'
    )
    assert binding.read(text).figures == {"auc": ("0.9",), "ece": ("0.1",)}


def test_a_number_of_hundreds_of_digits_is_no_number():
    state = link.defaults(["fox"], ["loss"])
    told = {"smoothing": 10**400, "at": 10**400, "zoom": [1, 10**400], "zoomY": {"a": [0, 10**400]}}
    assert link.checked(told, state, ["fox"]) == state


RECTANGLE = {"kind": "region", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        {"rectangles": [5]},
        {"rectangles": {"kind": "region"}},
        {"rectangles": [RECTANGLE | {"kind": "other"}]},
        {"rectangles": [RECTANGLE | {"x": float("nan")}]},
        {"rectangles": [RECTANGLE | {"x": 0.9}]},
        {"rectangles": [RECTANGLE | {"height": 10**400}]},
        {"rectangles": [RECTANGLE | {"width": "0.3"}]},
        {"rectangles": [RECTANGLE] * 1_001},
        {"superpixels": ["1"]},
        {"superpixels": [-1]},
        {"superpixels": [2**64]},
        {"parts": 5},
    ],
)
def test_marks_that_make_no_sense_count_as_none(odd):
    assert report.altered(odd) is None


def test_marks_that_make_sense_are_told():
    told = report.altered({"rectangles": [RECTANGLE], "superpixels": [3]})
    assert told == {"parts": None, "rectangles": [RECTANGLE], "superpixels": [3]}


@pytest.mark.parametrize(
    "odd", [5, {"layout": "four"}, {"k": 2.5}, {"mask": "yes"}, {"opacity": 2}, {"left": ["first"]}]
)
def test_settings_that_make_no_sense_count_as_none(odd):
    assert report.settings(odd) is None


def test_settings_that_are_not_told_are_the_usual_ones():
    assert report.settings({"mask": True})["layout"] == "one"
