"""A study from its making to its end, on both databases."""

import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline.depth import Depth, Window
from pipeline.errors import StoreError
from pipeline.images import Picture
from pipeline.readings.design import AI_FIRST, Pass
from pipeline.readings.pictures import packed
from pipeline.readings.reading import Answer, Rating, Region, Shown
from pipeline.readings.store import NewCase, Store, next_of
from pipeline.tags import Tags

YES, NO = Answer(True, 4), Answer(False, 2)
HIGHLIGHTED = [{"superpixel": 7, "weight": 0.5}, {"superpixel": 3, "weight": -0.25}]
BOTH = ("a", "b")


class Clock:
    def __init__(self):
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request, tmp_path_factory):
    """One for all tests here: each makes a study of its own."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('store') / 'readings.sqlite'}"
    else:
        address = request.getfixturevalue("postgresql")()
    opened = Store(address)
    yield opened
    opened.dispose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timed(address, clock):
    opened = Store(address, clock)
    yield opened
    opened.dispose()


def shown(store, study, case, arm="overlay", **changes) -> Shown:
    call, design = store.model_call(study, case), store.study(study).design
    content = {
        "arm": arm,
        "run": design.run,
        "run_sha256": design.run_sha256,
        "probability": call.probability,
        "threshold": design.threshold,
        "pneumonia": call.pneumonia,
        "explanation": {"method": "lime", "highlighted": HIGHLIGHTED} if arm == "overlay" else None,
    }
    return Shown(**content | changes)


def read(store, study, reader, case, pass_number=1, first=YES, final=YES, arm="overlay"):
    """Take every step of a reading that its pass has."""
    place = (study, reader, pass_number, case)
    one = store.study(study).design.passes[pass_number - 1]
    store.begin(*place)
    if one.blind:
        store.answer(*place, answer=first, seconds=3.5, key=f"a{place}")
    if one.arm != "none":
        store.reveal(*place, shown=shown(store, study, case, one.arm), key=f"r{place}")
        store.finish(*place, final=final, ratings=(), comment="so", seconds=1.25, key=f"f{place}")


def test_a_reading_is_told_as_it_was_said(store, design, cases):
    plan = design(findings=("effusion", "opacity"), quality=True)
    study = store.create(plan, cases(4), BOTH).study_id
    place = (study, "a", 1, 2)
    first = Answer(True, 5, ("opacity",), (Region(0.1, 0.2, 0.3, 0.4),), "limited")
    final = Answer(False, 1, (), (), "good")
    ratings = (Rating(7, 0.5, "implausible", "a rib"), Rating(3, -0.25, "unsure"))
    before = shown(store, study, 2)
    store.begin(*place)
    store.answer(*place, answer=first, seconds=12.5, key="one")
    store.reveal(*place, shown=before, key="one")
    store.finish(*place, final=final, ratings=ratings, comment="=1+1", seconds=4, key="one")
    (told,) = store.readings(study)
    assert (told.first, told.final, told.shown) == (first, final, before)
    assert (told.ratings, told.comment) == (ratings, "=1+1")
    assert (told.seconds_first, told.seconds_final) == (12.5, 4.0)
    assert (told.label, told.patient, told.arm) == (1, "P0", "overlay")
    assert told.switched
    assert told.answered < told.finished
    assert (told.model_probability, told.model_pneumonia) == (0.875, True)
    assert store.progress(*place).state == "finished"


def test_without_the_model_one_answer_is_all(store, design, cases):
    study = store.create(design(Pass("none")), cases(2), BOTH).study_id
    told = store.answer(study, "a", 1, 1, answer=YES, seconds=2, key="k", comment="clear")
    assert (told.state, told.final, told.comment) == ("finished", YES, "clear")
    (reading,) = store.readings(study)
    assert (reading.final, reading.seconds_first, reading.seconds_final) == (YES, 2.0, None)
    assert reading.finished == reading.answered
    with pytest.raises(ValueError, match=r"Expected answer\(\) alone"):
        store.finish(study, "a", 1, 1, YES, (), "", 1, "k")


def test_where_the_model_comes_first_there_is_no_first_answer(store, design, cases):
    study = store.create(design(Pass("score", AI_FIRST)), cases(2), BOTH).study_id
    with pytest.raises(ValueError, match=r"Expected finish\(\)"):
        store.answer(study, "a", 1, 1, answer=YES, seconds=2, key="k")
    with pytest.raises(StoreError, match="has not been shown"):
        store.finish(study, "a", 1, 1, YES, (), "", 1, "k")
    read(store, study, "a", 1, arm="score")
    (reading,) = store.readings(study)
    assert (reading.first, reading.final, reading.switched) == (None, YES, False)
    assert (reading.seconds_first, reading.seconds_final) == (None, 1.25)


def test_the_model_is_not_shown_before_the_answer_is_locked(store, design, cases):
    study = store.create(design(), cases(2), BOTH).study_id
    store.begin(study, "a", 1, 1)
    with pytest.raises(StoreError, match="only after the first answer"):
        store.reveal(study, "a", 1, 1, shown=shown(store, study, 1), key="k")
    assert store.progress(study, "a", 1, 1).shown is None


def test_what_was_said_is_locked_and_saying_it_again_does_no_harm(store, design, cases):
    study = store.create(design(), cases(2), BOTH).study_id
    place = (study, "a", 1, 1)
    for key in ("k", "k", "another tab"):
        store.answer(*place, answer=YES, seconds=3, key=key)
    for key in ("k", "new"):
        with pytest.raises(StoreError, match="already answered"):
            store.answer(*place, answer=NO, seconds=3, key=key)
    view = shown(store, study, 1)
    store.reveal(*place, shown=view, key="k")
    store.reveal(*place, shown=view, key="k")
    with pytest.raises(StoreError, match="locked"):
        store.reveal(*place, shown=dataclasses.replace(view, explanation=None), key="k2")
    for _ in range(2):
        store.finish(*place, final=NO, ratings=(), comment="", seconds=1, key="k")
    with pytest.raises(StoreError, match="locked"):
        store.finish(*place, final=YES, ratings=(), comment="", seconds=1, key="k")
    events = [event.what for event in store.events(study)]
    assert events == ["created", "answered", "revealed", "finished"]
    with pytest.raises(ValueError, match="key of its own"):
        store.answer(study, "a", 1, 2, answer=YES, seconds=3, key="k")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(True, 6),
        Answer(True, 3, ("unheard of",)),
        Answer(True, 3, ("opacity", "opacity")),
        Answer(True, 3, (), (Region(0, 0, 1, 1),)),
        Answer(True, 3, quality="good"),
    ],
)
def test_an_answer_must_be_to_what_was_asked(store, design, cases, answer):
    plan = design(findings=("opacity",), regions=False)
    study = store.create(plan, cases(1), ["a"]).study_id
    with pytest.raises(ValueError, match="Expected"):
        store.answer(study, "a", 1, 1, answer=answer, seconds=1, key="k")
    assert store.readings(study) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"arm": "score", "explanation": None},
        {"run": "another"},
        {"run_sha256": "00" * 32},
        {"probability": 0.126},
        {"threshold": 0.4},
    ],
)
def test_only_what_the_design_says_can_be_shown(store, design, cases, changes):
    study = store.create(design(), cases(1), ["a"]).study_id
    store.answer(study, "a", 1, 1, answer=YES, seconds=1, key="k")
    with pytest.raises(ValueError, match="Expected"):
        store.reveal(study, "a", 1, 1, shown=shown(store, study, 1, **changes), key="k")


def test_only_highlighted_regions_can_be_rated_each_once(store, design, cases):
    study = store.create(design(), cases(1), ["a"]).study_id
    store.answer(study, "a", 1, 1, answer=YES, seconds=1, key="k")
    store.reveal(study, "a", 1, 1, shown=shown(store, study, 1), key="k")
    rated = Rating(7, 0.5, "plausible")
    for ratings in ((Rating(1, 0.5, "plausible"),), (rated, rated)):
        with pytest.raises(ValueError, match="at most once"):
            store.finish(study, "a", 1, 1, YES, ratings, "", 1, "k")


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_time_is_a_number_that_can_be_spent(store, design, cases, seconds):
    study = store.create(design(), cases(1), ["a"]).study_id
    with pytest.raises(ValueError, match="Expected seconds"):
        store.answer(study, "a", 1, 1, answer=YES, seconds=seconds, key="k")


def test_what_is_half_filled_in_is_there_for_another_store(address, design, cases):
    store = Store(address)
    study = store.create(design(), cases(2), BOTH).study_id
    place = (study, "a", 1, 1)
    store.begin(*place)
    store.save_draft(*place, draft={"pneumonia": True, "why": "\x00 \ud800 \u2028"}, seconds=4)
    store.save_draft(*place, draft={"pneumonia": False, "regions": [{"x": 0.1}]}, seconds=9.5)
    store.dispose()
    other = Store(address)  # another computer
    progress = other.begin(*place)
    assert progress.draft == {"pneumonia": False, "regions": [{"x": 0.1}]}
    assert (progress.seconds, progress.state) == (9.5, "begun")
    assert next_of(other.worklist(study, "a")).case == 1
    assert other.progress(study, "b", 1, 1).draft is None
    told = other.answer(*place, answer=YES, seconds=11, key="k")
    assert (told.draft, told.seconds) == (None, 0.0)
    other.dispose()


def test_a_finished_case_takes_no_draft(store, design, cases):
    study = store.create(design(), cases(1), ["a"]).study_id
    read(store, study, "a", 1)
    with pytest.raises(StoreError, match="already answered"):
        store.save_draft(study, "a", 1, 1, draft={}, seconds=0)


def test_any_text_comes_back(store, design, cases):
    study = store.create(design(Pass("none")), cases(1), ["Žoë 山"]).study_id
    comment = "nul \x00, half a pair \ud83d, quotes '\"; DROP TABLE reading_event; --"
    store.answer(study, "Žoë 山", 1, 1, answer=YES, seconds=1, key="k", comment=comment)
    assert store.readings(study)[0].comment == comment
    assert store.verify(study).sound


def test_everybody_sees_only_their_own(store, design, cases):
    made = store.create(design(), cases(3), BOTH)
    read(store, made.study_id, "a", 1)
    read(store, made.study_id, "b", 1, final=NO)
    (own,) = store.readings_of(made.study_id, "a")
    assert (own.reader, own.final, own.label) == ("a", YES, None)  # the truth is the owner's
    assert len(store.readings(made.study_id)) == 2
    assert store.enter(made.reader_codes["a"]).reader == "a"
    assert store.enter(made.reader_codes["b"].lower().replace("-", " ")).reader == "b"
    assert store.enter(made.owner_code).reader is None
    with pytest.raises(StoreError, match="no such reader"):
        store.worklist(made.study_id, "c")
    with pytest.raises(StoreError, match="no such reader"):
        store.begin(made.study_id, "owner", 1, 1)


@pytest.mark.parametrize("code", ["", "x", "0000-0000-0000-0000", "' OR 1=1", "\x00", "U" * 16])
def test_a_wrong_code_opens_nothing(store, design, cases, code):
    store.create(design(), cases(1), BOTH)
    with pytest.raises(StoreError, match="No study has this code"):
        store.enter(code)


def test_a_new_code_takes_the_old_ones_place(store, design, cases):
    made = store.create(design(), cases(1), BOTH)
    for reader, old in (("a", made.reader_codes["a"]), (None, made.owner_code)):
        new = store.new_code(made.study_id, reader)
        assert store.enter(new).reader == reader
        with pytest.raises(StoreError, match="No study"):
            store.enter(old)
    assert store.enter(made.reader_codes["b"]).reader == "b"
    with pytest.raises(StoreError, match="no such reader"):
        store.new_code(made.study_id, "c")


@pytest.mark.parametrize(
    "readers",
    [[], [""], ["  "], ["x" * 41], ["a", "A"], ["Owner"], ["a@b.org"], ["a\nb"]],
)
def test_readers_are_pseudonyms(store, design, cases, readers):
    before = store.studies()
    with pytest.raises(StoreError):
        store.create(design(), cases(1), readers)
    assert store.studies() == before


def test_a_study_is_made_whole_or_not_at_all(store, design, cases):
    before = store.studies()
    broken = dataclasses.replace(cases(3)[2], patient="who@where.org")
    with pytest.raises(StoreError, match="e-mail"):
        store.create(design(), [*cases(2), broken], BOTH)
    assert store.studies() == before
    with pytest.raises(StoreError, match="at least one picture"):
        store.create(design(), [], BOTH)
    with pytest.raises(StoreError, match="Pass 2 wants 9 cases"):
        store.create(design(Pass(), Pass(cases=9)), cases(3), BOTH)
    with pytest.raises(ValueError, match="different pictures"):
        store.create(design(), [cases(1)[0]] * 2, BOTH)
    with pytest.raises(ValueError, match="threshold"):
        store.create(design(threshold=0.9), cases(2), BOTH)


def test_a_picture_comes_back_with_every_grey_level(store, design):
    generator = np.random.default_rng(1)
    values = generator.integers(0, 2**15, (70, 90)).astype(np.uint16)
    depth = Depth(values, (Window("as stored", 0, 32767), Window("LUNG", -5.5, 900.25)))
    picture = Picture(
        depth.windowed(depth.windows[0]),
        0.015625,
        "cd" * 32,
        ("Scaled.",),
        Tags(4.5, "AP", "CHEST", "DX"),
        depth,
        (0.143, 0.139),
    )
    case = NewCase(picture, "P1", None, 0.25, False, False, ("Not a chest.",))
    study = store.create(design(), [case], ["a"]).study_id
    told = store.picture(study, 1)
    np.testing.assert_array_equal(told.image, picture.image)
    np.testing.assert_array_equal(told.depth.values, values)
    assert told.depth.values.dtype == np.uint16
    assert told.depth.windows == depth.windows
    for name in ("colour", "sha256", "notes", "tags", "spacing_mm"):
        assert getattr(told, name) == getattr(picture, name)
    call = store.model_call(study, 1)
    assert (call.probability, call.accepted, call.reasons) == (0.25, False, ("Not a chest.",))
    with pytest.raises(StoreError, match="no such picture"):
        store.picture(study, 2)
    with pytest.raises(StoreError, match="No explanation"):
        store.explanation(study, 1)


def test_passes_open_in_turn_and_after_the_washout(timed, clock, design, cases):
    plan = design(Pass("none"), Pass("overlay", cases=2), washout_days=14)
    study = timed.create(plan, cases(3), BOTH).study_id
    assert [item.open for item in timed.worklist(study, "a")] == [True] * 3 + [False] * 2
    again = timed.worklist(study, "a")[-1].case
    with pytest.raises(StoreError, match=r"Pass 2 of this study is not open yet\. Finish"):
        timed.begin(study, "a", 2, again)
    for case in (1, 2, 3):
        clock.now += timedelta(hours=1)
        read(timed, study, "a", case)
    opens = clock.now + timedelta(days=14)
    assert {item.opens for item in timed.worklist(study, "a")} == {None, opens}
    assert next_of(timed.worklist(study, "a")) is None
    timed.begin(study, "a", 1, 1)  # looking again does not move the end of the washout
    clock.now = opens - timedelta(seconds=1)
    with pytest.raises(StoreError, match=r"Come back on 15 March 2026 at 12:00 UTC"):
        timed.begin(study, "a", 2, again)
    clock.now = opens
    assert next_of(timed.worklist(study, "a")).pass_number == 2
    read(timed, study, "a", again, pass_number=2)
    assert {one.arm for one in timed.readings(study)} == {"none", "overlay"}
    assert [item.state for item in timed.worklist(study, "b")] == ["new"] * 5


def test_a_closed_study_takes_nothing_more_and_tells_everything(store, design, cases):
    study = store.create(design(), cases(2), BOTH).study_id
    read(store, study, "a", 1)
    for _ in range(2):
        store.close_study(study)
    assert store.study(study).closed
    for act in (
        lambda: store.begin(study, "a", 1, 2),
        lambda: store.answer(study, "a", 1, 2, answer=YES, seconds=1, key="k"),
        lambda: store.save_draft(study, "a", 1, 2, draft={}, seconds=1),
    ):
        with pytest.raises(StoreError, match="closed"):
            act()
    assert store.progress(study, "a", 1, 1).final == YES
    assert len(store.readings(study)) == 1


def test_deleting_takes_pictures_and_codes_and_leaves_the_trail(store, design, cases):
    made = store.create(design(), cases(2), BOTH)
    study = made.study_id
    read(store, study, "a", 1)
    store.save_draft(study, "b", 1, 1, draft={"x": 1}, seconds=1)
    before = store.readings(study)
    for _ in range(2):
        store.delete_study(study)
    assert study not in [one.id for one in store.studies()]
    assert store.study(study).deleted
    for code in (made.owner_code, *made.reader_codes.values()):
        with pytest.raises(StoreError, match="No study"):
            store.enter(code)
    with pytest.raises(StoreError, match="deleted"):
        store.picture(study, 1)
    assert store.readings(study) == before
    assert store.verify(study).problems == ()
    assert [event.what for event in store.events(study)][-1] == "deleted"


def test_deleted_pixels_are_not_in_the_file_any_more(tmp_path, design, cases):
    path = tmp_path / "readings.sqlite"
    store = Store(f"sqlite:///{path}")
    new = cases(3)
    # Noise is stored as it is: a piece of it can be looked for.
    piece = packed(new[1].picture).png[1000:1064]
    study = store.create(design(), new, ["a"]).study_id

    def left() -> bool:
        return any(piece in one.read_bytes() for one in tmp_path.iterdir())

    assert left()
    store.delete_study(study)
    assert not left()
    store.dispose()


def test_the_latest_truth_holds(store, design, cases):
    new = cases(3)
    study = store.create(design(), [dataclasses.replace(new[0], label=None), *new[1:]], BOTH)
    study = study.study_id
    for case in (1, 2, 3):
        read(store, study, "a", case)
    assert [one.label for one in store.readings(study)] == [None, 1, 0]
    assert store.set_truth(study, {1: 1, new[1].picture.sha256: (0, "T9")}) == 2
    store.set_truth(study, {1: (0, None)})
    told = [(one.label, one.patient) for one in store.readings(study)]
    assert told == [(0, "P0"), (0, "T9"), (0, "P1")]
    for wrong in ({4: 1}, {"ff" * 32: 1}):
        with pytest.raises(StoreError, match="no case"):
            store.set_truth(study, {1: 1} | wrong)
    with pytest.raises(ValueError, match="label of 0, 1"):
        store.set_truth(study, {1: 2})
    assert [one.label for one in store.readings(study)] == [0, 0, 0]
    assert store.verify(study).sound


def test_studies_are_told_the_newest_first(timed, clock, design, cases):
    for number in range(3):
        clock.now += timedelta(minutes=1)
        timed.create(design(title=f"Study {number}"), cases(2 + number), BOTH)
    told = timed.studies()
    assert [(one.title, one.n_cases) for one in told] == [
        ("Study 2", 4),
        ("Study 1", 3),
        ("Study 0", 2),
    ]
    assert told[0].readers == BOTH
    assert timed.study(told[1].id) == told[1]
    for name in ("nosuchid", "a" * 8, "\x00", "x; DROP TABLE reading_study"):
        with pytest.raises(StoreError, match="no such study"):
            timed.study(name)


def test_a_reader_reads_only_what_is_on_the_worklist(store, design, cases):
    study = store.create(design(Pass(), Pass(cases=1)), cases(3), BOTH).study_id
    drawn = store.worklist(study, "a")[-1].case
    other = next(case for case in (1, 2, 3) if case != drawn)
    for pass_number, case in ((1, 4), (2, other), (3, 1), (0, 1)):
        with pytest.raises(StoreError, match="no such case"):
            store.begin(study, "a", pass_number, case)


def test_a_store_tells_where_it_is_without_a_secret(store):
    assert store.place.startswith(("SQLite", "PostgreSQL"))
    assert "tester" not in store.place
    store.ping()
