"""Words of others are no Markdown."""

import pytest
from markdown_it import MarkdownIt

from dashboard.plain import plain

PLANTED = (
    "![i](http://a.invalid/i.png)",
    "[see](http://a.invalid)",
    "[see][1]\n\n[1]: http://a.invalid",
    "<img src=x onerror=ran=1>",
    "<http://a.invalid>",
    "`![i](u)``",
    "``![i](u)` ![i](u)",
    "\\`![i](u)`",
    "\\\\`a` ![i](u)",
    "&lt;img&gt;",
)


def made(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).render(text)


@pytest.mark.parametrize("text", PLANTED)
def test_nothing_that_is_planted_becomes_a_picture_a_link_or_a_tag(text):
    assert not any(tag in made(plain(text)) for tag in ("<img", "<a ", "<script"))


@pytest.mark.parametrize("text", [*PLANTED, "*a* _b_ `c` # d", "$x$ :red[y] ~z~ | |"])
def test_plain_text_is_seen_as_it_was_written(text):
    seen = made(plain(text)).removeprefix("<p>").removesuffix("</p>\n")
    unescaped = seen.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    assert unescaped.replace("&amp;", "&") == " ".join(text.split())
