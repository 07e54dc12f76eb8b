"""`pytest --k8s-lessons` as a stranger has it: from the built wheel, outside the checkout, with the example course."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.product.conftest import install

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
OURS = ("K8S_TUTOR_", "PYTEST_")
"""What a stranger has not set."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The example, copied to where no checkout is."""
    return shutil.copytree(EXAMPLES / "acme", tmp_path / "acme")


@dataclass
class Ended:
    """A pytest that has ended."""

    code: int
    said: str


@pytest.fixture
def run_pytest(site: Path, tmp_path: Path) -> Callable[..., Ended]:
    def run(*words: str, **variables: str) -> Ended:
        own = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
        result = subprocess.run(
            command, cwd=tmp_path, env={**own, "PYTHONPATH": str(site), **variables}, capture_output=True, text=True,
            encoding="utf-8", check=False,
        )  # fmt: skip
        return Ended(result.returncode, result.stdout + result.stderr)

    return run


@pytest.mark.usefixtures("pack")
def test_the_example_is_green_and_the_table_counts_it(run_pytest: Callable[..., Ended]) -> None:
    ended = run_pytest("--k8s-lessons", "acme")
    assert ended.code == 0, ended.said
    rows = re.findall(r"^✓ (.*?)  +(\d+) +(\d+) +(\d+)$", ended.said, re.MULTILINE)
    assert {name: (declared, ran, passed) for name, declared, ran, passed in rows} == {
        "checks of the course": ("5", "5", "5"),
        "notebooks, English": ("4", "4", "4"),
        "cells, English": ("18", "18", "18"),
        "notebooks, 中文": ("4", "4", "4"),
        "cells, 中文": ("18", "18", "18"),
        "exercises, untouched": ("1", "1", "1"),
        "exercises, solved": ("2", "2", "2"),
        "exercises, gone wrong": ("3", "3", "3"),
    }
    assert "✓ All that acme declares has run and passed." in ended.said


@dataclass(frozen=True)
class Defect:
    """Something wrong with a course.

    Attributes:
        plant: Where: its file, what stands there, what stands there instead.
        part: The part of the tests that finds it, as `-k` has it.
        says: What the run must say.
    """

    plant: tuple[str, str, str]
    part: str
    says: tuple[str, ...]


EXERCISES, LESSON = "01_counting/exercises.py", "01_counting/lesson.py"
DEFECTS = {
    "a record that cannot be read": Defect(
        ("course.toml", "minutes", "minuets"), "", ("course.toml, line 12: `minuets` is nothing a lesson has",)
    ),
    "a title without translation": Defect(
        ("course.toml", 'title.zh = "数数"\n', ""), "record", ("course.toml, line 13: 'Counting' is not translated",)
    ),
    "a lesson with helpers": Defect(
        (LESSON, "# Your cell.", "def help(): ..."), "sources", ("01_counting/lesson.py, line ", "defines something")
    ),
    "a translation of older English": Defect(
        (LESSON, "counted one, wanted two", "wanted two"), "sources", ("01_counting/lesson.py, line ", "older")
    ),
    "a translation without a heading": Defect(
        (LESSON, "# ### 轮到你了：三个\n", ""), "translations", ("01_counting/lesson.py, line ", "heading")
    ),
    "an answer that is not translated": Defect(
        ("01_counting/zh_CN.po", 'msgstr "要三个"', 'msgstr ""'),
        "translations",
        ("01_counting/zh_CN.po: not translated: 'Three of them'",),
    ),
    "a notebook edited by hand": Defect(
        ("zh/01_counting.ipynb", "数到一个", "数到两个"), "notebooks", ("zh/01_counting.ipynb has it otherwise",)
    ),
    "an exercise with two hints": Defect(
        (EXERCISES, '            msg("Which field of a Deployment is a number of Pods?"),\n', ""),
        "exercises",
        ("01_counting/exercises.py, line ", "counting-1 needs 3 hints at least"),
    ),
    "an output of yesterday": Defect(
        ("zh/01_counting.ipynb", "web-", "old-"), "zh and 01_counting", ("zh/01_counting.ipynb", "Cell ", "old-")
    ),
    "a cell that nbval passes over": Defect(
        ("en/01_counting.ipynb", '"# Your cell."', '"# NBVAL_IGNORE_OUTPUT"'),
        "en and 01_counting and first",
        ("01_counting/lesson.py, line ", "asks nbval not to compare it"),
    ),
    "a start that cannot be": Defect(
        (EXERCISES, "kind: Deployment", "kind: Deploymint"),
        "proofs and untouched",
        ("counting-1, untouched: broke off",),
    ),
    "a solution that does not solve": Defect(
        (EXERCISES, "solution='t.kubectl(\"scale deployment shop --replicas=3", "solution='t.kubectl(\"get all"),
        "proofs and solution",
        ("exercises.py, line ", "counting-1, solution: the check says not attempted, not passed"),
    ),
    "another solution that does not solve": Defect(
        (EXERCISES, "'\"spec\": {\"replicas\": 3,", "'\"spec\": {\"replicas\": 5,"),
        "proofs and alternative",
        ("exercises.py, line ", "counting-1, alternative: the check says failed, not passed"),
    ),
    "a mistake that draws another's answer": Defect(
        (EXERCISES, 'says="nobody looks after them"', 'says="too many cooks"'),
        "proofs and hand",
        ("exercises.py, line ", "the mistake 'Pods by hand': its own answer 'too many cooks'"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_named(name: str, pack: Path, run_pytest: Callable[..., Ended]) -> None:
    defect = DEFECTS[name]
    file, right, wrong = defect.plant
    text = (pack / file).read_text(encoding="utf-8")
    assert right in text
    (pack / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    ended = run_pytest("--k8s-lessons", "acme", *(["-k", defect.part] if defect.part else []))
    assert ended.code in (1, 2), ended.said
    assert [words for words in defect.says if words not in ended.said] == [], ended.said


def test_a_cell_that_differs_the_second_time_only_is_named(pack: Path, run_pytest: Callable[..., Ended]) -> None:
    path = pack / "en" / "index.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["source"] = "from pathlib import Path\nprint(Path('seen').exists(), Path('seen').touch())"
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "False None\n"}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    ended = run_pytest("--k8s-lessons", "acme", "-k", "en and index", "-v")
    assert ended.code == 1, ended.said
    assert re.findall(r"en/index.ipynb::(\w+) run (\w+)", ended.said)[:2] == [("first", "PASSED"), ("second", "FAILED")]


@pytest.mark.usefixtures("pack")
def test_what_did_not_run_has_not_passed(tmp_path: Path, run_pytest: Callable[..., Ended]) -> None:
    text = "def pytest_collection_modifyitems(items):\n    items[:] = [one for one in items if one.name == 'record']\n"
    (tmp_path / "conftest.py").write_text(text, encoding="utf-8")
    ended = run_pytest("--k8s-lessons=acme")
    assert ended.code == 1, ended.said
    assert "did not run, and what did not run has not passed." in ended.said


@pytest.mark.usefixtures("pack")
def test_no_conftest_of_somebody_s_has_a_say_in_what_cells_show(
    tmp_path: Path, run_pytest: Callable[..., Ended]
) -> None:
    text = (
        "def pytest_collection_modifyitems(items):\n    items[:] = [one for one in items if 'Cell' not in one.name]\n"
    )
    (tmp_path / "conftest.py").write_text(text, encoding="utf-8")
    ended = run_pytest("--k8s-lessons=acme", "-k", "en and index and first")
    assert ended.code == 0, ended.said


@pytest.mark.usefixtures("pack")
def test_it_says_the_same_in_chinese_and_beside_other_tests(tmp_path: Path, run_pytest: Callable[..., Ended]) -> None:
    (tmp_path / "test_other.py").write_text("def test_another():\n    pass\n", encoding="utf-8")
    words = ("test_other.py", "--k8s-lessons", "acme/01_counting", "-k", "another or proofs")
    ended = run_pytest(*words, K8S_TUTOR_LANG="zh")
    assert ended.code == 0, ended.said
    assert re.search(r"^✓ 练习，做错 +3 +3 +3$", ended.said, re.MULTILINE), ended.said
    assert "7 passed" in ended.said


def test_the_operator_has_a_cluster_a_test_and_hours_that_pass_at_once(
    tmp_path: Path, run_pytest: Callable[..., Ended]
) -> None:
    shutil.copytree(EXAMPLES / "operator", tmp_path / "operator")
    ended = run_pytest("-W", "error", "operator")
    assert ended.code == 0, ended.said
    assert "4 passed" in ended.said


def test_where_nobody_asks_for_it_next_to_nothing_is_imported(tmp_path: Path, run_pytest: Callable[..., Ended]) -> None:
    text = "import sys\n\ndef test_it():\n    found = {name for name in sys.modules if name.startswith('k8s_tutor')}\n"
    text += "    assert found >= {'k8s_tutor.pytest_plugin'}\n"
    text += (
        "    assert {name.split('.')[1] for name in found if '.' in name} == {'language', 'pytest_plugin', 'version'}\n"
    )
    (tmp_path / "test_light.py").write_text(text, encoding="utf-8")
    ended = run_pytest("test_light.py")
    assert ended.code == 0, ended.said


@pytest.mark.parametrize("file", [".github/workflows/lessons.yml", ".gitlab-ci.yml"])
def test_the_guide_has_the_example_s_files_word_for_word(file: str) -> None:
    text = (EXAMPLES / "acme" / file).read_text(encoding="utf-8")
    assert f"```yaml\n{text}```\n" in (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
