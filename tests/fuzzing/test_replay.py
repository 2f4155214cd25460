"""A few hundred of each program's inputs, drawn by a seed: without Atheris, in every test run."""

import importlib
import random
import resource
import sys
from collections import Counter
from pathlib import Path

import pytest

# Inputs, and how many of them at least must be read, and refused: both ways must be walked, or the
# mutations test nothing.
READERS = {
    "fuzz_images": (3_000, 150, 700),
    "fuzz_dicom": (4_000, 400, 1_000),
    "fuzz_dicom_apart": (40, 1, 5),
    "fuzz_imports": (120, 60, 0),
    "fuzz_tables": (800, 100, 100),
    "fuzz_messages": (3_000, 3_000, 0),
}
# What the process may grow by: the pictures that are accepted are small.
LARGEST_GROWTH = 600_000_000


@pytest.mark.parametrize("name", READERS)
def test_inputs_drawn_by_a_seed_are_read_or_refused_with_a_sentence(name, monkeypatch):
    program = importlib.import_module(name)
    if name == "fuzz_dicom":
        monkeypatch.setattr(program.samples, "decode_apart", program.stand_in)
    count, least_read, least_refused = READERS[name]
    seeds, told, before = program.seeds(), Counter(), peak_bytes()
    sentences = set()
    for number in range(count):
        dice = random.Random(number)
        data = program.mutate(dice.choice(seeds), dice)
        try:
            program.read(data)
            told["read"] += 1
        except program.REFUSALS as refused:
            sentences |= {refused.message, refused.hint}
            told["refused"] += 1
    assert all(sentence.endswith(".") for sentence in sentences)
    assert told["read"] >= least_read
    assert told["refused"] >= least_refused
    assert peak_bytes() - before < LARGEST_GROWTH


@pytest.mark.parametrize("name", READERS)
def test_seeds_are_read(name):
    program = importlib.import_module(name)
    for seed in program.seeds():
        program.read(seed)


def test_every_program_is_replayed():
    assert {path.stem for path in Path(__file__).parent.glob("fuzz_*.py")} == READERS.keys()


def peak_bytes() -> int:
    """Largest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
