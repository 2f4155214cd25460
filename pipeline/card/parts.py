"""What a card is made of.

Texts are in a little Markdown: **bold**, *italic*, `code`, links and lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """Paragraphs, divided by empty lines; a paragraph whose lines begin with "- " is a list."""

    markdown: str


@dataclass(frozen=True)
class Quoted:
    """Sentences that a run tells of itself: plain text, whoever wrote it."""

    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what the run's files say of them, in this order; values are plain text."""

    rows: tuple[tuple[str, str], ...]
    caption: str = ""


@dataclass(frozen=True)
class Figure:
    """One number with its 95 % interval.

    Attributes
    ----------
    key : names it within the card and for ever, for example ``test.balanced.auc``.
    name : for people.
    value, low, high : None where it cannot be computed; the limits also where it has none.
    n : how many pictures (or runs) it rests on.
    """

    key: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int

    @classmethod
    def of(cls, key: str, name: str, entry: dict) -> Figure:
        """Make one of ``{"value", "low", "high", "n"}``."""
        return cls(key, name, entry["value"], entry["low"], entry["high"], entry["n"])


@dataclass(frozen=True)
class FigureTable:
    """Figures of one subject, with the command that computes them anew."""

    caption: str
    figures: tuple[Figure, ...]
    command: str


@dataclass(frozen=True)
class Chart:
    """A drawing; `svg` is self-contained and carries its own title and description."""

    caption: str
    svg: str
    command: str


@dataclass(frozen=True)
class Section:
    """One heading of the card, and where the two checklists ask for it."""

    anchor: str
    heading: str
    asked_by: str
    blocks: tuple[Text | Quoted | Facts | FigureTable | Chart, ...]


@dataclass(frozen=True)
class Source:
    """A stored file that the card was made from; `name` is relative to the artifacts folder."""

    name: str
    sha256: str
    size: int
    command: str


@dataclass(frozen=True)
class Card:
    """A run's model card.

    Attributes
    ----------
    run, title : of the run.
    fingerprint : SHA-256 over the names and SHA-256 of all `sources`.
    faults : sentences, where what is stored does not follow from the stored predictions.
    """

    run: str
    title: str
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    fingerprint: str
    faults: tuple[str, ...] = ()

    def figures(self) -> Iterator[Figure]:
        """Yield every figure of the card."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, FigureTable):
                    yield from block.figures
