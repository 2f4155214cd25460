"""The address of the page of training curves: it brings everything back, and nothing else."""

import pytest

from dashboard.curves import link

RUNS = ["a", "b", "c"]
METRICS = ["loss", "accuracy"]
EVERYTHING = {
    "runs": ["b", "a"],
    "metrics": ["auc"],
    "smoothing": 0.35,
    "x": "images",
    "sides": "validation",
    "group": "configuration",
    "band": "ci",
    "facet": "setting:learning_rate",
    "logx": True,
    "logy": True,
    "clip": True,
    "difference": True,
    "architecture": ["compact", "alexnet, wide"],
    "recipe": ["modern"],
    "seed": ["0"],
    "status": ["finished"],
    "tag": ["a & b"],
    "text": "/seed[01]/",
    "pinned": "b",
    "zoom": [2.5, 12.0],
    "zoomY": {"auc": [0.5, 0.75]},
    "at": 7.0,
}


@pytest.fixture
def default():
    return link.defaults(["a"], METRICS)


def restored(state, default):
    return link.checked(link.read(link.written(state, default, RUNS), RUNS), default, RUNS)


def test_nothing_chosen_needs_no_parameter_but_the_runs(default):
    assert link.written(default, default, RUNS) == {"runs": ["a"]}
    assert restored(default, default) == default


def test_everything_that_can_be_chosen_comes_back(default):
    assert set(EVERYTHING) == set(default)
    assert all(EVERYTHING[name] != default[name] for name in default)
    assert restored(EVERYTHING, default) == EVERYTHING


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_choice_comes_back_alone(default, name):
    state = default | {name: EVERYTHING[name]}
    assert restored(state, default) == state


def test_what_was_emptied_stays_empty(default):
    state = default | {"runs": [], "metrics": []}
    assert restored(state, default) == state


def test_all_runs_have_one_sign_also_when_more_are_added(default):
    query = link.written(default | {"runs": RUNS}, default, RUNS)
    assert query["runs"] == [link.ALL]
    assert link.read(query, [*RUNS, "d"])["runs"] == [*RUNS, "d"]


def test_an_old_link_still_works(default):
    old = {
        "runs": ["c", "gone"],
        "metrics": ["auc"],
        "smoothing": ["0.5"],
        "x": ["seconds"],
        "log": ["true"],
        "text": ["res"],
        "architectures": ["compact"],
        "tags": ["project"],
    }
    found = link.checked(link.read(old, RUNS), default, RUNS)
    assert found["runs"] == ["c"]
    assert (found["smoothing"], found["x"], found["logy"]) == (0.5, "seconds", True)
    assert (found["text"], found["architecture"], found["tag"]) == ("res", ["compact"], ["project"])


@pytest.mark.parametrize(
    "query",
    [
        {"smoothing": ["nan"]},
        {"smoothing": ["1"]},
        {"smoothing": ["-0.1"]},
        {"smoothing": [""]},
        {"x": ["miles"]},
        {"group": ["run'"]},
        {"zoom": ["5~2"]},
        {"zoom": ["1~2~3"]},
        {"zoom": ["a~b"]},
        {"zoom_loss": ["inf~inf"]},
        {"at": ["never"]},
        {"runs": ["no", "such"], "metrics": []},
    ],
)
def test_what_makes_no_sense_does_not_count(default, query):
    found = link.checked(link.read(query, RUNS), default | {"runs": []}, RUNS)
    assert found == default | {"runs": [], "metrics": found["metrics"]}


@pytest.mark.parametrize(
    "told",
    [
        {"runs": "abc"},
        {"runs": [1, None, {"a": 1}]},
        {"smoothing": [0.5]},
        {"x": ["epoch"]},
        {"logx": "true"},
        {"zoomY": ["loss"]},
        {"zoomY": {"loss": "1~2"}},
        {"text": 5},
        {"tag": "project"},
        {"unknown": 1},
    ],
)
def test_a_browser_may_say_anything(default, told):
    found = link.checked(told, default, RUNS)
    assert set(found) == set(default)
    assert found == default | {"runs": found["runs"]}
    assert set(found["runs"]) <= set(RUNS)


def test_a_text_without_end_is_cut(default):
    assert len(link.checked({"text": "x" * 10_000}, default, RUNS)["text"]) == 200
