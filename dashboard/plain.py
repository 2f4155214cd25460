"""Text that somebody wrote, for where Streamlit reads Markdown: labels, captions, messages."""

from __future__ import annotations

import re

# What begins an image, a link, a formula, a tag, an icon or another look.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$&!:])")


def plain(text: str) -> str:
    """Return `text` as Markdown that shows it as it is, on one line.

    A picture that it names would be fetched by whoever looks at the page, from wherever it lies.
    """
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
