"""What the repository says about itself is true: commands, versions, packages, public names, nothing of one machine."""

from __future__ import annotations

import ast
import base64
import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import k8s_tutor

ROOT = Path(__file__).resolve().parents[2]
# Where conda-forge's name for a package is not PyPI's.
CONDA_NAMES = {"graphviz": "python-graphviz", "kubernetes": "python-kubernetes", "PyYAML": "pyyaml"}
# Written in pieces so that this file does not hold what it looks for.
FOREIGN = {
    "host of a package registry": "|".join(
        ["pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", r"mirrors?\.[a-z]+\.(edu|com|org)"]
    ),
    "path of one machine": r"(^|[^A-Za-z0-9_.-])/(work|farm|root|Users/[a-z]|home/[a-z])" + "/|/tmp/" + "judge",
}


def _tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def _pyproject() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _name(requirement: str) -> str:
    return re.split(r"[ <>=!~\[;]", requirement, maxsplit=1)[0]


@pytest.mark.parametrize("what", FOREIGN)
def test_no_tracked_file_holds_a(what: str) -> None:
    found = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        lines = enumerate(text.splitlines(), 1)
        found += [f"{path.relative_to(ROOT)}:{number}" for number, line in lines if re.search(FOREIGN[what], line)]
    assert found == []


def test_the_picture_in_the_readme_is_one_of_lesson_06() -> None:
    picture = base64.b64encode((ROOT / "docs" / "traffic.svg").read_bytes()).decode()
    lesson = (ROOT / "lessons" / "en" / "06_loadbalancers.ipynb").read_text(encoding="utf-8")
    assert picture in lesson, "lesson 06 draws it otherwise now: take the new one from the notebook's outputs"


def test_the_readme_lists_the_commands_that_the_makefile_has() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*)(?=:)", makefile, re.MULTILINE)) - {"help", "setup", "python"}
    listed = set(re.findall(r"^\| `make ([a-z-]+)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == targets
    assert listed == set(re.findall(r"'make ([a-z-]+) ", makefile)), "make help lists others"


def test_the_version_comes_from_one_place() -> None:
    assert importlib.metadata.version("k8s-tutor") == k8s_tutor.__version__
    assert "version" not in _pyproject()["project"]


def test_conda_gets_the_packages_that_pip_gets() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    items = [item for row in environment["dependencies"] for item in (row["pip"] if isinstance(row, dict) else [row])]
    given = {item.replace(" ", "") for item in items}
    wanted = set()
    for requirement in _pyproject()["project"]["dependencies"]:  # type: ignore[attr-defined]
        name = _name(requirement)
        wanted.add((CONDA_NAMES.get(name, name) + requirement.removeprefix(name)).replace(" ", ""))
    assert wanted - given == set()


def test_the_lock_files_agree_and_pin_every_package_with_hashes() -> None:
    lab, test = (_locked(ROOT / name) for name in ("requirements.lock", "requirements-test.lock"))
    assert lab.items() <= test.items()
    project, groups = _pyproject()["project"], _pyproject()["dependency-groups"]
    wanted = {_name(item).lower() for item in project["dependencies"]}  # type: ignore[attr-defined]
    assert wanted <= set(lab)
    testers = (project["optional-dependencies"]["test"], groups["dev"])  # type: ignore[index]
    assert {_name(item).lower() for items in testers for item in items} <= set(test)


def test_others_suites_run_with_the_versions_that_we_use() -> None:
    test, suites = (_locked(ROOT / name) for name in ("requirements-test.lock", "requirements-suites.lock"))
    assert {name: pin for name, pin in suites.items() if test.get(name, pin) != pin} == {}
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    assert {_name(item).lower() for item in groups["suites"]} <= set(suites)


def _locked(path: Path) -> dict[str, str]:
    blocks = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8"))
    pins = {}
    for block in blocks:
        if found := re.match(r"([a-z0-9.-]+)==(\S+)", block):
            assert "--hash=sha256:" in block, found.group()
            pins[found.group(1)] = found.group(2)
    return pins


def test_every_public_name_is_documented() -> None:
    silent = []
    for path in sorted((ROOT / "k8s_tutor").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
        public = _public_names(tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name in public:
                silent += [] if ast.get_docstring(node) else [f"{path.relative_to(ROOT)}: {node.name}"]
    assert silent == []


def _public_names(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(item, ast.Name) and item.id == "__all__" for item in node.targets
        ):
            return list(ast.literal_eval(node.value))
    return []
