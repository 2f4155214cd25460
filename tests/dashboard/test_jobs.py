"""Background jobs: progress, result, place in the queue, stop and failure."""

import threading

import pytest

from dashboard import errors, fair_queue, metrics
from dashboard.fair_queue import FairQueue
from dashboard.jobs import Job, Owner
from pipeline.errors import Cancelled, ImageError


@pytest.fixture
def begin():
    """Begin a job in a queue of the test's own: ``begin(work, key=..., person=...)``."""
    queue = FairQueue(workers=1, most=3, most_of_person=2)
    held = threading.Event()

    def job(work, key="key", person="anna", present=lambda: True) -> Job:
        return Job(key, work, metrics.EXPLANATION, Owner(person, present), queue)

    def hold() -> Job:
        """Begin a job that takes the turn until the test is over, or lets go."""
        begun = threading.Event()

        def work(progress, should_stop):
            begun.set()
            assert held.wait(30)
            return "held"

        first = job(work, person="first")
        assert begun.wait(30)
        return first

    job.hold, job.let_go, job.queue = hold, held.set, queue
    yield job
    held.set()


def finished(job: Job) -> Job:
    assert job.wait(30)
    assert not job.running
    return job


def test_a_job_tells_how_far_it_is_and_hands_over_its_result(begin):
    def work(progress, should_stop):
        progress(0.5)
        return "done"

    job = finished(begin(work))
    assert job.fraction == 0.5
    assert job.outcome == "done"
    assert not job.stopped


def test_a_stopped_job_ends_without_a_result(begin):
    begun = threading.Event()

    def work(progress, should_stop):
        begun.set()
        while not should_stop():
            pass
        raise Cancelled("LIME")

    job = begin(work)
    assert begun.wait(10)
    job.stop()
    assert finished(job).stopped
    assert job.error is None
    with pytest.raises(RuntimeError, match="without a result"):
        _ = job.outcome


def test_a_users_situation_is_kept_for_the_page(begin):
    def work(progress, should_stop):
        raise ImageError("The file is empty.", "Choose it again.")

    assert finished(begin(work)).error.hint == "Choose it again."


def test_what_should_not_happen_has_the_number_that_the_log_has(begin, caplog):
    def work(progress, should_stop):
        raise KeyError("Zwiebel^Philomena")

    job = finished(begin(work))
    with pytest.raises(errors.Broken) as broken:
        _ = job.outcome
    assert f"error {broken.value.number}: KeyError at " in caplog.text
    assert "Zwiebel" not in caplog.text
    assert finished(begin(lambda progress, should_stop: "next")).outcome == "next"


def test_jobs_wait_for_their_turn(begin):
    first = begin.hold()
    second = begin(lambda progress, should_stop: 2)
    assert second.waiting
    assert second.running
    assert second.before == 1
    begin.let_go()
    assert finished(second).outcome == 2
    assert finished(first).outcome == "held"
    assert not second.waiting


def test_a_job_stopped_before_its_turn_leaves_the_queue_at_once(begin):
    begin.hold()
    ran = []
    second = begin(lambda progress, should_stop: ran.append(2))
    third = begin(lambda progress, should_stop: ran.append(3), person="cleo")
    assert third.before == 2
    second.stop()
    assert not second.running
    assert second.stopped
    assert third.before == 1
    begin.let_go()
    finished(third)
    assert ran == [3]


def test_a_job_of_a_page_that_was_closed_never_begins(begin, monkeypatch):
    monkeypatch.setattr(fair_queue, "ABSENCE_SECONDS", 0.0)
    begin.hold()
    ran = []
    away = begin(lambda progress, should_stop: ran.append(1), present=lambda: False)
    other = begin(lambda progress, should_stop: 2, person="cleo")
    assert other.before == 1, "the place was given back"
    assert away.stopped
    assert not away.running
    begin.let_go()
    assert finished(other).outcome == 2
    assert ran == []


def test_a_running_job_stops_when_its_page_has_been_closed(begin, monkeypatch):
    monkeypatch.setattr(fair_queue, "ABSENCE_SECONDS", 0.0)
    begun, closed = threading.Event(), threading.Event()

    def work(progress, should_stop):
        begun.set()
        while not should_stop():
            pass
        raise Cancelled("LIME")

    job = begin(work, present=lambda: not closed.is_set())
    assert begun.wait(10)
    assert job.running
    closed.set()
    assert finished(job).stopped


def test_beyond_the_limits_one_sentence_says_what_to_do(begin):
    begin.hold()
    for person in ("anna", "anna"):
        begin(lambda progress, should_stop: None, person=person)
    refused = begin(lambda progress, should_stop: None, person="anna")
    assert refused.refused
    assert not refused.running
    assert refused.error.message.startswith("You have 2 calculations waiting already")
    assert "Stop one of them" in refused.error.hint
    begin(lambda progress, should_stop: None, person="ben")
    of_all = begin(lambda progress, should_stop: None, person="cleo")
    assert of_all.error.message == "3 calculations are waiting on this server already."
    assert of_all.error.hint.startswith("Try again in ")


def test_a_job_that_has_ended_holds_nothing_of_its_work(begin):
    class Picture:
        pass

    import gc
    import weakref

    picture = Picture()
    kept = weakref.ref(picture)
    done = finished(begin(lambda progress, should_stop, held=picture: bool(held)))
    begin.hold()
    waits = begin(lambda progress, should_stop, held=picture: bool(held))
    waits.stop()
    del picture
    gc.collect()
    assert kept() is None
    assert done.outcome is True
