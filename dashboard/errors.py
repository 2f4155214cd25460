"""Every error becomes a sentence and a next step. The only catch-all of the project."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import StopException
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException

from pipeline.errors import PipelineError

_log = logging.getLogger("dashboard")


@contextmanager
def shown() -> Iterator[None]:
    """Show what goes wrong inside the block instead of a traceback."""
    try:
        yield
    except PipelineError as error:
        explain(error)
    except (StopException, RerunException):  # how Streamlit itself ends a script
        raise
    except Exception as error:
        number = secrets.token_hex(4)
        # The type and the place, never the message: it may quote a file name or a value.
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        _log.error("error %s: %s at %s", number, type(error).__name__, where)
        st.error(
            f"Something went wrong that should not (number {number} in the server's log). "
            "Reload the page; if it happens again, report the number.",
            icon=":material/error:",
        )


def explain(error: PipelineError) -> None:
    """Show a user's situation: what is wrong, and what to do."""
    st.error(f"**{error.message}** {error.hint}", icon=":material/error:")
