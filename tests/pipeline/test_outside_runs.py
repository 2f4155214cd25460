"""A run from outside is never unpickled, runs nothing, and reads nothing but its own files."""

import ast
import contextlib
import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from pipeline import network
from pipeline.classifier import Classifier
from pipeline.config import REPOSITORY
from pipeline.errors import GateError, RunError, TrainingError
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.explain.sanity import shuffled
from pipeline.foreign import read
from pipeline.gate.model import GateModel, stored_model
from pipeline.runs import default_run, list_runs, open_run

# --- what the source may not say ------------------------------------------------------------------

# Modules that run what they read, or may.
NEVER = {
    *("dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"),
    *("yaml", "torch", "h5py"),
}
# Calls that run or unpack what they are given, whatever they are called on.
CALLS = {
    *("eval", "exec", "compile", "__import__", "loads_pickle", "read_pickle", "read_hdf"),
    *("extract", "extractall", "unpack_archive", "load_extension"),
    *("enable_load_extension", "enable_unsafe_deserialization", "register_custom_ops_library"),
}
# These need a word that says so.
SAFE = {
    ("np", "load"): ("allow_pickle", False),
    ("numpy", "load"): ("allow_pickle", False),
    ("saving", "load_model"): ("safe_mode", True),
    ("models", "load_model"): ("safe_mode", True),
}
# Given a path, onnx also reads the files that it names; `platform.system` is another one.
PATHS = {
    *(("onnx", "load"), ("onnx", "load_model"), ("pickle", "load"), ("pickle", "loads")),
    *(("os", "system"), ("os", "popen")),
}
# Who may do what, and why.
ALLOWED = {
    "pipeline/torch_file.py": {"pickle"},  # through three names that are known, see its tests
    # Names what torch_file raises; takes one known member out of an archive of a known hash.
    "pipeline/pretrained.py": {"pickle", "extract"},
    "pipeline/export.py": {"onnx.load"},  # the file that it has just written
}


def dangers(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in NEVER | {"pickle"}:
                    yield alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.split(".")[0] in NEVER | {"pickle"}:
                yield node.module.split(".")[0]
        elif isinstance(node, ast.Call):
            yield from dangers_of_call(node)


def dangers_of_call(node: ast.Call) -> Iterator[str]:
    words = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
    if words.get("allow_pickle") is True or words.get("shell") is True:
        yield "allow_pickle or shell"
    if isinstance(node.func, ast.Name):
        if node.func.id in CALLS:
            yield node.func.id
        return
    if not isinstance(node.func, ast.Attribute):
        return
    on = node.func.value
    owner = on.id if isinstance(on, ast.Name) else getattr(on, "attr", "")
    called = (owner, node.func.attr)
    # `re.compile` and `model.compile` make no code.
    if node.func.attr in CALLS - {"compile"}:
        yield node.func.attr
    if called in PATHS:
        yield ".".join(called)
    if called in SAFE and words.get(SAFE[called][0]) is not SAFE[called][1]:
        yield f"{'.'.join(called)} without {SAFE[called][0]}={SAFE[called][1]}"


FILES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for folder in ("pipeline", "dashboard")
    for path in (REPOSITORY / folder).rglob("*.py")
)


def test_nothing_in_the_source_runs_what_it_reads():
    found = {file: set(dangers((REPOSITORY / file).read_text(encoding="utf-8"))) for file in FILES}
    assert {file: what for file, what in found.items() if what} == ALLOWED


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import joblib",
        "import yaml",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.savez(path, allow_pickle=True)",
        "keras.saving.load_model(path)",
        "keras.saving.load_model(path, safe_mode=False)",
        "keras.models.load_model(path)",
        "pd.read_pickle(path)",
        "onnx.load(path)",
        "archive.extractall(folder)",
        "archive.extract(name)",
        "eval(text)",
        "exec(text)",
        "os.system(text)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_the_rule_would_notice(source):
    assert list(dangers(source))


# --- what the loaders do with it ------------------------------------------------------------------


class Evil:
    """Unpickled, it leaves a file."""

    def __init__(self, path: Path):
        self._path = path

    def __reduce__(self):
        return (Path.touch, (self._path,))


@pytest.fixture
def mark(tmp_path, monkeypatch) -> Iterator[Path]:
    """A file that is there only if something was run."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = tmp_path / "run-by-a-loader"
    pickle.loads(pickle.dumps(Evil(path)))  # so that the test could fail
    assert path.exists()
    path.unlink()
    yield path
    assert not path.exists()


def object_arrays(mark: Path, *names: str) -> bytes:
    buffer = io.BytesIO()
    evil = np.array([Evil(mark)], dtype=object)
    np.savez(buffer, allow_pickle=True, **dict.fromkeys(names, evil))
    return buffer.getvalue()


@pytest.fixture
def run(brightness_run):
    return open_run(brightness_run.parent, "brightness")


def names_a_file(location: str, inside: bool = False) -> bytes:
    """Return a network one of whose weights lies in the file `location`, perhaps in a branch."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", "16")):
        tensor.external_data.add(key=key, value=value)
    entry = helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])
    left = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    nodes, weights = [helper.make_node("Add", ["x", "w"], ["y"])], [tensor]
    if inside:
        branch = helper.make_graph(nodes, "branch", [], [left], weights)
        yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
        nodes = [helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)]
        weights = [yes]
    graph = helper.make_graph(nodes, "outside", [entry], [left], weights)
    opsets = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()


def give(run, content: bytes) -> None:
    """Let the run have that network, with a hash that fits."""
    (run.folder / "model.onnx").write_bytes(content)
    document = json.loads((run.folder / "run.json").read_text())
    document["model_sha256"] = hashlib.sha256(content).hexdigest()
    (run.folder / "run.json").write_text(json.dumps(document))


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("location", ["../../etc/passwd", "/etc/passwd", "beside.bin", "", "."])
def test_a_network_that_names_a_file_is_refused(run, mark, location, inside):
    Path("beside.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (run.folder / "beside.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    content = names_a_file(location, inside)
    give(run, content)
    fresh = open_run(run.folder.parent, run.name)
    for load in (
        lambda: network.session(content, run.name),
        lambda: Classifier(fresh),
        lambda: FeatureMaps(fresh),
        lambda: shuffled(fresh),
    ):
        with pytest.raises(RunError, match="weights in other files, which are never read"):
            load()


def test_a_network_that_only_has_that_word_in_a_name_is_read(run):
    model = onnx.load_from_string((run.folder / "model.onnx").read_bytes())
    model.graph.node[0].name = "location"
    give(run, model.SerializeToString())
    assert Classifier(open_run(run.folder.parent, run.name))


def test_that_word_in_what_is_no_network_is_no_network():
    with pytest.raises(RunError, match="cannot be loaded"):
        network.session(b"location", "a-run")


def test_a_network_of_unknown_operators_is_refused(run):
    node = helper.make_node("RunShell", ["x"], ["y"], domain="evil", command="touch outside")
    entry = helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])
    left = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("evil", 1)]
    model = helper.make_model(
        helper.make_graph([node], "g", [entry], [left]), opset_imports=opsets, ir_version=10
    )
    with pytest.raises(RunError, match="cannot be loaded"):
        network.session(model.SerializeToString(), "a-run")


@pytest.mark.parametrize("file", ["run.json", "history.csv", "predictions.csv", "metrics.json"])
@pytest.mark.parametrize("kind", ["pickle", "deep", "zip", "zeros"])
def test_what_is_no_such_file_is_one_sentence(run, mark, file, kind):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.pkl", pickle.dumps(Evil(mark)))
    content = {
        "pickle": pickle.dumps(Evil(mark)),
        "deep": b"[" * 200_000,
        "zip": packed.getvalue(),
        "zeros": bytes(1000),
    }[kind]
    (run.folder / file).write_bytes(content)
    listing = list_runs(run.folder.parent)
    assert len(listing.runs) + len(listing.damaged) == 1
    for one in listing.runs:
        for call in (one.history, one.predictions, one.metrics):
            with contextlib.suppress(RunError):
                call()
        assert default_run(run.folder.parent).name == run.name


@pytest.mark.parametrize("names", [("mean",), ("mean", "components", "variances")])
def test_a_gate_with_objects_in_its_arrays_is_refused(tmp_path, mark, names):
    stored_model().save(tmp_path / "gate")
    content = object_arrays(mark, *names, "directions", "limits")
    (tmp_path / "gate" / "gate.npz").write_bytes(content)
    document = json.loads((tmp_path / "gate" / "gate.json").read_text())
    document["npz_sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / "gate" / "gate.json").write_text(json.dumps(document))
    with pytest.raises(GateError, match="missing, damaged or of another version"):
        GateModel.load(tmp_path / "gate")


def test_an_mlflow_store_cannot_name_anything_to_be_run(tmp_path, mark):
    folder = tmp_path / "mlruns" / "0" / "abc"
    (folder / "metrics").mkdir(parents=True)
    (folder / "metrics" / "loss").write_text("1 0.5 0\n2 0.4 1\n")
    (folder / "meta.yaml").write_text(
        f"run_name: !!python/object/apply:os.system ['touch {mark}']\n"
        f"artifact_uri: file:///etc/passwd\n"
    )
    found = read(tmp_path / "mlruns")
    assert [len(one.history) for one in found.runs] == [2]


@pytest.fixture
def cut_off(toy_config, tmp_path):
    """A run that was cut off, with a checkpoint of somebody's; go on with ``cut_off()``."""
    from pipeline.training import _build, _compile, _restore

    folder = tmp_path / "runs" / "toy"
    checkpoint = folder / "checkpoint-0002"
    checkpoint.mkdir(parents=True)
    document = {"schema": 1, "name": "toy", "title": "Toy", "status": "unfinished"}
    document |= {"architecture": "compact", "parameters": {"total": 1}, "config": {}}
    (folder / "run.json").write_text(json.dumps(document | {"data": {"fingerprint": "x"}}))
    model = _build(toy_config)
    _compile(model, toy_config, steps=1)
    model.save(checkpoint / "model.keras")

    def resume():
        _restore(model, folder, SimpleNamespace(description={"fingerprint": "x"}))

    resume.checkpoint = checkpoint
    return resume


def test_a_checkpoint_with_code_in_it_is_refused(cut_off, mark):
    import keras

    def evil(x):
        mark.touch()
        return x

    model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(evil)])
    mark.unlink(missing_ok=True)
    model.save(cut_off.checkpoint / "model.keras")
    with pytest.raises(TrainingError, match="checkpoint-0002 of toy is damaged, or none of"):
        cut_off()


def test_a_checkpoint_with_objects_in_its_arrays_is_refused(cut_off, mark):
    (cut_off.checkpoint / "optimizer.npz").write_bytes(object_arrays(mark, "0000"))
    with pytest.raises(TrainingError, match="checkpoint-0002 of toy is damaged, or none of"):
        cut_off()


def test_nothing_of_a_checkpoint_leaves_it(cut_off, mark, tmp_path):
    file = cut_off.checkpoint / "model.keras"
    with zipfile.ZipFile(file, "a") as archive:
        for name in ("../outside", "assets/../../outside", "/outside", "assets/../../../outside"):
            archive.writestr(name, "x")
    before = everything(tmp_path)
    # The rest is read; what is then missing is the state of the optimizer.
    with pytest.warns(UserWarning, match="Skipping invalid path"), pytest.raises(TrainingError):
        cut_off()
    assert [path for path in everything(tmp_path) - before if "outside" in path] == []
    assert not Path("/outside").exists()


def everything(folder: Path) -> set[str]:
    return {path.as_posix() for path in folder.rglob("*")}
