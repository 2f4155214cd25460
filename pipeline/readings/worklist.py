"""In which order a reader sees the cases of each pass, which of them are due, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from pipeline.errors import StoreError
from pipeline.readings.design import Design
from pipeline.readings.steps import BEGUN, DONE, LOCKED, NEW, state_of
from pipeline.readings.trail import ANSWERED, FINISHED


@dataclass(frozen=True)
class Item:
    """A case on a reader's worklist.

    Attributes
    ----------
    pass_number, position : both from 1; `position` in this reader's order.
    case : its number within the study.
    state : ``new``, ``begun``, ``answered`` (locked, the model is shown) or ``finished``.
    open : whether it may be read now: the passes before are finished, and the washout is over.
    opens : when the washout ends, UTC; None if it does not keep the pass closed.
    """

    pass_number: int
    position: int
    case: int
    state: str
    open: bool
    opens: datetime | None = None


def drawn_orders(design: Design, n_cases: int, n_readers: int) -> list[list[list[int]]]:
    """Return the case numbers of every reader and pass, in the order in which they are read.

    They follow from the design's seed. A pass with fewer cases has the same for all readers.

    Returns
    -------
    ``orders[reader][pass]``, both from 0.

    Raises
    ------
    StoreError : if a pass wants more cases than there are.
    """
    orders = []
    for reader in range(1, n_readers + 1):
        orders.append([])
        for number, one in enumerate(design.passes, start=1):
            count = n_cases if one.cases is None else one.cases
            if count > n_cases:
                raise StoreError(
                    f"Pass {number} wants {count} cases, and the study has {n_cases}.",
                    "Add cases, or ask for fewer in that pass.",
                )
            # Readers are counted from 1: numpy takes [seed, pass] and [seed, pass, 0] for the same.
            drawn = np.random.default_rng([design.seed, number]).permutation(n_cases)[:count]
            order = np.random.default_rng([design.seed, number, reader]).permutation(drawn)
            orders[-1].append([int(case) + 1 for case in order])
    return orders


def listed(
    design: Design,
    order: Sequence[tuple[int, int, int]],
    marks: Mapping[tuple[int, int], Mapping[str, datetime]],
    now: datetime,
) -> list[Item]:
    """Return a reader's worklist.

    Parameters
    ----------
    order : (pass, position, case) of every reading, sorted.
    marks : the steps taken, and when, by (pass, case).
    """
    items: list[Item] = []
    complete, last = True, None  # of the passes before: all finished, and the last answer
    for number, one in enumerate(design.passes, start=1):
        own = [(position, case) for of, position, case in order if of == number]
        taken = [marks.get((number, case), {}) for _, case in own]
        states = [state_of(each, one.arm != "none") for each in taken]
        opens = last + timedelta(days=design.washout_days) if complete and last else None
        waits = opens is not None and now < opens
        items += [
            Item(number, position, case, state, complete and not waits, opens if waits else None)
            for (position, case), state in zip(own, states, strict=True)
        ]
        complete = complete and all(state == DONE for state in states)
        said = [each.get(FINISHED) or each.get(ANSWERED) for each in taken]
        last = max(filter(None, said), default=None)
    return items


def next_of(items: Sequence[Item]) -> Item | None:
    """Return the case to go on with: one that was begun, else the first new one.

    None where everything that may be read now is finished.
    """
    due = [item for item in items if item.open]
    begun = [item for item in due if item.state in (BEGUN, LOCKED)]
    new = [item for item in due if item.state == NEW]
    return next(iter([*begun, *new]), None)
