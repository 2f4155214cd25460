"""A small HTTP server beside the pages: ``/healthz``, ``/readyz``, ``/metrics``."""

from __future__ import annotations

import json
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from dashboard.operations.readiness import Readiness

_JSON = "application/json"


class Server(ThreadingHTTPServer):
    """Answers in threads of its own until `close`.

    Parameters
    ----------
    address, port : to listen at; port 0 is any that is free.
    registry : what ``/metrics`` tells.
    readiness : what ``/readyz`` tells.

    Raises
    ------
    OSError : if it cannot listen there.
    """

    daemon_threads = True
    # Nobody else may take the port while this process has it.
    allow_reuse_port = False

    def __init__(
        self,
        address: str,
        port: int,
        registry: CollectorRegistry,
        readiness: Readiness | None = None,
    ):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), _Handler)
        self.registry, self.readiness = registry, readiness or Readiness()
        self._thread = threading.Thread(target=self.serve_forever, name="operations", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request, client_address) -> None:
        """Say nothing of a client that has hung up."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 10  # seconds that a client may be silent

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            self._answer(HTTPStatus.OK, _JSON, json.dumps({"alive": True}).encode())
        elif path == "/readyz":
            missing = self.server.readiness.missing()
            status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
            told = {"ready": not missing, "not_ready": missing}
            self._answer(status, _JSON, json.dumps(told).encode())
        elif path == "/metrics":
            told = generate_latest(self.server.registry)
            self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, told)
        else:
            self._answer(HTTPStatus.NOT_FOUND, _JSON, b"{}")

    do_HEAD = do_GET  # noqa: N815

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return "xray"

    def log_message(self, format: str, *args: object) -> None:
        """Log no request: a probe asks every few seconds."""
