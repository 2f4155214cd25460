"""Whose turn it is: first come, first served, fair between persons, and nobody waits for ghosts."""

import threading

import pytest

from dashboard import fair_queue
from dashboard.fair_queue import ENDED, RUNNING, WAITING, FairQueue, QueueFull


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Ward:
    """A queue whose jobs end when the test lets them."""

    def __init__(self, **settings):
        self.clock = Clock()
        self.queue = FairQueue(
            **{"workers": 1, "most": 100, "most_of_person": 100, **settings}, clock=self.clock
        )
        self.began, self.gone, self.go = [], [], {}
        self.present, self.places = {}, {}
        self._changed = threading.Condition()

    def enter(self, name: str, kind: str = "lime", left: float | None = None):
        """Enter a job called by its person and a number, such as ``anna 1``."""
        self.go[name], person = threading.Event(), name.split()[0]

        def work(place) -> bool:
            with self._changed:
                self.began.append(name)
                self._changed.notify_all()
            assert self.go[name].wait(30)
            return True

        self.places[name] = self.queue.enter(
            person,
            kind,
            work,
            gone=lambda: self.gone.append(name),
            present=lambda: self.present.get(person, True),
            seconds_to_go=lambda: left,
        )
        return self.places[name]

    def wait_until_begun(self, *names: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.began == list(names), 30), self.began

    def finish(self, name: str) -> None:
        self.go[name].set()

    def before(self, *names: str) -> list[int]:
        return [self.queue.before(self.places[name]) for name in names]


@pytest.fixture
def ward():
    made = []

    def make(**settings) -> Ward:
        made.append(Ward(**settings))
        return made[-1]

    yield make
    for one in made:
        for event in one.go.values():
            event.set()


def test_who_comes_first_is_served_first(ward):
    one = ward()
    for name in ("anna 1", "ben 1", "cleo 1"):
        one.enter(name)
    one.wait_until_begun("anna 1")
    assert one.before("anna 1", "ben 1", "cleo 1") == [0, 1, 2]
    one.finish("anna 1")
    one.wait_until_begun("anna 1", "ben 1")
    assert one.before("ben 1", "cleo 1") == [0, 1]
    one.finish("ben 1")
    one.wait_until_begun("anna 1", "ben 1", "cleo 1")


def test_five_jobs_of_one_person_do_not_hold_up_the_first_of_another(ward):
    one = ward()
    for number in range(1, 6):
        one.enter(f"anna {number}")
    one.enter("ben 1")
    one.enter("ben 2")
    one.enter("cleo 1")
    one.wait_until_begun("anna 1")
    assert one.before("ben 1", "cleo 1", "anna 2", "ben 2") == [1, 2, 3, 4]
    order = ["anna 1", "ben 1", "cleo 1", "anna 2", "ben 2", "anna 3", "anna 4", "anna 5"]
    for served in range(1, len(order)):
        one.finish(order[served - 1])
        one.wait_until_begun(*order[: served + 1])


def test_ever_new_persons_do_not_keep_anybody_waiting_for_ever(ward):
    one = ward()
    one.enter("anna 1")
    one.enter("anna 2")
    one.wait_until_begun("anna 1")
    one.enter("new1 1")
    one.finish("anna 1")
    one.wait_until_begun("anna 1", "new1 1")
    for number in range(2, 6):
        one.enter(f"new{number} 1")
    assert one.before("anna 2") == [1]
    one.finish("new1 1")
    one.wait_until_begun("anna 1", "new1 1", "anna 2")


def test_idle_workers_take_a_second_job_of_the_same_person(ward):
    one = ward(workers=2)
    one.enter("anna 1")
    one.wait_until_begun("anna 1")
    one.enter("anna 2")
    one.wait_until_begun("anna 1", "anna 2")
    one.enter("anna 3")
    assert one.queue.running == 2
    assert one.queue.waiting == 1
    assert one.before("anna 3") == [2]


def test_who_leaves_gives_the_place_back_at_once(ward):
    one = ward()
    one.enter("anna 1")
    one.wait_until_begun("anna 1")
    left = one.enter("ben 1")
    one.enter("cleo 1")
    one.queue.leave(left)
    assert one.gone == ["ben 1"]
    assert left.state == ENDED
    assert left.work is None, "nothing is kept of it"
    assert one.before("cleo 1") == [1]
    one.queue.leave(left)
    one.queue.leave(one.places["anna 1"])
    assert one.gone == ["ben 1"], "what runs is not the queue's to stop"
    one.finish("anna 1")
    one.wait_until_begun("anna 1", "cleo 1")


def test_a_closed_page_gives_its_place_back_and_one_that_comes_back_keeps_it(ward):
    one = ward()
    one.enter("anna 1")
    one.wait_until_begun("anna 1")
    one.enter("ben 1")
    one.enter("cleo 1")
    one.present["ben"] = one.present["cleo"] = False
    assert one.before("ben 1") == [1]
    one.clock.now += fair_queue.ABSENCE_SECONDS - 1
    one.present["cleo"] = True
    assert one.before("cleo 1") == [2], "a network may break off for a moment"
    one.clock.now += 1
    assert one.before("cleo 1") == [1]
    assert one.gone == ["ben 1"]
    assert one.queue.waiting == 1


def test_nobody_waits_for_the_turn_of_somebody_who_is_away(ward):
    one = ward()
    one.enter("anna 1")
    one.wait_until_begun("anna 1")
    one.enter("ben 1")
    one.enter("cleo 1")
    one.present["ben"] = False
    one.finish("anna 1")
    one.wait_until_begun("anna 1", "cleo 1")
    one.present["ben"] = True
    one.finish("cleo 1")
    one.wait_until_begun("anna 1", "cleo 1", "ben 1")


def test_a_job_that_runs_for_nobody_is_told(ward):
    one = ward()
    place = one.enter("anna 1")
    one.wait_until_begun("anna 1")
    one.present["anna"] = False
    assert not one.queue.absent(place)
    one.clock.now += fair_queue.ABSENCE_SECONDS
    assert one.queue.absent(place)


def test_places_are_bounded_for_everybody_and_for_each(ward):
    one = ward(most=3, most_of_person=2)
    one.enter("anna 1")
    one.wait_until_begun("anna 1")
    one.enter("anna 2")
    one.enter("anna 3")
    with pytest.raises(QueueFull) as of_person:
        one.enter("anna 4")
    assert of_person.value.of_person
    one.enter("ben 1")
    with pytest.raises(QueueFull) as of_server:
        one.enter("cleo 1")
    assert not of_server.value.of_person
    assert of_server.value.limit == 3
    one.queue.leave(one.places["ben 1"])
    one.enter("cleo 1")
    assert one.queue.waiting == 3


def test_the_pace_of_what_ran_tells_how_long_the_wait_is(ward):
    one = ward()
    one.enter("anna 1")
    one.wait_until_begun("anna 1")
    one.enter("ben 1")
    assert one.queue.seconds_to_wait(one.places["ben 1"]) is None, "nothing of it has ended yet"
    one.clock.now += 8
    one.finish("anna 1")
    one.wait_until_begun("anna 1", "ben 1")
    one.enter("cleo 1")
    one.enter("dora 1")
    one.clock.now += 3
    waits = [one.queue.seconds_to_wait(one.places[name]) for name in ("cleo 1", "dora 1")]
    assert waits == [5, 13]
    assert one.queue.seconds_to_wait(one.places["ben 1"]) is None, "it runs"


def test_a_running_job_that_knows_better_is_believed(ward):
    one = ward()
    one.enter("anna 1", left=42.0)
    one.wait_until_begun("anna 1")
    one.enter("ben 1")
    assert one.queue.seconds_to_wait(one.places["ben 1"]) == 42.0
    assert one.queue.seconds_to_place() == 42.0


def test_what_waits_holds_no_thread_and_an_idle_queue_none_at_all(ward):
    before = set(threading.enumerate())
    one = ward(workers=2)
    names = [f"person{number} 1" for number in range(40)]
    for name in names:
        one.enter(name)
    workers = set(threading.enumerate()) - before
    assert len(workers) == 2
    for name in names:
        one.finish(name)
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()
    assert sorted(one.began) == sorted(names)
    assert {place.state for place in one.places.values()} == {ENDED}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_breaks_does_not_take_the_worker_with_it(ward):
    one = ward()

    workers = []

    def broken(place) -> bool:
        workers.append(threading.current_thread())
        raise ZeroDivisionError

    place = one.queue.enter("anna", "lime", broken, gone=lambda: None)
    one.enter("ben 1")
    one.wait_until_begun("ben 1")
    workers[0].join(30)  # what it says of its end belongs to this test, not to the next
    assert not workers[0].is_alive()
    assert place.state == ENDED
    assert one.places["ben 1"].state == RUNNING
    assert one.enter("cleo 1").state == WAITING


@pytest.mark.parametrize("settings", [{"workers": 0}, {"most": 0}, {"most_of_person": 0}])
def test_a_queue_without_room_is_refused(settings):
    with pytest.raises(ValueError, match="Expected at least one"):
        FairQueue(**{"workers": 1, "most": 1, "most_of_person": 1, **settings})
