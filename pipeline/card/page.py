"""A card as one HTML file that needs nothing else: no script, picture or font from elsewhere."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from pipeline.card.parts import (
    Card,
    Chart,
    Facts,
    Figure,
    FigureTable,
    Quoted,
    Section,
    Source,
    Text,
)
from pipeline.statements import NOTICE

SCHEMA = 1
STYLE = Path(__file__).parent / "card.css"
# The page may draw itself and nothing else, even if something slipped into it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\((https://[^)\s\"]+)\)"), r'<a href="\2">\1</a>'),
)


def as_html(card: Card) -> str:
    """Return the card as a self-contained HTML document; the same card gives the same bytes."""
    contents = "".join(
        f'<li><a href="#{escape(section.anchor)}">{escape(section.heading)}</a></li>'
        for section in card.sections
    )
    sections = "\n".join(_section(section) for section in card.sections)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="card-schema" content="{SCHEMA}">
<meta name="card-run" content="{escape(card.run)}">
<meta name="card-fingerprint" content="{card.fingerprint}">
<title>Model card: {escape(card.title)}</title>
<style>
{STYLE.read_text(encoding="utf-8").strip()}
</style>
</head>
<body>
<header>
<h1>Model card: {escape(card.title)}</h1>
<p class="asked">Run <code>{escape(card.run)}</code>, bound to its stored files by
<code>{card.fingerprint}</code></p>
<p class="notice"><strong>{escape(NOTICE)}</strong></p>
<nav aria-label="Contents"><ol>{contents}<li><a href="#files">Stored files</a></li></ol></nav>
</header>
<main>
{sections}
{_files(card.sources)}
</main>
</body>
</html>
"""


def _section(section: Section) -> str:
    blocks = "\n".join(block_html(block) for block in section.blocks)
    return (
        f'<section id="{escape(section.anchor)}" aria-labelledby="{escape(section.anchor)}-head">\n'
        f'<h2 id="{escape(section.anchor)}-head">{escape(section.heading)}</h2>\n'
        f'<p class="asked">{escape(section.asked_by)}</p>\n{blocks}\n</section>'
    )


def block_html(block: Text | Facts | FigureTable | Chart) -> str:
    """Return one part of a section as HTML."""
    if isinstance(block, Text):
        return markdown(block.markdown)
    if isinstance(block, Quoted):
        return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in block.sentences)}</ul>"
    if isinstance(block, Facts):
        return _facts(block)
    if isinstance(block, FigureTable):
        return _figure_table(block)
    return (
        f"<figure>{block.svg}<figcaption>{escape(block.caption)}</figcaption></figure>"
        f"{_made(block.command)}"
    )


def markdown(text: str) -> str:
    """Return paragraphs and lists of a little Markdown as HTML; anything else is text."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.split("\n")
        if all(line.startswith("- ") for line in lines):
            items = "".join(f"<li>{_marked(line[2:])}</li>" for line in lines)
            parts.append(f"<ul>{items}</ul>")
        else:
            parts.append(f"<p>{_marked(' '.join(lines))}</p>")
    return "\n".join(parts)


def _marked(text: str) -> str:
    text = escape(text)  # first: from here on, every tag is ours
    for pattern, tag in _MARKS:
        text = pattern.sub(tag, text)
    return text


def _facts(facts: Facts) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in facts.rows
    )
    caption = f"<caption>{escape(facts.caption)}</caption>" if facts.caption else ""
    return f'<div class="table"><table>{caption}<tbody>{rows}</tbody></table></div>'


def _figure_table(table: FigureTable) -> str:
    rows = "".join(_figure(figure) for figure in table.figures)
    return (
        f'<div class="table"><table><caption>{escape(table.caption)}</caption>'
        '<thead><tr><th scope="col">Figure</th><th scope="col">Value</th>'
        '<th scope="col">Interval</th><th scope="col">n</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_made(table.command)}"
    )


def _figure(figure: Figure) -> str:
    interval = f"{number(figure.low)} to {number(figure.high)}"
    return (
        f'<tr data-figure="{escape(figure.key)}"><th scope="row">{escape(figure.name)}</th>'
        f'<td class="number">{number(figure.value)}</td>'
        f'<td class="number">{interval if figure.low is not None else "none"}</td>'
        f'<td class="number">{figure.n}</td></tr>'
    )


def number(value: float | None) -> str:
    """Return a figure with four digits, as the card shows it and as it is held to."""
    return "cannot be computed" if value is None else f"{value:.4f}"


def _made(command: str) -> str:
    return f'<p class="made">Made anew by <code>{escape(command)}</code></p>'


def _files(sources: tuple[Source, ...]) -> str:
    rows = "".join(
        f'<tr data-file="{escape(source.name)}" data-sha256="{source.sha256}">'
        f'<th scope="row">{escape(source.name)}</th><td><code>{source.sha256}</code></td>'
        f'<td class="number">{source.size:,}</td>'
        f"<td><code>{escape(source.command)}</code></td></tr>"
        for source in sources
    )
    return (
        '<section id="files" aria-labelledby="files-head"><h2 id="files-head">Stored files</h2>'
        "<p>Every figure above was computed from these files. "
        "<code>python -m pipeline card --check FILE</code> says whether they, and the figures, "
        "are still the same.</p>"
        '<div class="table"><table><thead><tr><th scope="col">File</th>'
        '<th scope="col">SHA-256</th><th scope="col">Bytes</th><th scope="col">Made by</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div></section>"
    )
