"""Background jobs: progress, result, stop and failure."""

import threading

import pytest

from dashboard.jobs import Job
from pipeline.errors import Cancelled, ImageError


def finished(job: Job) -> Job:
    job._thread.join(10)
    assert not job.running
    return job


def test_a_job_tells_how_far_it_is_and_hands_over_its_result():
    def work(progress, should_stop):
        progress(0.5)
        return "done"

    job = finished(Job("key", work))
    assert job.fraction == 0.5
    assert job.outcome == "done"
    assert not job.stopped


def test_a_stopped_job_ends_without_a_result():
    begun = threading.Event()

    def work(progress, should_stop):
        begun.set()
        while not should_stop():
            pass
        raise Cancelled("LIME")

    job = Job("key", work)
    assert begun.wait(10)
    job.stop()
    assert finished(job).stopped
    assert job.error is None
    with pytest.raises(RuntimeError, match="without a result"):
        _ = job.outcome


def test_a_users_situation_is_kept_for_the_page():
    def work(progress, should_stop):
        raise ImageError("The file is empty.", "Choose it again.")

    assert finished(Job("key", work)).error.hint == "Choose it again."


def test_jobs_wait_for_their_turn():
    go = threading.Event()
    first = Job("first", lambda progress, should_stop: go.wait(10))
    while first.waiting:
        pass
    second = Job("second", lambda progress, should_stop: 2)
    assert second.waiting
    go.set()
    assert finished(second).outcome == 2
    assert finished(first).outcome is True


def test_a_job_stopped_before_its_turn_never_begins():
    go = threading.Event()
    first = Job("first", lambda progress, should_stop: go.wait(10))
    while first.waiting:
        pass
    ran = []
    second = Job("second", lambda progress, should_stop: ran.append(1))
    second.stop()
    go.set()
    finished(first)
    finished(second)
    assert ran == []
