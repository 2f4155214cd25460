"""What reading gives: runs of another program, and sentences on what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Setting = str | int | float | bool


@dataclass(frozen=True)
class Foreign:
    """One training that another program logged.

    Attributes
    ----------
    name : as its source calls it; any text, not yet safe as the name of a folder.
    source : the program, "TensorBoard" for example.
    history : a row per epoch or logged step, as in ``history.csv``: ``epoch`` (1, 2, ...), where
        known ``step`` (optimiser steps at the end of the row) and ``seconds`` (of the row alone),
        then the figures, those of validation with ``val_``. A missing figure is NaN.
    renamed : which figure of the source became which of ours, where the name changed.
    config : hyper-parameters of the source.
    notes : what to know of it, each a sentence.
    started : when the training began (ISO 8601, UTC); None if the source does not tell.
    """

    name: str
    source: str
    history: pd.DataFrame = field(repr=False)
    renamed: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Setting] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    started: str | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the names of the figures, without the columns that count."""
        return tuple(name for name in self.history if name not in ("epoch", "step", "seconds"))


@dataclass(frozen=True)
class Found:
    """What lies at a path.

    Attributes
    ----------
    runs : everything that could be read, in the order of the paths.
    problems : what could not, each a sentence with what to do about it.
    """

    runs: tuple[Foreign, ...] = ()
    problems: tuple[str, ...] = ()
