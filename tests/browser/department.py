"""A department on loopback, made of the shipped files as their README says.

Nothing in them is changed but paths, ports, names and the owner of a file.
"""

import os
import random
import re
import shlex
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "dashboard" / "deploy"
PASSWORD = "p:ss word"


def shipped(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")


def commands(heading: str) -> str:
    """Return the commands below a heading of the README."""
    part = shipped("README.md").split(f"## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```bash\n(.*?)```", part, flags=re.DOTALL))


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"{old} is not in the shipped file"
        text = text.replace(old, new)
    return text


def free_port(low: int, high: int, *beside: int) -> int:
    """Return a port that is free, and is so `beside` it."""
    for _ in range(200):
        port = random.randint(low, high)
        try:
            for other in (port, *(port + step for step in beside)):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", other))
        except OSError:
            continue
        return port
    raise AssertionError("no port is free")


class Journal:
    """What `/dev/log` is on a server: a socket that collects what programs log."""

    def __init__(self, path: Path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._collect)
        self._thread.start()

    def _collect(self) -> None:
        while (line := self._socket.recv(65536)) != b"end":
            self._lines.append(line.decode())

    def text(self) -> str:
        return "\n".join(self._lines)

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"end", str(self.path))
        self._thread.join()
        self._socket.close()


class Department:
    """Two replicas, nginx and PostgreSQL, each a plain process that `close` ends.

    Parameters
    ----------
    sign_in : returns what an administrator fills into ``secrets.toml``, from where browsers are to
        be sent back to.
    """

    def __init__(self, folder: Path, postgresql_server, nginx: str, sign_in: Callable[[str], str]):
        self.folder, self._nginx = folder, nginx
        folder.chmod(0o755)
        # Those of the replicas have four digits: the README's port of operations is 1 before them.
        self.ports = {name: free_port(3000 + 2000 * n, 4999 + 2000 * n, 10_000)
                      for n, name in enumerate(("one", "two"))}  # fmt: skip
        self.https, self.http = free_port(20_000, 23_999), free_port(24_000, 27_999)
        self.address = f"https://127.0.0.1:{self.https}"
        self.replicas: dict[str, subprocess.Popen] = {}
        self.logs: list[Path] = []
        self.journal = Journal(folder / "log")
        self._make_database(postgresql_server(free_port(28_000, 31_999)))
        self._make_secrets(sign_in)
        for name in self.ports:
            self.start(name)
        self._start_nginx()
        for name in self.ports:
            self.wait(name)

    def _make_database(self, server) -> None:
        self._server = server
        statements, _, rest = shipped("database.sql").partition("\\password xray")
        assert rest.strip() == ""
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            for statement in re.sub("--.*", "", statements).split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"ALTER ROLE xray PASSWORD '{PASSWORD}'")  # what \password does
            rules = server.data / "pg_hba.conf"
            rules.write_text(shipped("pg_hba.conf") + rules.read_text())
            connection.execute("SELECT pg_reload_conf()")
        self.database = f"postgresql://xray@127.0.0.1:{server.port}/xray"

    def _make_secrets(self, sign_in: Callable[[str], str]) -> None:
        script = replaced(
            commands("3. Secrets"),
            {
                "/etc/xray": str(self.folder / "etc"),
                "127.0.0.1:5432": f"127.0.0.1:{self._server.port}",
                "PASSWORD": PASSWORD.replace(":", "\\\\:"),
                "chown xray ": f"chown {os.getuid()} ",
            },
        )
        subprocess.run(["bash", "-euc", script], cwd=ROOT, check=True)
        self.pgpass = self.folder / "etc" / "pgpass"
        told = sign_in(f"{self.address}/oauth2callback")
        (self.folder / "etc" / "secrets.toml").write_text(told, encoding="utf-8")

    def command(self, words: str) -> subprocess.Popen:
        """Start a command in the way that the README backs up with."""
        function = commands("Backup, and back").split("xray readings backup")[0]
        script = replaced(
            function,
            {
                "cd /opt/xray": f"cd {shlex.quote(str(ROOT))}",
                "sudo -u xray ": "",
                "/var/lib/xray": str(self.folder / "state"),
                "/etc/xray": str(self.folder / "etc"),
                "postgresql://xray@127.0.0.1/xray": self.database,
                ".venv/bin/python": sys.executable,
            },
        )
        return subprocess.Popen(
            ["bash", "-euc", f"{script}\n{words}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def unit(self, name: str) -> dict[str, list[str]]:
        """Return what the unit says of one replica, each setting with all its values."""
        text = replaced(
            shipped("xray@.service"),
            {
                "/opt/xray/.venv/bin/streamlit": f"{sys.executable} -m streamlit",
                "/opt/xray": str(ROOT),
                "/etc/xray": str(self.folder / "etc"),
                "/var/lib/xray/artifacts": str(ROOT / "artifacts"),
                "/var/lib/xray": str(self.folder / "state"),
                "/var/cache/xray": str(self.folder / "cache"),
                "xray@127.0.0.1/xray": self.database.removeprefix("postgresql://"),
                "%i": str(self.ports[name]),
                "%d": str(self.folder / "credentials"),
            },
        )
        settings: dict[str, list[str]] = {}
        for line in text.splitlines():
            if line and line[0] not in "#[":
                key, _, value = line.partition("=")
                settings.setdefault(key, []).append(value)
        return settings

    def start(self, name: str) -> None:
        """Start a replica as its unit does."""
        unit = self.unit(name)
        environment = dict(one.split("=", 1) for one in unit["Environment"])
        for file in unit["EnvironmentFile"]:
            environment |= dict(one.split("=", 1) for one in Path(file).read_text().splitlines())
        credentials = self.folder / "credentials"
        credentials.mkdir(exist_ok=True)
        for one in unit["LoadCredential"]:
            credential, _, file = one.partition(":")
            (credentials / credential).write_bytes(Path(file).read_bytes())
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("XRAY_", "PG"))}
        self.logs.append(self.folder / f"replica-{len(self.logs)}.log")
        with self.logs[-1].open("wb") as log:
            self.replicas[name] = subprocess.Popen(
                shlex.split(unit["ExecStart"][0]),
                cwd=unit["WorkingDirectory"][0],
                env=inherited | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self, name: str) -> None:
        """Wait until a replica answers."""
        for _ in range(600):
            try:
                url = f"http://127.0.0.1:{self.ports[name]}/_stcore/health"
                with urllib.request.urlopen(url, timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"replica {name} did not start: {self.logs[-1].read_text()}")

    def kill(self, name: str) -> None:
        """End a replica at once, as a lack of memory would."""
        self.replicas[name].kill()
        self.replicas[name].wait(30)

    def nginx_conf(self) -> Path:
        """Write the shipped file with other paths and ports, and what Debian puts around it."""
        own = replaced(
            shipped("nginx.conf"),
            {
                "8501": str(self.ports["one"]),
                "8502": str(self.ports["two"]),
                "listen 443": f"listen 127.0.0.1:{self.https}",
                "listen 80": f"listen 127.0.0.1:{self.http}",
                "/etc/xray/tls": str(self.folder / "etc" / "tls"),
                "/dev/log": str(self.journal.path),
                "xray.example.org": "127.0.0.1",
            },
        )
        (self.folder / "xray.conf").write_text(own)
        kept = "".join(
            f"{kind}_temp_path {self.folder}/nginx-{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        around = (
            f"daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;\n"
            f"events {{}}\nhttp {{ include /etc/nginx/mime.types; {kept}\n"
            f"include {self.folder}/xray.conf; }}\n"
        )
        path = self.folder / "nginx.conf"
        path.write_text(around)
        return path

    def _start_nginx(self) -> None:
        keys = self.folder / "etc" / "tls"
        keys.mkdir()
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
                *("-subj", "/CN=127.0.0.1", "-keyout", keys / "key.pem"),
                *("-out", keys / "certificate.pem"),
            ],
            check=True,
            capture_output=True,
        )
        command = [self._nginx, "-p", str(self.folder), "-c", str(self.nginx_conf())]
        subprocess.run([*command, "-t", "-q"], check=True)
        self._proxy = subprocess.Popen(command)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.https), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        # Whatever it would put on its disk now fails.
        for kind in ("client_body", "proxy"):
            (self.folder / f"nginx-{kind}").rmdir()

    def close(self) -> None:
        for process in (self._proxy, *self.replicas.values()):
            process.terminate()
        for process in (self._proxy, *self.replicas.values()):
            process.wait(30)
        self.journal.close()
