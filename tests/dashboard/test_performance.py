"""What somebody who must decide does on the page *Performance*, told by widget key."""

import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import figures, state
from pipeline import evaluation
from pipeline.config import REPOSITORY
from pipeline.performance.operating import at_threshold, rates
from pipeline.performance.prevalence import icons
from pipeline.runs import PREDICTION_COLUMNS, open_run
from pipeline.storage import write_json

APP = str(REPOSITORY / "dashboard" / "app.py")


def predicted(split: str, each: int, distance: float, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    label = np.repeat([0, 1], each)
    logit = generator.normal(distance * (2 * label - 1), 1.5).round(6)
    rows = {
        "file": [f"{split}{i}.jpeg" for i in range(2 * each)],
        "split": split,
        "label": label,
        "kind": np.where(label, np.where(np.arange(2 * each) % 2, "virus", "bacteria"), "normal"),
        "patient": [
            f"person{i}_virus" if value else f"IM-{i:04d}" for i, value in enumerate(label)
        ],
        "logit": logit,
        "probability": evaluation.probability(logit, 2.0).round(6),
    }
    return pd.DataFrame(rows)[list(PREDICTION_COLUMNS)]


def store(runs, name, architecture="compact", seed=0, distance=1.0, **entries):
    """Store a judged run without weights."""
    folder = runs / name
    folder.mkdir(parents=True)
    points = {
        "balanced": {"threshold": 0.5123, "rule": "the middle"},
        "sensitivity_95": {"threshold": 0.25, "rule": "lower"},
    }
    document = {
        "schema": 1,
        "name": name,
        "title": name,
        "status": "finished",
        "architecture": architecture,
        "parameters": {"total": 1000, "trainable": 1000},
        "config": {"architecture": architecture, "seed": seed},
        "input": {"size_px": 64, "channels": 1},
        "seconds": 60.0,
        "calibration": {"method": "temperature", "temperature": 2.0},
        "operating_points": points,
        "operating_point": "balanced",
    }
    write_json(folder / "run.json", document | entries)
    table = pd.concat(
        [
            predicted("validation", 60, 2 * distance, 10 + seed),
            predicted("test", 50, distance, 20 + seed),
        ]
    )
    table.to_csv(folder / "predictions.csv", index=False)
    write_json(folder / "metrics.json", evaluation.judge(table, points))


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    return tmp_path / "runs"


@pytest.fixture
def one(runs):
    store(runs, "one")
    return open_run(runs, "one")


@pytest.fixture
def many(runs):
    store(runs, "a0", seed=0)
    store(runs, "a1", seed=1)
    store(runs, "b0", "alexnet", distance=0.1)
    return runs


def opened(**parameters):
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("views/performance.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    assert not page.error
    return page


def texts(page):
    kinds = ("markdown", "caption", "warning", "info")
    return " ".join(entry.value for kind in kinds for entry in page.get(kind))


def drawn(page, key):
    """Return what the picture under that key was given to draw."""
    (found,) = (e.proto for e in page.get("bidi_component") if e.proto.id.endswith(f"-{key}"))
    return json.loads(found.json)


def scores(run, split):
    own = run.predictions()
    own = own[own["split"] == split]
    return own["probability"].to_numpy(), own["label"].to_numpy()


def test_without_runs_the_next_step_is_said(runs):
    page = opened()
    assert "python -m pipeline train compact" in page.info[0].value


def test_one_run_alone_has_everything_but_a_comparison(one):
    page = opened()
    assert page.multiselect(key="judged").value == ["one"]
    assert "Choose two or more runs above" in texts(page)
    assert drawn(page, "confusion")["svg"]


def test_it_opens_with_the_best_of_each_architecture_and_says_who_differs(many):
    page = opened()
    assert page.multiselect(key="judged").value == ["a0", "b0"] or (
        page.multiselect(key="judged").value == ["a1", "b0"]
    )
    told = texts(page)
    assert "They differ" in told
    assert "ranks these 100 pictures better than b0" in told


def test_runs_that_differ_only_by_the_seed_have_mean_and_range(many):
    page = opened(judged=["a0", "a1"])
    values = [
        open_run(many, name).metrics()["test"]["balanced"]["figures"]["auc"]["value"]
        for name in ("a0", "a1")
    ]
    expected = f"AUC {np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
    assert expected in texts(page)
    assert "cannot be told apart on these 100 pictures" in texts(page)


def test_the_figures_at_first_are_those_of_the_stored_point(one):
    page = opened()
    assert page.slider(key="threshold").value == 0.5123
    counts = one.metrics()["test"]["balanced"]["counts"]
    assert drawn(page, "confusion")["svg"] == figures.confusion(counts)


@pytest.mark.parametrize("threshold", [0.0, 0.31, 0.9])
def test_moving_the_operating_point_counts_anew(one, threshold):
    page = opened()
    page.slider(key="threshold").set_value(threshold).run()
    assert not page.exception
    now = at_threshold(*scores(one, "test"), threshold)
    assert drawn(page, "confusion")["svg"] == figures.confusion(now["counts"])
    parts = now["figures"]
    expected = icons(parts["sensitivity"]["value"], parts["specificity"]["value"], 0.5)
    assert drawn(page, "hundred")["svg"] == figures.hundred(expected)
    assert f"| {100 * parts['sensitivity']['value']:.1f} %" in texts(page)
    assert page.number_input(key="threshold_typed").value == threshold


def test_typing_buttons_and_the_slider_agree(one):
    page = opened()
    page.number_input(key="threshold_typed").set_value(0.123).run()
    assert page.slider(key="threshold").value == 0.123
    page.button(key="point_of_sensitivity_95").click().run()
    assert page.slider(key="threshold").value == 0.25
    assert page.number_input(key="threshold_typed").value == 0.25


def test_the_cheapest_threshold_comes_from_validation_and_can_be_used(one):
    page = opened()
    from pipeline.performance.prevalence import cheapest_threshold

    own = one.predictions()
    own = own[own["split"] == "validation"]
    found = cheapest_threshold(
        own["probability"].to_numpy(), own["label"].to_numpy(), 0.5, 5.0, own["patient"].tolist()
    )
    assert "Cheapest on the 120 pictures of the **validation patients**" in texts(page)
    page.button(key="cheapest").click().run()
    assert page.slider(key="threshold").value == pytest.approx(found["threshold"])
    dear = page.slider(key="threshold").value
    page.number_input(key="miss").set_value(0.2).run()
    page.button(key="cheapest").click().run()
    assert page.slider(key="threshold").value > dear


def test_prevalence_moves_ppv_and_the_hundred_children(one):
    page = opened()
    page.slider(key="prevalence").set_value(10.0).run()
    parts = at_threshold(*scores(one, "test"), 0.5123)["figures"]
    there = evaluation.at_prevalence(parts["sensitivity"], parts["specificity"], 0.1)
    assert f"{100 * there['ppv']['value']:.1f} % (" in texts(page)
    assert "**Of 100 children like these, 10 have pneumonia**" in texts(page)


def test_a_link_restores_what_was_chosen(many):
    page = opened(
        judged=["a1", "b0"],
        split="validation",
        focus="b0",
        threshold="0.77",
        prevalence="20",
        miss="3",
    )
    assert page.multiselect(key="judged").value == ["a1", "b0"]
    assert page.selectbox(key="focus").value == "b0"
    assert page.slider(key="threshold").value == 0.77
    assert page.slider(key="prevalence").value == 20
    assert page.number_input(key="miss").value == 3
    now = at_threshold(*scores(open_run(many, "b0"), "validation"), 0.77)
    assert drawn(page, "confusion")["svg"] == figures.confusion(now["counts"])


def test_another_run_in_focus_begins_at_its_own_point(many):
    page = opened(judged=["a0", "b0"], threshold="0.9")
    assert page.slider(key="threshold").value == 0.9
    page.selectbox(key="focus").set_value("b0").run()
    assert page.slider(key="threshold").value == 0.5123


@pytest.mark.parametrize("threshold", ["7", "word"])
def test_a_link_with_nonsense_still_opens(one, threshold):
    page = opened(judged=["gone", "one"], threshold=threshold)
    assert "runs that cannot be shown here: gone" in texts(page)
    assert page.slider(key="threshold").value == 0.5123


def test_the_drop_per_class_is_told_with_the_next_step_for_its_cause(one):
    told = texts(opened())
    assert "**Labelled normal**: right are" in told
    assert "python -m pipeline data audit" in told


def test_the_measured_cause_is_told_when_it_is_there(one):
    auc = {"value": 0.927, "low": 0.91, "high": 0.94, "n": 300}
    low = {"value": 0.649, "low": 0.62, "high": 0.68, "n": 400}
    folder = one.folder.parent.parent / "audit"
    folder.mkdir()
    separability = {"NORMAL": {"auc": auc}, "PNEUMONIA": {"auc": low}}
    write_json(folder / "data.json", {"separability": separability})
    told = texts(opened())
    assert "normal 0.927 (0.910 to 0.940), n = 300; pneumonia 0.649" in told
    assert "labelled normal have moved most" in told


def test_saying_unsure_is_told_only_of_a_run_that_has_a_band(runs):
    store(runs, "plain")
    assert "unsure" not in texts(opened())
    store(runs, "banded", abstain={"low": 0.3, "high": 0.7, "rule": "the middle"})
    told = texts(opened(judged="banded"))
    score, label = scores(open_run(runs, "banded"), "test")
    decided = (score < 0.3) | (score >= 0.7)
    assert f"it decides {100 * decided.mean():.1f} %" in told
    right = ((score >= 0.7) == (label == 1))[decided].mean()
    assert f"right in {100 * right:.1f} %" in told


def test_latency_is_told_when_it_was_measured(many):
    def with_prices(page):
        page.session_state[state.PRICES] = True
        return texts(page.run())

    page = opened()
    assert "benchmark latency --write" not in texts(page)  # drawn only when asked for
    assert "benchmark latency --write" in with_prices(page)
    machine = {"cores": 2, "load": 0.1}
    ms = {"ms": {"median": 3.2, "p95": 4.0}}
    (many.parent / "benchmarks").mkdir()
    document = {"runs": {"a0": ms}, "machine": machine}
    write_json(many.parent / "benchmarks" / "latency.json", document)
    told = with_prices(opened(judged=["a0", "b0"]))
    assert "on 2 cores" in told
    assert "Not measured: b0" in told


def test_a_run_whose_figures_are_of_other_points_is_a_sentence(many):
    write_json(many / "b0" / "metrics.json", {"test": {}, "validation": {}})
    page = opened()
    assert "evaluate b0 --stored --write" in page.warning[0].value
    assert "b0" not in page.multiselect(key="judged").options


def test_the_curve_offers_thresholds_that_give_the_calls_it_shows(one):
    score, label = scores(one, "test")
    curve = rates(score, label)
    for cut, sensitivity in zip(curve.cut, curve.sensitivity, strict=True):
        found = at_threshold(score, label, cut)["figures"]["sensitivity"]["value"]
        assert found == pytest.approx(sensitivity)


def test_a_damaged_measurement_costs_one_section_and_not_the_next(many):
    audit = many.parent / "audit" / "data.json"
    audit.parent.mkdir()
    audit.write_text("{", encoding="utf-8")
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("views/performance.py").run()
    assert not page.exception
    (told,) = page.error
    assert "audit/data.json" in told.value
    # Drawn last, after the section that failed.
    assert "DeLong's test" in texts(page)
