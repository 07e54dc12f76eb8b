from __future__ import annotations

import os
from pathlib import Path

import pytest

from k8s_tutor.course import finding
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.lab import LabOptions, _open_to_others, is_headless, is_loopback, make_desk


@pytest.mark.parametrize(
    ("environment", "platform", "headless"),
    [
        pytest.param({}, "linux", True, id="a server without a screen"),
        pytest.param({"DISPLAY": ":0"}, "linux", False, id="a desktop"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False, id="a newer desktop"),
        pytest.param({}, "darwin", False, id="a Mac"),
        pytest.param({}, "win32", False, id="Windows"),
        pytest.param({"SSH_CONNECTION": "a b c d"}, "darwin", True, id="a Mac over ssh"),
        pytest.param({"BROWSER": "wslview"}, "linux", False, id="whoever names a browser"),
    ],
)
def test_no_browser_is_opened_where_nobody_would_see_it(
    environment: dict[str, str], platform: str, *, headless: bool
) -> None:
    assert is_headless(environment, platform) is headless


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A course with a notebook."""
    folder = tmp_path / "acme"
    (folder / "en").mkdir(parents=True)
    (folder / "course.toml").write_text('[course]\nname = "acme"\ntitle.en = "A"\n', encoding="utf-8")
    (folder / "en" / "index.ipynb").write_text("{}", encoding="utf-8")
    return folder


def test_a_course_that_is_opened_reaches_the_kernels_before_all_others(
    acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K8S_TUTOR_COURSE", "elsewhere")
    desk = make_desk(LabOptions(folder=tmp_path / "desk", course=str(acme)))
    assert os.environ["K8S_TUTOR_COURSE"] == f"{acme}{os.pathsep}elsewhere"
    assert (desk.folder, desk.front_page) == (tmp_path / "desk", "acme/index.ipynb")


def test_without_a_choice_our_front_page_is_opened_and_other_courses_stand_beside_it(
    acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("K8S_TUTOR_COURSE", raising=False)
    monkeypatch.setattr(finding, "_installed", lambda: (("a", find_own_course()), ("b", acme)))
    desk = make_desk(LabOptions(folder=tmp_path / "desk"))
    assert desk.front_page == "index.ipynb"
    assert (desk.folder / "acme" / "index.ipynb").exists()


def test_a_broken_course_is_told_and_the_lab_opens_all_the_same(
    acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (acme / "course.toml").write_text("[course]\nnmae = 1\n", encoding="utf-8")
    monkeypatch.delenv("K8S_TUTOR_COURSE", raising=False)
    monkeypatch.setattr(finding, "_installed", lambda: (("a", find_own_course()), ("b", acme)))
    assert make_desk(LabOptions(folder=tmp_path / "desk")).front_page == "index.ipynb"
    assert f"✗ {acme / 'course.toml'}, line 2: `nmae` is nothing a course has." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *(("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("[::1]", True), ("localhost", True)),
        *(("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("this-machine", False)),
    ],
)
def test_who_can_reach_an_address_is_known(host, loopback):
    assert is_loopback(host) is loopback


def test_a_server_open_to_others_says_who_and_that_nothing_is_encrypted():
    words = _open_to_others("0.0.0.0")
    assert "everybody who can reach this machine over any network" in words
    assert "not encrypted" in words
    assert "ssh -L" in words
