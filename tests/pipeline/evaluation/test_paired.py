import numpy as np
import pytest
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score

from pipeline import evaluation


def slow_delong(score_a, score_b, label) -> tuple[float, float]:
    """Difference of the AUCs and its variance, by the definition: every pair of pictures."""
    tables = []
    for score in (score_a, score_b):
        ill, well = score[label == 1][:, None], score[label == 0][None, :]
        tables.append((ill > well) + 0.5 * (ill == well))
    by_ill = np.cov([table.mean(axis=1) for table in tables])
    by_well = np.cov([table.mean(axis=0) for table in tables])
    m, n = tables[0].shape
    s = by_ill / m + by_well / n
    return tables[0].mean() - tables[1].mean(), s[0, 0] + s[1, 1] - 2 * s[0, 1]


@pytest.fixture
def scores():
    """Two related scores of the same 150 pictures with ties, as (a, b, label)."""
    generator = np.random.default_rng(0)
    label = (generator.random(150) < 0.6).astype(int)
    shared = generator.normal(label * 1.2, 1)
    a, b = (shared + generator.normal(0, noise, 150) for noise in (0.4, 1.0))
    return a.round(1), b.round(1), label


def test_delong_equals_its_definition_also_with_ties(scores):
    found = evaluation.delong(*scores)
    difference, variance = slow_delong(*scores)
    half = 1.959963985 * np.sqrt(variance)
    assert found["difference"] == pytest.approx(
        {"value": difference, "low": difference - half, "high": difference + half, "n": 150}
    )
    assert found["p"] == pytest.approx(2 * norm.sf(abs(difference) / np.sqrt(variance)))
    a, b, label = scores
    assert found["auc_a"] == pytest.approx(roc_auc_score(label, a))
    assert found["auc_b"] == pytest.approx(roc_auc_score(label, b))


def test_delong_is_the_same_the_other_way_round(scores):
    a, b, label = scores
    first, second = evaluation.delong(a, b, label), evaluation.delong(b, a, label)
    assert first["p"] == pytest.approx(second["p"])
    assert first["difference"]["low"] == pytest.approx(-second["difference"]["high"])


def test_the_same_ranking_cannot_be_told_apart(scores):
    a, _, label = scores
    found = evaluation.delong(a, np.exp(a), label)
    assert found["p"] == 1.0
    assert found["difference"]["value"] == 0.0


def test_two_faultless_opposites_are_told_apart():
    label = np.repeat([0, 1], 5)
    assert evaluation.delong(label, -label, label)["p"] == 0.0


def test_delong_errs_about_5_times_in_100_where_there_is_no_difference():
    generator = np.random.default_rng(1)
    label = np.repeat([0, 1], 60)
    errors = 0
    for _ in range(400):
        shared = generator.normal(label * 1.0, 1)
        a, b = (shared + generator.normal(0, 0.7, 120) for _ in range(2))
        errors += evaluation.delong(a, b, label)["p"] < 0.05
    assert 8 <= errors <= 34  # 20 expected, three deviations


def test_delong_needs_both_classes_and_a_score_each():
    with pytest.raises(ValueError, match="Expected labels of both classes"):
        evaluation.delong(np.array([1, 2]), np.array([1, 2]), np.array([1, 1]))
    with pytest.raises(ValueError, match="Expected as many scores"):
        evaluation.delong(np.array([1.0]), np.array([1.0, 2.0]), np.array([0, 1]))


def calls(both_right: int, only_a: int, only_b: int, both_wrong: int):
    right_a = np.repeat([1, 1, 0, 0], [both_right, only_a, only_b, both_wrong])
    right_b = np.repeat([1, 0, 1, 0], [both_right, only_a, only_b, both_wrong])
    label = np.arange(len(right_a)) % 2
    return np.where(right_a, label, 1 - label), np.where(right_b, label, 1 - label), label


def test_mcnemar_equals_the_published_example():
    # Fagerland, Lydersen, Laake 2013, airway hyper-responsiveness before and after
    # transplantation: 1 and 7 discordant pairs, exact conditional p = .0703.
    found = evaluation.mcnemar(*calls(12, 1, 7, 1))
    assert found["counts"] == {"both_right": 12, "only_a": 1, "only_b": 7, "both_wrong": 1}
    assert found["n"] == 21
    assert found["p"] == pytest.approx(0.0703, abs=5e-5)


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 1), (3, 3), (2, 9), (40, 22), (0, 12)])
def test_mcnemar_equals_the_binomial_test_of_the_discordant_pairs(only_a, only_b):
    found = evaluation.mcnemar(*calls(30, only_a, only_b, 5))
    assert found["p"] == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)


def test_the_same_calls_cannot_be_told_apart():
    assert evaluation.mcnemar(*calls(10, 0, 0, 3))["p"] == 1.0
    with pytest.raises(ValueError, match="Expected as many calls"):
        evaluation.mcnemar([1, 0], [1], [1, 0])


def test_holm_equals_an_example_worked_out_by_hand():
    # Rising: .005 * 4, .01 * 3, .03 * 2, and .04 * 1, which may not fall below the one before.
    assert evaluation.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert evaluation.holm([0.6, 0.7]) == [1.0, 1.0]
    assert evaluation.holm([0.2]) == [0.2]
    assert evaluation.holm([]) == []
