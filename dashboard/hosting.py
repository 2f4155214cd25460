"""The server of Streamlit that this process is, for those who mend or watch it."""

from __future__ import annotations

from streamlit import runtime
from streamlit.runtime import Runtime


def server() -> Runtime | None:
    """Return it; None where there is none, or a page is tested and something else stands for it."""
    try:
        found = runtime.get_instance()
    except RuntimeError:
        return None
    return found if type(found) is Runtime else None
