"""Agreement beyond chance on the examples of those who proposed it, and against other programs."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from pipeline.observers import kappa

ROWS = """
444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444
224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444
133333 555555
"""
# Fleiss 1971, table 1: thirty patients, diagnosed by six psychiatrists each.
DIAGNOSES = np.array([[int(sign) for sign in row] for row in ROWS.split()], float)
# Gwet 2014, Handbook of Inter-Rater Reliability, table 2.11: four raters, twelve units, gaps.
RATINGS = (
    *("11.1", "2232", "3333", "3333", "2222", "1234"),
    *("4444", "1121", "2222", ".555", "..11", "..3."),
)
GAPS = np.array([[float(sign) if sign != "." else np.nan for sign in row] for row in RATINGS])


def once(rows):
    return np.ones((1, len(rows)))


def two(both, only_first, only_second, neither):
    """Two raters' calls that make this table."""
    counts = [both, only_first, only_second, neither]
    return (
        np.repeat([1, 1, 0, 0], counts).astype(float),
        np.repeat([1, 0, 1, 0], counts).astype(float),
    )


def test_cohens_own_example():
    # Cohen 1960, table 1: proportions of 200 patients in three diagnoses; kappa .492.
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    first = np.repeat(np.arange(3.0), table.sum(axis=1))
    second = np.concatenate([np.repeat(np.arange(3.0), row) for row in table])
    assert kappa.cohen(first, second, once(first))[0] == pytest.approx(0.492, abs=0.0005)


def test_fleiss_own_example():
    assert kappa.fleiss(DIAGNOSES, once(DIAGNOSES))[0] == pytest.approx(0.430, abs=0.0005)
    counted, _ = aggregate_raters(DIAGNOSES.astype(int))
    assert kappa.fleiss(DIAGNOSES, once(DIAGNOSES))[0] == pytest.approx(fleiss_kappa(counted))


def test_gwets_own_example_with_gaps():
    assert kappa.gwet(GAPS, once(GAPS), categories=5)[0] == pytest.approx(0.77544, abs=5e-6)
    assert kappa.pairwise(GAPS, once(GAPS))[0] == pytest.approx(0.8181818, abs=5e-8)


@pytest.mark.parametrize(
    ("table", "share", "value"),
    [((40, 9, 6, 45), 0.85, 0.70), ((80, 10, 5, 5), 0.85, 0.32)],
)
def test_the_paradox_of_feinstein_and_cicchetti(table, share, value):
    a, b = two(*table)
    assert kappa.equal(a, b, once(a))[0] == pytest.approx(share)
    assert kappa.cohen(a, b, once(a))[0] == pytest.approx(value, abs=0.005)
    parts = kappa.specific(a, b)
    both, _, _, neither = table
    assert parts["prevalence"] == pytest.approx(abs(both - neither) / 100)
    assert parts["positive"] == pytest.approx(2 * both / (2 * both + 15))
    assert parts["negative"] == pytest.approx(2 * neither / (2 * neither + 15))


def test_gwets_coefficient_survives_the_paradox():
    a, b = two(80, 10, 5, 5)  # by hand: positive share .875, chance 2 * .875 * .125
    expected = (0.85 - 0.21875) / (1 - 0.21875)
    assert kappa.gwet(np.column_stack([a, b]), once(a))[0] == pytest.approx(expected)
    assert expected > 0.8 > 2 * kappa.cohen(a, b, once(a))[0]


@pytest.mark.parametrize("seed", range(5))
def test_pairs_equal_scikit_learn_and_statsmodels(seed):
    generator = np.random.default_rng(seed)
    a = generator.integers(0, 3, 60).astype(float)
    b = np.where(generator.random(60) < 0.6, a, generator.integers(0, 3, 60))
    table = np.array([[np.sum((a == i) & (b == j)) for j in range(3)] for i in range(3)])
    found = kappa.cohen(a, b, once(a))[0]
    assert found == pytest.approx(cohen_kappa_score(a, b))
    assert found == pytest.approx(cohens_kappa(table).kappa)
    weighted = kappa.quadratic(a, b, once(a))[0]
    assert weighted == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))
    assert weighted == pytest.approx(
        cohens_kappa(table, weights=np.arange(3), wt="quadratic").kappa
    )


def test_scores_are_weighted_as_steps_of_one_scale():
    generator = np.random.default_rng(1)
    scale = np.array([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5])
    a, b = generator.choice(10, (2, 80))
    found = kappa.quadratic(kappa.steps(scale[a]), kappa.steps(scale[b]), once(a))[0]
    labels = list(range(10))
    assert found == pytest.approx(cohen_kappa_score(a, b, labels=labels, weights="quadratic"))


def test_weights_are_repetitions():
    generator = np.random.default_rng(2)
    ratings = generator.integers(0, 2, (20, 3)).astype(float)
    ratings[3, 1] = np.nan
    often = generator.integers(0, 4, 20)
    repeated = np.repeat(ratings, often, axis=0)
    for figure in (kappa.gwet, kappa.pairwise):
        assert figure(ratings, often[None].astype(float))[0] == pytest.approx(
            figure(repeated, once(repeated))[0]
        )
    a, b = ratings[:, 0], ratings[:, 2]
    assert kappa.cohen(a, b, often[None].astype(float))[0] == pytest.approx(
        cohen_kappa_score(np.repeat(a, often), np.repeat(b, often))
    )


def test_where_all_calls_are_alike_kappa_does_not_exist_and_ac1_is_one():
    a = np.ones(10)
    assert np.isnan(kappa.cohen(a, a, once(a))[0])
    assert np.isnan(kappa.fleiss(np.ones((10, 3)), once(a))[0])
    assert kappa.gwet(np.ones((10, 3)), once(a))[0] == 1
