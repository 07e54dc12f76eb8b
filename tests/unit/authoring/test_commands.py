from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor import cli
from k8s_tutor.authoring import commands

Small = Callable[..., Path]


@pytest.mark.parametrize("program", [lambda words: cli.main(["lesson", *words]), commands.main])
def test_both_ways_to_call_it_do_the_same(
    program: Callable[[list[str]], int], small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small()
    assert program(["check", "--no-proofs", str(folder)]) == 0
    assert f"{folder}: in order, " in capsys.readouterr().out


def test_complaints_are_the_exit_code(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small()
    (folder / "en" / "02_two.ipynb").unlink()
    assert commands.main(["check", "--no-proofs", str(folder)]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"✗ {folder / 'en' / '02_two.ipynb'}: is missing")
    assert f"{folder}: 1 complaint, " in said.out


def test_a_record_that_cannot_be_read_is_a_message(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small()
    (folder / "course.toml").write_text("[course]\nnmae = 1\n", encoding="utf-8")
    assert commands.main(["check", str(folder)]) == 1
    assert capsys.readouterr().err.startswith(f"✗ {folder / 'course.toml'}, line 2: ")


def test_packages_that_are_missing_are_named_with_the_line_that_brings_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "find_spec", lambda name: None if name in ("jupytext", "markdown_it") else name)
    assert commands.main(["check"]) == 1
    assert "Next: python -m pip install jupytext markdown-it-py\n" in capsys.readouterr().err


def test_help_is_there_without_them(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(commands, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        cli.main(["lesson", "--help"])
    assert ended.value.code == 0
    assert "begin a lesson that works" in capsys.readouterr().out
