"""What the owner of a study reads on the page *Agreement*, from drawn readings."""

import io
import json
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from streamlit.testing.v1 import AppTest

from dashboard import figures, resources, state
from dashboard.wording import observers as told
from pipeline.images import Picture
from pipeline.observers import findings
from pipeline.observers.rows import tables
from pipeline.readings.design import AI_FIRST, READ_THEN_REVEAL, Design, Pass
from pipeline.readings.reading import Answer
from pipeline.spreadsheet import csv_text

REVEAL = ("overlay", READ_THEN_REVEAL)


def page_of(study, readings, picture_of):
    from dashboard.sections import study_findings

    study_findings.draw(study, readings, picture_of)


def no_picture(case):
    raise AssertionError(f"Expected no picture to be read. Received: {case}")


def study_of(readings, passes=(REVEAL,), run="gone", sha256="00"):
    design = Design(
        "Pilot", run, sha256, "balanced", 0.5, passes=tuple(Pass(*shape) for shape in passes)
    )
    return SimpleNamespace(
        id="s1",
        title="Pilot",
        design=design,
        n_cases=len({one.case for one in readings}) or 5,
        readers=tuple(sorted({one.reader for one in readings})) or ("R1",),
    )


def opened(readings, picture_of=no_picture, **study):
    page = AppTest.from_function(
        page_of, args=(study_of(readings, **study), readings, picture_of), default_timeout=60
    )
    page.run()
    assert not page.exception
    assert not page.error
    return page


def texts(page):
    kinds = ("markdown", "caption", "warning", "info")
    return " ".join(entry.value for kind in kinds for entry in page.get(kind))


def headings(page):
    return [entry.value for entry in page.subheader]


def chart(page, key):
    (found,) = (e.proto for e in page.get("plotly_chart") if e.proto.id.endswith(f"-{key}"))
    return json.loads(found.spec)


def test_before_anybody_has_read_the_next_step_is_said(drawn_study):
    page = opened([])
    assert "Give the readers their codes" in page.info[0].value
    assert headings(page) == []
    unread = [replace(one, first=None, final=None) for one in drawn_study(2, 4)]
    assert "Nobody has answered" in opened(unread).info[0].value


def test_a_whole_study_is_told_from_top_to_bottom(drawn_study):
    readings = drawn_study(3, 24)
    page = opened(readings)
    assert headings(page) == [
        "Who agrees with whom",
        "Against the truth",
        "Readers beside the model",
        "Would other readers gain, too?",
        "What the model changed",
        "Time",
        "What readers say of the highlighted parts",
        "Marked regions against explanations",
    ]
    said = texts(page)
    assert "72 of 72 readings are finished" in said
    assert "Over-reliance" in said
    assert "too few to tell for readers in general" in said
    found = findings(readings)
    assert told.number(found.agreements[0].group.fleiss) in said
    assert told.percent(found.accuracies[1].pooled.sensitivity) in said


def test_kappa_on_the_page_is_scikit_learns(drawn_study):
    readings = drawn_study(2, 20)
    page = opened(readings)
    calls = [
        [
            one.first.pneumonia
            for one in sorted(readings, key=lambda one: one.case)
            if one.reader == reader
        ]
        for reader in ("reader-1", "reader-2")
    ]
    drawn = chart(page, "rater_matrix")["data"][0]
    assert drawn["z"][0][0] == pytest.approx(cohen_kappa_score(*calls))


def test_the_answers_after_the_reveal_can_be_chosen(drawn_study):
    readings = drawn_study(3, 20)
    page = opened(readings)
    page.segmented_control(key=state.MOMENT).set_value(1).run()
    assert not page.exception
    assert told.number(findings(readings).agreements[1].group.fleiss) in texts(page)
    assert told.TOGETHER in texts(page)


def test_without_truth_it_is_said_what_needs_it_and_how_to_give_it(drawn_study):
    page = opened(drawn_study(2, 12, truth=False))
    assert "python -m pipeline readings truth" in page.warning[0].value
    assert "Against the truth" not in headings(page)
    assert "What the model changed" in headings(page)


def test_one_reader_is_compared_with_model_and_truth(drawn_study):
    page = opened(drawn_study(1, 12))
    assert "needs a second one" in texts(page)
    assert "Against the truth" in headings(page)
    assert "nan" not in texts(page).split()


def test_cases_of_one_class_have_no_roc_curve(drawn_study):
    page = opened([replace(one, label=1) for one in drawn_study(2, 10)])
    assert "A ROC curve needs cases of both classes" in texts(page)


def test_passes_with_and_without_the_model_are_compared(drawn_study):
    passes = (("none", READ_THEN_REVEAL), ("text", AI_FIRST), ("none", READ_THEN_REVEAL))
    page = opened(drawn_study(2, 12, passes=passes), passes=passes)
    assert "The same case again" in headings(page)
    assert "from *without the model, pass 1* to *model shown first, pass 2*" in texts(page)
    assert told.AI_SHOWN_FIRST in texts(page)


def test_a_paradox_is_explained_without_markup_of_a_pseudonym(drawn_study):
    readings = [
        replace(
            one,
            reader=f"**{one.reader}**",
            first=Answer((one.reader == "reader-1") != (one.case > 2) or one.case > 4, 3),
        )
        for one in drawn_study(2, 20)
    ]
    warned = [entry.value for entry in opened(readings).warning]
    assert any("chance alone would give" in one for one in warned)
    assert any(r"\*\*reader-1\*\*" in one for one in warned)


def test_regions_of_a_network_that_is_gone_cannot_be_compared(drawn_study):
    page = opened(drawn_study(2, 8))
    assert "Run `gone` is not here any more" in texts(page)
    assert "Nobody has marked a region" in texts(
        opened([replace(one, first=Answer(True, 1), final=None) for one in drawn_study(2, 4)])
    )


def test_methods_are_compared_with_marked_regions_when_asked(drawn_study, radiograph):
    run = resources.servable_runs()[0]
    readings = drawn_study(2, 2)
    page = opened(
        readings,
        lambda case: Picture(radiograph, 0.0, str(case)),
        run=run.name,
        sha256=run.document["model_sha256"],
    )
    page.multiselect(key=state.LOCATED_METHODS).set_value(["gradcam"]).run()
    page.button(key=state.LOCATE).click().run()
    until = time.monotonic() + 60
    while "By chance" not in texts(page):
        assert time.monotonic() < until, texts(page)
        time.sleep(0.1)
        page.run()
    assert not page.exception
    shown = [frame.value for frame in page.dataframe if "Pointing game" in frame.value]
    assert shown[0]["Method"].tolist() == ["Grad-CAM"]


def test_every_table_can_be_taken_away_and_none_is_a_formula(drawn_study):
    readings = [replace(one, reader=f"={one.reader}") for one in drawn_study(2, 10)]
    rows = tables(findings(readings))
    table = pd.read_csv(io.StringIO(csv_text(rows["accuracy"])))
    assert set(table["reader"]) == {"all readers", "the model", "'=reader-1", "'=reader-2"}
    assert table["sensitivity"].between(0, 1).all()


def test_figures_take_no_pseudonym_for_markup():
    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "why": ""}
    panels = {"Sensitivity": [("before", [share]), ("after", [share | {"value": 0.9}])]}
    drawn = figures.dumbbells(["<b>R1"], panels, arrows=True)
    assert drawn.layout.yaxis.ticktext == ("&lt;b&gt;R1",)
    (arrow,) = drawn.layout.annotations
    assert (arrow.ax, arrow.x) == (0.5, 0.9)


def test_what_does_not_exist_leaves_a_gap_in_the_figures():
    none = {"value": None, "low": None, "high": None, "n": 0, "why": "no case"}
    sure = {"value": 1.0, "low": None, "high": None, "n": 3, "why": "too few"}
    matrix = figures.rater_matrix(["a", "b", "c"], {(0, 1): none, (0, 2): sure, (1, 2): sure})
    assert matrix.data[0].z[0][0] is None or np.isnan(matrix.data[0].z[0][0])
    assert "no case" in matrix.data[0].customdata[0][0]
    drawn = figures.dumbbells(["a", "b"], {"x": [("before", [none, sure])]}, arrows=False)
    assert tuple(drawn.data[0].x) == (1.0,)
