"""The tour by its widgets: five steps, a sentence and a picture each, nothing to configure."""

import os
import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from dashboard.wording import tour as told
from pipeline.config import Paths
from pipeline.runs import default_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def visit(monkeypatch, tmp_path):
    def open_it(step: str | None = None, samples: Path | None = None) -> AppTest:
        monkeypatch.setenv("XRAY_SAMPLES", str(samples or tmp_path / "none"))
        app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60).run()
        app = app.switch_page("views/tour.py")
        if step is not None:
            app.query_params[state.STEP] = step
        app.run()
        assert not app.exception
        assert not app.error
        return app

    return open_it


def sentence(app: AppTest) -> str:
    (one,) = app.header
    return one.value


def small_print(app: AppTest) -> str:
    return " ".join(entry.value for entry in app.caption)


def test_next_and_back_lead_through_the_steps_and_the_address_names_them(visit, drawn_samples):
    app = visit(samples=drawn_samples)
    assert app.title[0].value == "The picture"
    assert app.button(state.BACK).disabled
    for step in (2, 3, 4, 5):
        app.button(state.NEXT).click().run()
        assert not app.exception
        assert app.title[0].value == told.TITLES[step - 1]
        assert app.query_params[state.STEP] in (str(step), [str(step)])
    assert app.button(state.NEXT).disabled
    app.button(state.BACK).click().run()
    assert app.title[0].value == told.TITLES[3]


@pytest.mark.parametrize(
    ("asked", "title"),
    [("0", 0), ("99", 4), ("-3", 0), ("five", 0), ("", 0), ("9" * 5000, 0), ("4", 3)],
)
def test_a_wrong_step_in_the_address_leads_to_one_that_is(visit, asked, title):
    assert visit(asked).title[0].value == told.TITLES[title]


def test_there_is_nothing_to_configure(visit, drawn_samples):
    for step in "125":
        app = visit(step, drawn_samples)
        assert [button.key for button in app.button] == [state.BACK, state.NEXT]
        for kind in ("selectbox", "slider", "toggle", "text_input", "number_input", "radio"):
            assert not getattr(app, kind)


def test_every_step_is_one_sentence(visit, drawn_samples):
    for step in "1235":
        text = sentence(visit(step, drawn_samples))
        assert re.sub(r"\d\.\d", "", text).count(".") + text.count("?") == 1


def test_the_verdict_is_that_of_the_default_run(visit, drawn_samples):
    app = visit("2", drawn_samples)
    run = default_run(Paths.from_environment().runs)
    threshold = 100 * run.operating_points[run.point()]["threshold"]
    assert f"from {threshold:.1f}\N{NO-BREAK SPACE}% on" in sentence(app)
    assert run.title in small_print(app)


def test_the_last_step_counts_what_the_stored_figures_say(visit):
    app = visit("5")  # needs no samples
    run = default_run(Paths.from_environment().runs)
    report = run.metrics()["test"][run.point()]
    found, ill = re.search(r"(\d+) have .*finds \*\*(\d+)\*\*", sentence(app)).groups()[::-1]
    share = report["figures"]["sensitivity"]["value"]
    assert abs(int(found) / int(ill) - share) < 0.02
    assert f"on {report['n']} X-rays" in small_print(app)
    for name in ("sensitivity", "specificity"):
        figure = report["figures"][name]
        interval = f"({100 * figure['low']:.1f} to {100 * figure['high']:.1f} %)"
        assert interval in small_print(app)
        assert f"of the {figure['n']} with" in small_print(app)


def test_without_samples_it_opens_and_offers_to_fetch_them(visit):
    for step in "1234":
        app = visit(step)
        assert sentence(app) == told.NO_SAMPLES
        assert app.button(state.FETCH)
        assert not app.button(state.NEXT).disabled


def test_the_explanation_is_made_beside_the_page_and_once_for_everybody(visit, drawn_samples):
    app = visit("3", drawn_samples)
    for _ in range(600):
        if sentence(app) == told.LOOKED_AT:
            break
        assert sentence(app) == told.NOT_YET
        time.sleep(0.2)
        app.run()
    assert not app.exception
    assert "How far to trust the colours" in small_print(app)
    assert "CC BY 4.0" in small_print(app)
    # Another visitor: no waiting, no bar but that of the steps, no button to stop it.
    other = visit("4", drawn_samples)
    assert sentence(other) not in (told.NOT_YET, told.LOOKED_AT)
    assert [button.key for button in other.button] == [state.BACK, state.NEXT]


def test_stopping_leads_back_and_does_not_begin_again(visit, drawn_samples, tmp_path):
    # Files of their own: the story of the others may be there already.
    own = tmp_path / "own"
    for path in drawn_samples.rglob("*.jpeg"):
        copied = own / path.relative_to(drawn_samples)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())
        os.utime(copied, (1, 1))
    app = visit("3", own)
    app.button(state.STOP_TOUR).click().run()
    assert app.title[0].value == told.TITLES[1]
    app.run()
    assert app.session_state[state._JOBS][state.TOUR].stopped
