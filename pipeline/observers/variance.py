"""The analysis of variance of Obuchowski and Rockette with the degrees of freedom of Hillis.

The figures of readers who read the same cases, and of one reader at two moments, go together; the
covariances say how much, estimated by a jackknife that leaves out one patient at a time.

References
----------
Obuchowski, Rockette 1995, Hypothesis testing of diagnostic accuracy for multiple readers and
multiple tests, doi:10.1080/03610919508813243. Hillis 2007, A comparison of denominator degrees of
freedom for multiple observer ROC analysis, doi:10.1002/sim.2532. Hillis, Berbaum, Metz 2008,
Recent developments in the Dorfman-Berbaum-Metz procedure, doi:10.1016/j.acra.2007.12.015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import NORMAL, PNEUMONIA
from pipeline.evaluation.measures import weighted_figures

FIGURES = ("auc", "sensitivity", "specificity")

ONE_READER = "one reader only: nothing can be said of readers in general"
ONE_CLASS = "not two patients with a case of each class that everybody has read"
NO_SPREAD = "no reader's figure changed between the two"
NO_COMMON = "no case of known truth that the same reader answered at both moments"


@dataclass(frozen=True)
class Components:
    """What the variance of readers' figures is made of.

    Attributes
    ----------
    ms_moment, ms_interaction : mean squares of moment and of moment x reader; the latter None for
        one reader.
    variance, cov1, cov2, cov3 : of the error; of one reader at two moments, of two readers at one
        moment, of two readers at two moments; 0 where there are no two.
    """

    ms_moment: float
    ms_interaction: float | None
    variance: float
    cov1: float
    cov2: float
    cov3: float


def analyse(
    figure: str, ratings: np.ndarray, label: np.ndarray, patients: Sequence[str]
) -> dict[str, object]:
    """Return the analysis of one figure.

    Parameters
    ----------
    figure : one of `FIGURES`.
    ratings : (2, N, R): before and after; scores for the AUC, calls of 0 or 1 otherwise.
    label : (N,) 0 or 1.
    patients : (N,) whose cases they are; left out together.

    Returns
    -------
    ``by_reader, means, random, fixed, components`` of `Comparison`.
    """
    moments, _, readers = ratings.shape
    patients = np.asarray(patients, object)
    if figure != "auc":  # the other class says nothing of it
        own = label == (PNEUMONIA if figure == "sensitivity" else NORMAL)
        ratings, label, patients = ratings[:, own], label[own], patients[own]
    why = _why_not(figure, label, patients, readers)
    if why:
        return _nothing(why, len(label))
    names, group = np.unique(patients.astype(str), return_inverse=True)
    weights = np.vstack([np.ones(len(label)), np.arange(len(names))[:, None] != group])
    values = _figures(figure, ratings, label, weights)  # (2, R, 1 + G)
    theta, left_out = values[:, :, 0], values[:, :, 1:]
    covariance = _jackknife(left_out.reshape(moments * readers, -1))
    parts = _components(theta, covariance)
    n = len(label)
    return {
        "by_reader": theta,
        "means": tuple(_mean(theta[t], _block(covariance, t, readers), n) for t in range(moments)),
        "random": _random(theta, parts, n),
        "fixed": _fixed(theta, parts, n),
        "components": parts,
    }


def _why_not(figure: str, label: np.ndarray, patients: np.ndarray, readers: int) -> str:
    if not readers or not len(label):
        return NO_COMMON if not readers else ONE_CLASS
    classes = (NORMAL, PNEUMONIA) if figure == "auc" else np.unique(label)
    if any(len(set(patients[label == value])) < 2 for value in classes):
        return ONE_CLASS
    return ""


def _nothing(why: str, n: int) -> dict:
    absent = {"value": None, "low": None, "high": None, "n": n, "why": why}
    test = {**absent, "p": None, "df": None, "statistic": None}
    return {
        "by_reader": np.empty((2, 0)),
        "means": (absent, absent),
        "random": test,
        "fixed": test,
        "components": None,
    }


def _figures(figure: str, ratings: np.ndarray, label: np.ndarray, weights: np.ndarray):
    """Return the figure (2, R, K) of every reader and moment under each weighting (K, N)."""
    if figure != "auc":
        right = ratings == label[:, None]
        return np.stack([(weights @ one / weights.sum(axis=1)[:, None]).T for one in right])
    return np.array(
        [
            [weighted_figures(column, label, 0.0, weights, ("auc",))["auc"] for column in moment.T]
            for moment in ratings
        ]
    )


def _jackknife(left_out: np.ndarray) -> np.ndarray:
    """Return the covariance (M, M) of M figures from their values (M, G) with one group left out.

    Every value exists: `_why_not` has seen to two patients of each class.
    """
    groups = left_out.shape[1]
    apart = left_out - left_out.mean(axis=1, keepdims=True)
    return (groups - 1) / groups * apart @ apart.T


def _block(covariance: np.ndarray, moment: int, readers: int) -> np.ndarray:
    own = slice(moment * readers, (moment + 1) * readers)
    return covariance[own, own]


def _components(theta: np.ndarray, covariance: np.ndarray) -> Components:
    moments, readers = theta.shape
    of_moment, of_reader = np.divmod(np.arange(moments * readers), readers)
    same_moment = of_moment[:, None] == of_moment
    same_reader = of_reader[:, None] == of_reader

    def mean(chosen: np.ndarray) -> float:
        return float(covariance[chosen].mean()) if chosen.any() else 0.0

    grand, by_moment, by_reader = theta.mean(), theta.mean(axis=1), theta.mean(axis=0)
    rest = theta - by_moment[:, None] - by_reader + grand
    freedom = (moments - 1) * (readers - 1)
    return Components(
        ms_moment=float(readers * ((by_moment - grand) ** 2).sum() / (moments - 1)),
        ms_interaction=float((rest**2).sum() / freedom) if freedom else None,
        variance=mean(same_moment & same_reader),
        cov1=mean(~same_moment & same_reader),
        cov2=mean(same_moment & ~same_reader),
        cov3=mean(~same_moment & ~same_reader),
    )


def _random(theta: np.ndarray, parts: Components, n: int) -> dict:
    """Readers and cases both random."""
    moments, readers = theta.shape
    if parts.ms_interaction is None:
        return _nothing(ONE_READER, n)["random"]
    error = parts.ms_interaction + readers * max(parts.cov2 - parts.cov3, 0.0)
    if error < 1e-15:
        return _nothing(NO_SPREAD, n)["random"]
    from scipy.stats import f, t  # here: they take a second to load

    # Hillis 2007, ddf_H. Readers who change all alike leave only the cases to vary.
    inner = parts.ms_interaction**2 / ((moments - 1) * (readers - 1))
    freedom = error**2 / inner if inner > 0 else np.inf
    statistic = parts.ms_moment / error
    half = float(t.ppf(0.975, freedom)) * np.sqrt(2 / readers * error)
    p = float(f.sf(statistic, moments - 1, freedom)) if np.isfinite(freedom) else _normal(statistic)
    return _difference(theta, half, n, p, float(freedom), statistic)


def _fixed(theta: np.ndarray, parts: Components, n: int) -> dict:
    """These readers only; cases random."""
    readers = theta.shape[1]
    error = parts.variance - parts.cov1 + (readers - 1) * max(parts.cov2 - parts.cov3, 0.0)
    if error < 1e-15:
        return _nothing(NO_SPREAD, n)["fixed"]
    statistic = parts.ms_moment / error
    half = 1.959963984540054 * np.sqrt(2 / readers * error)
    return _difference(theta, half, n, _normal(statistic), None, statistic)


def _normal(statistic: float) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(statistic, 1))


def _difference(theta, half: float, n: int, p: float, df: float | None, statistic: float) -> dict:
    value = float(theta[1].mean() - theta[0].mean())
    return {
        "value": value,
        "low": max(value - float(half), -1.0),
        "high": min(value + float(half), 1.0),
        "n": n,
        "why": "",
        "p": p,
        "df": df,
        "statistic": float(statistic),
    }


def _mean(theta: np.ndarray, covariance: np.ndarray, n: int) -> dict:
    """Return the mean over readers at one moment; readers and cases random."""
    readers, value = len(theta), float(theta.mean())
    nothing = {"value": value, "low": None, "high": None, "n": n}
    if readers < 2:
        return {**nothing, "why": ONE_READER}
    from scipy.stats import t

    apart = float(theta.var(ddof=1))
    together = readers * max(float(covariance[~np.eye(readers, dtype=bool)].mean()), 0.0)
    if apart + together < 1e-15:
        return {**nothing, "why": NO_SPREAD}
    inner = apart**2 / (readers - 1)
    freedom = (apart + together) ** 2 / inner if inner > 0 else np.inf
    half = float(t.ppf(0.975, freedom)) * np.sqrt((apart + together) / readers)
    return {
        "value": value,
        "low": max(value - float(half), 0.0),
        "high": min(value + float(half), 1.0),
        "n": n,
        "why": "",
    }
