"""Addresses, their secrets, and real servers on this machine: HTTP, and S3 where s3fs is here."""

import base64
import contextlib
import functools
import http.server
import io
import logging
import threading
import traceback
from typing import ClassVar

import pytest

from pipeline.errors import RunError
from pipeline.mirror import place as places
from pipeline.mirror.contents import is_served
from pipeline.mirror.place import Place

SECRET = "pa55word"


@pytest.mark.parametrize(
    "address",
    [
        f"ftp://me:{SECRET}@host/artifacts",
        f"simplecache::s3://{SECRET}/artifacts",
        f"https://host/artifacts?signature={SECRET}",
        f"https://host/artifacts#{SECRET}",
        f"s3://key:{SECRET}@bucket/artifacts",
        f"gs://{SECRET}@bucket/artifacts",
        f"file://{SECRET}@/artifacts",
        f"://{SECRET}",
    ],
)
def test_an_address_that_does_not_work_is_told_without_its_secrets(address):
    with pytest.raises(RunError, match=r"^XRAY_ARTIFACTS ") as caught:
        Place(address)
    assert SECRET not in str(caught.value)


def test_what_a_place_needs_is_named(monkeypatch):
    monkeypatch.setitem(places.PACKAGES, "gs", "a_package_that_is_not_here")
    with pytest.raises(RunError, match="pip install a_package_that_is_not_here"):
        Place("gs://bucket/artifacts").listed()


def test_a_name_holds_no_password():
    place = Place(f"HTTPS://me:{SECRET}@host:8443/artifacts/")
    assert place.name == "https://host:8443/artifacts"
    assert place.key == Place("https://host:8443/artifacts").key


@pytest.mark.parametrize(
    "name",
    [
        "../run.json",
        "runs/../run.json",
        "runs/../../run.json",
        "/runs/a/run.json",
        "runs//run.json",
        "runs/./run.json",
        "runs/a/../../../../etc/run.json",
        "runs\\a\\run.json",
        "runs/a\x00/run.json",
        "runs/a:stream/run.json",
        "runs/.hidden/run.json",
        "audit/.json",
        "audit/../gate/x.json",
        "runs/" + "a" * 81 + "/run.json",
        "",
    ],
)
def test_a_hostile_name_leads_nowhere(name):
    assert not is_served(name)


class Folder(http.server.SimpleHTTPRequestHandler):
    """Serves a folder to whoever knows the password, and remembers what was asked."""

    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self._if_known(super().do_GET)

    def do_HEAD(self):
        self._if_known(super().do_HEAD)

    def _if_known(self, answer):
        self.asked.append(f"{self.command} {self.path}")
        known = base64.b64encode(f"me:{SECRET}".encode()).decode()
        if self.headers["Authorization"] == f"Basic {known}":
            answer()
        else:
            self.send_error(401)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def http_server(tmp_path):
    """Serves ``tmp_path/place`` at the address it returns."""
    pytest.importorskip("aiohttp")
    (tmp_path / "place" / "runs" / "a").mkdir(parents=True)
    (tmp_path / "place" / "runs" / "a" / "checkpoint-1").mkdir()
    Folder.asked.clear()
    handler = functools.partial(Folder, directory=str(tmp_path / "place"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=30)


def test_a_place_behind_http_is_mirrored_without_a_word_of_its_password(
    http_server, tmp_path, watch, eventually, caplog
):
    caplog.set_level(logging.DEBUG)
    run = tmp_path / "place" / "runs" / "a"
    (run / "run.json").write_text("{}")
    (run / "model.onnx").write_bytes(bytes(range(256)) * 1000)
    (run / "model.keras").write_bytes(b"not served")
    watched = watch(f"http://me:{SECRET}@{http_server}", look_seconds=0)
    folder = watched.folder()
    assert (folder / "runs/a/model.onnx").read_bytes() == bytes(range(256)) * 1000
    (run / "run.json").write_text('{"new": 1}')
    eventually(
        lambda: watched.folder() and (folder / "runs/a/run.json").read_text() == '{"new": 1}'
    )
    asked = [one for one in Folder.asked if one.startswith("GET")]
    assert asked.count("GET /runs/a/model.onnx") == 1
    assert not any("model.keras" in one or "checkpoint" in one for one in asked)
    kept = [path for path in folder.parent.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in kept)
    assert SECRET not in caplog.text


def test_a_wrong_password_is_one_sentence_and_told_nowhere(http_server, watch, caplog):
    caplog.set_level(logging.DEBUG)
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), pytest.raises(RunError) as caught:
        watch(f"http://me:{SECRET}x@{http_server}").folder()
    assert "cannot be read (ClientResponseError)" in str(caught.value)
    told = "".join(traceback.format_exception(caught.value))
    for text in (told, caplog.text, printed.getvalue()):
        assert f"{SECRET}x" not in text


def test_a_server_that_is_not_there_is_one_sentence(watch):
    pytest.importorskip("aiohttp")
    with pytest.raises(RunError, match=r"http://127\.0\.0\.1:9 cannot be read"):
        watch("http://127.0.0.1:9").folder()


@pytest.fixture
def bucket(monkeypatch):
    """An S3 server of this machine, and a client that puts objects into its one bucket."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    boto3 = pytest.importorskip("boto3")
    server_of = pytest.importorskip("moto.server").ThreadedMotoServer
    server = server_of(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="xray")
    yield client
    client.close()
    server.stop()


def test_a_bucket_of_s3_is_mirrored(bucket, watch, eventually, caplog):
    caplog.set_level(logging.INFO)
    # More than one page of a listing, and one file that is sent in several parts.
    for number in range(1100):
        bucket.put_object(Bucket="xray", Key=f"artifacts/readings/{number}", Body=b"x")
    network = bytes(range(256)) * 40_000
    bucket.put_object(Bucket="xray", Key="artifacts/runs/a/model.onnx", Body=network)
    bucket.put_object(Bucket="xray", Key="artifacts/runs/a/run.json", Body=b"{}")
    bucket.put_object(Bucket="xray", Key="artifacts/runs/../../run.json", Body=b"hostile")
    bucket.put_object(Bucket="xray", Key="elsewhere/runs/b/run.json", Body=b"{}")
    watched = watch("s3://xray/artifacts", look_seconds=0)
    folder = watched.folder()
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == [
        ".mirrored",
        "runs/a/model.onnx",
        "runs/a/run.json",
    ]
    assert (folder / "runs/a/model.onnx").read_bytes() == network
    before = (folder / "runs/a/model.onnx").stat().st_ino
    bucket.put_object(Bucket="xray", Key="artifacts/runs/a/run.json", Body=b"[]")
    eventually(lambda: watched.folder() and (folder / "runs/a/run.json").read_bytes() == b"[]")
    assert (folder / "runs/a/model.onnx").stat().st_ino == before
    bucket.delete_object(Bucket="xray", Key="artifacts/runs/a/model.onnx")
    eventually(lambda: watched.folder() and not (folder / "runs/a/model.onnx").exists())
    assert SECRET not in caplog.text


def test_a_bucket_that_is_not_there_is_one_sentence(bucket, watch):
    with pytest.raises(RunError, match="There are no artifacts at s3://nothing/artifacts"):
        watch("s3://nothing/artifacts").folder()


def test_a_link_in_a_folder_leads_nowhere(tmp_path, watch):
    place = tmp_path / "place"
    (place / "runs" / "a").mkdir(parents=True)
    (place / "runs" / "a" / "run.json").write_text("{}")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "run.json").write_text("secret")
    (place / "runs" / "a" / "history.csv").symlink_to(tmp_path / "secret" / "run.json")
    (place / "runs" / "b").symlink_to(tmp_path / "secret")
    folder = watch(place.as_uri()).folder()
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept) == [".mirrored", "run.json"]
    assert not any("secret" in path.read_text() for path in kept if path.name == "run.json")
