"""The real dashboard in a real browser: a server on loopback, a page in headless Chromium."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Address(str):
    """Where a dashboard is served, the process that serves it, and the file it logs to."""

    process: subprocess.Popen
    port: int
    log: Path


@pytest.fixture(scope="session")
def serving(tmp_path_factory, chromium):
    """Serves the dashboard, started the README's way: ``with serving(XRAY_...=...) as address``.

    On a port of its own, unless one is given. The log must hold no traceback, but for Streamlit's
    own where ``traces`` says so.
    """

    @contextmanager
    def serve(
        script: str = "dashboard/app.py", port: int = 0, traces: bool = False, **environment: str
    ) -> Iterator[Address]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            port = probe.getsockname()[1]
        log = tmp_path_factory.mktemp("server") / "log"
        command = [sys.executable, "-m", "streamlit", "run", script]
        options = ["--server.port", str(port), "--server.headless", "true"]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [*command, *options, "--server.address", "127.0.0.1"],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        address = Address(f"http://127.0.0.1:{port}")
        address.process, address.port, address.log = server, port, log
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                pytest.fail(f"the dashboard did not start: {log.read_text()}")
            yield address
            assert traces or "Traceback" not in log.read_text()
        finally:
            server.terminate()
            server.wait(10)

    return serve


@pytest.fixture(scope="session")
def dashboard(serving, tmp_path_factory):
    """Address of the dashboard with the committed runs, without samples."""
    with serving(XRAY_SAMPLES=str(tmp_path_factory.mktemp("samples"))) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield running
        running.close()


@pytest.fixture
def open_page(browser, dashboard):
    """Open a page of the dashboard and wait until it has drawn; keep what goes wrong in it."""
    contexts = []

    def open_it(path: str = "", size: dict = WIDE, scheme: str = "dark"):
        context = browser.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{dashboard}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        _settle(page)
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def settle():
    """Wait until Streamlit has finished running a page."""
    return _settle


def _settle(page) -> None:
    page.wait_for_function(
        """() => {
          const app = document.querySelector('[data-test-script-state]');
          return app && app.dataset.testScriptState === 'notRunning'
            && !document.querySelector('[data-stale="true"]');
        }"""
    )
