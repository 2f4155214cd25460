"""Two nodes of Ray on this machine's loopback: what is killed is done again, and nothing twice."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyarrow import parquet

from pipeline.__main__ import main
from pipeline.batch.listing import listed
from pipeline.batch.running import Batch
from pipeline.benchmark.process import children
from pipeline.config import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")

# A process that holds two nodes of one core each until its standard input is closed; it prints the
# address, and which process is the second node's (its workers are that one's children).
_TWO_NODES = """
import json, sys
from ray.cluster_utils import Cluster
settings = {"num_cpus": 1, "object_store_memory": 90_000_000, "include_dashboard": False}
cluster = Cluster(True, head_node_args=settings)
second = cluster.add_node(**settings)
cluster.wait_for_nodes()
print(json.dumps([cluster.address, second.all_processes["raylet"][0].process.pid]), flush=True)
sys.stdin.read()
cluster.shutdown()
"""


class Cluster:
    """Two nodes on the loopback address, which turn away whoever has no token."""

    def __init__(self):
        self.environment = os.environ | {
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TWO_NODES],
            env=self.environment,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        lines = iter(self._process.stdout.readline, "")
        self.address, self._second = json.loads(next(one for one in lines if one[0] == "["))

    def busy(self) -> list[int]:
        """Return the second node's processes that hold a worker of the batch."""
        return [one for one in descendants(self._second) if b"MapWorker" in title(one)]

    def kill_worker(self) -> None:
        """End the second node's worker alone."""
        kill(self.busy())

    def kill_second(self) -> None:
        """End the second node with all its workers, at once."""
        kill([self._second, *descendants(self._second)])

    def end(self) -> None:
        self._process.communicate()
        token = self.environment["RAY_AUTH_TOKEN"].encode()
        # What is left of it, if anything: whatever has its token.
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if token in (entry / "environ").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)


def kill(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def descendants(process: int) -> list[int]:
    """Return the processes that one has started, and those that they have."""
    found = []
    for child in children(process):
        found += [child, *descendants(child)]
    return found


def title(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


@pytest.fixture
def cluster():
    made = Cluster()
    try:
        yield made
    finally:
        made.end()


@pytest.mark.parametrize("kill", [Cluster.kill_worker, Cluster.kill_second])
def test_a_worker_or_a_node_that_is_killed_costs_nothing_but_time(
    run, draw, start, cluster, tmp_path, kill
):
    folder, out = draw(tmp_path / "pictures", 1500), tmp_path / "ray.parquet"
    arguments = ("--engine", "ray", "--ray-address", cluster.address, "--json")
    process = start("batch", folder, "--out", out, *arguments, env=cluster.environment)
    parts = tmp_path / "ray.parquet.parts"
    while not (list(parts.glob("*/0*.parquet")) and cluster.busy()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    kill(cluster)
    said, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert json.loads(said)["judged"] == 1500
    Batch(listed(folder), run, tmp_path / "local.parquet").judge()
    found, expected = (parquet.read_table(path) for path in (out, tmp_path / "local.parquet"))
    assert found.equals(expected)


def test_a_cluster_where_nobody_listens_is_a_sentence(run, draw, tmp_path, capsys):
    folder = draw(tmp_path / "pictures", 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        arguments = ["--engine", "ray", "--ray-address", address]
        assert main(["batch", str(folder), "--out", str(tmp_path / "r.parquet"), *arguments]) == 1
    assert f"The Ray cluster {address} cannot be reached." in capsys.readouterr().err


def test_ray_is_not_loaded_unless_it_is_asked_for():
    script = "import sys, pipeline.commands.batch; print('ray' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ended.stdout.strip() == "False"
