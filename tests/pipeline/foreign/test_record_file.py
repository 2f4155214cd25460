import struct

import numpy as np

from pipeline.foreign.record_file import LARGEST, checksums, packed, records


def test_checksums_are_those_of_the_standard():
    # RFC 3720, appendix B.4, and the check value of CRC-32C.
    contents = [bytes(32), b"\xff" * 32, bytes(range(32)), bytes(range(31, -1, -1)), b"123456789"]
    expected = [0x8A9136AA, 0x62A8AB43, 0x46DD794E, 0x113FDB5C, 0xE3069283]
    lengths = np.array([len(content) for content in contents])
    raw = np.frombuffer(b"".join(contents), np.uint8)
    assert checksums(raw, np.cumsum(lengths) - lengths, lengths).tolist() == expected


def test_tensorboard_reads_what_is_packed(tmp_path):
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

    contents = [b"one", b"", b"three" * 100]
    path = tmp_path / "file"
    path.write_bytes(packed(contents))
    reader, read = PyRecordReader_New(str(path)), []
    for _ in contents:
        reader.GetNext()
        read.append(reader.record())
    assert read == contents
    assert records(path.read_bytes()).contents == tuple(contents)


def test_a_flipped_bit_costs_one_record():
    data = bytearray(packed([b"aaaa", b"bbbb", b"cccc"]))
    data[data.index(b"bbbb")] ^= 1
    found = records(bytes(data))
    assert found.contents == (b"aaaa", b"cccc")
    assert (found.damaged, found.lost) == (1, 0)


def test_after_a_wrong_length_nothing_is_guessed():
    whole = packed([b"aaaa", b"bbbb", b"cccc"])
    size = len(whole) // 3
    data = whole[:size] + struct.pack("<Q", 3) + whole[size + 8 :]
    found = records(data)
    assert found.contents == (b"aaaa",)
    assert found.lost == 2 * size


def test_a_cut_anywhere_leaves_the_whole_records_and_tells_the_rest():
    whole = packed([b"aaaa", b"bbbb", b"cccc"])
    size = len(whole) // 3
    for cut in range(len(whole) + 1):
        found = records(whole[:cut])
        assert len(found.contents) == cut // size
        assert found.lost == cut % size


def test_pictures_and_graphs_are_passed_over():
    found = records(packed([b"aaaa", bytes(LARGEST + 1), b"cccc"]))
    assert found.contents == (b"aaaa", b"cccc")
    assert (found.damaged, found.lost) == (0, 0)


def test_no_bytes_are_no_records():
    assert records(b"").contents == ()
    assert packed([]) == b""
