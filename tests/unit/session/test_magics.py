from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from k8s_tutor.errors import ManifestError
from k8s_tutor.notebook import MAGICS, register_magics
from k8s_tutor.session import session as session_module


class FakeSession:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def apply(self, source: str) -> None:
        self.asked.append(("apply", source))
        if "\t" in source:
            raise ManifestError("line 2, column 1: a tab", next_step="use spaces")

    def kubectl(self, line: str, stdin: str = "") -> str:
        self.asked.append(("kubectl", line, stdin))
        return "NAME"

    def graph(self, focus: str, lens: str) -> str:
        self.asked.append(("graph", focus, lens))
        return "picture"

    def check(self, name: str) -> str:
        self.asked.append(("check", name))
        return "verdict"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    fake = FakeSession()
    monkeypatch.setattr(session_module, "_current", [fake])
    return fake


@pytest.fixture(autouse=True)
def _registered(shell: InteractiveShell) -> None:
    register_magics()


def test_all_magics_are_there(shell: InteractiveShell) -> None:
    magics = shell.magics_manager.magics
    assert set(MAGICS) <= set(magics["line"])
    assert "apply" in magics["cell"]


@pytest.mark.parametrize(
    ("cell", "asked"),
    [
        ("%%apply\nkind: Pod\n", ("apply", "kind: Pod\n")),
        ("%apply pod.yaml", ("apply", "pod.yaml")),
        ("%kubectl get pods -o wide", ("kubectl", "get pods -o wide", "")),
        ("%%kubectl apply -f -\nkind: Pod\n", ("kubectl", "apply -f -", "kind: Pod\n")),
        ("%graph", ("graph", "", "default")),
        ("%graph pod/web traffic", ("graph", "pod/web", "traffic")),
        ("%check pods-1", ("check", "pods-1")),
    ],
)
def test_a_magic_asks_the_session(
    shell: InteractiveShell, session: FakeSession, cell: str, asked: tuple[Any, ...]
) -> None:
    assert shell.run_cell(cell).success
    assert session.asked == [asked]


def test_a_faulty_manifest_gives_its_message_and_no_traceback(
    shell: InteractiveShell, session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%%apply\n\tkind: Pod\n")
    assert isinstance(result.error_in_exec, ManifestError)
    shown = capsys.readouterr().out
    assert "a tab" in shown
    assert "Traceback" not in shown
    assert 'File "' not in shown


def test_without_a_session_the_message_says_how_to_get_one(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session_module, "_current", [])
    shell.run_cell("%check pods-1")
    assert "t = connect()" in capsys.readouterr().out
