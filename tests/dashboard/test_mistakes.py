"""The Errors page by its widgets: filters, explanation one click away, agreement, no data set."""

import hashlib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from pipeline import mistakes
from pipeline.config import CLASS_NAMES, Paths
from pipeline.images import encode_jpeg
from pipeline.runs import open_run

ROOT = Path(__file__).resolve().parents[2]
RUN, OTHER = "compact-seed0", "simple_resnet-notebook-seed0"


@pytest.fixture
def errors_page(monkeypatch, tmp_path):
    """Open the page; with `data` the test's errors have pictures, each of its own grey."""
    monkeypatch.delenv("XRAY_ARTIFACTS", raising=False)
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path / "none"))
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "data"))

    def open_it(pictures: bool = False, image=None, **chosen) -> AppTest:
        if pictures:
            for number, (_, case) in enumerate(wrong().iterrows()):
                folder = tmp_path / "data" / "test" / CLASS_NAMES[case["label"]]
                folder.mkdir(parents=True, exist_ok=True)
                (folder / case["file"]).write_bytes(encode_jpeg(image // 2 + number))
        app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
        for key, value in {state.ERROR_RUN: RUN, state.ERROR_PANEL: [OTHER], **chosen}.items():
            app.session_state[key] = value
        app.run()
        app.switch_page("views/mistakes.py").run()
        assert not app.exception
        assert not app.error
        return app

    return open_it


def wrong(name: str = RUN):
    run = open_run(Paths.from_environment().runs, name)
    table = run.predictions()
    threshold = run.operating_points[run.document["operating_point"]]["threshold"]
    return mistakes.selected(mistakes.outcomes(table[table["split"] == "test"], threshold))


def said(app: AppTest) -> str:
    return " ".join(entry.value for entry in (*app.markdown, *app.caption, *app.info))


def cases(app: AppTest) -> list[str]:
    """File names below the pictures, in both galleries; those of the list come first."""
    return [
        entry.value.split("`")[1]
        for entry in app.caption
        if "labelled **" in entry.value and "patient " in entry.value
    ]


def listed(app: AppTest):
    return app.dataframe[0].value


def test_without_the_data_set_the_cases_are_listed_with_the_way_to_get_it(errors_page):
    app = errors_page()
    assert "data fetch kaggle" in said(app)
    assert listed(app)["File"].tolist() == wrong()["file"].tolist()
    assert cases(app) == []


def test_the_kind_and_the_subgroup_filter_the_list(errors_page):
    app = errors_page()
    app.segmented_control(state.ERROR_KIND).set_value("false positive").run()
    positives = wrong().query("outcome == 'false positive'")
    assert listed(app)["File"].tolist() == positives["file"].tolist()
    app.pills(state.ERROR_GROUPS).set_value(["normal IM"]).run()
    assert all(name.startswith("IM-") for name in listed(app)["File"])
    app.segmented_control(state.ERROR_KIND).set_value("false negative").run()
    assert "No such picture" in said(app)


def test_another_operating_point_gives_other_errors(errors_page):
    app = errors_page()
    before = listed(app)["File"].tolist()
    app.selectbox(state.ERROR_POINT).set_value("specificity_90").run()
    assert listed(app)["File"].tolist() != before


def test_unsure_pictures_are_offered_where_the_run_has_a_band(errors_page):
    app = errors_page()
    app.segmented_control(state.ERROR_KIND).set_value("unsure").run()
    run = open_run(Paths.from_environment().runs, RUN)
    band, table = run.document["abstain"], run.predictions().query("split == 'test'")
    unsure = table["probability"].between(band["low"], band["high"], inclusive="left")
    assert len(listed(app)) == unsure.sum() > 0


def test_a_page_of_the_gallery_holds_twelve(errors_page, radiograph):
    app = errors_page(pictures=True, image=radiograph)
    assert cases(app)[:12] == wrong()["file"].tolist()[:12]
    app.session_state[state.ERROR_PAGE] = 2
    app.run()
    assert cases(app)[:12] == wrong()["file"].tolist()[12:24]


def test_a_filter_leads_back_to_the_first_page(errors_page, radiograph):
    app = errors_page(pictures=True, image=radiograph)
    app.session_state[state.ERROR_PAGE] = 2
    app.run()
    app.selectbox(state.ERROR_ORDER).set_value("file").run()
    assert app.session_state[state.ERROR_PAGE] == 1
    assert cases(app)[:12] == sorted(wrong()["file"])[:12]


def test_a_page_beyond_the_last_is_the_last(errors_page, radiograph):
    app = errors_page(pictures=True, image=radiograph, **{state.ERROR_PAGE: 99})
    assert wrong()["file"].iloc[-1] in cases(app)


def read_page(link: dict) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
    for key, value in link.items():
        app.query_params[key] = value
    return app.run()


def test_the_link_of_a_case_loads_it_with_its_run_its_point_and_the_heatmap(
    errors_page, radiograph
):
    errors_page(pictures=True, image=radiograph)
    case = wrong().iloc[2]
    link = f"test/{CLASS_NAMES[case['label']]}/{case['file']}"
    app = read_page({"case": link, "run": RUN, "case_point": "specificity_90"})
    assert not app.exception
    assert not app.error
    assert app.segmented_control(state.SOURCE).value == state.CASE
    assert app.segmented_control(state.POINT).value == "specificity_90"
    assert app.selectbox(state.RUN).value == RUN
    assert case["file"] in said(app)
    data, label, name = app.session_state[state._CASE]
    assert app.session_state[state._ASKED] == {hashlib.sha256(data).hexdigest(): "heat"}
    assert (label, name) == (case["label"], case["file"])
    assert data == encode_jpeg(radiograph // 2 + 2)
    # From then on the page is the reader's.
    app.segmented_control(state.SOURCE).set_value("Upload").run()
    assert app.segmented_control(state.SOURCE).value == "Upload"


@pytest.mark.parametrize(
    "link",
    ["test/NORMAL/no-such.jpeg", "test/NORMAL/../../x", "x", "a/b/c/d", "test/OTHER/x.jpeg", "//"],
)
def test_a_link_to_a_picture_that_is_not_here_says_so(errors_page, link):
    errors_page()
    app = read_page({"case": link, "case_point": "no such point"})
    assert not app.exception
    assert "names a picture that is not here" in app.warning[0].value


def test_what_both_runs_miss_is_counted_and_called_a_suspect(errors_page):
    app = errors_page()
    # The other run at its threshold of the same operating point.
    point = open_run(Paths.from_environment().runs, RUN).document["operating_point"]
    other = open_run(Paths.from_environment().runs, OTHER)
    table = other.predictions().query("split == 'test'")
    missed = mistakes.selected(mistakes.outcomes(table, other.operating_points[point]["threshold"]))
    both = set(wrong()["file"]) & set(missed["file"])
    assert f"**{len(both)} of 624 pictures are called wrongly by both runs.**" in said(app)
    assert "wrong label" in said(app)
    assert app.dataframe[-1].value["Other run"].tolist() == [OTHER]


def test_a_link_to_a_run_that_is_gone_says_so(errors_page):
    app = read_page({state.RUN: "gone"})
    assert "cannot be shown here: gone" in app.warning[0].value


def test_the_name_in_a_link_is_no_markdown(errors_page):
    app = read_page({state.RUN: "![a](http://b/c)"})
    assert r"cannot be shown here: \!\[a\]" in app.warning[0].value


def test_with_no_other_run_the_page_says_how_to_compare(errors_page):
    app = errors_page(**{state.ERROR_PANEL: []})
    assert "Choose other runs to compare with" in said(app)


def test_the_error_rates_name_every_subgroup(errors_page):
    table = errors_page().dataframe[1].value
    assert table["Of"].sum() == 624
    assert table["Wrong"].sum() == len(wrong())
