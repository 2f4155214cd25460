"""What is kept of uploads: bounded for a session and for all, and nothing of it on disk."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard import uploads


@pytest.fixture
def manager(monkeypatch) -> MemoryUploadedFileManager:
    monkeypatch.setenv("XRAY_UPLOADED_MB_PER_SESSION", "2")
    monkeypatch.setenv("XRAY_UPLOADED_MB", "3")
    manager = MemoryUploadedFileManager("/upload")

    class Server:
        uploaded_file_mgr = manager

    monkeypatch.setattr(runtime, "get_instance", Server)
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    uploads.guard()
    return manager


def send(manager, session: str, name: str, size: int) -> int:
    """Upload a file of that many bytes; return how many of them are kept."""
    manager.add_file(session, UploadedFileRec(name, "planted-name.png", "image/png", bytes(size)))
    (kept,) = manager.get_files(session, [name])
    return len(kept.data)


def test_a_file_without_room_is_kept_without_its_bytes_and_the_page_says_why(manager):
    assert send(manager, "anna", "own 1", 1_500_000) == 1_500_000
    assert uploads.refused("own 1") is None
    assert send(manager, "anna", "own 2", 600_000) == 0
    error = uploads.refused("own 2")
    assert "more than 2 MB" in error.message
    assert "Remove files" in error.hint
    assert send(manager, "ben", "all 1", 1_600_000) == 0
    assert "3 MB that this server has" in uploads.refused("all 1").message


def test_a_file_that_is_removed_makes_room(manager):
    send(manager, "anna", "removed 1", 1_900_000)
    assert send(manager, "anna", "removed 2", 1_000_000) == 0
    manager.remove_file("anna", "removed 1")
    assert send(manager, "anna", "removed 3", 1_000_000) == 1_000_000
    manager.remove_session_files("anna")
    assert send(manager, "ben", "removed 4", 2_000_000) == 2_000_000


def test_it_is_weighed_once_however_often_the_page_is_drawn(manager):
    guarded = manager.add_file
    uploads.guard()
    assert manager.add_file is guarded


def test_only_so_many_refusals_are_remembered(manager, monkeypatch):
    monkeypatch.setattr(uploads, "_REMEMBERED", 5)
    for number in range(20):
        send(manager, "anna", f"many {number}", 2_100_000)
    assert uploads.refused("many 0") is None
    assert uploads.refused("many 19") is not None


def test_an_upload_is_not_written_to_disk_while_it_comes_in(manager):
    body = b"\r\n".join(
        [
            b"--boundary",
            b'Content-Disposition: form-data; name="file"; filename="a.png"',
            b"",
            bytes(5_000_000),
            b"--boundary--",
            b"",
        ]
    )

    async def parsed():
        async def stream():
            for start in range(0, len(body), 65536):
                yield body[start : start + 65536]

        headers = Headers({"content-type": "multipart/form-data; boundary=boundary"})
        return await MultiPartParser(headers, stream()).parse()

    async def weighed():
        form = await parsed()
        found = form["file"].size, form["file"].file._rolled
        await form.close()
        return found

    # In a thread of its own: a browser that other tests drive may be waited for in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(weighed())).result() == (5_000_000, False)


def test_without_a_server_there_is_nothing_to_weigh():
    uploads.guard()
