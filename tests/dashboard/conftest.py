"""Pages driven by their widgets: they share one process, and to it are all one person."""

import pytest

from dashboard import jobs


@pytest.fixture(autouse=True)
def an_empty_queue():
    """No test waits behind what the one before left running."""
    jobs._queues.clear()
