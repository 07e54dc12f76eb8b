from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from k8s_tutor import cli
from k8s_tutor.errors import UsageError


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
