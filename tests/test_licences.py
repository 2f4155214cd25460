"""Nothing that must be installed is under a licence that would reach this project's own code."""

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from pipeline.config import REPOSITORY

# What a distribution may say of its licence, in any of the places where it may say it.
ALLOWED = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|PSFL|Python Software Foundation|Python-2\.0|MPL|Mozilla|Zlib|ZPL|"
    r"HPND|CMU|CC0|CC-BY|Unlicense|Public Domain|0BSD|LGPL|Lesser|Boost|CNRI)",
    re.IGNORECASE,
)
REACHING = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
# Where a licence is told only in a file; looked up there.
BY_HAND = {"namex": "Apache-2.0"}


def told(distribution: metadata.Distribution) -> str:
    """Return all that a distribution's metadata says of its licence."""
    about = distribution.metadata
    said = [about.get("License-Expression", ""), (about.get("License") or "")[:200]]
    said += [one for one in about.get_all("Classifier") or () if one.startswith("License ::")]
    return " ".join(said).strip() or BY_HAND.get(about["Name"].lower(), "")


def required() -> dict[str, metadata.Distribution]:
    """Return what ``requirements.txt`` installs here, with what that needs."""
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    waiting = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found: dict[str, metadata.Distribution] = {}
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if wanted.marker and not any(
            wanted.marker.evaluate({"extra": extra}) for extra in ("", "binary")
        ):
            continue
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(wanted.name)
        except metadata.PackageNotFoundError:  # of another platform, or of an extra
            continue
        waiting += [Requirement(line) for line in found[name].requires or ()]
    return found


def test_every_distribution_says_a_licence_that_is_allowed():
    found = {name: told(one) for name, one in required().items()}
    assert len(found) > 60
    assert {name: said for name, said in found.items() if not ALLOWED.search(said)} == {}


def test_none_is_under_the_gpl():
    found = {name: told(one) for name, one in required().items()}
    assert {name: said for name, said in found.items() if REACHING.search(said)} == {}


@pytest.mark.parametrize(
    ("said", "reaches"),
    [
        ("GPL-3.0-only", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3", False),
        ("MIT", False),
    ],
)
def test_the_rule_would_notice(said, reaches):
    assert bool(REACHING.search(said)) is reaches
