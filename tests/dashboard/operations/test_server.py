"""The port for whoever runs the server: lives, is ready, counts, and tells nobody's secrets."""

import http.client
import json
import socket
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboard import metrics, operations, resources
from dashboard.operations import server as serving
from dashboard.operations.readiness import CHECKS, KEPT_SECONDS, Readiness
from dashboard.operations.server import Server
from pipeline.config import Paths
from pipeline.errors import RunError, StoreError


def failing(error: Exception):
    def check() -> None:
        raise error

    return check


@pytest.fixture
def serve():
    """Serve on a free port of this machine: ``serve(checks)``, then ask."""
    running = []

    def make(checks=None):
        running.append(
            Server("127.0.0.1", 0, metrics.registry, Readiness(checks if checks else {}))
        )

        def ask(path: str, method: str = "GET") -> tuple[int, str, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", running[-1].port, timeout=30)
            connection.request(method, path)
            answer = connection.getresponse()
            told = (answer.status, answer.headers["Content-Type"], answer.read())
            connection.close()
            return told

        return ask

    yield make
    for one in running:
        one.close()


def test_it_lives(serve):
    status, kind, body = serve()("/healthz")
    assert (status, kind, json.loads(body)) == (200, "application/json", {"alive": True})


def test_it_is_ready_when_every_check_passes(serve):
    ask = serve({"run": ("No run.", lambda: None)})
    status, _, body = ask("/readyz")
    assert (status, json.loads(body)) == (200, {"ready": True, "not_ready": {}})


def test_what_is_not_ready_is_named_in_words_of_its_own(serve):
    secret = StoreError("postgresql://reader:geheim@db/xray does not answer.", "Start it.")
    ask = serve(
        {
            "run": ("No run.", lambda: None),
            "readings": ("No database.", failing(secret)),
            "disk": ("No disk.", failing(PermissionError("/secret/place"))),
        }
    )
    status, _, body = ask("/readyz")
    assert status == 503
    told = {"ready": False, "not_ready": {"readings": "No database.", "disk": "No disk."}}
    assert json.loads(body) == told
    assert b"geheim" not in body


def test_an_answer_is_kept_for_a_while(serve):
    now, asked = [0.0], []
    one = Readiness({"run": ("No run.", lambda: asked.append(1))}, lambda: now[0])
    one.missing()
    now[0] += KEPT_SECONDS - 0.1
    one.missing()
    assert len(asked) == 1
    now[0] += 0.2
    one.missing()
    assert len(asked) == 2


def test_this_installation_is_ready():
    assert Readiness().missing() == {}


@pytest.mark.parametrize("broken", ["gone", "damaged"])
def test_without_its_network_it_is_not_ready(monkeypatch, tmp_path, broken):
    import shutil

    run = resources.servable_runs()[0]
    artifacts = tmp_path / "artifacts"
    copied = artifacts / "runs" / "one"
    shutil.copytree(run.folder, copied)
    if broken == "gone":
        shutil.rmtree(copied)
    else:
        document = json.loads((copied / "run.json").read_text(encoding="utf-8"))
        document["model_sha256"] = "0" * 64
        (copied / "run.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setenv("XRAY_ARTIFACTS", str(artifacts))
    assert set(Readiness().missing()) == {"run"}


def test_without_its_database_it_is_not_ready(monkeypatch):
    address = "postgresql://reader:geheim@127.0.0.1:1/xray"
    monkeypatch.setenv("XRAY_DATABASE_URL", address)
    missing = Readiness().missing()
    assert set(missing) == {"readings"}
    assert "geheim" not in json.dumps(missing)


def test_without_a_place_to_write_it_is_not_ready(monkeypatch, tmp_path):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "nowhere"))
    assert "disk" in Readiness().missing()


def test_what_it_counts_is_prometheus_text_with_closed_labels(serve):
    metrics.picture(metrics.JUDGED)
    metrics.picture(metrics.REFUSED, ("plain", "model"))
    metrics.picture("Zwiebel^Philomena.dcm")
    metrics.job(metrics.EXPLANATION, metrics.DONE)
    metrics.limited(metrics.UPLOADS)
    metrics.error(KeyError)
    metrics.error(type("Zwiebel", (Exception,), {}))
    metrics.error(RunError)
    with metrics.explaining("lime"):
        pass
    status, kind, body = serve()("/metrics")
    assert status == 200
    assert kind.startswith("text/plain")
    families = list(text_string_to_metric_families(body.decode()))
    names = {family.name for family in families}
    assert {"xray_pictures", "xray_jobs", "xray_decode_seconds", "xray_errors"} <= names
    assert b"Zwiebel" not in body
    for family in families:
        for sample in family.samples:
            for label, value in sample.labels.items():
                if label not in ("le", "code", "run"):
                    assert value in metrics.LABELS[label] | {metrics.OTHER}, (sample.name, label)


def test_every_word_that_is_counted_is_in_a_closed_set(serve):
    from dashboard import limits
    from pipeline.gate import KINDS

    assert {one.limit for one in (limits.UPLOADS, limits.STUDIES, limits.IMPORTS)} <= (
        metrics.LABELS["limit"]
    )
    assert metrics.LABELS["reason"] == set(KINDS)
    everything = {value for values in metrics.LABELS.values() for value in values}
    assert metrics.OTHER not in everything


@pytest.mark.parametrize("path", ["/", "/metrics/", "/healthz/../metrics", "/%6detrics"])
def test_there_is_nothing_else(serve, path):
    assert serve()(path)[0] == 404


def test_nothing_can_be_sent_to_it(serve):
    ask = serve()
    assert ask("/metrics", "POST")[0] == 501
    status, _, body = ask("/healthz", "HEAD")
    assert (status, body) == (200, b"")


def test_a_client_that_says_nothing_is_let_go(serve, monkeypatch):
    monkeypatch.setattr(serving._Handler, "timeout", 0.2)
    ask = serve()
    assert ask("/healthz")[0] == 200
    silent = socket.create_connection(("127.0.0.1", _port(ask)))
    silent.settimeout(30)
    assert silent.recv(1) == b""
    silent.close()


def _port(ask) -> int:
    (running,) = (cell.cell_contents for cell in ask.__closure__)
    return running[-1].port


def test_a_port_that_is_taken_does_not_stop_the_pages(monkeypatch, caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("XRAY_OPERATIONS_PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr(operations, "_started", [])
        monkeypatch.setattr(operations.figures, "watch", lambda: None)
        operations.start()
        assert operations._started == [None]
    assert "operations port cannot be opened" in caplog.text


def test_without_a_port_nothing_listens(monkeypatch):
    monkeypatch.delenv("XRAY_OPERATIONS_PORT", raising=False)
    monkeypatch.setattr(operations, "_started", [])
    operations.start()
    assert operations._started == [None]


def test_the_checks_are_those_of_the_readme():
    assert set(CHECKS) == {"run", "readings", "disk"}
    assert Path(Paths.from_environment().artifacts).is_dir()


def test_the_version_changes_with_the_code():
    assert len(metrics.code_version()) == 12
    assert metrics.code_version() == metrics.code_version.__wrapped__()
