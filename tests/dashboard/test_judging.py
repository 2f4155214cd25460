"""What a reader finds below the training curves, told by widget key."""

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.annotations import FILE, Annotations, read, write
from pipeline.comparison import NOT_RECORDED, summary
from pipeline.config import REPOSITORY
from pipeline.recorded import record
from pipeline.runs import list_runs, open_run
from pipeline.storage import write_json, write_text

REPORT = "notebook-simple_resnet-141-report"
DATA = {"fingerprint": "f00d", "validation": {"NORMAL": 190, "PNEUMONIA": 624}}


def page():
    """A page of nothing but the section, with the runs that its address names."""
    import streamlit as st

    from dashboard import resources
    from dashboard.sections.judging import judging

    every = resources.all_runs().runs
    names = st.query_params.get_all("run")
    chosen = [run for run in every if run.name in names]
    judging(chosen, {run.name: resources.history(run) for run in chosen}, every)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def opened(*names):
    found = AppTest.from_function(page, default_timeout=60)
    if names:
        found.query_params["run"] = list(names)
    found.run()
    assert not found.exception
    return found


def store(runs, name, aucs, losses=None, status="finished", data=DATA, test=None, **config):
    """Store a run with these validation figures, an epoch each."""
    document = {
        "schema": 1,
        "name": name,
        "title": f"Compact, {name}",
        "status": status,
        "architecture": "compact",
        "parameters": {"total": 1000, "trainable": 1000},
        "config": {"architecture": "compact", "monitor": "val_auc", "patience": 5} | config,
        "data": data,
        "operating_point": "own",
    }
    (runs / name).mkdir()
    write_json(runs / name / "run.json", document)
    losses = losses or [(1 - auc, 1 - auc) for auc in aucs]
    lines = [
        f"{epoch},10,{train},{validation},{auc}"
        for epoch, ((train, validation), auc) in enumerate(zip(losses, aucs, strict=True), start=1)
    ]
    header = "epoch,seconds,loss,val_loss,val_auc"
    write_text(runs / name / "history.csv", "\n".join([header, *lines, ""]))
    if test:
        figures = {"auc": test, "accuracy": {"value": 0.91}}
        validation = {"value": 0.99, "low": 0.98, "high": 0.995}
        reports = {
            "test": {"own": {"n": 624, "figures": figures}},
            "validation": {"own": {"n": 814, "figures": {"auc": validation}}},
        }
        write_json(runs / name / "metrics.json", reports)
    return open_run(runs, name)


RISING = [0.6, 0.7, 0.8, 0.9, 0.91, 0.92, 0.93, 0.94]


def texts(found):
    kinds = ("caption", "markdown", "warning", "info", "success", "error", "subheader")
    shown = "\n".join(element.value for kind in kinds for element in found.get(kind))
    return shown.replace("\\", "")  # which keep Markdown away


def test_nothing_chosen_says_what_to_do(runs):
    assert "Choose one or more" in texts(opened())


def test_the_table_holds_the_computed_figures_with_the_tests_interval(runs):
    run = store(runs, "one", RISING, test={"value": 0.97, "low": 0.95, "high": 0.985})
    shown = opened("one").dataframe[0].value.iloc[0]
    expected = summary(run, run.history())
    for name in ("best_epoch", "val_loss", "val_auc", "overfit_gap", "epochs_wasted", "seconds"):
        assert shown[name] == pytest.approx(expected[name])
    assert (shown["test_auc"], shown["test_n"]) == (0.97, 624)
    assert shown["test_interval"] == "0.950 to 0.985"
    assert shown["validation_to_test_drop"] == pytest.approx(0.02)
    assert shown["drop_interval"] == "0.002 to 0.041"


def test_all_figures_are_a_switch_away(runs):
    store(runs, "one", RISING)
    found = opened("one")
    few = found.dataframe[0].proto.column_order
    found.toggle(key="all_figures").set_value(True).run()
    many = found.dataframe[0].proto.column_order
    assert set(few) < set(many)
    assert "mean_gap" in many
    assert list(many[:3]) == ["run", "best_epoch", "val_loss"]


def test_a_remark_on_few_runs_quotes_the_numbers(runs):
    store(runs, "cut", RISING)
    found = texts(opened("cut"))
    assert "**Still improving** (1 run)" in found
    assert "**cut**: It was stopped while it still got better" in found
    assert "0.94 at epoch 8 of 8" in found


def test_remarks_on_many_runs_are_counted_and_open_into_a_table(runs):
    for number in range(30):
        store(runs, f"run{number:02}", RISING)
    found = opened(*(f"run{number:02}" for number in range(30)))
    said = texts(found)
    assert "**Still improving** (30 runs)" in said
    assert "and 22 more" in said
    assert said.count("It was stopped while") < 3
    (box,) = [e for e in found.expander if e.label.startswith("Every remark")]
    assert not box.dataframe


def test_a_run_that_its_patience_stopped_is_no_plateau_to_complain_of(runs):
    store(runs, "stopped", [0.9, *[0.89] * 5], epochs=20)
    found = texts(opened("stopped"))
    assert "stopped at epoch 6" in found
    assert "Plateau" not in found
    store(runs, "went-on", [0.9, *[0.89] * 8], epochs=20)
    assert "**Plateau** (1 run)" in texts(opened("went-on"))


def test_curves_that_are_as_they_should_be_have_nothing_to_remark(runs):
    store(runs, "good", [0.5, 0.7, 0.9, 0.92, 0.95, 0.96, 0.951, 0.952, 0.953])
    assert "Nothing else to remark" in texts(opened("good"))


def test_only_settings_that_differ_are_listed(runs):
    record(REPOSITORY / "artifacts" / "notebooks", runs)
    store(runs, "one", RISING, learning_rate=0.002, seed=3)
    settings = opened("one", REPORT).dataframe[1].value
    assert settings.loc["learning_rate", ["one", REPORT]].tolist() == ["0.002", "1e-05"]
    assert settings.loc["seed", ["one", REPORT]].tolist() == ["3", NOT_RECORDED]
    alike = opened("notebook-simple_resnet-141-limecheck", REPORT)
    assert "same settings" in texts(alike)


def test_the_settings_of_many_runs_stand_a_run_a_row(runs):
    for number in range(9):
        store(runs, f"run{number}", RISING, seed=number)
    settings = opened(*(f"run{number}" for number in range(9))).dataframe[1].value
    assert settings.loc["run4", "seed"] == "4"


def two_configurations(runs, count, **other):
    for seed in range(count):
        best = 0.9 + seed / 100
        store(runs, f"a-seed{seed}", [0.5, best], seed=seed, learning_rate=0.1)
        store(runs, f"b-seed{seed}", [0.5, best - 0.02 - seed / 1000], seed=seed, **other)


def test_a_verdict_between_two_configurations_is_paired_by_seed(runs):
    two_configurations(runs, 6)
    found = opened("a-seed0", "b-seed0")
    assert found.selectbox(key="group_a").value == "a"
    assert found.selectbox(key="group_b").value == "b"
    assert found.selectbox(key="group_figure").value == "val_auc"
    (said,) = found.success
    assert said.value.startswith("a is better.")
    assert "6 pairs" in said.value
    table = next(frame.value for frame in found.dataframe if "A minus B" in frame.value)
    assert table["A minus B"].tolist() == pytest.approx([0.02 + i / 1000 for i in range(6)])
    found.selectbox(key="group_figure").set_value("val_loss").run()
    assert found.success[0].value.startswith("a is better.")  # there, lower is better


def test_both_configurations_can_be_chosen_and_are_never_the_same(runs):
    two_configurations(runs, 2)
    store(runs, "c", [0.4, 0.5], learning_rate=0.7)
    found = opened("a-seed0", "b-seed0")
    assert "Too few runs to tell" in texts(found)
    found.selectbox(key="group_a").set_value("b").run()
    assert not found.exception
    assert found.selectbox(key="group_b").value != "b"
    found.selectbox(key="group_b").set_value("c").run()
    assert "of b minus that of c" in texts(found)


def test_runs_validated_on_other_pictures_get_no_verdict(runs):
    two_configurations(runs, 2, data=DATA | {"fingerprint": "beef"})
    found = opened("a-seed0", "b-seed0")
    assert "Not comparable: they were validated on different pictures" in texts(found)


def test_a_single_configuration_says_what_to_do(runs):
    store(runs, "only", RISING)
    assert "only one configuration" in texts(opened("only"))


def test_what_people_wrote_is_shown_as_plain_text(runs):
    write(store(runs, "one", RISING), Annotations(("keep",), "**not** bold"))
    found = opened("one")
    notes = next(frame.value for frame in found.dataframe if "Note" in frame.value)
    assert notes.iloc[0].tolist() == ["one", "keep", "**not** bold"]
    assert "not" not in texts(found).split("What to know")[1].split("**")[0]


def test_a_damaged_annotation_is_named(runs):
    write_text(store(runs, "one", RISING).folder / FILE, "{")
    assert "annotations.json of one cannot be read" in texts(opened("one"))


def test_damaged_figures_are_named_and_the_other_runs_shown(runs):
    store(runs, "good", RISING)
    write_text(store(runs, "bad", RISING).folder / "metrics.json", "[]")
    found = opened("bad", "good")
    assert "metrics.json of bad is not an object" in texts(found)
    assert found.dataframe[0].value["run"].tolist() == ["good"]


def test_doubtful_runs_carry_a_warning_and_their_faults(runs):
    record(REPOSITORY / "artifacts" / "notebooks", runs)
    found = opened(REPORT)
    assert f"Validated on test images: {REPORT}" in texts(found)
    (notes,) = [e for e in found.expander if e.label.startswith(REPORT)]
    assert "125 of the 141 validation images" in notes.markdown[0].value
    assert f"No test figures: {REPORT}" in texts(found)


def test_every_recorded_run_can_be_judged_at_once(runs):
    record(REPOSITORY / "artifacts" / "notebooks", runs)
    names = [run.name for run in list_runs(runs).runs]
    found = opened(*names)
    assert len(found.dataframe[0].value) == 14
    assert "No epoch of notebook-alexnet-16-maiden was recorded" in texts(found)
    (rest,) = [e for e in found.expander if "more runs with notes" in e.label]
    assert rest.label == "8 more runs with notes"


def test_a_run_in_training_is_marked_and_not_told_to_go_on(runs):
    store(runs, "under-way", RISING, status="unfinished")
    found = texts(opened("under-way"))
    assert "is in training, or was cut off after 8 epochs" in found
    assert "Still improving" not in found


# AppTest cannot open an expander, so what is drawn in one is drawn here on its own.


def notes_alone():
    from dashboard import resources
    from dashboard.sections import annotating

    annotating.draw(resources.all_runs().runs)


def parallel_alone():
    from dashboard import resources
    from dashboard.sections import configurations

    every = resources.all_runs().runs
    configurations.parallel(every, resources.summaries(every))


def drawn(script):
    found = AppTest.from_function(script, default_timeout=60).run()
    assert not found.exception
    return found


def field(found, kind, key):
    (one,) = [element for element in found.get(kind) if element.key.startswith(key)]
    return one


def test_notes_and_tags_are_written_changed_and_taken_back(runs):
    store(runs, "one", RISING)
    run = store(runs, "two", RISING)
    found = drawn(notes_alone)
    found.selectbox(key="noted").set_value("two").run()
    field(found, "text_area", "note_text").set_value("Best of all.")
    found.button(key="note_save").click().run()
    assert read(run) == Annotations((), "Best of all.")
    write(run, Annotations(("keep", "old"), "Somebody else's."))
    found.run()
    assert field(found, "text_area", "note_text").value == "Somebody else's."
    field(found, "multiselect", "note_tags").set_value(["keep"])
    found.button(key="note_save").click().run()
    assert read(run) == Annotations(("keep",), "Somebody else's.")
    assert not (runs / "one" / FILE).exists()


def test_a_note_that_cannot_be_kept_has_a_sentence_and_stays_in_its_box(runs):
    store(runs, "one", RISING)
    found = drawn(notes_alone)
    field(found, "text_area", "note_text").set_value("bell \x07")
    found.button(key="note_save").click().run()
    assert "cannot be seen" in texts(found)
    assert field(found, "text_area", "note_text").value == "bell \x07"


def test_settings_are_drawn_against_results_from_three_runs_on(runs):
    for number in range(2):
        store(runs, f"run{number}", RISING, learning_rate=10.0**-number)
    assert "three runs or more" in texts(drawn(parallel_alone))
    store(runs, "run2", RISING, learning_rate=1e-5)
    found = drawn(parallel_alone)
    assert len(found.get("plotly_chart")) == 1
    assert found.selectbox(key="parallel_result").value == "val_auc"


def test_settings_that_are_all_the_same_have_no_chart(runs):
    for number in range(3):
        store(runs, f"run{number}", RISING)
    assert "nothing to draw" in texts(drawn(parallel_alone))
