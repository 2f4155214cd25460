"""Signing in at a real provider of accounts, by a real browser: what each role may open."""

import runpy
import secrets
import socket
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from joserfc.jwk import RSAKey

from pipeline.images import Picture
from pipeline.readings.design import Design, Pass
from pipeline.readings.store import NewCase, Store

pytestmark = pytest.mark.browser

PEOPLE = {
    "Otto": {
        "sub": "subject-otto-1",
        "name": "Otto *Owner*",
        "email": "otto@example.org",
        "email_verified": True,
        "groups": ["staff", "xray-owners"],
    },
    "Rita": {"sub": "subject-rita-2", "name": "Rita Reader", "email": "rita@example.org"},
    "Gina": {
        "sub": "subject-gina-3",
        "name": "Gina Guest",
        "email": "otto@example.org",  # says so, and nobody has verified it
        "email_verified": False,
    },
}
ROLES = """
owner_groups = ["xray-owners"]
owners = ["otto@example.org"]
readers = ["subject-rita-2"]
"""


@pytest.fixture(scope="module")
def provider():
    kind = runpy.run_path(str(Path(__file__).with_name("openid_provider.py")))["Provider"]
    made = kind(PEOPLE)
    yield made
    made.close()


@pytest.fixture
def guarded(serving, provider, tmp_path):
    """Serves the dashboard with that provider: ``with guarded(roles) as address``."""

    @contextmanager
    def serve(roles: str = ROLES, traces: bool = False):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        file = tmp_path / "secrets.toml"
        file.write_text(
            provider.secrets_toml(f"http://127.0.0.1:{port}/oauth2callback", roles),
            encoding="utf-8",
        )
        environment = {
            "STREAMLIT_SECRETS_FILES": str(file),
            "XRAY_DATABASE_URL": f"sqlite:///{tmp_path / 'readings.sqlite'}",
            "XRAY_SAMPLES": str(tmp_path / "none"),
        }
        with serving(port=port, traces=traces, **environment) as address:
            yield address

    return serve


@pytest.fixture
def visit(browser):
    """Opens the dashboard in a browser of its own: ``visit(address)``."""
    contexts = []

    def open_it(link: str):
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(link)
        return page

    yield open_it
    for context in contexts:
        context.close()


def sign_in(page, person: str) -> None:
    """Sign in, and come back to where that was."""
    here = page.url
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Who are you?").wait_for()
    page.get_by_role("link", name=person).click()
    page.wait_for_url(here)


def make_study(path: Path) -> dict[str, str]:
    """Make a study of one case; return the codes of its owner and of its reader."""
    store = Store(f"sqlite:///{path}")
    image = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    case = NewCase(Picture(image, 0.0, "ab" * 32), "P1", 1, 0.875, True, True)
    design = Design("One chest", "a-run", "ab" * 32, "balanced", 0.5, (Pass(arm="none"),))
    created = store.create(design, [case], ["ann"])
    store.dispose()
    return {"owner": created.owner_code, **created.reader_codes}


def test_each_role_opens_its_pages_and_no_account_reaches_the_readings(
    guarded, provider, visit, tmp_path
):
    codes = make_study(tmp_path / "readings.sqlite")
    with guarded() as address:
        otto = visit(f"{address}/studies")
        otto.get_by_text("This page is for owners of studies: sign in").wait_for()
        sign_in(otto, "Otto")
        otto.get_by_text("Signed in as Otto *Owner*, study owner.").wait_for()
        otto.get_by_role("heading", name="Make a study").wait_for()
        otto.goto(f"{address}/studies?seat={codes['owner']}")
        otto.get_by_text("ann: 0 of 1").wait_for()

        # A code alone opens nothing, and a role alone reads nothing.
        rita = visit(f"{address}/reading?seat={codes['ann']}")
        rita.get_by_text("The reading room is for readers: sign in").wait_for()
        assert rita.get_by_role("heading", level=1).count() == 0
        sign_in(rita, "Rita")
        rita.get_by_text("Signed in as Rita Reader, reader.").wait_for()
        rita.get_by_text("0 of 1 read").wait_for()
        assert rita.evaluate("Object.keys(sessionStorage).filter((k) => /sign/.test(k))") == []
        rita.goto(f"{address}/reading")
        rita.get_by_role("textbox", name="Your code").wait_for()
        rita.goto(f"{address}/reading?seat={codes['ann']}")
        rita.get_by_text("0 of 1 read").wait_for()
        rita.locator(".viewer canvas").first.wait_for()
        for key in ("call_Y", "confidence_4"):  # what is pressed while a page draws may be lost
            rita.locator(f"[class*=st-key-{key}] button").click()
            rita.locator(f"[class*=st-key-{key}] [data-testid=stBaseButton-primary]").wait_for()
        rita.locator("[class*=st-key-lock] button:enabled").click()
        rita.get_by_text("You have read every case").wait_for()
        rita.goto(f"{address}/agreement?seat={codes['owner']}")
        rita.get_by_text("owners of studies, and your account is not one").wait_for()
        assert rita.get_by_role("heading", level=1).count() == 0

        gina = visit(address)
        sign_in(gina, "Gina")
        gina.get_by_text("Signed in as Gina Guest, guest.").wait_for()
        for path, sentence in (("reading", "for readers, and"), ("studies", "owners of studies")):
            gina.goto(f"{address}/{path}?seat={codes['ann']}")
            gina.get_by_text(sentence).wait_for()
            assert gina.get_by_role("heading", level=1).count() == 0
        gina.goto(f"{address}/compare")
        gina.get_by_text("Runs and notes are added by owners of studies.").first.wait_for()

        before = provider.signed_out
        otto.get_by_role("button", name="Sign out").click()
        otto.get_by_text("You are not signed in, which is enough to look around.").wait_for()
        assert provider.signed_out == before + 1
        otto.goto(f"{address}/studies?seat={codes['owner']}")
        otto.get_by_text("This page is for owners of studies: sign in").wait_for()
        log = address.log.read_text(encoding="utf-8")

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("readings.sqlite*"))
    store = Store(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    assert [store.verify(one.id).problems for one in store.studies()] == [()]
    store.dispose()
    for person in PEOPLE.values():
        for word in (person["sub"], person["name"], person["email"]):
            assert word.encode() not in stored
            assert word not in log


def other_key(provider):
    return lambda claims: RSAKey.generate_key(2048, {"kid": "one"})


def changed(provider, **changes):
    def spoil(claims):
        claims.update(changes)
        return provider.key

    return spoil


def test_a_forged_an_expired_and_somebody_elses_token_let_nobody_in(guarded, provider, visit):
    long_ago = int(time.time()) - 3600
    spoilt = {
        "another key": other_key(provider),
        "expired": changed(provider, exp=long_ago, iat=long_ago - 300),
        "for another program": changed(provider, aud="another"),
        "of another sign-in": changed(provider, nonce=secrets.token_hex()),
        "of another provider": changed(provider, iss="https://accounts.example.org"),
    }
    with guarded("require_sign_in = true", traces=True) as address:
        page = visit(address)
        try:
            for kind, spoil in spoilt.items():
                provider.spoil = spoil
                sign_in(page, "Otto")
                page.get_by_text("for people of the department alone").wait_for()
                names = {cookie["name"] for cookie in page.context.cookies()}
                assert "_streamlit_user" not in names, kind
        finally:
            provider.spoil = lambda claims: provider.key
        sign_in(page, "Otto")
        page.get_by_text("Signed in as Otto").wait_for()
        page.get_by_role("heading", level=1).wait_for()

        # The cookie of another sign-in, with one sign of its signature changed.
        cookie = next(one for one in page.context.cookies() if one["name"] == "_streamlit_user")
        last = cookie["value"].rstrip('"')[-1]
        forged = cookie["value"].replace(last, "A" if last != "A" else "B")
        page.context.add_cookies([{**cookie, "value": forged}])
        page.reload()
        page.get_by_text("for people of the department alone").wait_for()
        log = address.log.read_text(encoding="utf-8")
    assert not [word for person in PEOPLE.values() for word in person.values() if str(word) in log]
