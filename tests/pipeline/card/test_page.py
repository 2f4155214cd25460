"""The HTML file: self-contained, harmless whatever the names are, and well-formed."""

import json
import re
from html.parser import HTMLParser

import pytest

from pipeline.card import as_html, build
from pipeline.card.page import markdown
from pipeline.runs import open_run

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)> & "quotes" \'single\''
_VOID = {"meta", "rect", "circle", "line", "polyline"}


def html_of(artifacts, name="toy") -> str:
    return as_html(build(open_run(artifacts / "runs", name), artifacts))


class _Tags(HTMLParser):
    """Collects tags and attributes, and holds that every tag is closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(text: str) -> list[tuple[str, dict]]:
    reader = _Tags()
    reader.feed(text)
    assert reader.open == []
    return reader.seen


def test_the_file_needs_nothing_from_elsewhere(written):
    seen = tags(written)
    names = {tag for tag, _ in seen}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in seen:
        assert "src" not in attributes
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if "href" in attributes:
            assert tag == "a"
            assert attributes["href"].startswith(("#", "https://"))
    assert "url(" not in written
    assert "@import" not in written


def test_names_and_notes_cannot_become_markup(tmp_path, add_run):
    folder = add_run(tmp_path, "toy", title=EVIL)
    run_json = folder / "run.json"
    document = json.loads(run_json.read_text())
    document["notes"] = [EVIL]
    document["versions"] = {EVIL: EVIL}
    document["operating_points"]["balanced"]["rule"] = EVIL
    document["data"]["validation"]["taken_from"] = EVIL
    run_json.write_text(json.dumps(document))
    table = folder / "predictions.csv"
    # The surest error of the test set, listed by its file's name.
    rows = open_run(tmp_path / "runs", "toy").predictions()
    rows["file"] = EVIL + rows["file"]
    rows.to_csv(table, index=False)
    text = html_of(tmp_path)
    names = {tag for tag, _ in tags(text)}
    assert not names & {"script", "img"}
    assert text.count("&lt;script&gt;") >= 5


def test_drawings_say_what_they_show(written):
    text = written
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) >= 5
    for drawing in drawings:
        assert 'role="img"' in drawing
        assert re.search(r"<title>.+?</title><desc>.+?</desc>", drawing)


def test_every_table_has_headers_and_headings_do_not_skip(written):
    text = written
    for table in re.findall(r"<table>.*?</table>", text, re.DOTALL):
        assert 'scope="row"' in table
    assert re.findall(r"<h(\d)", text)[0] == "1"
    assert set(re.findall(r"<h(\d)", text)) == {"1", "2"}
    anchors = set(re.findall(r'<section id="([^"]+)"', text))
    assert anchors == set(re.findall(r'<li><a href="#([^"]+)"', text))


def test_it_follows_the_readers_theme_and_prints(written):
    text = written
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b** *c* `d`", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("[x](https://a.b/c)", '<p><a href="https://a.b/c">x</a></p>'),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>"),
        ("<b>", "<p>&lt;b&gt;</p>"),
    ],
)
def test_only_a_little_markdown_becomes_markup(text, html):
    assert markdown(text) == html
