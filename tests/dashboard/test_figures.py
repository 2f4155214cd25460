import pandas as pd
import pytest

from dashboard.figures import curve_figure, run_colours, run_symbols
from pipeline.curves import curves

NAMES = [f"run-{i:02d}" for i in range(20)]


def table(smoothing=0.0):
    history = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "seconds": [10.0, 10.0, 10.0],
            "loss": [3.0, 1.0, 2.0],
            "val_loss": [4.0, 3.0, 5.0],
        }
    )
    return curves({"a": history, "b": history}, ["loss"], smoothing)


def draw(told, **options):
    names = ["a", "b"]
    best = {"a": 2, "b": None}
    return curve_figure(told, "loss", run_colours(names), run_symbols(names), best, **options)


def lines(figure):
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def test_colour_and_symbol_together_name_one_run():
    colours, symbols = run_colours(NAMES), run_symbols(NAMES)
    assert len({(colours[name], symbols[name]) for name in NAMES}) == len(NAMES)
    assert len(set(list(colours.values())[:7])) == 7


def test_colours_do_not_depend_on_the_order_of_the_listing():
    assert run_colours(NAMES[::-1]) == run_colours(NAMES)


def test_training_is_solid_and_validation_dashed_in_the_runs_one_colour():
    drawn = lines(draw(table()))
    assert [(t.name, t.line.dash) for t in drawn] == [
        (run, dash) for run in ("a", "b") for dash in ("solid", "dash")
    ]
    colours = run_colours(["a", "b"])
    assert all(trace.line.color == colours[trace.name] for trace in drawn)


def test_the_legend_has_one_entry_per_run():
    figure = draw(table(0.5), labels={"a": "a (training)"})
    assert [t.name for t in figure.data if t.showlegend] == ["a (training)", "b"]
    assert {t.legendgroup for t in figure.data} == {"a", "b"}


def test_without_smoothing_nothing_is_drawn_twice():
    figure = draw(table())
    assert not [trace for trace in figure.data if trace.mode == "lines"]
    assert list(lines(figure)[0].y) == [3.0, 1.0, 2.0]


def test_with_smoothing_the_raw_trace_stays_faintly():
    figure = draw(table(0.5))
    faint = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(trace.y) for trace in faint[:2]] == [[3.0, 1.0, 2.0], [4.0, 3.0, 5.0]]
    assert all(trace.opacity < 0.5 for trace in faint)
    assert list(lines(figure)[0].y) == pytest.approx([3.0, 5 / 3, 13 / 7])


def test_the_best_epoch_is_marked_with_its_recorded_value_even_when_smoothed():
    marks = [trace for trace in draw(table(0.9)).data if trace.mode == "markers+text"]
    assert [(list(m.x), list(m.y), list(m.text or ())) for m in marks] == [
        ([2], [3.0], ["3.000"]),
        ([], [], []),
    ]


def test_the_axes_follow_the_choice():
    figure = draw(table(), x="seconds", log_y=True)
    assert list(lines(figure)[0].x) == [10.0, 20.0, 30.0]
    assert figure.layout.yaxis.type == "log"
    assert draw(table()).layout.yaxis.type == "linear"


def test_the_page_shines_through_so_that_both_themes_work():
    figure = draw(table())
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None


def test_a_metric_nobody_recorded_gives_an_empty_figure():
    assert len(curve_figure(table(), "auc", {}, {}, {}).data) == 0
