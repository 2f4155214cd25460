"""Every error becomes a sentence and a next step. The only catch-all of the project."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import StopException
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException

from dashboard import logs, metrics
from dashboard.plain import plain
from pipeline.errors import PipelineError


class Broken(Exception):  # noqa: N818 - stands for an error that was logged
    """What should not have happened, under the number that the server's log has it by."""

    def __init__(self, number: str):
        super().__init__(number)
        self.number = number


@contextmanager
def numbered() -> Iterator[None]:
    """Log what should not go wrong inside the block.

    Raises
    ------
    Broken : in its place.
    """
    try:
        yield
    # A user's situation, what has its number already, and how Streamlit itself ends a script.
    except (PipelineError, Broken, StopException, RerunException):
        raise
    except Exception as error:
        number = secrets.token_hex(4)
        # The type and the place, never the message: it may quote a file name or a value.
        logs.error(number, error)
        metrics.error(type(error))
        raise Broken(number) from None


@contextmanager
def shown() -> Iterator[None]:
    """Show what goes wrong inside the block instead of a traceback."""
    try:
        with numbered():
            yield
    except PipelineError as error:
        explain(error)
    except Broken as broken:
        st.error(
            f"Something went wrong that should not (number {broken.number} in the server's log). "
            "Reload the page; if it happens again, report the number.",
            icon=":material/error:",
        )


def warn(error: PipelineError) -> None:
    """Show what is wrong with a part, and what to do, where the rest of the page goes on."""
    st.warning(f"{plain(error.message)} {error.hint}", icon=":material/warning:")


def explain(error: PipelineError) -> None:
    """Show a user's situation: what is wrong, and what to do."""
    st.error(f"**{plain(error.message)}** {error.hint}", icon=":material/error:")
