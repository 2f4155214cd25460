"""Codes are secrets that people can type, and pseudonyms name nobody."""

import pytest

from pipeline.errors import StoreError
from pipeline.readings import codes


def test_codes_are_long_random_and_easy_to_type():
    made = {codes.new_code() for _ in range(1000)}
    assert len(made) == 1000
    for code in made:
        assert [len(group) for group in code.split("-")] == [4] * 4
        assert not set("ILOU") & set(code)
    signs = "".join(made).replace("-", "")
    counts = [signs.count(sign) for sign in set(signs)]
    assert len(counts) == 32  # 16 signs of 32: 80 bits
    assert min(counts) > 380  # 500 on average, a standard deviation of 22
    assert max(counts) < 620


@pytest.mark.parametrize(
    "typed",
    ["0A1B-2C3D-4E5F-6G7H", "0a1b2c3d4e5f6g7h", " OAIB–2C3D 4E5F−6G7H\n", "oalb-2c3d-4e5f-6g7h"],
)
def test_a_code_may_be_typed_carelessly(typed):
    assert codes.hashed(typed) == codes.hashed("0A1B-2C3D-4E5F-6G7H")


def test_a_hash_does_not_tell_the_code():
    selector, verifier = codes.hashed("0A1B-2C3D-4E5F-6G7H")
    assert (len(selector), len(verifier)) == (16, 48)
    other = codes.hashed("0A1B-2C3D-4E5F-6G7J")
    assert other[0] != selector
    assert codes.agrees(verifier, verifier)
    assert not codes.agrees(verifier, other[1])


@pytest.mark.parametrize("name", ["R1", "Leserin 2", "Žoë", "x" * 40, "J. D.", "@home"])
def test_names_that_can_be_pseudonyms(name):
    assert codes.checked_pseudonyms([f" {name} "]) == (name,)


def test_a_mail_address_is_no_pseudonym():
    with pytest.raises(StoreError, match="e-mail"):
        codes.checked_pseudonyms(["R1", "jane@hospital.org"])
