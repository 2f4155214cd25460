"""Orders are drawn by a seed, and passes follow each other."""

import pytest

from pipeline.errors import StoreError
from pipeline.readings.design import Pass
from pipeline.readings.worklist import Item, drawn_orders, next_of


def test_every_reader_and_pass_has_an_order_of_its_own_that_the_seed_decides(design):
    plan = design(Pass(), Pass(), seed=7)
    orders = drawn_orders(plan, 20, 5)
    assert all(sorted(order) == list(range(1, 21)) for passes in orders for order in passes)
    assert len({tuple(order) for passes in orders for order in passes}) == 10
    assert orders == drawn_orders(plan, 20, 5)
    assert orders != drawn_orders(design(Pass(), Pass(), seed=8), 20, 5)
    assert orders[:3] == drawn_orders(plan, 20, 3)  # another reader changes nobody's order


def test_a_shorter_pass_has_the_same_cases_for_all_in_different_orders(design):
    orders = drawn_orders(design(Pass(), Pass(cases=8)), 20, 6)
    second = [passes[1] for passes in orders]
    assert len({frozenset(order) for order in second}) == 1
    assert len({tuple(order) for order in second}) == 6
    assert len(second[0]) == 8


def test_cases_of_a_shorter_pass_are_drawn_evenly(design):
    counts = dict.fromkeys(range(1, 11), 0)
    for seed in range(400):
        for case in drawn_orders(design(Pass(cases=5), seed=seed), 10, 1)[0][0]:
            counts[case] += 1
    # 400 draws of 5 of 10: 200 each, a standard deviation of 10.
    assert all(150 < count < 250 for count in counts.values())


def test_a_pass_cannot_have_more_cases_than_there_are(design):
    with pytest.raises(StoreError, match="Pass 1 wants 3 cases, and the study has 2"):
        drawn_orders(design(Pass(cases=3)), 2, 1)


@pytest.mark.parametrize(
    ("states", "position"),
    [
        (["finished", "new", "begun"], 3),
        (["new", "answered", "begun"], 2),
        (["finished", "new", "new"], 2),
        (["finished"] * 3, None),
    ],
)
def test_reading_goes_on_where_it_stopped(states, position):
    items = [Item(1, place, place, state, True) for place, state in enumerate(states, start=1)]
    items.append(Item(2, 9, 1, "new", False))
    found = next_of(items)
    assert (found.position if found else None) == position
