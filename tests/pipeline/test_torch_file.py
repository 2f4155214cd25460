"""Files in PyTorch's older format, written here opcode by opcode: no PyTorch is needed."""

import os
import pickle
import zipfile

import numpy as np
import pytest

from pipeline.torch_file import read_tensors

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
SYSTEM = {"protocol_version": VERSION, "little_endian": True}
TYPES = {"float32": b"FloatStorage", "int64": b"LongStorage"}


def opcodes(value) -> bytes:
    return pickle.dumps(value, protocol=0)[:-1]


def description(tensors: dict[str, np.ndarray], **changes) -> bytes:
    """Pickle what ``torch.save`` says about tensors, each alone in a storage of its own."""
    out = b"ccollections\nOrderedDict\n)R("
    for name, tensor in tensors.items():
        strides = tuple(step // tensor.itemsize for step in tensor.strides)
        told = {"offset": 0, "shape": tensor.shape, "strides": strides} | changes
        out += opcodes(name) + b"ctorch._utils\n_rebuild_tensor_v2\n("
        out += b"(" + opcodes("storage") + b"ctorch\n" + TYPES[tensor.dtype.name] + b"\n"
        out += opcodes(name) + opcodes("cpu") + opcodes(tensor.size) + b"NtQ"
        out += b"".join(opcodes(told[key]) for key in ("offset", "shape", "strides"))
        out += b"I00\nccollections\nOrderedDict\n)RtR"
    return out + b"u."


def write(path, tensors, described=None, **changes):
    """Write `tensors` in the order in which they lie in memory, as ``torch.save`` did."""
    head = [pickle.dumps(part, protocol=2) for part in (MAGIC, VERSION, SYSTEM)]
    body = description(tensors, **changes) if described is None else described
    numbers = [
        np.int64(tensor.size).tobytes() + tensor.ravel(order="K").tobytes()
        for tensor in tensors.values()
    ]
    keys = pickle.dumps(list(tensors), protocol=2)
    path.write_bytes(b"".join([*head, body, keys, *numbers]))
    return path


@pytest.fixture
def tensors():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(4, 3, 5)).astype(np.float32)
    return {"rows": rows, "turned": rows.transpose(2, 0, 1), "count": np.array(7)}


def test_every_tensor_comes_back_whatever_its_strides(tensors, tmp_path):
    assert not tensors["turned"].flags.c_contiguous
    read = read_tensors(write(tmp_path / "a.pth", tensors))
    assert list(read) == list(tensors)
    for name, tensor in tensors.items():
        assert read[name].dtype == tensor.dtype
        np.testing.assert_array_equal(read[name], tensor)


def test_code_in_the_file_is_refused_and_not_run(tensors, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    path = write(tmp_path / "a.pth", tensors, described=pickle.dumps(Evil()))
    with pytest.raises(pickle.UnpicklingError, match=r"asks for \w+\.mkdir"):
        read_tensors(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "name",
    ["builtins\neval", "torch\nload", "torch._utils\n_rebuild_parameter", "torch\n_utils.os"],
)
def test_any_name_that_no_tensor_needs_is_refused(name, tensors, tmp_path):
    path = write(tmp_path / "a.pth", tensors, described=f"c{name}\n.".encode())
    with pytest.raises(pickle.UnpicklingError, match="which no tensor needs"):
        read_tensors(path)


@pytest.mark.parametrize(
    "changes", [{"offset": 1}, {"offset": -1}, {"shape": (8,), "strides": (9,)}, {"strides": (-1,)}]
)
def test_a_tensor_reaching_beyond_its_storage_is_refused(changes, tmp_path):
    path = write(tmp_path / "a.pth", {"a": np.arange(8, dtype=np.float32)}, **changes)
    with pytest.raises(pickle.UnpicklingError, match="beyond its storage"):
        read_tensors(path)


@pytest.mark.parametrize("kept", [0, 5, 60, -1])
def test_a_torn_file_is_refused(kept, tensors, tmp_path):
    path = write(tmp_path / "a.pth", tensors)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(pickle.UnpicklingError):
        read_tensors(path)


def test_the_newer_format_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
    with pytest.raises(pickle.UnpicklingError):
        read_tensors(tmp_path / "a.pth")
