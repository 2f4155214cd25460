import pytest

from pipeline.foreign.names import ours
from pipeline.foreign.tags import Meaning, distinct, meaning


@pytest.mark.parametrize(
    ("theirs", "name"),
    [
        ("acc", "accuracy"),
        ("binary_accuracy", "accuracy"),
        ("val_categorical_accuracy", "val_accuracy"),
        ("Loss", "loss"),
        ("auc_1", "auc"),
        ("val_AUC_12", "val_auc"),
        ("recall_2", "sensitivity"),
        ("lr", "learning_rate"),
        ("lr-Adam", "learning_rate"),
        ("top_5", "top_5"),
        ("grad_norm", "grad_norm"),
        ("mIoU", "mIoU"),
    ],
)
def test_synonyms_get_our_name_and_all_else_keeps_its_own(theirs, name):
    assert ours([theirs]) == {theirs: name}


def test_two_synonyms_of_one_figure_both_keep_their_names_on_both_sides():
    names = ["acc", "binary_accuracy", "val_acc"]
    assert ours(names) == {name: name for name in names}


def test_no_figure_takes_the_place_of_a_column_that_counts():
    assert ours(["epoch", "step", "seconds"]) == {
        "epoch": "epoch_logged",
        "step": "step_logged",
        "seconds": "seconds_logged",
    }


@pytest.mark.parametrize(
    ("tag", "folder", "figure", "counts"),
    [
        ("epoch_loss", "train", "loss", "epochs"),
        ("epoch_loss", "validation", "val_loss", "epochs"),
        ("batch_loss", "train", "loss", "batches"),
        ("evaluation_acc_vs_iterations", "validation", "val_acc", "evaluations"),
        ("Loss/train", None, "Loss", "steps"),
        ("Loss/val", None, "val_Loss", "steps"),
        ("train/loss", None, "loss", "steps"),
        ("valid/loss", None, "val_loss", "steps"),
        ("eval/loss", None, "val_loss", "steps"),
        ("test/loss", None, "test_loss", "steps"),
        ("train_loss", None, "loss", "steps"),
        ("val_loss", None, "val_loss", "steps"),
        ("loss_val", None, "val_loss", "steps"),
        ("train_loss_epoch", None, "loss", "steps"),
        ("train_loss_step", None, "loss", "batches"),
        ("loss", "validation", "val_loss", "steps"),
        ("metrics/mAP50", None, "metrics_mAP50", "steps"),
        ("train", None, "train", "steps"),
        ("/", None, "/", "steps"),
        ("train/val", None, "train_val", "steps"),
        ("epoch", None, "epoch", "steps"),
    ],
)
def test_a_tag_tells_figure_side_and_what_it_counts(tag, folder, figure, counts):
    assert meaning(tag, folder) == Meaning(figure, counts)


def test_columns_that_mean_the_same_keep_their_own_names():
    assert distinct(["loss", "train_loss", "val_acc"]) == {
        "loss": "loss",
        "train_loss": "train_loss",
        "val_acc": "val_acc",
    }
