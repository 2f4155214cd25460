"""Which of two configurations is better, and when nobody can tell."""

import pytest

from pipeline.groups import TEST_AUC, groups, verdict
from pipeline.recorded import VALIDATED_ON_TEST
from pipeline.runs import Run
from pipeline.storage import write_json

DATA = {"fingerprint": "f00d", "validation": {"NORMAL": 190, "PNEUMONIA": 624}}


def run_at(folder, seed=None, data=DATA, tags=(), **config):
    folder.mkdir()
    told = config if seed is None else config | {"seed": seed}
    document = {
        "name": folder.name,
        "status": "finished",
        "title": "",
        "architecture": "compact",
        "parameters": {"total": 7},
        "config": told,
        "tags": list(tags),
        "data": data,
        "operating_point": "own",
    }
    return Run(folder, document)


@pytest.fixture
def two(tmp_path):
    """Makes two configurations, a and b, of so many seeds each."""

    def make(of_a, of_b, **other):
        runs = [run_at(tmp_path / f"a-seed{i}", i, rate=0.1) for i in range(of_a)]
        runs += [run_at(tmp_path / f"b-seed{i}", i, rate=0.2, **other) for i in range(of_b)]
        return groups(runs)

    return make


def figures(group, values):
    return {run.name: value for run, value in zip(group.runs, values, strict=True)}


def test_runs_that_differ_by_nothing_but_the_seed_are_a_group(tmp_path):
    runs = [
        run_at(tmp_path / "fast-seed0", 0, rate=0.2),
        run_at(tmp_path / "slow-seed0", 0, rate=0.1),
        run_at(tmp_path / "fast-seed1", 1, rate=0.2),
        run_at(tmp_path / "fast-elsewhere", 2, rate=0.2, data={"fingerprint": "beef"}),
    ]
    found = {group.name: [run.name for run in group.runs] for group in groups(runs)}
    assert found == {
        "fast": ["fast-seed0", "fast-seed1"],
        "slow-seed0": ["slow-seed0"],
        "fast-elsewhere": ["fast-elsewhere"],
    }


def test_every_group_has_a_name_of_its_own(tmp_path):
    runs = [
        run_at(tmp_path / "fast-seed0", 0, rate=0.2),
        run_at(tmp_path / "fast-seed1", 1, rate=0.2),
    ]
    runs += [run_at(tmp_path / "fast", rate=0.3)]
    for order in (runs, runs[::-1]):
        assert len({group.name for group in groups(order)}) == 2


def test_runs_that_tell_no_setting_are_not_taken_for_alike(tmp_path):
    runs = [run_at(tmp_path / name, data={}) for name in ("one", "other")]
    assert [len(group.runs) for group in groups(runs)] == [1, 1]


def test_the_higher_auc_wins_and_so_does_the_lower_loss(two):
    a, b = two(7, 7)
    values = figures(a, [0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96])
    values |= figures(b, [0.88, 0.90, 0.89, 0.92, 0.91, 0.94, 0.93])
    higher = verdict(a, b, "val_auc", values)
    assert (higher.winner, higher.pairs, higher.p) == ("a", 7, 2 / 128)
    assert higher.difference["low"] > 0
    assert higher.sentence.startswith("a is better.")
    assert "best validation AUC of a minus that of b is +0.0200" in higher.sentence
    assert "7 pairs" in higher.sentence
    assert verdict(a, b, "val_loss", values).winner == "b"
    assert verdict(b, a, "val_auc", values).winner == "a"


def test_pairs_share_a_seed_whatever_the_order(two):
    a, b = two(6, 6)
    values = figures(a, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    values |= {run.name: values[f"a-seed{run.seed}"] - 0.01 for run in b.runs}
    b = type(b)(b.name, b.runs[::-1])
    found = verdict(a, b, "val_auc", values)
    # Every pair differs by the same: a spread of 0, although the groups overlap widely.
    assert found.difference["low"] == pytest.approx(0.01)
    assert found.difference["high"] == pytest.approx(0.01)


def test_of_few_pairs_nobody_can_tell(two):
    a, b = two(3, 3)
    found = verdict(a, b, "val_auc", figures(a, [0.9, 0.91, 0.92]) | figures(b, [0.1, 0.2, 0.3]))
    assert found.winner is None
    assert found.sentence.startswith(
        "Too few runs to tell: with 3 pairs the smallest p possible is 2/2^3 = 0.25; "
        "it takes 6 pairs."
    )


def test_six_pairs_are_enough_and_five_are_not(two):
    a, b = two(6, 6)
    apart = figures(a, [0.9, 0.91, 0.92, 0.9, 0.91, 0.92])
    apart |= figures(b, [0.1, 0.11, 0.12, 0.1, 0.13, 0.12])
    assert verdict(a, b, "val_auc", apart).winner == "a"
    fewer = (type(a)("a", a.runs[:5]), type(b)("b", b.runs[:5]))
    assert verdict(*fewer, "val_auc", apart).winner is None


def test_other_seeds_make_two_independent_groups(two):
    a, b = two(5, 4)
    values = figures(a, [0.90, 0.91, 0.92, 0.93, 0.94]) | figures(b, [0.80, 0.81, 0.82, 0.83])
    found = verdict(a, b, "val_auc", values)
    assert (found.winner, found.pairs) == ("a", 0)
    assert found.p == pytest.approx(1 / 126)
    assert "5 against 4 runs" in found.sentence


def test_one_run_against_one_says_that_they_are_too_few(two):
    a, b = two(1, 1, flip=True)
    b = type(b)(b.name, (Run(b.runs[0].folder, b.runs[0].document | {"config": {"seed": 9}}),))
    found = verdict(a, b, "val_auc", figures(a, [0.9]) | figures(b, [0.8]))
    assert "Too few runs to tell: with 1 against 1 run " in found.sentence
    assert found.difference == {"value": pytest.approx(0.1), "low": None, "high": None}


def test_what_overlaps_shows_no_difference_and_proves_none(two):
    a, b = two(6, 6)
    values = figures(a, [0.90, 0.93, 0.91, 0.92, 0.90, 0.93])
    values |= figures(b, [0.91, 0.92, 0.92, 0.91, 0.91, 0.92])
    found = verdict(a, b, "val_auc", values)
    assert found.winner is None
    assert "No difference shown, which does not prove that there is none." in found.sentence


def test_a_winner_needs_the_interval_too(two):
    a, b = two(6, 6)
    values = figures(b, [0.5] * 6) | figures(a, [0.501, 0.501, 0.501, 0.501, 0.501, 0.9])
    found = verdict(a, b, "val_auc", values)
    assert found.p <= 0.05
    assert found.difference["low"] < 0
    assert found.winner is None
    assert "the interval has 0 in it" in found.sentence


def test_runs_without_the_figure_are_left_out_and_named(two):
    a, b = two(3, 2)
    values = figures(a, [0.9, None, 0.8]) | figures(b, [0.7, 0.6])
    found = verdict(a, b, "val_auc", values)
    assert list(found.values[0]) == ["a-seed0", "a-seed2"]
    assert "a-seed1" in found.remarks[0]
    assert found.pairs == 0  # seeds 0 and 2 against 0 and 1
    nothing = verdict(a, b, "val_f1", {})
    assert nothing.sentence == "No run of a tells the best validation f1."
    assert nothing.p is None


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"data": {**DATA, "fingerprint": "beef"}}, "validated on different pictures"),
        ({"split_seed": 4}, "validated on different pictures"),
        ({"tags": [VALIDATED_ON_TEST]}, "validated on different pictures"),
        ({"data": {}}, "the pictures that b-seed0, b-seed1 validated on are not recorded"),
    ],
)
def test_runs_validated_on_other_pictures_are_not_compared(two, other, why):
    a, b = two(2, 2, **other)
    found = verdict(a, b, "val_auc", figures(a, [0.9, 0.9]) | figures(b, [0.8, 0.8]))
    assert found.sentence.startswith("Not comparable")
    assert why in found.sentence
    assert (found.p, found.winner, found.difference) == (None, None, None)


def test_runs_that_all_keep_silent_about_their_pictures_get_a_verdict_with_a_caveat(tmp_path):
    a, b = groups([run_at(tmp_path / name, data={}, rate=name) for name in ("one", "other")])
    found = verdict(a, b, "val_auc", {"one": 0.9, "other": 0.8})
    assert found.difference["value"] == pytest.approx(0.1)
    assert "only if they were the same ones" in found.remarks[0]


def test_test_figures_are_compared_on_equally_many_pictures_only(two):
    a, b = two(2, 2, data={**DATA, "fingerprint": "beef"})
    values = figures(a, [0.9, 0.9]) | figures(b, [0.8, 0.8])
    for run in (*a.runs, *b.runs):
        write_json(run.folder / "metrics.json", {"test": {"own": {"n": 624}}})
    assert "official test AUC of a minus that of b" in verdict(a, b, TEST_AUC, values).sentence
    write_json(b.runs[0].folder / "metrics.json", {"test": {"own": {"n": 600}}})
    assert "tested on 600 and 624 pictures" in verdict(a, b, TEST_AUC, values).sentence


def test_runs_that_saw_the_test_pictures_have_no_test_verdict(two):
    a, b = two(2, 2, tags=[VALIDATED_ON_TEST])
    found = verdict(a, b, TEST_AUC, figures(a, [0.9, 0.9]) | figures(b, [0.8, 0.8]))
    assert "have no independent test figure" in found.sentence


def test_a_group_is_not_compared_with_itself(two):
    a, _ = two(2, 2)
    with pytest.raises(ValueError, match="Expected groups without a run in common"):
        verdict(a, a, "val_auc", {})
