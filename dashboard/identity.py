"""Who has signed in, and what they may open. The only file that asks Streamlit for either.

Off unless Streamlit's ``secrets.toml`` has a section ``[auth]``: then everybody may open
everything, and the codes of studies alone decide. On, an account's role opens a page; whom it reads
as in a study is still told by the code of a seat. So neither the provider of accounts nor the
database of the readings ever learns who reads under which pseudonym.

Whatever is wrong in that file closes all pages instead of opening them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from pathlib import Path
from typing import Any

import streamlit as st

from pipeline.errors import PipelineError


class Role(IntEnum):
    """What somebody may do; each includes those before it."""

    GUEST = 0
    READER = 1
    OWNER = 2


# By the path of its address. Whatever is forgotten here is for owners alone.
PAGES = {
    "": Role.GUEST,
    "tour": Role.GUEST,
    "compare": Role.GUEST,
    "performance": Role.GUEST,
    "errors": Role.GUEST,
    "data": Role.GUEST,
    "about": Role.GUEST,
    "reading": Role.READER,
    "studies": Role.OWNER,
    "agreement": Role.OWNER,
}

PROVIDER_SETTINGS = (
    "redirect_uri",
    "cookie_secret",
    "client_id",
    "client_secret",
    "server_metadata_url",
)
# Whoever guesses the secret signs in as anybody.
_SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Rules:
    """The section ``[roles]`` of ``secrets.toml``.

    Attributes
    ----------
    require_sign_in : whether those who have not signed in see nothing.
    hours : how long a sign-in counts.
    claim : of the identity token, which lists an account's groups; a dot leads into a table.
    owner_groups, reader_groups : values of that claim.
    owners, readers : people, by subject or by an e-mail address that the provider has verified.
    """

    require_sign_in: bool = False
    hours: float = 12
    claim: str = "groups"
    owner_groups: tuple[str, ...] = ()
    reader_groups: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Rules:
        """Check what stands in the file.

        Raises
        ------
        PipelineError : for a word that is not known, or a value of the wrong kind.
        """
        known = {field.name: field.default for field in fields(cls)}
        for name, value in section.items():
            if name not in known or not _is_like(value, known[name]):
                raise PipelineError(
                    f"secrets.toml says something of [roles] that cannot be used: {name}.",
                    "All pages are closed until it is mended; dashboard/deploy/README.md lists "
                    "what may stand there.",
                )
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in section.items()})

    def role(self, claims: Mapping[str, Any]) -> Role:
        """Return what an account may do, by the claims of its identity token."""
        groups, names = _groups(claims, self.claim), _names(claims)
        if groups & set(self.owner_groups) or names & _folded(self.owners):
            return Role.OWNER
        if groups & set(self.reader_groups) or names & _folded(self.readers):
            return Role.READER
        return Role.GUEST

    def ended(self, claims: Mapping[str, Any], now: float) -> bool:
        """Whether a sign-in is too old at `now`, in seconds since 1970, or tells no age."""
        issued = claims.get("iat")
        if isinstance(issued, bool) or not isinstance(issued, int | float):
            return True
        return not now - 3600 * self.hours < issued


@dataclass(frozen=True)
class Visitor:
    """Whoever is at the other end of this session.

    Attributes
    ----------
    name : as the provider has it, to be shown to nobody else; "" if not signed in.
    sign_in : whether one can sign in here at all.
    ended : whether the sign-in is too old to count.
    must_sign_in : whether nothing is shown before.
    """

    role: Role
    name: str = ""
    sign_in: bool = False
    ended: bool = False
    must_sign_in: bool = False

    def may(self, role: Role) -> bool:
        """Whether they may do what takes this role."""
        return not self.must_sign_in and self.role >= role


def visitor() -> Visitor:
    """Return who is here.

    Raises
    ------
    PipelineError : if ``secrets.toml`` is there and cannot be used.
    """
    sections = _sections()
    if "auth" not in sections:
        return Visitor(Role.OWNER)
    return judged(Rules.read(sections.get("roles", {})), st.user.to_dict(), time.time())


def judged(rules: Rules, claims: Mapping[str, Any], now: float) -> Visitor:
    """Return who shows these claims at `now`; without ``is_logged_in`` nobody in particular."""
    signed_in = claims.get("is_logged_in") is True and isinstance(claims.get("sub"), str)
    ended = signed_in and rules.ended(claims, now)
    if not signed_in or ended:
        return Visitor(Role.GUEST, "", True, ended, rules.require_sign_in)
    told = (claims.get(name) for name in ("name", "preferred_username", "email", "sub"))
    name = next(one for one in told if isinstance(one, str) and one)
    return Visitor(rules.role(claims), name, True)


def sign_in() -> None:
    """Send the browser to the provider of accounts."""
    st.login()


def sign_out() -> None:
    """Forget who it was, here and at the provider, if that can be asked to."""
    st.logout()


def _sections() -> Mapping[str, Any]:
    """Return what ``secrets.toml`` says; nothing if there is none and none was asked for."""
    if not st.secrets.load_if_toml_exists():
        named = st.config.is_manually_set("secrets.files")
        if named or any(Path(one).exists() for one in st.config.get_option("secrets.files")):
            raise PipelineError(
                "secrets.toml cannot be read.",
                "All pages are closed until it can: check that it is there, that this program may "
                "read it, and that it is TOML.",
            )
        return {}
    sections = st.secrets.to_dict()
    if "auth" in sections:
        _check(sections["auth"])
    elif "roles" in sections:
        raise PipelineError(
            "secrets.toml gives roles, but has no section [auth] to sign in by.",
            "All pages are closed until it has, or until [roles] is taken out.",
        )
    return sections


def _check(section: Any) -> None:
    given = section if isinstance(section, Mapping) else {}
    if missing := [name for name in PROVIDER_SETTINGS if not isinstance(given.get(name), str)]:
        raise PipelineError(
            f"secrets.toml lacks {', '.join(missing)} in its section [auth].",
            "All pages are closed until nothing is missing.",
        )
    if len(given["cookie_secret"]) < _SHORTEST_SECRET:
        raise PipelineError(
            f"The cookie_secret in secrets.toml has fewer than {_SHORTEST_SECRET} signs.",
            "All pages are closed until it is longer: `openssl rand -hex 32` makes one.",
        )


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
    return isinstance(value, str) and bool(value)


def _groups(claims: Mapping[str, Any], claim: str) -> set[str]:
    value: Any = claims
    if claim in claims:  # some providers name claims by an address, which has dots of its own
        value = claims[claim]
    else:
        for part in claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return {value}
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()


def _names(claims: Mapping[str, Any]) -> set[str]:
    """Return by what an account can be meant in a list of people."""
    names = {claims["sub"]}
    # An address that nobody has verified may be anybody's.
    if claims.get("email_verified") is True and isinstance(claims.get("email"), str):
        names.add(claims["email"].casefold())
    return names


def _folded(people: tuple[str, ...]) -> set[str]:
    """Return the people of a list, addresses without regard to capitals."""
    return {one.casefold() if "@" in one else one for one in people}
