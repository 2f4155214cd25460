"""A table of the truth: what can be read of it, and what is said of what cannot."""

import pytest

from pipeline.errors import StoreError
from pipeline.readings.store import Store
from pipeline.readings.truth import read, read_truth

HASH = "ab" * 32


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"case,label\n1,0\n02,1\n", {1: (0, None), 2: (1, None)}),
        (b"label;case\r\nNORMAL;3\r\npneumonia;4\r\n", {3: (0, None), 4: (1, None)}),
        (b"\xef\xbb\xbfCase, Label \n7, PNEUMONIA\n", {7: (1, None)}),
        (f"sha256,label\n{HASH.upper()},1\n".encode(), {HASH: (1, None)}),
        (b'case,label,note\n1,1,"a, b"\n', {1: (1, None)}),
    ],
)
def test_tables_of_several_programs_are_read(content, told):
    assert read(content) == told


def test_patients_get_pseudonyms_of_their_table():
    content = b"case,label,patient\n1,0,Mia Muster\n2,1,\n3,1,Mia Muster\n4,0,007\n"
    told = read(content)
    patients = [patient for _, patient in told.values()]
    assert patients[0] == patients[2]
    assert patients[1] is None
    assert patients[3] not in (None, patients[0])
    assert "Mia" not in str(told)
    assert read(content) == told
    other = read(content + b"5,0,Ann Other\n")
    assert other[1][1] != patients[0]  # the other table may mean another Mia


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "lacks a column case or sha256"),
        (b"file,label\nsmith.png,1\n", "lacks a column case or sha256"),
        (b"case,truth\n1,1\n", "lacks a column"),
        (b"case,label\n", "no line below"),
        (b"case,label\n1,1\n2,maybe\n", "Line 3 of the table has a label"),
        (b"case,label\n1,1\n1,0\n", "Line 3 of the table names a picture that stands above"),
        (b"case,label\nsmith,1\n", "Line 2 of the table has no case number"),
        (b"sha256,label\nabc,1\n", "Line 2 of the table has no SHA-256"),
        (b"case,label\n1\n", "Line 2 of the table has more or fewer fields"),
        (b"case,label\n1,1,1\n", "Line 2 of the table has more or fewer fields"),
        (b'case,label\n1,"1\n', "no CSV"),
        (b"case,label\n\xff,1\n", "no CSV in UTF-8"),
        (b"\x00\x01\x02", "lacks a column"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_line_and_not_repeated(content, said):
    with pytest.raises(StoreError, match=said) as caught:
        read(content)
    assert "smith" not in str(caught.value)


def test_a_table_is_taken_over_whole_or_not_at_all(tmp_path, design, cases):
    store = Store(f"sqlite:///{tmp_path / 'a.sqlite'}")
    study = store.create(design(), cases(3), ["a"]).study_id
    with pytest.raises(StoreError, match="no case 9"):
        store.set_truth(study, read(b"case,label\n1,1\n9,1\n"))
    assert [event.what for event in store.events(study)] == ["created"]
    assert store.set_truth(study, read(b"case,label,patient\n1,1,Mia\n2,0,Mia\n")) == 2
    (event,) = [event for event in store.events(study) if event.what == "truth"]
    assert event.payload["truth"]["1"][0] == 1
    assert "Mia" not in str(event)
    store.dispose()


def test_names_of_files_are_kept_as_they_are_spelt():
    (line,) = read_truth(b"file,label\nA/b c.PNG,0\n", ("file",))
    assert (line.name, line.label, line.patient, line.number) == ("A/b c.PNG", 0, None, 2)
