import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from pipeline import evaluation, pairing
from pipeline.errors import RunError
from pipeline.runs import PREDICTION_COLUMNS, Run, open_run, plain_csv


def stored(
    folder: Path, name: str, score, label, patients=None, threshold: float = 0.5, split="test"
) -> Run:
    """Store a finished run with these predictions."""
    (folder / name).mkdir(parents=True)
    document = {
        "name": name,
        "title": name,
        "status": "finished",
        "architecture": "compact",
        "parameters": {"total": 1},
        "config": {},
        "operating_points": {
            "own": {"threshold": threshold, "rule": "given"},
            "strict": {"threshold": 0.9, "rule": "given"},
        },
        "operating_point": "own",
    }
    (folder / name / "run.json").write_text(json.dumps(document))
    rows = [
        {
            "file": f"{i}.png",
            "split": split,
            "label": int(label[i]),
            "kind": "unknown",
            "patient": patients[i] if patients else f"p{i}",
            "logit": 0.0,
            "probability": round(float(score[i]), 6),
        }
        for i in range(len(label))
    ]
    (folder / name / "predictions.csv").write_text(plain_csv(PREDICTION_COLUMNS, rows))
    return open_run(folder, name)


LABEL = np.repeat([0, 1], [100, 150])


def score(seed: int, distance: float) -> np.ndarray:
    return expit(np.random.default_rng(seed).normal((LABEL - 0.5) * distance, 1)).round(6)


def test_a_better_run_is_told_apart_from_a_worse_one(tmp_path):
    runs = [
        stored(tmp_path, "good", score(0, 5), LABEL),
        stored(tmp_path, "bad", score(1, 1), LABEL),
    ]
    document = pairing.compare(runs, resamples=300)
    (pair,) = document["pairs"]
    assert all(pair[test]["told_apart"] for test in pairing.TESTS)
    assert pair["sentence"].startswith("good ranks these 250 pictures better than bad (AUC higher")
    assert "good finds more of the 150 pneumonias than bad" in pair["sentence"]
    assert "good clears more of the 100 normals than bad" in pair["sentence"]
    expected = evaluation.delong(score(0, 5), score(1, 1), LABEL)
    assert pair["auc"]["p"] == pytest.approx(expected["p"])
    assert pair["auc"]["delong"] == pytest.approx(expected["difference"])
    assert pair["auc"]["difference"]["value"] == pytest.approx(expected["difference"]["value"])
    assert (document["n"], document["NORMAL"], document["PNEUMONIA"]) == (250, 100, 150)
    assert document["patients"] == 250


def test_calls_are_compared_at_each_run_s_own_threshold(tmp_path):
    # Equal rankings: what differs is where the line is drawn.
    runs = [
        stored(tmp_path, "lenient", score(0, 3), LABEL, threshold=0.2),
        stored(tmp_path, "strict", score(0, 3), LABEL, threshold=0.8),
    ]
    (pair,) = pairing.compare(runs, resamples=200)["pairs"]
    assert not pair["auc"]["told_apart"]
    assert (
        pair["sensitivity"]["difference"]["value"] > 0 > pair["specificity"]["difference"]["value"]
    )
    called = [score(0, 3) >= threshold for threshold in (0.2, 0.8)]
    own = LABEL == 1
    expected = evaluation.mcnemar(called[0][own], called[1][own], LABEL[own])
    assert pair["sensitivity"]["counts"] == expected["counts"]
    assert pair["sensitivity"]["p"] == expected["p"]
    assert pair["sensitivity"]["difference"]["n"] == 150
    assert pair["sentence"].count("finds more") == pair["sentence"].count("clears more") == 1
    assert "lenient finds more" in pair["sentence"]
    assert "strict clears more" in pair["sentence"]
    at_one_point = pairing.compare(runs, point="strict", resamples=200)["pairs"][0]
    assert at_one_point["sensitivity"]["p"] == 1.0


def test_runs_of_chance_cannot_be_told_apart(tmp_path):
    shared = np.random.default_rng(2).normal((LABEL - 0.5) * 3, 1)
    runs = [
        stored(tmp_path, f"seed{i}", expit(shared + noise), LABEL)
        for i, noise in enumerate(np.random.default_rng(3).normal(0, 0.3, (3, 250)))
    ]
    document = pairing.compare(runs, resamples=200)
    assert [(pair["a"], pair["b"]) for pair in document["pairs"]] == [
        ("seed0", "seed1"),
        ("seed0", "seed2"),
        ("seed1", "seed2"),
    ]
    sentences = [pair["sentence"] for pair in document["pairs"]]
    assert sentences[0] == "seed0 and seed1 cannot be told apart on these 250 pictures."
    assert all("cannot be told apart" in sentence for sentence in sentences)


def test_each_family_of_tests_is_corrected_over_all_pairs(tmp_path):
    runs = [stored(tmp_path, f"r{i}", score(i, 1 + i / 2), LABEL) for i in range(4)]
    pairs = pairing.compare(runs, resamples=50)["pairs"]
    assert len(pairs) == 6
    for test in pairing.TESTS:
        assert [pair[test]["p_holm"] for pair in pairs] == pytest.approx(
            evaluation.holm([pair[test]["p"] for pair in pairs])
        )
    assert any(pair["auc"]["p_holm"] > pair["auc"]["p"] for pair in pairs)


def test_siblings_are_no_independent_witnesses(tmp_path):
    # Ten children with 25 like pictures each. One run errs on three of them: 75 pictures to
    # McNemar, three children to the bootstrap.
    label = np.repeat([0, 1], 125)
    patients = [f"p{i // 25}" for i in range(250)]
    right = np.where(label == 1, 0.9, 0.1)
    wrong = right.copy()
    wrong[:25] = 0.9
    runs = [
        stored(tmp_path, "a", right, label, patients),
        stored(tmp_path, "b", wrong, label, patients),
    ]
    (pair,) = pairing.compare(runs, resamples=500)["pairs"]
    assert pair["specificity"]["p"] < 1e-6
    assert not pair["specificity"]["told_apart"]
    assert "cannot be told apart" in pair["sentence"]


def test_the_order_of_the_rows_does_not_matter(tmp_path):
    runs = [stored(tmp_path, "a", score(0, 3), LABEL), stored(tmp_path, "b", score(1, 2), LABEL)]
    path = tmp_path / "b" / "predictions.csv"
    expected = pairing.compare(runs, resamples=50)
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *rows[::-1], ""]))
    assert pairing.compare(runs, resamples=50) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("fewer", {"score": score(0, 1)[1:], "label": LABEL[1:]}, "not judged on the same test"),
        ("relabelled", {"score": score(0, 1), "label": 1 - LABEL}, "not judged on the same test"),
        ("unjudged", {"score": [], "label": []}, "has no stored predictions of test pictures"),
        ("well", {"score": [0.1, 0.2], "label": [0, 0]}, "are all of one class"),
    ],
)
def test_runs_that_cannot_be_laid_side_by_side_are_refused(tmp_path, name, arguments, sentence):
    first = stored(tmp_path, "first", score(0, 1), LABEL)
    with pytest.raises(RunError, match=sentence) as refused:
        pairing.compare([first, stored(tmp_path, name, **arguments)])
    assert refused.value.hint


def test_one_run_alone_and_unknown_points_and_splits_are_refused(tmp_path):
    a, b = (stored(tmp_path, name, score(0, 1), LABEL) for name in "ab")
    with pytest.raises(RunError, match="at least two"):
        pairing.compare([a])
    with pytest.raises(RunError, match="Choose one of: own, strict"):
        pairing.compare([a, b], point="guess")
    with pytest.raises(RunError, match="no stored predictions of validation pictures"):
        pairing.compare([a, b], split="validation")
