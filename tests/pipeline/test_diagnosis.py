"""Curves whose truth is known: what is said of them, and what must not be said."""

import numpy as np
import pandas as pd
import pytest

from pipeline.diagnosis import best_value, diagnose
from pipeline.flags import DIVERGED, OVERFITTING, PLATEAU, STILL_IMPROVING, TOO_FEW, title
from pipeline.runs import best_epoch, lower_is_better


def history(**columns):
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"epoch": range(1, length + 1)} | columns)


def names(told):
    return {flag.name for flag in told.flags}


def learning(count, floor=0.1):
    """A loss that falls towards `floor`."""
    return floor + 0.6 * np.exp(-10 * np.arange(count) / count)


def test_best_and_last_value_and_the_epochs_wasted_between_them():
    told = diagnose(history(val_auc=[0.7, 0.9, 0.8, 0.85]), "val_auc")
    assert (told.best_epoch, told.best) == (2, 0.9)
    assert (told.last_epoch, told.last) == (4, 0.85)
    assert told.wasted == 2


@pytest.mark.parametrize("monitor", ["val_loss", "val_auc", "val_rmse", "val_f1"])
def test_the_best_epoch_is_the_one_that_the_runs_name(monitor):
    random = np.random.default_rng(1)
    for _ in range(20):
        told = history(**{monitor: random.integers(0, 5, 9) / 4})  # with many equals
        assert diagnose(told, monitor).best_epoch == best_epoch(told, monitor)


def test_errors_are_better_when_lower_and_shares_when_higher():
    errors = ("loss", "val_loss", "val_dice_loss", "logloss", "mean_squared_error", "ECE", "bce")
    shares = ("auc", "val_accuracy", "f1", "recall", "closeness", "meaning")
    assert all(map(lower_is_better, errors))
    assert not any(map(lower_is_better, shares))


def test_the_best_value_of_a_figure_passes_over_what_is_no_number():
    told = history(val_auc=[np.nan, 0.7, np.inf, 0.6], val_loss=[0.3, 0.2, np.nan, -np.inf])
    assert best_value(told, "val_auc") == 0.7
    assert best_value(told, "val_loss") == 0.2
    assert best_value(told, "val_f1") is None


def test_gaps_are_validation_minus_training_loss():
    told = diagnose(history(loss=[1.0, 0.5, 0.1], val_loss=[0.8, 0.6, 0.9]))
    assert told.best_epoch == 2
    assert told.gap_at_best == pytest.approx(0.1)
    assert told.gap_at_last == pytest.approx(0.8)
    # Trapezoids by hand: (-0.2 + 0.1) / 2 + (0.1 + 0.8) / 2, over two epochs.
    assert told.mean_gap == pytest.approx((-0.05 + 0.45) / 2)


def test_a_gap_that_never_changes_is_the_mean_gap_however_far_apart_the_rows():
    epochs = [1, 2, 5, 40]
    told = diagnose(pd.DataFrame({"epoch": epochs, "loss": 0.2, "val_loss": 0.5}))
    assert told.mean_gap == pytest.approx(0.3)


def test_the_gap_needs_both_losses():
    told = diagnose(history(loss=[1.0, 0.5, np.nan], val_loss=[np.nan, 0.6, 0.7]))
    assert (told.gap_at_best, told.gap_at_last) == pytest.approx((0.1, 0.1))
    assert diagnose(history(val_loss=[1.0, 0.9])).mean_gap is None


def by_hand(values, patience):
    """Early stopping as defined: how long ago was a value better than all before it?"""
    best, waited = np.inf, 0
    for row, value in enumerate(values, start=1):
        if value < best:
            best, waited = value, 0
        else:
            waited += 1
        if waited >= patience:
            return row
    return None


def test_patience_runs_out_where_its_definition_says():
    random = np.random.default_rng(2)
    stopped = 0
    for _ in range(200):
        losses, patience = random.integers(0, 12, 15) / 4, int(random.integers(1, 9))
        expected = by_hand(losses, patience)
        assert diagnose(history(val_loss=losses), patience=patience).stop_epoch == expected
        stopped += expected is not None
    assert 20 < stopped < 200


def test_a_run_stopped_early_only_if_it_ended_there_and_before_what_was_planned():
    falling = history(val_loss=[3.0, 2.0, 2.5, 2.4])
    assert diagnose(falling, patience=2, planned=10).stopped_early
    assert diagnose(falling, patience=2, planned=10).stop_epoch == 4
    assert not diagnose(falling, patience=2, planned=4).stopped_early
    assert not diagnose(falling, patience=3, planned=10).stopped_early
    on_and_on = diagnose(history(val_loss=[1.0, 2.0, 3.0, 4.0]), patience=2, planned=10)
    assert (on_and_on.stop_epoch, on_and_on.stopped_early) == (3, False)
    unknown = diagnose(falling)
    assert (unknown.stop_epoch, unknown.stopped_early) == (None, None)


def test_a_curve_that_converged_is_a_plateau_and_nothing_else():
    told = diagnose(history(loss=learning(60), val_loss=learning(60) + 0.02))
    assert names(told) == {PLATEAU}
    (flag,) = told.flags
    assert "over the last 6 evaluations" in flag.sentence
    assert "1 %" in flag.sentence


def test_a_share_is_a_plateau_by_a_thousandth():
    rising = [0.5, 0.6, 0.7, 0.8, 0.9]
    flat = diagnose(history(val_auc=[*rising, 0.9003, 0.9002, 0.9009, 0.9, 0.9]), "val_auc")
    assert names(flat) == {PLATEAU}
    assert "best 0.9009 at epoch 8 of 10" in flat.flags[0].sentence
    more = diagnose(history(val_auc=[*rising, 0.9003, 0.9002, 0.902, 0.9, 0.9]), "val_auc")
    assert PLATEAU not in names(more)


def test_a_training_cut_off_on_its_way_was_still_improving():
    told = diagnose(history(loss=np.linspace(1, 0.5, 12), val_loss=np.linspace(1, 0.6, 12)))
    assert names(told) == {STILL_IMPROVING}
    assert "0.6 at epoch 12 of 12" in told.flags[0].sentence
    assert not diagnose(history(val_loss=np.linspace(1, 0.6, 12)), ended=False).flags


def test_learning_by_heart_is_overfitting():
    validation = np.concatenate([np.linspace(0.7, 0.3, 8), np.linspace(0.32, 0.6, 8)])
    told = diagnose(history(loss=learning(16, 0.01), val_loss=validation))
    assert OVERFITTING in names(told)
    (flag,) = [flag for flag in told.flags if flag.name == OVERFITTING]
    assert "Since epoch 8 the validation loss rose from 0.3 to 0.56" in flag.sentence


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        # Both rise: it diverges, if anything. It is still better on pictures it has not seen.
        (np.r_[learning(8), 0.3, 0.35, 0.4], np.r_[learning(8), 0.4, 0.5, 0.6]),
        (np.full(12, 0.8), np.r_[np.linspace(0.5, 0.3, 6), np.linspace(0.3, 0.45, 6)]),
        # The validation loss rises by less than a tenth.
        (learning(12, 0.01), np.r_[np.linspace(0.5, 0.3, 6), np.linspace(0.3, 0.32, 6)]),
    ],
)
def test_what_is_no_overfitting(train, validation):
    assert OVERFITTING not in names(diagnose(history(loss=train, val_loss=validation)))


def test_a_training_loss_that_bursts_has_diverged():
    told = diagnose(history(loss=[0.7, 0.5, 0.3, 2.0, 2.5, 3.0], val_loss=[0.7] * 6))
    assert DIVERGED in names(told)
    assert "from 0.3 at epoch 3 to 3 at epoch 6" in told.flags[0].sentence


def test_a_single_peak_has_not_diverged():
    loss = [0.7, 0.5, 0.3, 9.0, 0.4, 0.35, 0.3]
    assert DIVERGED not in names(diagnose(history(loss=loss, val_loss=loss)))


def test_a_loss_near_zero_may_double_and_has_not_diverged():
    loss = [0.7, 0.1, 0.001, 0.0001, 0.004, 0.003, 0.005]
    assert DIVERGED not in names(diagnose(history(loss=loss, val_loss=loss)))


@pytest.mark.parametrize("worst", [np.nan, np.inf])
def test_a_loss_that_is_no_number_any_more_has_diverged(worst):
    loss = [0.7, 0.5, worst, worst]
    told = diagnose(history(loss=loss, val_loss=loss, learning_rate=[0.1] * 4))
    assert DIVERGED in names(told)
    assert "from epoch 3 on" in told.flags[0].sentence


def test_rows_of_other_figures_between_two_losses_are_no_divergence():
    """What other programs log: the rate at every step, the loss at every third."""
    loss = np.where(np.arange(30) % 3 == 0, np.repeat(learning(10), 3), np.nan)
    told = history(loss=loss, val_loss=loss, learning_rate=np.full(30, 0.1))
    assert DIVERGED not in names(diagnose(told))
    assert DIVERGED in names(diagnose(pd.concat([told, history(learning_rate=[0.1] * 9)])))


def test_a_validation_that_ends_before_the_training_is_no_divergence():
    told = diagnose(history(loss=learning(8), val_loss=[*learning(7), np.nan]))
    assert DIVERGED not in names(told)
    assert told.wasted == 8 - told.best_epoch


@pytest.mark.parametrize("count", [1, 2, 5])
def test_of_few_epochs_no_trend_is_told(count):
    told = diagnose(history(loss=[0.5] * count, val_loss=[0.5] * count), patience=1)
    assert names(told) == {TOO_FEW}


def test_no_epoch_and_no_monitored_figure_have_a_sentence_each():
    empty = diagnose(pd.DataFrame({"epoch": pd.Series(dtype=int)}), patience=3)
    assert empty.flags[0].sentence == "No epoch is recorded."
    assert (empty.best_epoch, empty.last, empty.wasted, empty.mean_gap) == (None,) * 4
    unwatched = diagnose(history(loss=learning(9)), "val_auc", patience=3)
    assert "validation AUC was not recorded" in unwatched.flags[0].sentence
    assert unwatched.stopped_early is None


def test_words_in_a_column_are_no_figures():
    told = diagnose(history(loss=["low"] * 7, val_loss=learning(7), phase=["warm"] * 7))
    assert told.best_epoch == 7
    assert told.mean_gap is None


def test_rows_by_step_may_share_an_epoch():
    told = pd.DataFrame(
        {
            "epoch": [0, 0, 0, 1, 1, 1, 1],
            "step": [100, 200, 300, 400, 500, 600, 700],
            "loss": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3],
            "val_loss": [1.0, 0.9, 0.8, 0.7, 0.55, 0.6, 0.65],
        }
    )
    diagnosis = diagnose(told, patience=2)
    assert (diagnosis.best_epoch, diagnosis.best, diagnosis.last) == (1, 0.55, 0.65)
    assert (diagnosis.stop_epoch, diagnosis.stopped_early) == (1, True)
    assert diagnose(told[told["epoch"] == 0]).mean_gap == pytest.approx(0.1)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0, 250.0])
@pytest.mark.parametrize("monitor", ["val_loss", "val_auc"])
def test_a_constant_curve_is_a_plateau_that_neither_diverged_nor_overfits(value, monitor):
    told = history(**{"loss": [value] * 20, "val_loss": [value] * 20, monitor: [value] * 20})
    assert names(diagnose(told, monitor)) == {PLATEAU}


def random_history(seed):
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 60))
    train = np.abs(np.cumsum(random.normal(-0.01, 0.05, count)) + 1) + 0.01
    validation = np.abs(train + random.normal(0.05, 0.1, count)) + 0.01
    validation[random.random(count) < 0.1] = np.nan
    return history(loss=train, val_loss=validation)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_curve_its_diagnosis_is_consistent(seed):
    told = random_history(seed)
    found = diagnose(told, patience=4, planned=100)
    if told["val_loss"].notna().any():
        assert found.best == told["val_loss"].min()
        assert 0 <= found.wasted < len(told)
    assert len(names(found)) == len(found.flags)
    assert not {PLATEAU, STILL_IMPROVING} <= names(found)
    assert not {DIVERGED, OVERFITTING} <= names(found)


@pytest.mark.parametrize("seed", range(40))
def test_the_flags_do_not_depend_on_the_unit_of_the_loss(seed):
    told = random_history(seed)
    # A power of two: rounding stays the same.
    other = told.assign(loss=told["loss"] * 1024, val_loss=told["val_loss"] * 1024)
    assert names(diagnose(told)) == names(diagnose(other))


def test_the_up_and_down_of_a_settled_curve_is_rarely_taken_for_progress():
    random = np.random.default_rng(3)
    curves = [history(val_auc=0.9 + random.normal(0, 0.01, 30)) for _ in range(300)]
    wrong = sum(STILL_IMPROVING in names(diagnose(curve, "val_auc")) for curve in curves)
    assert wrong < 0.05 * len(curves)


def test_figures_have_plain_names():
    assert title("val_auc") == "validation AUC"
    assert title("loss") == "training loss"
    assert title("val_balanced_accuracy") == "validation balanced accuracy"
