"""The curves as one HTML file that needs no server: for a stakeholder who has none."""

from __future__ import annotations

import base64
import html

import pandas as pd

from dashboard.curves import markup, script, style
from dashboard.wording import NOTICE

# The names that Streamlit gives its colours, so that one style sheet serves both.
_COLOURS = """
:root { color-scheme: light dark; --st-font: system-ui, sans-serif; --st-text-color: #20242c;
  --st-background-color: #ffffff; --st-secondary-background-color: #f0f2f6;
  --st-border-color: #c3c8d2; --st-primary-color: #0067c0; --st-button-radius: 6px; }
@media (prefers-color-scheme: dark) { :root { --st-text-color: #eceef2;
  --st-background-color: #12151b; --st-secondary-background-color: #232833;
  --st-border-color: #4b5260; --st-primary-color: #56b4e9; } }
body { margin: 0 auto; padding: 1rem; max-width: 100rem; font-family: var(--st-font);
  color: var(--st-text-color); background: var(--st-background-color); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; }
.wide :is(th, td) { padding: 0.2rem 0.7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--st-border-color); }
.wide :is(th, td):first-child { text-align: left; }
"""
# Nothing is loaded and nothing is sent.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def as_html(told: bytes, table: pd.DataFrame, title: str) -> str:
    """Return a page with the same curves, as they stand, and the table below them.

    Parameters
    ----------
    told : what `dashboard.curves.data` returns, of the runs that are to be in it.
    table : figures of these runs, a row each.
    """
    packed = base64.b64encode(told).decode()
    figures = table.to_html(index=False, na_rep="", border=0, float_format="{:.4g}".format)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{html.escape(title)}</title>
<style>{_COLOURS}{style()}</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<p>{html.escape(NOTICE)}</p>
<div id="page">{markup()}</div>
<h2>At the best epoch</h2>
<div class="wide">{figures}</div>
<script type="module">
{script()}
const packed = Uint8Array.from(atob("{packed}"), (letter) => letter.charCodeAt(0));
mount({{ data: packed, parentElement: document.getElementById("page"), setStateValue() {{}} }});
</script>
</body>
</html>
"""
