"""Who may import whom. The rules stand in the README's map; this holds them."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import REPOSITORY

# Each module or package may import those of the lines above its own; the dashboard, besides,
# all of pipeline.
LAYERS = {
    "pipeline": (
        {"errors"},
        {"storage", "turns", "zips", "spreadsheet", "isolated", "limited"},
        {"mirror"},
        {"config", "statements", "containers"},
        {"wheel", "torch_file"},
        {"tags", "depth", "room"},
        {"dicom"},
        {"images", "runs", "evaluation"},
        # `explain` takes a predict function: it stands below the classifier on purpose.
        {"performance", "mistakes", "agreement", "pairing", "network", "sampling", "curves"},
        {"flags", "annotations", "foreign"},
        {"diagnosis"},
        {"dataset", "architectures", "gate", "comparison", "explain", "augmentation", "export"},
        {"classifier", "card", "recorded", "archive", "audit", "examples", "pretrained"},
        {"importing", "exporting", "request"},
        {"teachers", "fetch", "shortcuts", "judging", "lab", "report", "tour", "groups"},
        {"batch"},
        {"readings"},
        {"observers"},
        {"training", "explaining"},
        {"benchmark"},
        {"commands"},
        {"__main__"},
    ),
    "dashboard": (
        {"plain", "hosting"},
        {
            *("state", "identity", "wording", "figures", "desk", "metrics", "logs"),
            *("fair_queue", "memory"),
        },
        {"errors", "limits"},
        {"jobs"},
        {"tables", "viewer", "curves", "background", "serving", "uploads", "sessions", "delivery"},
        {"resources"},
        {"operations"},
        {"components", "sections", "gallery", "card", "refusal"},
        {"views"},
        {"app"},
    ),
}

# Where alone a package may be imported. Folders end in a slash.
ONLY_IN = {
    # protobuf
    "google": (
        "pipeline/foreign/event.py",
        "pipeline/network.py",
        "pipeline/benchmark/load/",
    ),
    "tensorboard": ("pipeline/benchmark/",),  # event files are read without that server
    "mlflow": (),
    "PIL": ("pipeline/images.py",),
    # The load is put on with DICOM files, too, which are written there.
    "pydicom": ("pipeline/dicom/", "pipeline/report/", "pipeline/benchmark/load/"),
    "highdicom": ("pipeline/report/",),
    "tensorflow": (),  # Keras chooses the backend
    "ray": ("pipeline/batch/",),
    "fsspec": ("pipeline/batch/", "pipeline/mirror/place.py"),
    "keras": (
        "pipeline/architectures/",
        "pipeline/augmentation.py",
        "pipeline/export.py",
        "pipeline/pretrained.py",
        "pipeline/training.py",
        "pipeline/benchmark/",
    ),
    "lime": ("pipeline/benchmark/",),
    "sqlalchemy": ("pipeline/readings/",),
    "alembic": ("pipeline/readings/",),
    # The load speaks with the server as a browser does, by the protobufs of the protocol alone.
    "streamlit": ("dashboard/", "pipeline/benchmark/load/"),
    "websockets": ("pipeline/benchmark/load/",),
    "plotly": ("dashboard/figures/",),
}
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}

FILES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for folder in LAYERS
    for path in (REPOSITORY / folder).rglob("*.py")
)


def tree(file: str) -> ast.Module:
    return ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))


def imported(module: ast.Module) -> Iterator[str]:
    """Yield the dotted name of everything that is imported, at any depth of the file."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def unit(dotted_or_path: str) -> str:
    """Return the module or package directly below ``pipeline`` or ``dashboard``."""
    parts = dotted_or_path.removesuffix(".py").replace("/", ".").split(".")
    return parts[1]


def layer(folder: str, name: str) -> int:
    for height, names in enumerate(LAYERS[folder]):
        if name in names:
            return height
    raise AssertionError(f"{folder}/{name} stands in no layer: give it one in this file.")


def wrong_imports(file: str, names: Iterator[str]) -> list[str]:
    folder, own = file.split("/")[0], unit(file)
    found = []
    for name in names:
        package = name.split(".")[0]
        if package not in LAYERS or (folder == "dashboard" and package == "pipeline"):
            continue
        if package != folder:
            found.append(name)  # pipeline -> dashboard
        elif unit(name) == own:
            if own == "views":
                found.append(name)  # view -> view
        elif layer(folder, unit(name)) >= layer(folder, own):
            found.append(name)
    return found


@pytest.mark.parametrize("file", [f for f in FILES if f.count("__init__") == 0 or f.count("/") > 1])
def test_every_module_imports_only_what_lies_below_it(file):
    assert wrong_imports(file, imported(tree(file))) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("pipeline/images.py", "dashboard.state"),
        ("pipeline/runs.py", "pipeline.dataset.index"),
        ("pipeline/explain/lime.py", "pipeline.classifier.Classifier"),
        ("dashboard/figures/training.py", "dashboard.components"),
        ("dashboard/views/read.py", "dashboard.views.compare"),
    ],
)
def test_the_rule_would_notice(file, name):
    assert wrong_imports(file, iter([name])) == [name]


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package):
    users = [f for f in FILES if any(n.split(".")[0] == package for n in imported(tree(f)))]
    assert [file for file in users if not file.startswith(ONLY_IN[package])] == []


def test_the_load_knows_no_more_of_streamlit_than_its_protocol():
    own = [file for file in FILES if file.startswith("pipeline/benchmark/load/")]
    known = {name for file in own for name in imported(tree(file)) if name.startswith("streamlit")}
    assert known
    assert {name for name in known if not name.startswith("streamlit.proto.")} == set()


def test_figures_know_no_streamlit():
    own = [file for file in FILES if file.startswith("dashboard/figures/")]
    assert own
    assert not any(n.split(".")[0] == "streamlit" for file in own for n in imported(tree(file)))


def attributes(file: str) -> set[str]:
    return {node.attr for node in ast.walk(tree(file)) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize(
    ("names", "owner"),
    [
        ({"cache_data", "cache_resource"}, "dashboard/resources.py"),
        ({"session_state", "query_params"}, "dashboard/state.py"),
        ({"login", "logout", "secrets"}, "dashboard/identity.py"),
    ],
)
def test_one_file_alone_holds_the_cache_one_the_session_and_one_signs_in(names, owner):
    assert [file for file in FILES if attributes(file) & names] == [owner]


def catch_alls(module: ast.Module) -> int:
    """Count handlers of every error there is."""
    caught = [node.type for node in ast.walk(module) if isinstance(node, ast.ExceptHandler)]
    kinds = [kind for one in caught for kind in (one.elts if isinstance(one, ast.Tuple) else [one])]
    broad = {"Exception", "BaseException"}
    return sum(kind is None or (isinstance(kind, ast.Name) and kind.id in broad) for kind in kinds)


def test_one_handler_alone_catches_everything():
    assert catch_alls(ast.parse("try: a\nexcept (OSError, Exception): b\nexcept: c")) == 2
    assert {f: n for f in FILES if (n := catch_alls(tree(f)))} == {"dashboard/errors.py": 1}


def test_every_module_is_called_after_its_subject():
    everywhere = [*FILES, *(p.as_posix() for p in (REPOSITORY / "tests").rglob("*.py"))]
    assert [f for f in everywhere if set(Path(f).stem.split("_")) & NAMES_THAT_SAY_NOTHING] == []


@pytest.mark.parametrize(
    "module",
    [
        "pipeline.classifier",
        "pipeline.runs",
        "pipeline.evaluation",
        "pipeline.explain",
        "pipeline.architectures",
        "pipeline.commands.batch",
        "pipeline.commands.evaluate",
        "pipeline.commands.predict",
        "pipeline.commands.train",
    ],
)
def test_serving_loads_neither_tensorflow_nor_the_dashboard(module):
    script = (
        f"import sys, {module}\n"
        "print([n for n in ('tensorflow', 'keras', 'jax', 'ray', 'streamlit', 'plotly')"
        " if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ended.stdout.strip() == "[]"
