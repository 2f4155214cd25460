"""Does a card that was written once still belong to the stored run?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from pipeline.card.contents import build
from pipeline.card.page import SCHEMA, as_html, number
from pipeline.card.parts import Card
from pipeline.errors import RunError
from pipeline.runs import open_run

# What a card's head may say; any other name is no field of ours to be set.
_SAID = ("card-run", "card-schema", "card-fingerprint")
_NOT_A_CARD = "Give a file that 'python -m pipeline card' wrote."


@dataclass
class Written:
    """What a card's HTML says of itself.

    Attributes
    ----------
    run, schema, fingerprint : of its head.
    files : name -> SHA-256.
    figures : key -> its cells as they can be read: value, interval, n.
    """

    run: str = ""
    schema: str = ""
    fingerprint: str = ""
    files: dict[str, str] = field(default_factory=dict)
    figures: dict[str, tuple[str, ...]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.written = Written()
        self._figure: str | None = None
        self._in_cell = False

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        name = told.get("name") or ""
        if tag == "meta" and name in _SAID:
            setattr(self.written, name.removeprefix("card-"), told.get("content") or "")
        elif tag == "tr":
            self._figure, self._in_cell = told.get("data-figure"), False
            if self._figure is not None:
                self.written.figures[self._figure] = ()
            if "data-file" in told:
                self.written.files[told["data-file"] or ""] = told.get("data-sha256") or ""
        elif tag == "td" and self._figure is not None:
            self._in_cell = True
            self.written.figures[self._figure] += ("",)

    def handle_endtag(self, tag):
        if tag == "td":
            self._in_cell = False
        elif tag == "tr":
            self._figure = None

    def handle_data(self, data):
        if self._in_cell and self._figure is not None:
            *before, last = self.written.figures[self._figure]
            self.written.figures[self._figure] = (*before, last + data)


def read(text: str) -> Written:
    """Read what `pipeline.card.as_html` wrote.

    Raises
    ------
    RunError : if it is no card, or one of another version of this program.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    written = reader.written
    if not written.run or not written.files:
        raise RunError("This is not a model card.", _NOT_A_CARD)
    if written.schema != str(SCHEMA):
        raise RunError(
            f"The card was written in format {written.schema}, this program writes {SCHEMA}.",
            f"Write it again with 'python -m pipeline card {written.run}'.",
        )
    return written


def differences(text: str, artifacts: Path) -> list[str]:
    """Return how a card differs from the run that is stored now; none if it still holds.

    The files' hashes, every figure (computed anew), and at last the whole text are compared.

    Raises
    ------
    RunError : if `text` is no card, or its run is not stored here.
    """
    written = read(text)
    run = open_run(artifacts / "runs", written.run)
    card = build(run, artifacts, strict=False)
    found = [*card.faults, *_changed_files(written, card), *_changed_figures(written, card)]
    if not found and as_html(card) != text:
        found.append(
            "Files and figures agree, but not the text: it was edited, or written by another "
            "version of this program."
        )
    return found


def _changed_files(written: Written, card: Card) -> list[str]:
    now = {source.name: source.sha256 for source in card.sources}
    found = []
    for name in sorted(now.keys() | written.files.keys()):
        if name not in now:
            found.append(f"{name} is not stored any more.")
        elif name not in written.files:
            found.append(f"{name} was stored after the card was written.")
        elif now[name] != written.files[name]:
            found.append(
                f"{name} has changed: it was {written.files[name][:12]}, is {now[name][:12]}."
            )
    return found


def _changed_figures(written: Written, card: Card) -> list[str]:
    now = {
        figure.key: (
            number(figure.value),
            "none" if figure.low is None else f"{number(figure.low)} to {number(figure.high)}",
            str(figure.n),
        )
        for figure in card.figures()
    }
    found = []
    for key in sorted(now.keys() | written.figures.keys()):
        old, new = written.figures.get(key), now.get(key)
        if old != new:
            found.append(
                f"{key}: the card says {_spoken(old)}, the stored files give {_spoken(new)}."
            )
    return found


def _spoken(cells: tuple[str, ...] | None) -> str:
    if cells is None:
        return "nothing"
    value, interval, n = (*cells, "", "", "")[:3]
    return f"{value} ({interval}; n = {n})"
