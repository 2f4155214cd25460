"""What is to be done to a server, and for how long: what the client's process is told."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from pipeline.errors import PipelineError

# Shares of the whole time: people read, then ask for explanations, then uploads alone.
_READING, _EXPLAINING, _UPLOADING = 0.25, 0.6, 0.92


@dataclass(frozen=True)
class Plan:
    """One measurement.

    Parameters
    ----------
    address : of the dashboard, on this machine.
    sessions : people at once.
    uploads : all of them together.
    explanations : people who ask for one at the same moment; at most `sessions`.
    seconds : after which everything ends, whatever is left.
    pause : shortest and longest seconds between two things that a person does.
    process : the server's, whose memory is read; None if it is not known.
    kept_seconds : for which the server keeps a session whose socket is gone.
    """

    address: str
    sessions: int = 20
    uploads: int = 1000
    explanations: int = 10
    seconds: float = 360.0
    pause: tuple[float, float] = (2.0, 10.0)
    process: int | None = None
    kept_seconds: float = 120.0

    def __post_init__(self) -> None:
        require_loopback(self.address)
        if not 0 <= self.explanations <= self.sessions:
            raise ValueError(
                f"Expected 0 to {self.sessions} explanations. Received: {self.explanations}"
            )

    @property
    def reading_until(self) -> float:
        """Seconds after the start until which people read as people do."""
        return _READING * self.seconds

    @property
    def explaining_until(self) -> float:
        return _EXPLAINING * self.seconds

    @property
    def uploading_until(self) -> float:
        return _UPLOADING * self.seconds

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Plan:
        told = json.loads(text)
        return Plan(**{**told, "pause": tuple(told["pause"])})


def require_loopback(address: str) -> None:
    """Refuse to measure anything but a server on this machine.

    Raises
    ------
    PipelineError : for any other address.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = None, ""
    if parts is None or parts.scheme != "http" or not _is_loopback(host):
        raise PipelineError(
            "Load is only put on a dashboard of this machine.",
            "Name it by its loopback address, such as http://127.0.0.1:8501, or leave --address "
            "out to have one started.",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
