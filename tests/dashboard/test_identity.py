"""Who may open what: the rules alone, and every page under them."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.identity import PAGES, Role, Rules, judged
from dashboard.wording import signing_in as told
from pipeline.errors import PipelineError

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
NOW = 1_800_000_000
RULES = Rules.read(
    {
        "owner_groups": ["xray-owners"],
        "reader_groups": ["xray-readers"],
        "owners": ["Chief@Example.org"],
        "readers": ["subject-7", "rita@example.org"],
    }
)


def claims(**more) -> dict:
    return {"is_logged_in": True, "iss": "https://a", "sub": "subject-1", "iat": NOW - 60, **more}


@pytest.mark.parametrize(
    ("more", "role"),
    [
        ({}, Role.GUEST),
        ({"groups": ["xray-readers"]}, Role.READER),
        ({"groups": "xray-owners"}, Role.OWNER),
        ({"groups": ["xray-readers", "xray-owners"]}, Role.OWNER),
        ({"groups": {"xray-owners": True}}, Role.GUEST),
        ({"groups": [["xray-owners"], 3, None]}, Role.GUEST),
        ({"groups": "xray-owners,staff"}, Role.GUEST),
        ({"roles": ["xray-owners"]}, Role.GUEST),
        ({"sub": "subject-7"}, Role.READER),
        ({"sub": "Subject-7"}, Role.GUEST),
        ({"email": "RITA@example.org", "email_verified": True}, Role.READER),
        ({"email": "chief@example.org", "email_verified": True}, Role.OWNER),
        ({"email": "rita@example.org"}, Role.GUEST),
        ({"email": "rita@example.org", "email_verified": "true"}, Role.GUEST),
        ({"email": "rita@example.org", "email_verified": False}, Role.GUEST),
        ({"name": "rita@example.org", "preferred_username": "subject-7"}, Role.GUEST),
    ],
)
def test_a_role_follows_from_the_claims_that_the_provider_answers_for(more, role):
    assert judged(RULES, claims(**more), NOW).role == role


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("roles", {"roles": ["a"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}),
        ("https://example.org/roles", {"https://example.org/roles": ["a"]}),
    ],
)
def test_the_claim_of_the_groups_has_the_name_that_the_file_gives(claim, given):
    rules = Rules.read({"claim": claim, "owner_groups": ["a"]})
    assert rules.role(claims(**given)) == Role.OWNER
    assert rules.role(claims(realm_access="a", groups=["a"])) == Role.GUEST


@pytest.mark.parametrize(
    "issued", [NOW - 12 * 3600, NOW - 10**9, None, "now", True, float("nan"), float("-inf")]
)
def test_a_sign_in_that_is_too_old_or_of_unknown_age_does_not_count(issued):
    here = judged(RULES, claims(groups=["xray-owners"], iat=issued), NOW)
    assert here.ended
    assert here.name == ""
    assert not here.may(Role.READER)
    assert here.may(Role.GUEST)


def test_nobody_in_particular_is_a_guest_unless_signing_in_is_required():
    for shown in ({}, {"is_logged_in": False, "sub": "subject-7"}, {"is_logged_in": True}):
        assert judged(RULES, shown, NOW).may(Role.GUEST)
        assert not judged(RULES, shown, NOW).may(Role.READER)
    closed = Rules.read({"require_sign_in": True})
    assert not judged(closed, {}, NOW).may(Role.GUEST)
    assert not judged(closed, claims(iat=0), NOW).may(Role.GUEST)
    assert judged(closed, claims(), NOW).may(Role.GUEST)


@pytest.mark.parametrize(
    "section",
    [
        {"require_signin": True},
        {"require_sign_in": "yes"},
        {"owners": "everybody"},
        {"owners": [""]},
        {"readers": [1]},
        {"hours": 0},
        {"hours": True},
        {"claim": ""},
        {"claim": ["groups"]},
    ],
)
def test_what_the_file_says_amiss_is_not_guessed_at(section):
    with pytest.raises(PipelineError, match=next(iter(section))):
        Rules.read(section)


AUTH = {
    "redirect_uri": "https://xray.example.org/oauth2callback",
    "cookie_secret": "0123456789abcdef" * 4,
    "client_id": "dashboard",
    "client_secret": "secret",
    "server_metadata_url": "https://accounts.example.org/.well-known/openid-configuration",
}
GROUPS = {"owner_groups": ["owners"], "reader_groups": ["readers"]}


def opened(page: str, secrets: dict, user: dict) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.secrets, app.user = secrets, user
    app.run()
    return app.switch_page(page).run() if page else app


def who(group: str | None) -> dict:
    groups = {} if group is None else {"groups": [group]}
    return {**claims(**groups), "iat": time.time(), "name": "Jo [x](http://a)"}


@pytest.mark.parametrize("page", ["views/reading.py", "views/studies.py", "views/agreement.py"])
@pytest.mark.parametrize("group", [None, "readers", "owners"])
def test_a_page_opens_for_its_role_and_tells_others_what_it_takes(page, group):
    app = opened(page, {"auth": AUTH, "roles": GROUPS}, who(group))
    assert not app.exception
    may = group == "owners" or (group == "readers" and page == "views/reading.py")
    titles = [one.value for one in app.title]
    assert bool(titles) == may
    told_off = [one.value for one in app.info if "your account is not one" in one.value]
    assert bool(told_off) != may
    assert app.button(key="sign_out")
    assert any("Jo \\[x\\]" in one.value for one in app.caption)


def test_whoever_has_not_signed_in_is_offered_to_and_may_look_around():
    secrets = {"auth": AUTH, "roles": GROUPS}
    app = opened("views/reading.py", secrets, {"is_logged_in": False})
    assert [one.value for one in app.title] == []
    assert app.info[0].value == told.NEEDED["reader"]
    assert app.button(key="sign_in")
    app = opened("views/compare.py", secrets, {"is_logged_in": False})
    assert app.title[0].value == "Compare training"
    assert any(told.CHANGES in one.value for one in app.caption)
    assert not app.get("file_uploader")
    owner = opened("views/compare.py", secrets, who("owners"))
    assert owner.get("file_uploader")


def test_all_pages_are_closed_where_signing_in_is_required():
    secrets = {"auth": AUTH, "roles": GROUPS | {"require_sign_in": True}}
    app = opened("", secrets, {"is_logged_in": False})
    for page in ("views/about.py", "views/studies.py", "views/compare.py"):
        app.switch_page(page).run()
        assert not app.exception
        assert [one.value for one in app.title] == []
        assert app.info[0].value == told.MUST
    assert opened("views/about.py", secrets, who(None)).title[0].value == "About"


@pytest.mark.parametrize(
    ("secrets", "sentence"),
    [
        ({"roles": GROUPS}, "no section [auth]"),
        ({"auth": AUTH, "roles": {"reader": ["a"]}}, "[roles] that cannot be used: reader"),
        ({"auth": {**AUTH, "client_id": None}}, "lacks client_id"),
        ({"auth": {**AUTH, "cookie_secret": "short"}}, "fewer than 32"),
        ({"auth": "on"}, "lacks redirect_uri"),
    ],
)
def test_a_file_that_cannot_be_used_closes_every_page(secrets, sentence):
    app = opened("", secrets, who("owners"))
    for page in ("views/about.py", "views/reading.py"):
        app.switch_page(page).run()
        assert sentence in app.error[0].value.replace("\\", "")  # which keep Markdown away
        assert [one.value for one in app.title] == []


@pytest.mark.parametrize("named", [True, False])
def test_a_file_that_is_no_toml_closes_every_page(tmp_path, monkeypatch, named):
    import streamlit as st
    from streamlit.runtime.secrets import Secrets

    path = tmp_path / "secrets.toml"
    path.write_text("[auth\n")
    monkeypatch.setattr(st, "secrets", Secrets())
    options = {"secrets.files": [str(path if not named else tmp_path / "gone.toml")]}
    real = st.config.get_option
    monkeypatch.setattr(st.config, "get_option", lambda name: options.get(name) or real(name))
    monkeypatch.setattr(st.config, "is_manually_set", lambda name: named)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert "secrets.toml cannot be read" in app.error[0].value
    assert [one.value for one in app.title] == []


def test_without_a_file_everything_is_open_and_nothing_is_said_of_signing_in():
    app = AppTest.from_file(str(APP), default_timeout=60).run().switch_page("views/studies.py")
    app.run()
    assert app.title[0].value == "Studies"
    assert not [one for one in app.button if one.key in ("sign_in", "sign_out")]


def test_every_page_has_its_role():
    paths = set()
    for line in APP.read_text().splitlines():
        if "st.Page(" in line or '"views/' in line:
            found = line.partition('"views/')[2].partition(".py")[0]
            named = line.partition('url_path="')[2].partition('"')[0]
            paths |= {named or found} if found else set()
    assert {"" if path == "read" else path for path in paths} == set(PAGES)


def test_a_person_is_a_hash_of_the_account_and_else_of_the_session():
    def script():
        import streamlit as st

        from dashboard import state

        st.text(state.person())

    def person(user: dict) -> str:
        app = AppTest.from_function(script)
        app.user = user
        return app.run().text[0].value

    one = person(who("owners"))
    assert one == person(who(None))
    assert one != person({**who(None), "sub": "subject-2"})
    assert one != person({**who(None), "iss": "https://b"})
    assert "subject" not in one
    assert len(one) == len(person({})) == 64
    assert one != person({**who(None), "is_logged_in": False})
