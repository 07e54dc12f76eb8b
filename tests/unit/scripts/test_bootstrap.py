from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with a project of its own to work on."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp.json")
    for name in ("requirements.lock", "requirements-test.lock", "pyproject.toml"):
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    return module


@pytest.fixture
def installed(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which lock files were installed; nothing is downloaded."""
    locks: list[str] = []

    def make_venv() -> None:
        bootstrap.venv_python().parent.mkdir(parents=True, exist_ok=True)
        bootstrap.venv_python().touch()

    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    monkeypatch.setattr(bootstrap, "install", lambda lock: locks.append(lock.name))
    return locks


def test_the_second_start_installs_nothing(bootstrap: ModuleType, installed: list[str]) -> None:
    assert [bootstrap.main(["lab"]), bootstrap.main(["lab"])] == [0, 0]
    assert installed == ["requirements.lock"]


def test_what_tests_need_holds_what_lessons_need(bootstrap: ModuleType, installed: list[str]) -> None:
    bootstrap.main(["test"])
    bootstrap.main(["lab"])
    assert installed == ["requirements-test.lock"]


def test_a_changed_lock_is_installed_again(bootstrap: ModuleType, installed: list[str]) -> None:
    bootstrap.main(["lab"])
    (bootstrap.ROOT / "requirements.lock").write_text("newer\n", encoding="utf-8")
    bootstrap.main(["lab"])
    assert installed == ["requirements.lock", "requirements.lock"]


def test_an_installation_that_failed_is_not_taken_for_done(
    bootstrap: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise bootstrap.SetupFailed("no network")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "install", fail)
        assert bootstrap.main(["lab"]) == 1
    assert bootstrap.main(["lab"]) == 0
    assert installed == ["requirements.lock"]


def test_a_mirror_that_pip_knows_is_told_to_uv(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    environment = bootstrap.uv_environment({"index-url": "https://mirror.example/simple", "trusted-host": "a b"})
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_INSECURE_HOST"] == "a b"


def test_what_uv_was_told_directly_is_left_alone(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    environment = bootstrap.uv_environment({"index-url": "https://mirror.example/simple"})
    assert environment["UV_DEFAULT_INDEX"] == "https://own.example/simple"


def test_pips_settings_are_read_wherever_they_were_made(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "venv_python", lambda: Path(sys.executable))
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert bootstrap.pip_settings()["index-url"] == "https://mirror.example/simple"


def test_uv_itself_is_installed_with_the_locked_hashes(bootstrap: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(
        "a==1 \\\n    --hash=sha256:0\nuv==2 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nz==3\n", encoding="utf-8"
    )
    assert bootstrap.requirement_of("uv", lock) == "uv==2 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
    assert bootstrap.requirement_of("absent", lock) is None


def test_a_folder_that_is_no_venv_is_not_touched(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.VENV.mkdir()
    (bootstrap.VENV / "precious").touch()
    assert bootstrap.main(["lab"]) == 1
    assert "move it away" in capsys.readouterr().err
    assert (bootstrap.VENV / "precious").exists()
