from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8s_tutor import cli
from k8s_tutor.errors import UsageError
from k8s_tutor.language import choice


def _ending_with(error: BaseException) -> argparse.ArgumentParser:
    def run(_: argparse.Namespace) -> int:
        raise error

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=run)
    return parser


def test_an_error_is_a_message_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_parser", lambda: _ending_with(UsageError("what happened", next_step="what to do")))
    assert cli.main([]) == 1
    assert capsys.readouterr().err == "✗ what happened\nNext: what to do\n"


def test_ctrl_c_is_answered_and_said_in_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_parser", lambda: _ending_with(KeyboardInterrupt()))
    assert cli.main([]) == 130
    assert "Ctrl-C" in capsys.readouterr().err


def test_help_names_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    assert "open the course in JupyterLab" in capsys.readouterr().out


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine whose system speaks English, with settings of its own; no kind here."""
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("K8S_TUTOR_LANG", "K8S_TUTOR_CLUSTER", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    choice.use_language("")
    yield
    monkeypatch.undo()
    choice.use_language("")


@pytest.mark.usefixtures("at_home")
def test_a_language_is_chosen_for_everything_until_that_is_undone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["use", "--language", "zh"]) == 0
    assert cli.main(["use", "automatic"]) == 0
    assert cli.main(["use", "--language", "automatic"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "语言：中文，因为你保存过这个选择",
        "要撤销：k8s-tutor use --language automatic",
        "connect() 会使用 embedded，因为没有安装 kind",
        "language: English, because your system's settings say so",
    ]


@pytest.mark.usefixtures("at_home")
def test_a_language_there_is_not_and_no_choice_at_all_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["use", "--language", "fr"]) == 1
    assert cli.main(["use"]) == 1
    said = capsys.readouterr().err
    assert "Nothing is written in the language 'fr'." in said
    assert "There is nothing to choose." in said


@pytest.mark.usefixtures("at_home")
def test_help_and_complaints_about_arguments_are_in_the_language_of_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("K8S_TUTOR_LANG", "zh")
    for words in (["--help"], ["up", "--fast"], ["serve", "--nodes", "three"], ["lesson", "new"], ["lesson", "--help"]):
        with pytest.raises(SystemExit):
            cli.main(words)
    printed = capsys.readouterr()
    assert "在 JupyterLab 中打开课程" in printed.out
    assert "显示程序的版本号并退出" in printed.out
    assert "✗ 无法识别的参数：--fast\n下一步：k8s-tutor --help" in printed.err
    assert "参数 --nodes：无效的 int 值：'three'" in printed.err
    assert "k8s-tutor lesson new：错误：缺少必需的参数：name" in printed.err
    prose = re.sub(r"k8s-tutor( lesson)?( new| check| build)?", "", printed.out + printed.err)
    english = re.findall(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", prose)
    assert english == []


def test_a_cluster_is_chosen_for_all_notebooks_until_another_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # no kind here
    monkeypatch.delenv("K8S_TUTOR_CLUSTER", raising=False)
    assert cli.main(["use", "kind"]) == 0
    assert cli.main(["use", "automatic"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "connect() takes: kind, because you saved that choice",
        "connect() takes: embedded, because kind is not installed",
    ]


def test_a_cluster_that_is_none_is_not_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["use", "embeded"]) == 1
    assert 'did you mean "embedded"?' in capsys.readouterr().err


def test_a_wrong_command_is_a_matter_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["lap"])
    assert ended.value.code == 2
    assert "lab" in capsys.readouterr().err


def test_exercises_that_are_broken_leave_the_account_of_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "01_first").mkdir()
    record = '[course]\nname = "acme"\ntitle.en = "A"\n[[lesson]]\nnumber = 1\nname = "first"\nminutes = 1\n'
    (tmp_path / "course.toml").write_text(f'{record}title.en = "F"\nlearn.en = "l"\n', encoding="utf-8")
    (tmp_path / "01_first" / "lesson.py").write_text("", encoding="utf-8")
    (tmp_path / "01_first" / "exercises.py").write_text("\n1 / 0\n", encoding="utf-8")
    monkeypatch.setenv("K8S_TUTOR_COURSE", str(tmp_path))
    assert cli.main(["check"]) == 1
    said = capsys.readouterr()
    assert "pods-1" in said.out
    assert f"✗ {tmp_path / '01_first' / 'exercises.py'}, line 2: the exercises of lesson first" in said.err
