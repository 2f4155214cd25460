"""Coverage-guided fuzzing of one reader: what every program in this folder shares.

    python tests/fuzzing/fuzz_images.py -runs=200000

The seeds are drawn by the program and nothing of a patient is in them. A run ends with libFuzzer's
figures (executions, executions a second, peak memory), or at the first input that raises anything
but a sentence for the user, takes longer than 5 seconds, or brings the process over 1 GiB; that
input is then kept in the folder named. All options of libFuzzer can be given; those here are
defaults. It needs Linux or macOS and Atheris, which the test suite does without:

    pip install "atheris>=3,<4"

`test_replay.py` shows every reader a few hundred of the same inputs, drawn by a seed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

# This folder is where Python finds the programs' own modules; the project lies two above it.
sys.path.append(str(Path(__file__).resolve().parents[2]))

Mutator = Callable[[bytes, random.Random], bytes]
Reader = Callable[[bytes], object]

DEFAULTS = {
    "timeout": 5,
    "rss_limit_mb": 1024,
    "max_len": 65_536,
    "mutate_depth": 2,
    "print_final_stats": 1,
}
# How often a seed is changed once and not what came of it before: most of that is refused at its
# first bytes. How often the mutator that knows the format is asked, and not libFuzzer's own.
AFRESH, STRUCTURED = 0.3, 0.7
_TOLD_EVERY = 10_000


def watched(is_program: bool) -> AbstractContextManager:
    """Return a context in which imported modules of the project tell what of them was run."""
    if not is_program:
        return nullcontext()
    import atheris

    return atheris.instrument_imports(include=["pipeline", "dashboard"])


def run(seeds: Iterable[bytes], mutate: Mutator, read: Reader, refusals: type[Exception]) -> None:
    """Fuzz `read` until the executions asked for are done, or it fails.

    Parameters
    ----------
    mutate : changes an input in the ways of its format.
    read : the reader; may return or raise `refusals`, nothing else.
    """
    import atheris

    told, seeds = Counter(), list(seeds)
    warnings.simplefilter("error")  # it may quote what it is about

    def one(data: bytes) -> None:
        try:
            read(data)
            told["read"] += 1
        except refusals as refused:
            told[" ".join(str(refused).split()[:4])] += 1
        if not told.total() % _TOLD_EVERY:
            print(told.total(), dict(told.most_common(12)), file=sys.stderr, flush=True)

    def changed(data: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < AFRESH:
            return mutate(dice.choice(seeds), dice)[:most]
        if data and dice.random() < STRUCTURED:
            return mutate(data, dice)[:most]
        return atheris.Mutate(data, most)

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            Path(corpus, f"seed{number}").write_bytes(seed)
        found = tempfile.mkdtemp(prefix="found-")
        print(f"What fails is kept in {found}.", file=sys.stderr)
        options = {name: value for name, value in DEFAULTS.items() if not _is_given(name)}
        arguments = [f"-{name}={value}" for name, value in options.items()]
        arguments += [f"-artifact_prefix={found}/", *sys.argv[1:], corpus]
        atheris.Setup([sys.argv[0], *arguments], one, custom_mutator=changed)
        atheris.Fuzz()


def _is_given(name: str) -> bool:
    return any(argument.startswith(f"-{name}=") for argument in sys.argv)
