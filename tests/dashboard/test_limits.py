"""What one person may ask for: buckets that fill again, and sentences that say when."""

import ast
import itertools
import re

import pytest

from dashboard import limits, metrics
from dashboard.limits import IMPORTS, STUDIES, UPLOADS, Buckets, LimitReached
from pipeline.config import REPOSITORY
from pipeline.errors import PipelineError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_full_bucket_allows_so_many_at_once_and_then_one_after_the_other(clock, monkeypatch):
    monkeypatch.setenv(UPLOADS.variable, "3")
    buckets = Buckets(clock)
    for _ in range(3):
        buckets.take(UPLOADS, "anna")
    with pytest.raises(LimitReached) as reached:
        buckets.take(UPLOADS, "anna")
    assert "more than 3 pictures uploaded in one minute" in reached.value.message
    assert reached.value.hint == "Try again in 20 s."
    clock.now += 19.9
    with pytest.raises(LimitReached, match=r"Try again in 1 s\."):
        buckets.take(UPLOADS, "anna")
    clock.now += 0.2
    buckets.take(UPLOADS, "anna")


def test_another_person_and_another_limit_have_buckets_of_their_own(clock, monkeypatch):
    monkeypatch.setenv(UPLOADS.variable, "1")
    buckets = Buckets(clock)
    buckets.take(UPLOADS, "anna")
    buckets.take(UPLOADS, "ben")
    buckets.take(STUDIES, "anna")
    buckets.take(IMPORTS, "anna")
    with pytest.raises(LimitReached):
        buckets.take(UPLOADS, "anna")


def test_a_bucket_never_holds_more_than_it_holds(clock, monkeypatch):
    monkeypatch.setenv(STUDIES.variable, "2")
    buckets = Buckets(clock)
    buckets.take(STUDIES, "anna")
    clock.now += 1_000_000
    buckets.take(STUDIES, "anna")
    buckets.take(STUDIES, "anna")
    with pytest.raises(LimitReached, match="Try again in 30 min"):
        buckets.take(STUDIES, "anna")


def test_only_so_many_persons_are_kept(clock, monkeypatch):
    monkeypatch.setattr(limits, "_PERSONS", 10)
    buckets = Buckets(clock)
    for number in range(100):
        buckets.take(UPLOADS, str(number))
    assert len(buckets._left) == 10


def test_a_refusal_is_counted(clock, monkeypatch):
    monkeypatch.setenv(IMPORTS.variable, "1")
    buckets = Buckets(clock)
    buckets.take(IMPORTS, "anna")

    def counted() -> float:
        told = {"limit": metrics.IMPORTS}
        return metrics.registry.get_sample_value("xray_limit_refusals_total", told) or 0.0

    before = counted()
    with pytest.raises(LimitReached):
        buckets.take(IMPORTS, "anna")
    assert counted() == before + 1


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5", "٣", "9" * 30])
def test_a_limit_that_is_no_number_is_named(monkeypatch, wrong):
    monkeypatch.setenv("XRAY_UPLOADED_MB", wrong)
    with pytest.raises(PipelineError, match="XRAY_UPLOADED_MB is not a whole number above 0"):
        limits.number("XRAY_UPLOADED_MB", 4096)


@pytest.mark.parametrize("unset", ["", "  "])
def test_without_a_number_the_default_holds(monkeypatch, unset):
    monkeypatch.setenv("XRAY_UPLOADED_MB", unset)
    assert limits.number("XRAY_UPLOADED_MB", 4096) == 4096


def defaults() -> dict[str, int]:
    """Return every limit that the code asks the environment for, with what holds without it."""
    found = {}
    for path in (REPOSITORY / "dashboard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = [one.value for one in node.args if isinstance(one, ast.Constant)]
                for name, value in itertools.pairwise(given):
                    if str(name).startswith("XRAY_"):
                        found[name] = value
    return found


def test_the_readme_names_every_limit_and_its_default():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(XRAY_\w+)` \| (\d+) \|", readme, flags=re.MULTILINE))
    found = {name: str(value) for name, value in defaults().items()}
    del found["XRAY_OPERATIONS_PORT"]  # without it there is no port
    assert len(found) == 8
    assert told == found
