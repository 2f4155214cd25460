"""Statistics of drawn readings against other programs and against counting by hand."""

import math
from dataclasses import asdict, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix, roc_auc_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from pipeline.evaluation import wilson
from pipeline.observers import findings, summary
from pipeline.observers.agreement import MODEL, TRUTH, Rater
from pipeline.observers.estimate import ALL_ALIKE
from pipeline.observers.pace import paces
from pipeline.observers.reliance import OVER, UNDER
from pipeline.observers.rows import tables
from pipeline.observers.superpixels import judged
from pipeline.readings.design import AI_FIRST, READ_THEN_REVEAL
from pipeline.readings.reading import Answer, Rating


@pytest.fixture(scope="module")
def readings(drawn_study):
    return drawn_study(readers=3, cases=30)


@pytest.fixture(scope="module")
def found(readings):
    return findings(readings)


@pytest.fixture(scope="module")
def table(readings):
    """What an export has: a row per reading."""
    return pd.DataFrame(
        {
            "reader": one.reader,
            "case": one.case,
            "label": one.label,
            "model": int(one.model_pneumonia),
            "probability": one.model_probability,
            "first": int(one.first.pneumonia),
            "final": int(one.final.pneumonia),
            "first_score": one.first.score,
            "final_score": one.final.score,
        }
        for one in readings
    ).sort_values("case")


def test_kappa_of_every_two_is_scikit_learns(found, table):
    for one, column in zip(found.agreements, ("first", "final"), strict=True):
        wide = table.pivot(index="case", columns="reader", values=column)
        wide["model"] = table.groupby("case")["model"].first()
        wide["truth"] = table.groupby("case")["label"].first()
        for pair in one.pairs:
            names = [who.name or who.kind for who in (pair.first, pair.second)]
            expected = cohen_kappa_score(wide[names[0]], wide[names[1]])
            assert pair.kappa["value"] == pytest.approx(expected)
            if expected < 1:
                assert pair.kappa["low"] < expected < pair.kappa["high"]
            else:  # every sample of patients agrees as fully: that is no certainty
                assert pair.kappa["why"] == ALL_ALIKE


def test_fleiss_kappa_is_statsmodels(found, table):
    for one, column in zip(found.agreements, ("first", "final"), strict=True):
        wide = table.pivot(index="case", columns="reader", values=column)
        expected = fleiss_kappa(aggregate_raters(wide.to_numpy())[0])
        assert one.group.fleiss["value"] == pytest.approx(expected)


def test_fleiss_uses_the_cases_that_everybody_read_and_ac1_the_others_too(readings):
    some = [one for one in readings if one.reader != "reader-1" or one.case > 5]
    group = findings(some).agreements[0].group
    assert (group.fleiss["n"], group.ac1["n"], group.cases) == (25, 30, 30)


def test_accuracy_is_scikit_learns(found, table):
    for one, column in zip(found.accuracies, ("first", "final"), strict=True):
        for each in one.readers:
            own = table[table["reader"] == each.reader]
            tn, fp, fn, tp = confusion_matrix(own["label"], own[column]).ravel()
            assert each.sensitivity["value"] == tp / (tp + fn)
            low, high = wilson(tp, tp + fn)
            assert (each.sensitivity["low"], each.sensitivity["high"]) == (low, high)
            assert each.specificity["value"] == tn / (tn + fp)
            area = roc_auc_score(own["label"], own[f"{column}_score"])
            assert each.auc["value"] == pytest.approx(area)
            drawn = one.curves[each.reader]
            assert np.trapezoid(drawn.sensitivity, drawn.false_alarms) == pytest.approx(area)
        cases = table.drop_duplicates("case")
        expected = roc_auc_score(cases["label"], cases["probability"])
        assert one.model.auc["value"] == pytest.approx(expected)


def test_the_readers_own_point_lies_on_their_curve(found):
    for one in found.accuracies:
        for each in one.readers:
            drawn = one.curves[each.reader]
            at = np.isclose(drawn.false_alarms, 1 - each.specificity["value"])
            assert np.isclose(drawn.sensitivity[at], each.sensitivity["value"]).any()


def test_reliance_is_what_counting_gives(found, table):
    (passed,) = found.reliances
    right = {name: table[name] == table["label"] for name in ("first", "model", "final")}
    over = right["first"] & ~right["model"]
    assert passed.all.rates[OVER]["n"] == over.sum()
    assert passed.all.rates[OVER]["value"] == pytest.approx((~right["final"][over]).mean())
    under = ~right["first"] & right["model"]
    assert passed.all.rates[UNDER]["value"] == pytest.approx((~right["final"][under]).mean())
    changed = table["first"] != table["final"]
    assert passed.all.rates["switched"]["value"] == pytest.approx(changed.mean())
    for (a, b, c), count in passed.all.flow.items():
        rows = (right["first"] == a) & (right["model"] == b) & (right["final"] == c)
        assert count == rows.sum()
    for person in passed.readers:
        assert person.rates["switched"]["value"] == changed[table["reader"] == person.reader].mean()


def test_shown_first_over_reliance_is_of_the_wrong_models_cases(drawn_study):
    readings = drawn_study(2, 40, passes=(("text", AI_FIRST),), model_skill=0.4)
    (passed,) = findings(readings).reliances
    wrong = [one for one in readings if one.model_pneumonia != bool(one.label)]
    same = [one for one in wrong if one.final.pneumonia == one.model_pneumonia]
    assert not passed.first
    assert passed.all.rates[OVER]["n"] == len(wrong)
    assert passed.all.rates[OVER]["value"] == len(same) / len(wrong)


def test_readers_who_trust_more_rely_more(drawn_study):
    shares = [
        findings(drawn_study(4, 60, trust=trust)).reliances[0].all.rates["followed"]["value"]
        for trust in (0.1, 0.9)
    ]
    assert shares[0] < 0.3 < 0.7 < shares[1]


def test_without_truth_what_needs_none_is_there(drawn_study):
    found = findings(drawn_study(3, 20, truth=False))
    assert (found.accuracies, found.comparisons, found.labelled) == ((), (), 0)
    assert Rater(TRUTH) not in found.agreements[0].raters
    assert Rater(MODEL) in found.agreements[0].raters
    assert found.reliances[0].all.rates["followed"]["n"] > 0
    assert found.reliances[0].all.rates[OVER]["value"] is None


def test_one_reader_and_one_case_give_reasons_not_numbers(drawn_study):
    alone = findings(drawn_study(1, 12)).agreements[0].group
    assert (alone.fleiss["value"], alone.fleiss["why"]) == (None, "one reader only")
    once = findings(drawn_study(2, 1))
    assert once.agreements[0].pairs[0].equal["n"] == 1
    assert once.agreements[0].group.ac1["low"] is None


def no_nan(value) -> bool:
    if is_dataclass(value):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return all(map(no_nan, value.values()))
    if isinstance(value, list | tuple):
        return all(map(no_nan, value))
    return not (isinstance(value, float) and math.isnan(value))


@pytest.mark.parametrize(
    "settings",
    [
        {"readers": 1, "cases": 1},
        {"readers": 2, "cases": 2},
        {"readers": 3, "cases": 9, "siblings": 9},
        {"readers": 2, "cases": 6, "skill": 30.0, "model_skill": 30.0},
        {"readers": 2, "cases": 8, "passes": (("none", READ_THEN_REVEAL),) * 2},
        {"readers": 2, "cases": 8, "truth": False},
    ],
)
def test_nothing_is_ever_nan_and_text_always_comes(drawn_study, settings):
    readings = drawn_study(**settings)
    found = findings(readings)
    assert no_nan(found)
    assert "nan" not in summary(readings).lower()
    assert all(no_nan(rows) for rows in tables(found).values())


def test_kappa_with_oneself_is_of_passes_that_showed_the_same(drawn_study):
    shapes = (("none", READ_THEN_REVEAL), ("text", AI_FIRST), ("none", READ_THEN_REVEAL))
    readings = drawn_study(2, 20, passes=shapes)
    found = findings(readings)
    assert [
        (one.reader, one.first.pass_number, one.second.pass_number) for one in found.repeats
    ] == [
        ("reader-1", 1, 3),
        ("reader-2", 1, 3),
    ]
    first, second = (
        [
            one.first.pneumonia
            for one in sorted(readings, key=lambda one: one.case)
            if (one.reader, one.pass_number) == ("reader-1", number)
        ]
        for number in (1, 3)
    )
    assert found.repeats[0].pair.kappa["value"] == pytest.approx(cohen_kappa_score(first, second))


def test_time_is_in_the_order_of_answering(drawn_study):
    readings = drawn_study(1, 12)
    before, _ = paces(readings)
    order = sorted(readings, key=lambda one: one.answered)
    assert before.seconds.tolist() == [one.seconds_first for one in order]
    assert before.median == np.median([one.seconds_first for one in readings])
    steady = [replace(one, seconds_first=100.0 - 2 * place) for place, one in enumerate(order)]
    assert paces(steady)[0].trend["value"] == pytest.approx(-20)
    assert paces(readings[:5])[0].trend["value"] is None


def test_a_readers_later_word_on_a_superpixel_counts(drawn_study):
    shapes = (("overlay", READ_THEN_REVEAL),) * 2
    first, second = drawn_study(1, 1, passes=shapes)
    highlighted = first.shown.explanation["highlighted"]
    label, weight = highlighted[0]["superpixel"], highlighted[0]["weight"]
    first = replace(first, ratings=(Rating(label, weight, "plausible"),))
    second = replace(
        second, shown=first.shown, ratings=(Rating(label, weight, "implausible", "rib"),)
    )
    (one,) = judged([second, first])
    (part,) = one.superpixels
    assert part.counts == {"plausible": 0, "implausible": 1, "unsure": 0}
    assert (part.rank, part.comments) == (1, ("rib",))
    assert (one.implausible["value"], one.by_rank[1]["n"]) == (1, 1)


def test_high_agreement_with_low_kappa_is_noticed(drawn_study):
    readings = drawn_study(2, 20)
    # Nearly all pneumonia: they differ on four cases, and neither ever says normal with the other.
    flipped = [
        replace(one, first=Answer((one.reader == "reader-1") != (one.case > 2) or one.case > 4, 3))
        for one in readings
    ]
    pair = findings(flipped).agreements[0].pairs[0]
    assert (pair.equal["value"], pair.kappa["value"] < 0.4, pair.paradox) == (0.8, True, True)


def test_text_says_what_the_findings_are(readings, found):
    told = summary(readings)
    fleiss = found.agreements[0].group.fleiss["value"]
    assert f"Fleiss' kappa {fleiss:.3f}" in told
    assert "over-reliance" in told
    assert summary([]) == "Nobody has answered a case yet."


def test_tables_have_a_limit_and_a_count_beside_every_estimate(found):
    every = tables(found)
    assert set(every) >= {"agreement", "accuracy", "changes", "reliance", "time", "mrmc"}
    for row in every["accuracy"]:
        assert {"sensitivity", "sensitivity_low", "sensitivity_high", "sensitivity_n"} <= set(row)
    assert asdict(found.comparisons[0].components)
