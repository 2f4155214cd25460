from pipeline.foreign import read, read_uploads

LOSS = (
    '"Step","bold - fox - val_loss","bold - fox - val_loss__MIN","bold - fox - val_loss__MAX",'
    '"calm-owl - val_loss","calm-owl - _step"\n'
    '"0","0.5","0.4","0.6","","0"\n'
    '"10","0.25","0.25","0.25","0.75","10"'  # W&B ends its last line with a quote
)
ACCURACY = '"Step","bold - fox - train/acc"\n"0","0.5"\n"10","0.75"\n'


def test_charts_of_the_same_runs_come_together(tmp_path):
    (tmp_path / "a.csv").write_text(LOSS)
    (tmp_path / "b.csv").write_text(ACCURACY)
    found = read(tmp_path)
    assert found.problems == ()
    first, second = found.runs
    assert (first.name, second.name) == ("bold - fox", "calm-owl")
    assert first.history["step"].tolist() == [0, 10]
    assert first.history["val_loss"].tolist() == [0.5, 0.25]
    assert first.history["accuracy"].tolist() == [0.5, 0.75]
    assert first.renamed == {"train/acc": "accuracy"}
    assert second.history["val_loss"].tolist() == [0.75]
    assert second.figures == ("val_loss",)


def test_uploads_of_two_charts_come_together_too():
    found = read_uploads([("a.csv", LOSS.encode()), ("b.csv", ACCURACY.encode())])
    assert [run.figures for run in found.runs] == [("val_loss", "accuracy"), ("val_loss",)]


def test_the_table_of_runs_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text('"Name","State","Runtime","val_loss"\n"bold-fox","finished","12","0.5"\n')
    (problem,) = read(path).problems
    assert "no curve" in problem
    assert "Export the charts" in problem


def test_a_chart_over_time_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "chart.csv"
    path.write_text('"Relative Time (Process)","fox - loss"\n"0.5","0.5"\n')
    found = read(path)
    assert found.runs == ()
    assert "x-axis to Step" in found.problems[0]
