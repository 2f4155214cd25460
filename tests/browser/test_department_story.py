"""Two replicas behind nginx, as the README of their files says, and what one's sudden end costs."""

import contextlib
import http.client
import re
import runpy
import shutil
import ssl
import tempfile
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import pytest
from playwright.sync_api import TimeoutError

from pipeline.images import Picture, encode_png, resize
from pipeline.readings.design import Design, Pass
from pipeline.readings.schema import HEAD, VERSION_TABLE
from pipeline.readings.store import NewCase, Store

pytestmark = pytest.mark.browser

CASES = 3


# Accounts of a hospital are in many groups, which some providers number, up to 200 of them.
GROUPS = [np.random.default_rng(number).bytes(16).hex() for number in range(200)]
PEOPLE = {
    "Ann": {"sub": "subject-ann", "name": "Ann", "groups": [*GROUPS, "xray-readers"]},
    "Bob": {"sub": "subject-bob", "name": "Bob", "groups": ["xray-readers"]},
    "Otto": {"sub": "subject-otto", "name": "Otto"},
}
ROLES = 'reader_groups = ["xray-readers"]\nowners = ["subject-otto"]'


@pytest.fixture(scope="module")
def provider():
    kind = runpy.run_path(str(Path(__file__).with_name("openid_provider.py")))["Provider"]
    made = kind(PEOPLE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def department(program, postgresql_server, chromium, provider):
    program("openssl", package="openssl")
    nginx = program("nginx", package="nginx", folders=("/usr/sbin",))
    kind = runpy.run_path(str(Path(__file__).with_name("department.py")))["Department"]
    # A short path, which a socket needs, and one that nginx' own user can reach.
    folder = Path(tempfile.mkdtemp(prefix="xray-department-"))
    made = kind(folder, postgresql_server, nginx, lambda to: provider.secrets_toml(to, ROLES))
    yield made
    made.close()
    told = [log.read_text() for log in made.logs]
    shutil.rmtree(folder)
    assert not [log for log in told if "Traceback" in log]


@pytest.fixture(scope="module")
def store(department):
    opened = Store(f"{department.database}?passfile={urllib.parse.quote(str(department.pgpass))}")
    yield opened
    opened.dispose()


@pytest.fixture
def come(browser, department):
    """Opens a page behind nginx in a browser of its own: ``come("reading", replica="two")``."""
    contexts = []

    def open_it(path: str, replica: str | None = None):
        context = browser.new_context(
            viewport={"width": 1440, "height": 1000}, ignore_https_errors=True
        )
        context.set_default_timeout(40_000)
        contexts.append(context)
        if replica:
            cookie = {"name": "xray_replica", "value": replica, "url": department.address}
            context.add_cookies([cookie | {"secure": True, "httpOnly": True}])
        page = context.new_page()
        page.goto(f"{department.address}/{path}")
        return page

    yield open_it
    for context in contexts:
        context.close()


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(department, path: str, **headers: str) -> Answer:
    """Ask nginx for a path; redirects are not followed."""
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", department.https, context=context)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def sign_in(page, person: str) -> None:
    here = page.url
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=person).click()
    page.wait_for_url(here)
    page.get_by_text(f"Signed in as {person}").wait_for()


def replica_of(page) -> str:
    return {one["name"]: one["value"] for one in page.context.cookies()}["xray_replica"]


def make_study(store) -> tuple[str, dict[str, str]]:
    draw = np.random.default_rng(0)
    cases = [
        NewCase(
            Picture(draw.integers(0, 256, (96, 96), dtype=np.uint8), 0.0, f"{number:064x}"),
            f"P{number}",
            number % 2,
            0.875,
            True,
            True,
        )
        for number in range(CASES)
    ]
    design = Design("Two replicas", "a-run", "ab" * 32, "balanced", 0.5, (Pass(arm="score"),))
    created = store.create(design, cases, ["ann", "bob"])
    return created.study_id, dict(created.reader_codes)


def press(page, key: str, button: str) -> None:
    """Press a key until its button is the chosen one: while a page draws, a key may be lost."""
    chosen = page.locator(f"[class*=st-key-{button}_] [data-testid=stBaseButton-primary]").first
    for _ in range(3):
        page.keyboard.press(key)
        try:
            chosen.wait_for(timeout=10_000)
            return
        except TimeoutError:
            continue
    chosen.wait_for()


def enter(page, then) -> None:
    """Press Enter until what follows is there."""
    for _ in range(3):
        page.keyboard.press("Enter")
        try:
            then.wait_for(timeout=10_000)
            return
        except TimeoutError:
            continue
    then.wait_for()


def finish(page, settle, read: int) -> None:
    """Lock what is filled in, keep it in the sight of the model, and store it."""
    settle(page)
    enter(page, page.get_by_text("The model calls this"))
    settle(page)
    press(page, "a", "keep")
    settle(page)
    done = page.get_by_text("You have read every case")
    enter(page, done if read == CASES else page.get_by_text(f"{read} of {CASES} read"))


def test_two_that_find_an_empty_database_at_once_make_its_tables_once(department):
    both = [department.command("xray readings list") for _ in range(2)]
    told = [command.communicate(timeout=60)[0] for command in both]
    assert [command.returncode for command in both] == [0, 0], told
    with psycopg.connect(department.database, passfile=str(department.pgpass)) as connection:
        found = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall()
    assert found == [(HEAD,)]


def test_a_reader_goes_on_at_the_other_replica_where_theirs_was_killed(
    department, store, come, settle
):
    study, codes = make_study(store)
    ann, bob = come("about", replica="one"), come("about", replica="two")
    said = []
    ann.on("console", lambda message: said.append(message.text))
    for page, name in ((ann, "ann"), (bob, "bob")):
        sign_in(page, name.capitalize())
        page.goto(f"{department.address}/reading?seat={codes[name]}")
        page.get_by_text(f"0 of {CASES} read").wait_for()
        page.locator(".viewer canvas").first.wait_for()
        settle(page)
        press(page, "y", "call_Y")
    assert (replica_of(ann), replica_of(bob)) == ("one", "two")
    # More than nginx lets pass as it is installed.
    assert sum(len(one["value"]) for one in ann.context.cookies()) > 8192
    press(ann, "4", "confidence_4")
    finish(ann, settle, 1)

    # Ann leaves a case out, and is in the middle of the one after it.
    settle(ann)
    ann.keyboard.press("j")
    ann.wait_for_url(re.compile(r"[?&]at=1-"))
    left_out = ann.locator(".viewer").get_attribute("data-picture")
    ann.locator("[class*=st-key-call_N]").wait_for()
    settle(ann)
    press(ann, "n", "call_N")
    press(ann, "2", "confidence_2")
    settle(ann)
    here = ann.locator(".viewer").get_attribute("data-picture")
    ann.evaluate("window.neverReloaded = true")
    department.kill("one")

    # Her browser goes on by itself: nobody reloads anything.
    for _ in range(400):
        if replica_of(ann) == "two":
            break
        ann.wait_for_timeout(100)
    assert replica_of(ann) == "two"
    ann.get_by_text("CONNECTING").wait_for(state="detached")
    settle(ann)
    assert ann.evaluate("window.neverReloaded")
    assert ann.locator(".viewer").get_attribute("data-picture") == here
    for button in ("call_N", "confidence_2"):
        chosen = f"[class*=st-key-{button}_] [data-testid=stBaseButton-primary]"
        ann.locator(chosen).first.wait_for()
    finish(ann, settle, 2)

    # The first is back; whoever is at the second stays there, with an upload, too.
    department.start("one")
    department.wait("one")
    settle(bob)
    press(bob, "3", "confidence_3")
    finish(bob, settle, 1)
    settle(ann)
    press(ann, "y", "call_Y")
    press(ann, "5", "confidence_5")
    finish(ann, settle, CASES)
    assert (replica_of(ann), replica_of(bob)) == ("two", "two")
    ann.reload()
    ann.get_by_text("You have read every case").wait_for()
    assert replica_of(ann) == "two"

    assert [text for text in said if "Content Security Policy" in text] == []

    assert store.verify(study).problems == ()
    readings = store.readings(study)
    assert sorted(one.reader for one in readings) == ["ann"] * CASES + ["bob"]
    assert {one.case for one in readings if one.reader == "ann"} == {1, 2, 3}
    assert here != left_out
    told = department.journal.text()
    one, two = (f"127.0.0.1:{department.ports[name]}" for name in ("one", "two"))
    assert f"replica {one}, {two}" in told
    told += "".join(log.read_text() for log in department.logs)
    assert not [code for code in codes.values() if code in told]
    assert "seat" not in told
    assert "subject" not in told


def test_a_large_upload_passes_through_memory_alone(department, come, settle, radiograph):
    """nginx has no folder left that it could put anything into."""
    draw = np.random.default_rng(0)
    large = resize(radiograph, 2400, 3200) + draw.normal(0, 6, (2400, 3200))
    file = encode_png(np.clip(large, 0, 255).astype(np.uint8))
    assert len(file) > 4_000_000
    page = come("", replica="two")
    page.locator(".st-key-source").get_by_text("Upload").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "chest.png", "mimeType": "image/png", "buffer": file}
    )
    page.locator(".viewer canvas").first.wait_for()
    lines = department.journal.text().splitlines()
    sent = [line for line in lines if "/_stcore/upload_file/" in line]
    assert len(sent) == 1
    assert re.search(r"PUT \S+ 204 ", sent[0])
    assert f"replica 127.0.0.1:{department.ports['two']} " in sent[0]


def test_pages_keep_to_the_policy_of_content(department, come, settle):
    """Curves and viewer are components; figures, tables and uploads are Streamlit's own."""
    page = come("about")
    sign_in(page, "Otto")
    said = []
    page.on("console", lambda message: said.append(message.text))
    for path in ("compare", "performance", "studies"):
        page.goto(f"{department.address}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        settle(page)
    page.goto(f"{department.address}/compare")
    page.locator("canvas").first.wait_for()
    assert [text for text in said if "Content Security Policy" in text] == []


def test_nginx_answers_as_the_readme_says(department):
    answer = ask(department, "/")
    assert answer.status == 200
    cookies = answer.headers.get_all("Set-Cookie")
    own = next(one for one in cookies if one.startswith("xray_replica="))
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(own.split("; "))
    given = own.partition("=")[2].partition(";")[0]
    assert given in department.ports
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Frame-Options", "DENY"),
        ("Server", "nginx"),
    ):
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    script = re.search(r'src="\.(/static/js/index[^"]+)"', answer.body.decode())[1]
    packed = ask(department, script, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    again = ask(department, "/", Cookie=f"xray_replica={given}")
    assert "xray_replica" not in str(again.headers.get_all("Set-Cookie"))
    for closed in (
        *("/metrics", "/readyz", "/healthz", "/_stcore/metrics", "/_stcore/script-health-check"),
        *("/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/metrics/"),
    ):
        assert ask(department, closed).status == 404, closed
    assert ask(department, "/_stcore/health").status == 200
    large = ask(department, "/_stcore/upload_file/a/b", **{"Content-Length": str(90 << 20)})
    assert large.status == 413
    plain = http.client.HTTPConnection("127.0.0.1", department.http)
    with contextlib.closing(plain):
        plain.request("GET", "/reading?seat=CODE")
        moved = plain.getresponse()
    assert moved.status == 301
    assert moved.headers["Location"].startswith("https://")


def test_nobody_without_the_password_gets_at_the_readings(department):
    for url in (department.database, department.database.replace("xray@", "tester@")):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, passfile="/dev/null", connect_timeout=5)
