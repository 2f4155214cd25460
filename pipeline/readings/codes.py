"""Who may enter a study: pseudonyms, and codes that are shown once and stored only as hashes."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from pipeline.errors import StoreError
from pipeline.readings.trail import OWNER

LONGEST_PSEUDONYM = 40
# Crockford's base 32 has no I, L, O and U: what is typed for them is read as what it looks like.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE = str.maketrans("ILO", "110")
# 80 bits: too many to be guessed, so a plain hash without salt keeps them secret.
_GROUPS, _GROUP = 4, 4
_CODE = re.compile(f"[{_ALPHABET}]{{{_GROUPS * _GROUP}}}")
_SELECTOR = 16
_MAIL = re.compile(r"\S@\S")


def new_code() -> str:
    """Return a random code such as ``7KQ2-M0ZV-XT4H-9RBD``."""
    signs = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(signs[i : i + _GROUP]) for i in range(0, len(signs), _GROUP))


def hashed(code: str) -> tuple[str, str]:
    """Return the code's selector, by which its row is found, and its verifier.

    Only the verifier is a secret; it is compared in constant time (`agrees`). Code that is typed
    in small letters, without its hyphens or with look-alikes is the same.

    Raises
    ------
    StoreError : for what cannot be a code.
    """
    signs = re.sub(r"[\s\-–−]", "", code).upper().translate(_LOOK_ALIKE)
    if not _CODE.fullmatch(signs):
        raise unknown_code()
    digest = hashlib.sha256(signs.encode()).hexdigest()
    return digest[:_SELECTOR], digest[_SELECTOR:]


def agrees(verifier: str, stored: str) -> bool:
    return hmac.compare_digest(verifier, stored)


def unknown_code() -> StoreError:
    return StoreError(
        "No study has this code.",
        "Check each sign, or ask whoever made the study for a new code.",
    )


def checked_pseudonyms(names: Iterable[str]) -> tuple[str, ...]:
    """Return readers' pseudonyms without spaces around them.

    Raises
    ------
    StoreError : if there is none, or one is unusable, taken twice or an e-mail address.
    """
    checked = tuple(checked_pseudonym(name) for name in names)
    if not checked:
        raise StoreError("A study needs at least one reader.", "Name readers by pseudonyms.")
    folded = [name.casefold() for name in checked]
    if len(set(folded)) < len(folded):
        raise StoreError("Two readers have the same pseudonym.", "Give each one of their own.")
    if OWNER in folded:
        raise StoreError(
            f"No reader can be called {OWNER!r}: that is whoever made the study.",
            "Choose another pseudonym.",
        )
    return checked


def checked_pseudonym(name: str) -> str:
    """Return one pseudonym, of a reader or a patient.

    Raises
    ------
    StoreError : if it cannot be one.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_PSEUDONYM or not name.isprintable():
        raise StoreError(
            "A pseudonym is empty, too long or has signs that cannot be shown.",
            f"Use 1 to {LONGEST_PSEUDONYM} letters, digits or signs.",
        )
    if _MAIL.search(name):
        raise StoreError(
            "A pseudonym looks like an e-mail address.",
            "Use a name that tells nobody who it is, such as R1.",
        )
    return name
