"""A download that is watched and can be stopped, tried with small processes in pip's place."""

import hashlib
import os
import sys

import pytest

from pipeline.errors import Cancelled, DatasetError
from pipeline.wheel import Wheel, download_wheel, pip_command

CONTENT = bytes(range(256)) * 400
WHEEL = Wheel("a-project", "1.0", "a.whl", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())

# Writes half of the wheel into the temporary folder, tells its process id, then waits for ever.
HANGING = """
import os, pathlib, sys, tempfile, time
pathlib.Path(tempfile.gettempdir(), sys.argv[1]).write_bytes(bytes({half}))
pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))
while True:
    time.sleep(1)
"""


def writing(content: bytes):
    """Return a command maker that puts `content` where the wheel is expected."""

    def command(wheel, scratch, destination):
        (scratch / "content").write_bytes(content)
        copy = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
        return [sys.executable, "-c", copy, scratch / "content", destination / wheel.filename]

    return command


def failing(wheel, scratch, destination):
    return [sys.executable, "-c", "import sys; sys.exit('ERROR: No matching distribution.')"]


def unneeded(wheel, scratch, destination):
    raise AssertionError("nothing has to be downloaded")


def test_a_whole_wheel_is_kept_under_a_hidden_name_and_used_again(tmp_path):
    path = download_wheel(WHEEL, tmp_path, command=writing(CONTENT))
    assert path.read_bytes() == CONTENT
    assert os.listdir(tmp_path) == [".partial-a.whl"]
    assert download_wheel(WHEEL, tmp_path, command=unneeded) == path


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_a_torn_or_other_file_is_refused_and_removed(tmp_path, content):
    with pytest.raises(DatasetError, match="could not be downloaded"):
        download_wheel(WHEEL, tmp_path, command=writing(content))
    assert os.listdir(tmp_path) == []


def test_a_torn_file_of_an_earlier_time_is_not_taken_for_the_wheel(tmp_path):
    (tmp_path / ".partial-a.whl").write_bytes(CONTENT[:-1])
    assert download_wheel(WHEEL, tmp_path, command=writing(CONTENT)).read_bytes() == CONTENT


def test_what_pip_says_reaches_the_user(tmp_path):
    with pytest.raises(DatasetError, match=r"downloaded: No matching distribution\."):
        download_wheel(WHEEL, tmp_path, command=failing)


def test_stopping_ends_the_process_and_leaves_nothing(tmp_path):
    told, pid_file = [], tmp_path / "pid"
    folder = tmp_path / "folder"
    folder.mkdir()

    def hanging(wheel, scratch, destination):
        code = HANGING.format(half=len(CONTENT) // 2)
        return [sys.executable, "-c", code, wheel.filename, str(pid_file)]

    def should_stop():
        return pid_file.is_file() and bool(pid_file.read_text()) and told[-1:] == [0.5]

    with pytest.raises(Cancelled, match="The download was stopped"):
        download_wheel(WHEEL, folder, told.append, should_stop, hanging)
    assert told[-1] == 0.5
    assert os.listdir(folder) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_what_a_killed_process_left_is_removed_after_a_day_only(tmp_path):
    old, young = tmp_path / ".partial-download-old", tmp_path / ".partial-download-young"
    for scratch in (old, young):
        scratch.mkdir()
    os.utime(old, (0, 0))
    download_wheel(WHEEL, tmp_path, command=writing(CONTENT))
    assert sorted(os.listdir(tmp_path)) == [".partial-a.whl", ".partial-download-young"]


def test_pip_is_asked_for_this_very_file_and_not_to_install_it(tmp_path):
    command = pip_command(WHEEL, tmp_path, tmp_path / "arrived")
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert "--no-deps" in command
    assert "--only-binary=:all:" in command
    written = (tmp_path / "requirements.txt").read_text()
    assert written == f"a-project==1.0 --hash=sha256:{WHEEL.sha256}\n"
