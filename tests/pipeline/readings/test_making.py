"""Pictures become cases: found, judged and explained, and without a name."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from pipeline.classifier import Classifier
from pipeline.errors import Cancelled, DatasetError, RunError, StoreError
from pipeline.images import encode_png
from pipeline.readings import making
from pipeline.readings.design import Pass
from pipeline.readings.pictures import unpacked
from pipeline.readings.store import Store
from pipeline.runs import open_run


@pytest.fixture
def run(brightness_run):
    return open_run(brightness_run.parent, brightness_run.name)


@pytest.fixture
def classifier(run):
    return Classifier(run)


@pytest.fixture
def store(tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    yield opened
    opened.dispose()


def flat(level: int) -> bytes:
    """A picture that the brightness network calls pneumonia from a level of 100 on."""
    return encode_png(np.full((80, 80), level, np.uint8))


@pytest.fixture
def folder(tmp_path) -> Path:
    root = tmp_path / "pictures"
    files = {
        "NORMAL/Smith John 1970.png": flat(40),
        "NORMAL/IM-0001-0001.jpeg": flat(50),
        "NORMAL/IM-0001-0002.jpeg": flat(60),
        "PNEUMONIA/person1_virus_1.jpeg": flat(150),
        "PNEUMONIA/deeper/scan": flat(160),
        "unsorted/x.png": flat(170),
        "notes.txt": b"not a picture",
        ".hidden.png": flat(30),
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_folders_tell_the_truth_and_names_who_belongs_together(folder):
    found = {one.name: one for one in making.cases_from_folder(folder)}
    assert {name: one.label for name, one in found.items()} == {
        "NORMAL/Smith John 1970.png": 0,
        "NORMAL/IM-0001-0001.jpeg": 0,
        "NORMAL/IM-0001-0002.jpeg": 0,
        "PNEUMONIA/person1_virus_1.jpeg": 1,
        "PNEUMONIA/deeper/scan": 1,
        "unsorted/x.png": None,
    }
    assert len({one.patient for one in found.values()}) == 5  # two of one child
    (only,) = making.cases_from_folder(folder / "PNEUMONIA" / "deeper")
    assert only.label is None  # of the folders above, only the named one counts
    assert {one.label for one in making.cases_from_folder(folder / "NORMAL")} == {0}


def test_a_table_tells_the_truth_in_place_of_folders(folder):
    table = b"file,label,patient\nx.png,0,7\nPNEUMONIA/deeper/scan,NORMAL,7\n"
    found = {one.name: one for one in making.cases_from_folder(folder, table)}
    assert found["unsorted/x.png"].label == 0
    assert found["unsorted/x.png"].patient == found["PNEUMONIA/deeper/scan"].patient
    assert found["NORMAL/IM-0001-0001.jpeg"].label is None
    for table, said in (
        (b"file,label\nnone.png,1\n", "Line 2 of the table names none"),
        (b"file,label\nx.png,0\nSmith John 1970.png,ill\n", "Line 3 of the table has a label"),
        (b"case,label\n1,1\n", "lacks a column file"),
    ):
        with pytest.raises(StoreError, match=said) as caught:
            making.cases_from_folder(folder, table)
        assert "Smith" not in str(caught.value)
    (folder / "x.png").write_bytes(flat(20))
    (folder / "PNEUMONIA" / "x.png").write_bytes(flat(21))
    with pytest.raises(StoreError, match="several"):
        making.cases_from_folder(folder / "..", b"file,label\nx.png,0\n")


def test_a_folder_without_pictures_is_told(tmp_path):
    with pytest.raises(StoreError, match="does not exist"):
        making.cases_from_folder(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="no picture"):
        making.cases_from_folder(tmp_path)


def test_test_cases_are_half_ill_and_each_of_another_child(toy_dataset):
    found = making.cases_from_test(toy_dataset, 7, seed=3)
    assert sorted(one.label for one in found) == [0, 0, 0, 1, 1, 1, 1]
    assert len({one.patient for one in found}) == 7
    assert found == making.cases_from_test(toy_dataset, 7, seed=3)
    assert found != making.cases_from_test(toy_dataset, 7, seed=4)
    assert len(making.cases_from_test(toy_dataset)) == 40
    with pytest.raises(StoreError, match="too few for 42 cases"):
        making.cases_from_test(toy_dataset, 42)
    with pytest.raises(DatasetError):
        making.cases_from_test(toy_dataset / "none", 2)


def test_cases_are_judged_as_the_study_will_show_them(run, classifier, folder):
    design = making.design_for(run, "T", "sensitivity_95", passes=(Pass("score"),), seed=1)
    assert (design.run, design.threshold) == ("brightness", 0.2)
    told = making.judged(making.cases_from_folder(folder), classifier, design)
    assert told.refused == ()
    levels = {int(case_image(case)[0, 0]): case for case in told.cases}
    assert sorted(levels) == [40, 50, 60, 150, 160, 170]
    for level, case in levels.items():
        expected = 1 / (1 + math.exp(-(level - 100) / 40))
        assert case.probability == pytest.approx(expected, abs=1e-5)
        assert case.pneumonia == (expected >= 0.2)
        assert case.explanation is None  # no pass shows one
        assert not case.accepted  # flat pictures are no radiographs


def case_image(case):
    return unpacked(case.picture).image


def test_numbers_and_pseudonyms_say_nothing_of_the_truth(run, classifier, toy_dataset):
    found = making.cases_from_test(toy_dataset, 20)
    cases = making.judged(found, classifier, plain(run)).cases
    labels = [case.label for case in cases]
    assert labels not in (sorted(labels), sorted(labels, reverse=True))
    assert [case.patient for case in cases] == [f"P{number:03}" for number in range(1, 21)]


def plain(run, **settings):
    return making.design_for(run, "T", passes=(Pass("none"),), **settings)


def test_an_overlay_is_explained_once_for_all_readers(run, classifier, store, folder):
    design = making.design_for(run, "T", method="occlusion", seed=2)
    made = making.make(
        store, classifier, design, ["a", "b"], making.cases_from_folder(folder / "unsorted")
    )
    explanation = store.explanation(made.created.study_id, 1)
    assert (explanation.method, explanation.run) == ("occlusion", "brightness")
    call = store.model_call(made.created.study_id, 1)
    assert explanation.probability == pytest.approx(call.probability, abs=1e-6)


def test_what_cannot_be_read_is_told_and_left_out(run, classifier, store, folder):
    (folder / "broken.png").write_bytes(flat(9)[:60])
    (folder / "twin.png").write_bytes(flat(40))
    found = making.cases_from_folder(folder)
    told = making.judged(found, classifier, plain(run))
    names = {one.name: one.reason for one in told.refused}
    assert len(told.cases) == 6
    assert "broken.png" in names
    twins = {"twin.png", "NORMAL/Smith John 1970.png"}
    (left_out,) = twins & names.keys()
    assert "same file" in names[left_out]
    made = making.make(store, classifier, plain(run), ["a"], found)
    assert store.study(made.created.study_id).n_cases == 6
    assert any("left out" in note for note in made.notes)
    assert any("6 of 6 cases the gate" in note for note in made.notes)
    assert "twin" not in " ".join(made.notes)
    with pytest.raises(StoreError, match="None of the 1 pictures"):
        making.make(store, classifier, plain(run), ["a"], making.cases_from_bytes([b"no"]))


def test_no_name_of_a_file_reaches_the_database(run, classifier, store, folder, tmp_path):
    # Long enough that no hash holds it by chance.
    table = b"file,label,patient\nSmith John 1970.png,1,MRN-47110815\n"
    making.make(store, classifier, plain(run), ["a"], making.cases_from_folder(folder, table))
    store.dispose()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("readings.sqlite*"))
    for secret in (b"Smith", b"47110815", b"person1", b"IM-0001", b"pictures", b"scan"):
        assert secret not in content


def test_impossible_studies_are_refused_before_the_work(run, classifier, store, folder):
    found = making.cases_from_folder(folder)

    def stop():
        raise AssertionError("the work began")

    for readers, passes in ((["a", "a"], (Pass("none"),)), (["a"], (Pass("none", cases=99),))):
        design = making.design_for(run, "T", passes=passes)
        with pytest.raises(StoreError):
            making.make(store, classifier, design, readers, found, should_stop=stop)
    with pytest.raises(RunError):
        making.design_for(run, "T", "no such point")
    other = plain(run).to_json() | {"run": "another"}
    with pytest.raises(ValueError, match="design for"):
        making.judged(found, classifier, type(plain(run)).from_json(other))


def test_work_tells_how_far_it_is_and_stops_when_asked(run, classifier, store, folder):
    found, shares = making.cases_from_folder(folder), []
    making.judged(found, classifier, plain(run), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        making.make(store, classifier, plain(run), ["a"], found, should_stop=lambda: next(asked))
    assert store.studies() == []


def test_a_design_comes_back_from_json(run):
    design = plain(run, findings=("a", "b"), washout_days=1.5)
    again = type(design).from_json(json.loads(json.dumps(design.to_json())))
    assert again == design
