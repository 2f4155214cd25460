"""What is counted and timed of this process, for Prometheus. No patient, no name, no file in it.

Values of labels come from the closed sets below; whatever is not in them is counted as ``other``.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline.config import REPOSITORY
from pipeline.explain import EXPLAINERS
from pipeline.gate import KINDS

OTHER = "other"
# What becomes of an uploaded or chosen picture.
JUDGED, REFUSED, UNREADABLE = "judged", "refused", "unreadable"
# What becomes of a job, the last one without its turn.
DONE, STOPPED, FAILED, BROKEN, ABANDONED = "done", "stopped", "failed", "broken", "abandoned"
# What jobs make.
EXPLANATION, TOUR, STUDY, REGIONS, SAMPLES = "explanation", "tour", "study", "regions", "samples"
# What limits refuse.
WAITING, WAITING_OF_PERSON = "waiting", "waiting_of_person"
UPLOADS, UPLOADED_BYTES, STUDIES, IMPORTS = "uploads", "uploaded_bytes", "studies", "imports"

# Everything a label may say, by its name.
LABELS = {
    "outcome": {JUDGED, REFUSED, UNREADABLE, DONE, STOPPED, FAILED, BROKEN, ABANDONED},
    "kind": {EXPLANATION, TOUR, STUDY, REGIONS, SAMPLES},
    "reason": set(KINDS),
    "method": set(EXPLAINERS),
    "limit": {WAITING, WAITING_OF_PERSON, UPLOADS, UPLOADED_BYTES, STUDIES, IMPORTS},
    "type": {
        "AttributeError",
        "DatasetError",
        "GateError",
        "ImageError",
        "IndexError",
        "KeyError",
        "MemoryError",
        "OSError",
        "RunError",
        "RuntimeError",
        "StoreError",
        "TypeError",
        "ValueError",
    },
}
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_MINUTES = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)

# A registry of its own: the default one also counts what other packages put there.
registry = CollectorRegistry()
ProcessCollector(registry=registry)

_pictures = Counter("xray_pictures", "Pictures by outcome.", ["outcome"], registry=registry)
_gate = Counter("xray_gate_refusals", "What the gate refuses by.", ["reason"], registry=registry)
_decoding = Histogram(
    "xray_decode_seconds", "Reading one picture.", buckets=_SECONDS, registry=registry
)
_judging = Histogram(
    "xray_prediction_seconds", "Judging one picture.", buckets=_SECONDS, registry=registry
)
_explaining = Histogram(
    "xray_explanation_seconds",
    "Making one explanation.",
    ["method"],
    buckets=_MINUTES,
    registry=registry,
)
_jobs = Counter("xray_jobs", "Heavy jobs by outcome.", ["kind", "outcome"], registry=registry)
_waits = Histogram(
    "xray_queue_wait_seconds", "Waiting for one's turn.", buckets=_MINUTES, registry=registry
)
_limits = Counter("xray_limit_refusals", "Refused by a limit.", ["limit"], registry=registry)
_errors = Counter("xray_errors", "What went wrong, by type.", ["type"], registry=registry)


def picture(outcome: str, reasons: tuple[str, ...] = ()) -> None:
    """Count a picture, and by which kinds of reason the gate refuses it."""
    _pictures.labels(_closed("outcome", outcome)).inc()
    for reason in set(reasons):
        _gate.labels(_closed("reason", reason)).inc()


@contextmanager
def decoding() -> Iterator[None]:
    """Time the reading of a picture, whether or not it can be read."""
    with _decoding.time():
        yield


@contextmanager
def judging() -> Iterator[None]:
    with _judging.time():
        yield


@contextmanager
def explaining(method: str) -> Iterator[None]:
    """Time an explanation; one that is stopped or fails is not one."""
    began = time.perf_counter()
    yield
    _explaining.labels(_closed("method", method)).observe(time.perf_counter() - began)


def job(kind: str, outcome: str) -> None:
    _jobs.labels(_closed("kind", kind), _closed("outcome", outcome)).inc()


def waited(seconds: float) -> None:
    """Note how long a job waited for its turn."""
    _waits.observe(seconds)


def limited(limit: str) -> None:
    _limits.labels(_closed("limit", limit)).inc()


def error(kind: type[BaseException]) -> None:
    """Count what went wrong, by its type or the nearest one above it that is known."""
    names = [one.__name__ for one in kind.__mro__]
    known = next((name for name in names if name in LABELS["type"]), OTHER)
    _errors.labels(known).inc()


def _closed(label: str, value: str) -> str:
    return value if value in LABELS[label] else OTHER


class _Now(Collector):
    """Figures that are looked up when they are asked for."""

    def __init__(self, gauges: Mapping[str, tuple[str, Callable[[], float]]], run: Callable):
        self._gauges, self._run = gauges, run

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, ask) in self._gauges.items():
            yield GaugeMetricFamily(name, meaning, ask())
        built = GaugeMetricFamily("xray_build_info", "What serves.", labels=["code", "run"])
        built.add_metric([code_version(), self._run()], 1)
        yield built


def watch(gauges: Mapping[str, tuple[str, Callable[[], float]]], run: Callable[[], str]) -> None:
    """Also tell these figures, by name with their meaning, and which run serves.

    Parameters
    ----------
    run : returns the first digits of the default network's SHA-256, "" if there is none.
    """
    registry.register(_Now(gauges, run))


@cache
def code_version() -> str:
    """Return 12 digits that change with any file of this program."""
    digest = hashlib.sha256()
    for folder in ("pipeline", "dashboard"):
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in {".py", ".js", ".css", ".html"}:
                digest.update(path.relative_to(REPOSITORY).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
