"""A pack of somebody else's, in a folder outside the checkout: made, checked, proven, opened, judged, installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor import cli
from k8s_tutor.course.finding import VARIABLE
from tests.product.conftest import Kernel, StartLab, address_of, install

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one lesson and one exercise, as `k8s-tutor lesson new` makes it, notebooks and all."""
    folder = tmp_path_factory.mktemp("elsewhere")
    assert cli.main(["lesson", "new", "acme", "--folder", str(folder)]) == 0
    return folder / "acme"


def test_it_is_built_checked_and_proven(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(path.name for path in (pack / "en").iterdir()) == ["01_acme.ipynb", "index.ipynb"]
    assert cli.main(["lesson", "check", str(pack)]) == 0
    said = capsys.readouterr()
    assert "1 untouched, 2 solutions, 3 mistakes" in said.out
    assert said.err == ""


def test_the_lab_opens_its_front_page_beside_our_lessons(pack: Path, tmp_path: Path, start_lab: StartLab) -> None:
    process = start_lab(tmp_path, "--course", str(pack))
    address = address_of(process)
    assert "/lab/tree/acme/index.ipynb?token=" in address
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.status == 200
    copies = {path.relative_to(tmp_path / "lessons").as_posix() for path in (tmp_path / "lessons").rglob("*.ipynb")}
    assert {"acme/index.ipynb", "acme/01_acme.ipynb", "index.ipynb", "01_pods.ipynb"} <= copies


def test_a_notebook_judges_its_exercise(pack: Path, start: Callable[..., Kernel]) -> None:
    kernel = start(K8S_TUTOR_CLUSTER="embedded", **{VARIABLE: str(pack)})
    kernel.run('from k8s_tutor import connect; t = connect(); t.lesson("acme"); t.exercise("acme-1")')
    assert "○ acme-1 not attempted yet" in kernel.run('t.check("acme-1")').text
    assert "it wants 4, not three" in kernel.run('t.kubectl("scale deploy shop --replicas=4"); t.check("acme-1")').text
    assert "✓ acme-1 solved" in kernel.run('t.kubectl("scale deploy shop --replicas=3"); t.check("acme-1")').text
    assert kernel.run('t.lesson("pods")').error == ""  # ours stands beside it


def test_a_pack_that_is_broken_says_where_and_leaves_the_others_alone(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = shutil.copytree(pack, tmp_path / "broken")
    record = (pack / "course.toml").read_text(encoding="utf-8").replace("minutes", "minuets")
    (broken / "course.toml").write_text(record, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(broken), str(pack)]))
    assert cli.main(["lessons"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"✗ {broken / 'course.toml'}, line 10: `minuets` is nothing a lesson has.\n")
    assert re.findall(r"\((\w+)\)\n  \d\d (\w+)", said.out) == [("acme", "acme"), ("kubernetes", "picture")]


def test_installed_from_a_wheel_of_its_own_it_comes_in_by_its_entry_point(pack: Path, tmp_path: Path) -> None:
    site = install(pack, tmp_path)
    assert (site / "k8s_tutor_course_acme" / "course.toml").exists()
    said = _run(site, tmp_path, "-m", "k8s_tutor", "lessons")
    assert re.findall(r"\((\w+)\)\n  \d\d (\w+)", said) == [("kubernetes", "picture"), ("acme", "acme")]
    code = "from k8s_tutor import connect\nt = connect('embedded'); t.lesson('acme'); t.exercise('acme-1')\n"
    code += "t.kubectl('scale deploy shop --replicas=3'); print(t.check('acme-1'))"
    assert "✓ acme-1 solved" in _run(site, tmp_path, "-c", code)


def test_our_own_wheel_has_its_course_within(tmp_path: Path) -> None:
    site = install(ROOT, tmp_path)
    said = _run(site, tmp_path, "-m", "k8s_tutor", "lessons")
    assert f"in {site / 'k8s_tutor' / 'course' / 'lessons'};" in said
    code = "from k8s_tutor.course import workspace as w, finding as f\n"
    code += "c = f.choose_course(); print(w.prepare(w.folder_for(c, w.default_folder()), w.originals(c)).folder)"
    assert _run(site, tmp_path, "-c", code).strip() == str(tmp_path / "k8s-tutor-lessons")
    ours = sorted(path.name for path in (ROOT / "lessons" / "en").glob("*.ipynb"))
    assert sorted(path.name for path in (tmp_path / "k8s-tutor-lessons").glob("*.ipynb")) == ours


def test_a_learner_never_imports_the_room_where_lessons_are_made(tmp_path: Path) -> None:
    code = "import sys, k8s_tutor, k8s_tutor.cli, k8s_tutor.lab, k8s_tutor.notebook\n"
    code += "k8s_tutor.cli.main(['lessons']); k8s_tutor.cli.main(['check'])\n"
    code += "t = k8s_tutor.connect('embedded'); t.lesson('pods'); t.exercise('pods-1'); t.check('pods-1'); t.close()\n"
    code += "print([name for name in sys.modules if name.startswith('k8s_tutor.authoring')])"
    assert _run(ROOT, tmp_path, "-c", code).splitlines()[-1] == "[]"


def _run(site: Path, folder: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    result = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout
