"""A program in a process of its own: what it is given, what it is not."""

import pytest

from pipeline import isolated

MEMORY_BYTES, SECONDS = 2_000_000_000, 3


@pytest.fixture
def run(tmp_path):
    """Runs these lines: ``run(script, content=b"")``."""

    def run_it(script: str, content: bytes = b"", seconds: int = SECONDS):
        program = tmp_path / "program.py"
        program.write_text(f"import sys\n{script}\n")
        return isolated.run(program, ("one", 2), content, MEMORY_BYTES, seconds)

    return run_it


def test_it_reads_what_it_is_given_and_tells_how_it_ended(run):
    ended = run("print(sys.argv[1:], __name__, sys.stdin.read()); sys.exit(3)", b"sent")
    assert ended.stdout.split(b"\n")[0] == b"['one', '2'] __main__ sent"
    assert ended.returncode == 3


def test_it_has_little_memory_and_time_and_writes_no_dump(run):
    pytest.importorskip("resource")
    ended = run(
        "import resource\n"
        "limits = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)\n"
        "print(*(resource.getrlimit(limit) for limit in limits), sep=';')"
    )
    told = [f"({limit}, {limit})" for limit in (MEMORY_BYTES, SECONDS, 0)]
    assert ended.stdout.decode().strip() == ";".join(told)
    assert run("bytes(3_000_000_000)").returncode == 1


def test_it_finds_nothing_of_this_project_and_nothing_beside_it(run, tmp_path, monkeypatch):
    (tmp_path / "beside.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for module in ("pipeline", "beside"):
        assert run(f"import {module}").returncode == 1


@pytest.mark.parametrize("does", ["while True: pass", "import time; time.sleep(60)"])
def test_it_is_ended_when_its_time_is_over(run, does):
    ended = run(does, seconds=1)
    assert ended is None or ended.returncode < 0


def test_what_it_complains_of_reaches_nobody(run, capfd):
    assert run("sys.stderr.write('Mueller^Anna'); raise ValueError").returncode == 1
    assert capfd.readouterr() == ("", "")
