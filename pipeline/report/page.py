"""A report as one HTML file that needs nothing else and prints on one page of A4."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

from pipeline.card.page import STYLE, block_html
from pipeline.card.parts import Facts, Figure, FigureTable
from pipeline.explain import overlay
from pipeline.report import wording
from pipeline.report.contents import Report
from pipeline.report.drawing import printed
from pipeline.report.numbers import versions
from pipeline.statements import FIGURE_NAMES, NOTICE

_OWN_STYLE = Path(__file__).with_name("report.css")
# The page may draw itself and the pictures inside it, and nothing else.
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
_FIGURES = ("sensitivity", "specificity", "ppv", "npv", "auc")
_STRONGEST = 5


def as_html(report: Report) -> str:
    """Return the report as a self-contained HTML document; the same report gives the same bytes."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>Report on X-ray {report.picture.sha256[:12]}</title>
<style>
{STYLE.read_text(encoding="utf-8").strip()}
{_OWN_STYLE.read_text(encoding="utf-8").strip()}
.bar {{ background: linear-gradient(to right, {_gradient(report)}); }}
</style>
</head>
<body class="report">
<header>
<h1>{escape(wording.call(report))}</h1>
<p>{escape(wording.probability(report))}</p>
{_refusal(report)}
<p class="notice"><strong>{escape(NOTICE)}</strong></p>
</header>
<main>
<section class="pictures" aria-label="Pictures">
{_pictures(report)}
</section>
<div class="columns">
<div>
{_explanation(report)}
</div>
<div>
{_trust(report)}
</div>
</div>
<div class="columns">
<div>
{_test(report)}
</div>
<div>
{_settings(report)}
</div>
</div>
{_repeat(report)}
</main>
</body>
</html>
"""


def _refusal(report: Report) -> str:
    if report.verdict.gate.accepted:
        return ""
    reason = f" Reason given: {report.override}" if report.override else ""
    told = " ".join(report.verdict.gate.reasons)
    return (
        '<p class="notice"><strong>The gate refuses this picture; do not weigh the verdict.'
        f"</strong> {escape(told + reason)}</p>"
    )


def _pictures(report: Report) -> str:
    figures = "\n".join(
        f'<figure><img alt="{escape(caption)}" src="data:image/jpeg;base64,'
        f'{base64.b64encode(jpeg).decode()}"><figcaption>{escape(caption)}</figcaption></figure>'
        for caption, jpeg in printed(report)
    )
    if report.explanation is None:
        return figures
    highest = overlay.limit(report.explanation)
    target = escape(report.target.lower())
    return (
        f'{figures}\n<div class="legend"><span>{-highest:+.3f} against {target}</span>'
        f'<span class="bar"></span><span>{highest:+.3f} for {target}</span>'
        f"<span>{escape(report.explanation.unit)}</span></div>"
    )


def _gradient(report: Report) -> str:
    if report.explanation is None:
        return "transparent, transparent"
    colours, _ = overlay.colour_stops(report.explanation)
    return ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in colours)


def _explanation(report: Report) -> str:
    told = report.explanation
    if told is None:
        return f"<h2>What moved it</h2><p>{escape(wording.WITHOUT_EXPLANATION)}</p>"
    strongest = told.ranked(report.shown.sign)[:_STRONGEST]
    rows = [wording.superpixel(told, int(label)) for label in strongest]
    return (
        "<h2>What moved it</h2>"
        + _facts(rows, wording.strongest(told))
        + f"<p>{escape(wording.MEANING)}</p>"
    )


def _trust(report: Report) -> str:
    told, measured = report.explanation, report.trust
    if told is None:
        return ""
    if measured is None:
        said = f"<p>{escape(wording.WITHOUT_TRUST)}</p>"
    else:
        reasons = " ".join(measured.verdict.reasons)
        said = f"<p><strong>{escape(measured.verdict.sentence)}</strong> {escape(reasons)}</p>"
    rows = wording.steadiness(told) + (wording.trust(measured) if measured else ())
    return f"<h2>How far to trust the explanation</h2>{said}{_facts(rows)}"


def _settings(report: Report) -> str:
    if report.explanation is None:
        return ""
    return f"<h2>How it was explained</h2>{_facts(wording.settings(report))}"


def _test(report: Report) -> str:
    found = report.test
    if found is None:
        accepted = report.verdict.gate.accepted
        said = wording.WITHOUT_TEST if accepted else wording.REFUSED_TEST
        return f"<h2>How good the model is</h2><p>{escape(said)}</p>"
    run, point = report.run.name, report.verdict.operating_point
    table = FigureTable(
        f"Official test set, n = {found['n']}, at this operating point, with 95 % intervals",
        tuple(
            Figure.of(f"test.{point}.{name}", FIGURE_NAMES[name], found["figures"][name])
            for name in _FIGURES
        ),
        f"python -m pipeline evaluate {run} --stored --point {point}",
    )
    return f"<h2>How good the model is</h2>{block_html(table)}"


def _repeat(report: Report) -> str:
    run = report.run
    height_px, width_px = report.picture.image.shape
    rows = [
        ("Picture (SHA-256)", f"{report.picture.sha256}, {width_px} x {height_px} pixels"),
        ("Run", f"{run.name}: {run.title}"),
        ("Network (SHA-256)", run.document["model_sha256"]),
        ("Versions", ", ".join(f"{name} {version}" for name, version in versions().items())),
    ]
    said = ""
    if report.explanation is not None:
        said = (
            f"<p>{escape(wording.REPEAT)} <code>{escape(report.command)}</code></p>"
            if report.command
            else f"<p>{escape(wording.WITHOUT_COMMAND)}</p>"
        )
    return f'<section class="repeat"><h2>To repeat it</h2>{_facts(rows)}{said}</section>'


def _facts(rows: Iterable[tuple[str, str]], caption: str = "") -> str:
    return block_html(Facts(tuple(rows), caption))
