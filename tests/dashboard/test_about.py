"""The About page: the card of a run, in the page and as one file."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import resources, state, wording
from pipeline import statements
from pipeline.card import build
from pipeline.config import Paths
from pipeline.errors import RunError
from pipeline.runs import open_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def about(monkeypatch) -> AppTest:
    monkeypatch.delenv("XRAY_ARTIFACTS", raising=False)
    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60).run()
    return app.switch_page("views/about.py").run()


def shown_in(app: AppTest) -> list[str]:
    return [cell for table in app.dataframe for cell in table.value.astype(str).to_numpy().ravel()]


def test_the_page_shows_every_section_and_figure_of_the_card(about):
    assert not about.exception
    artifacts = Paths.from_environment().artifacts
    told = build(open_run(artifacts / "runs", about.selectbox(state.CARD_RUN).value), artifacts)
    labels = [expander.label for expander in about.expander]
    assert [section.heading for section in told.sections] == labels[:-1]
    cells = shown_in(about)
    assert all(figure.name in cells for figure in told.figures())
    assert all(source.sha256 in cells for source in told.sources)


def test_a_recorded_run_has_its_card_too(about):
    about.selectbox(state.CARD_RUN).set_value("notebook-alexnet-141-update").run()
    assert not about.exception
    assert not about.error
    assert any("recorded in a notebook" in entry.value for entry in about.markdown)


def test_a_run_whose_figures_do_not_follow_gets_a_sentence_instead(monkeypatch):
    def refuse(run):
        raise RunError("The stored figures are not what its predictions give.", "Make them again.")

    monkeypatch.setattr(resources, "model_card", refuse)
    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60).run()
    app.switch_page("views/about.py").run()
    assert not app.exception
    assert "not what its predictions give" in app.error[0].value
    assert "Make them again" in app.error[0].value
    # The rest of the page is there.
    assert "Installed here" in [entry.value for entry in app.subheader]


def test_page_and_card_say_the_same_sentences():
    for name in ("NOTICE", "INTENDED_USE", "DATA", "FIGURE_NAMES", "POINT_NAMES"):
        assert getattr(wording, name) is getattr(statements, name)
