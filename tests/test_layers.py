"""The architecture, read from the source: which way imports run, how long files are, what links point to."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {
    "scenarios": {"worlds", "agents", "memory", "sim", "assets"},
    "agents": {"memory", "sim"},
    "worlds": {"sim", "assets"},
    "memory": {"sim"},
    "sim": {"assets"},
    "assets": set[str](),
}
HEAVY = {"torch", "transformers", "chromadb", "pygame", "pandas", "matplotlib", "scipy", "numpy", "networkx"}
MOST_LINES = 400


def sources() -> dict[str, Path]:
    """Every module of the package: its dotted name and its file."""
    found = {}
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(("burgh", *parts)).removesuffix(".__init__")] = path
    return found


MODULES = sources()


def imported(tree: ast.AST, module: str) -> Iterator[str]:
    """The modules of ours that a piece of source imports, by dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "burgh")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} uses a relative import"
            if node.module and node.module.split(".")[0] == "burgh":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield whole if whole in MODULES else node.module


def at_import_time(tree: ast.Module) -> ast.Module:
    """The source without functions' bodies and without what only type checkers read."""

    class Strip(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
            return None

        def visit_If(self, node: ast.If) -> ast.AST:
            return (
                ast.Pass() if ast.unparse(node.test).endswith("TYPE_CHECKING") else self.generic_visit(node)
            )

    stripped = Strip().visit(tree)
    assert isinstance(stripped, ast.Module)
    return stripped


def test_every_layer_has_modules() -> None:
    assert {name.split(".")[1] for name in MODULES} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_run_in_one_direction(layer: str) -> None:
    wrong = [
        f"{module} imports {target}"
        for module, path in MODULES.items()
        if module.split(".")[1] == layer
        for target in imported(ast.parse(path.read_text(encoding="utf-8")), module)
        if target != "burgh" and target.split(".")[1] not in LAYERS[layer] | {layer}
    ]
    assert wrong == []


def test_no_imports_in_a_circle() -> None:
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for module, path in MODULES.items():
        tree = at_import_time(ast.parse(path.read_text(encoding="utf-8")))
        graph.add_edges_from((module, target) for target in imported(tree, module) if target != module)
    assert list(networkx.simple_cycles(graph)) == []


def test_the_check_of_circles_sees_one() -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import burgh.sim.spec\n"
    source += "def later():\n    import burgh.sim.rng\nfrom burgh.sim import clock\n"
    assert set(imported(ast.parse(source), "x")) == {"burgh.sim.spec", "burgh.sim.rng", "burgh.sim.clock"}
    assert set(imported(at_import_time(ast.parse(source)), "x")) == {"burgh.sim.clock"}


def test_no_file_is_too_long() -> None:
    folders = [*LAYERS, "tests", "benchmarks", "src"]
    files = {path.resolve() for folder in folders for path in (ROOT / folder).rglob("*.py")}
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert len(lengths) > 20
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MOST_LINES} == {}


@pytest.mark.parametrize("layer", LAYERS)
def test_the_links_of_the_package_resolve(layer: str) -> None:
    assert (ROOT / "src" / "burgh" / layer).resolve() == ROOT / layer
    assert (ROOT / "src" / "burgh" / layer / "__init__.py").is_file()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["scenarios", "list"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from burgh.scenarios.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('heavy:', sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "heavy: []"
