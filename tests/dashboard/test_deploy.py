"""The files for a server: each as strict as it says, and all of one mind.

That they work together is shown by `tests/browser/test_department_story.py`.
"""

import base64
import hashlib
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import streamlit

from dashboard.identity import PROVIDER_SETTINGS, Rules

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dashboard" / "deploy"


def shipped(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture
def unit(tmp_path) -> Path:
    """The unit, with paths of this machine."""
    path = tmp_path / "xray@8501.service"
    text = shipped("xray@.service").replace("/opt/xray/.venv/bin/streamlit", sys.executable)
    path.write_text(text.replace("/opt/xray", str(ROOT)))
    return path


def analysed(program, *arguments: str) -> subprocess.CompletedProcess:
    tool = program("systemd-analyze", package="systemd")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)


def test_systemd_has_no_complaint_about_the_unit(program, unit):
    done = analysed(program, "verify", "--man=no", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    unit.write_text(unit.read_text() + "\nNonsense=true\n")
    assert "Nonsense" in analysed(program, "verify", "--man=no", str(unit)).stderr


def test_systemd_calls_the_unit_well_shut_in(program, unit):
    """At most 20 of 100 points of exposure; what is left is mostly the network that it serves."""
    options = ("security", "--offline=true", "--threshold=20", "--no-pager")
    done = analysed(program, *options, str(unit))
    assert done.returncode == 0, done.stdout
    unit.write_text(re.sub(r"(?m)^(Protect|SystemCall|Restrict)\w+=.*\n", "", unit.read_text()))
    assert analysed(program, *options, str(unit)).returncode != 0


def test_no_shipped_file_holds_a_secret():
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"postgresql://\w+:", text), path
        assert not re.search(r"(?i)secret *= *\"?[0-9a-f]{16}", text), path
    done = subprocess.run(
        ["git", "check-ignore", "-q", "dashboard/.streamlit/secrets.toml"], cwd=ROOT, check=False
    )
    assert done.returncode == 0


def test_nginx_takes_what_the_dashboard_takes():
    config = tomllib.loads((ROOT / "dashboard/.streamlit/config.toml").read_text("utf-8"))
    limit = int(re.search(r"client_max_body_size (\d+)m;", shipped("nginx.conf"))[1])
    assert limit == config["server"]["maxUploadSize"] + 1


def test_the_policy_of_content_names_the_scripts_inside_streamlits_page():
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    inside = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert inside
    digests = (hashlib.sha256(script.encode()).digest() for script in inside)
    named = re.findall(r"'sha256-([^']+)'", shipped("nginx.conf"))
    assert named == [base64.b64encode(digest).decode() for digest in digests]


def test_the_example_of_secrets_is_off_as_it_stands_and_right_once_it_is_filled_in():
    text = shipped("secrets.toml.example")
    assert tomllib.loads(text) == {}
    begin = text.index("# [auth]")
    filled = tomllib.loads(re.sub(r"(?m)^# ?", "", text[begin:]))
    assert set(filled["auth"]) == set(PROVIDER_SETTINGS)
    rules = Rules.read(filled["roles"])
    assert set(filled["roles"]) == {field.name for field in fields(Rules)}
    assert rules.owner_groups == ("xray-owners",)
    assert (rules.require_sign_in, rules.hours, rules.claim) == (False, 12, "groups")


def test_the_readme_names_every_file_and_every_variable():
    readme = shipped("README.md")
    named = set(re.findall(r"dashboard/deploy/([\w@.]+\w)", readme))
    assert named == {path.name for path in FOLDER.iterdir()} - {"README.md"}
    unit = shipped("xray@.service")
    set_there = set(re.findall(r"(?m)^Environment=(\w+)=", unit))
    table = set(re.findall(r"(?m)^\| `([A-Z_]+)` \|", readme))
    assert table == set_there | {"STREAMLIT_SERVER_COOKIE_SECRET"}
    ports = set(re.findall(r"127\.0\.0\.1:(\d+)", shipped("nginx.conf")))
    assert ports == {"8501", "8502"}
    assert f"xray@{min(ports)} xray@{max(ports)}" in readme
