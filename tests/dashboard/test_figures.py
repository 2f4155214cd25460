"""Colours and marks of runs: the same on every page, whatever is chosen, whatever is added."""

from pathlib import Path

from dashboard.figures import run_colours, run_symbols
from pipeline.runs import Run


def run(name, **told):
    document = {"status": "recorded", "architecture": "a", "title": name, "config": {}}
    return Run(Path(name), {"name": name, "parameters": {"total": 1}, **document, **told})


RUNS = [run(f"run-{i:02d}") for i in range(20)]


def test_colour_and_symbol_together_name_one_run():
    colours, symbols = run_colours(RUNS), run_symbols(RUNS)
    assert len({(colours[one.name], symbols[one.name]) for one in RUNS}) == len(RUNS)
    assert len(set(list(colours.values())[:7])) == 7


def test_colours_do_not_depend_on_the_order_of_the_listing():
    assert run_colours(RUNS[::-1]) == run_colours(RUNS)


def test_a_run_that_is_added_changes_no_others_colour_or_symbol():
    later = run("a-first-by-name", started="2026-01-01T00:00:00+00:00")
    last = run("another", imported="2026-01-02T00:00:00+00:00", started="2020-01-01T00:00:00+00:00")
    for look in (run_colours, run_symbols):
        before, after = look([*RUNS, later]), look([last, *RUNS, later])
        assert {name: after[name] for name in before} == before
