"""The embedded cluster goes on in another process: what its journal on disk brings back, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.api.cluster import Answered, FunctionImage
from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.embedded.runner import files, storage
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.embedded.runner.storage import decode, encode
from k8s_tutor.errors import UsageError
from k8s_tutor.session import Session
from tests.unit.cluster.test_turning_back import DEEDS, HOOK, WEB, look

POD = "{{apiVersion: v1, kind: Pod, metadata: {{name: {}}}, spec: {{containers: [{{name: c, image: '{}'}}]}}}}"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("K8S_TUTOR_KUBECTL", "builtin")
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def t() -> Iterator[Session]:
    session = begin()
    yield session
    session.close()


def begin(said: list[str] | None = None) -> Session:
    lines = [] if said is None else said
    return Session(EmbeddedCluster(PaceMode.AWAITED, keep=True), say=lines.append)


def kill(session: Session) -> None:
    """What the system does for a process that is killed: nothing is written any more, and its lock is free."""
    cluster: Any = session.cluster
    cluster.door.keeper = None
    cluster._journal._shut()
    files.release(cluster._journal.path, cluster._journal._lock)
    cluster._journal = None
    session.close()


def resume(said: list[str] | None = None) -> Session:
    session = begin(said)
    session.resume()
    return session


def look_everywhere(session: Session) -> str:
    return str(session.kubectl("get all,configmaps,secrets,events -A -o yaml")) + look(session)


def journal(session: Session) -> Path:
    path: Path = session.cluster._journal.path  # type: ignore[attr-defined]
    return path


# ---- What comes back


@settings(max_examples=5)
@given(past=st.lists(st.sampled_from([*sorted(DEEDS), "turn back"]), max_size=6))
def test_what_is_resumed_is_what_it_was_and_so_again_after_time_was_turned_back(past: list[str]) -> None:
    deeds: dict[str, Callable[[Session], object]] = {**DEEDS, "turn back": lambda t: t.rewind("100 ms")}
    t = begin()
    t.apply(WEB.format(replicas=2, image="nginx:1.22"))
    t.wait("deploy/web")
    t.cluster.clock.advance(1)  # type: ignore[attr-defined]  so that there is something to turn back
    for deed in past:
        deeds[deed](t)
    then = look_everywhere(t)
    kill(t)
    again = resume()
    assert look_everywhere(again) == then
    DEEDS["roll out"](again)
    again.cluster.clock.advance(5)  # type: ignore[attr-defined]
    again.rewind("1 s")
    then = look_everywhere(again)
    kill(again)
    twice = resume()
    assert look_everywhere(twice) == then
    twice.close()


def test_the_lesson_its_namespace_and_its_terminal_are_as_they_were(t: Session) -> None:
    t.lesson("pods")
    t.apply(POD.format("web", "nginx:1.25"))
    kill(t)
    said: list[str] = []
    again = resume(said)
    assert again.namespace == "lesson-pods"
    assert again.get("pod/web")
    assert any("lesson pods, 1 object" in line for line in said)
    config = json.loads(Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8"))
    assert config["contexts"][0]["context"]["namespace"] == "lesson-pods"
    assert config["clusters"][0]["cluster"]["server"] == again.cluster.url  # type: ignore[attr-defined]
    again.reset()
    assert not again.objects("pods")
    again.close()


def test_another_program_finds_it_by_the_new_kubeconfig_and_old_tokens_are_good(t: Session) -> None:
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415

    t.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}")
    t.apply(POD.format("web", "nginx:1.25"))
    token = str(t.kubectl("create token robot")).strip()
    kill(t)
    again = resume()
    outside = ContextCluster(again.cluster.context, [again.cluster.kubeconfig])
    assert outside.api.send(Request("GET", "/api/v1/namespaces/default/pods/web")).code == 200
    assert again.cluster.door.authenticate(token).name.endswith(":robot")  # type: ignore[attr-defined]
    outside.close()
    again.close()


def test_a_command_that_was_running_is_hung_up_on(t: Session) -> None:
    t.apply(POD.format("web", "nginx:1.25"))
    t.wait("pod/web")
    path = f"/api/v1/namespaces/{t.namespace}/pods/web/exec"
    request = Request("GET", path, (("command", "sleep"), ("command", "1000"), ("stdout", "true")))
    door: Any = t.cluster.door  # type: ignore[attr-defined]
    door.handle(request).session.attach(print, print, print)
    t.cluster.clock.advance(1)  # type: ignore[attr-defined]
    assert "sleep 1000" in str(t.exec("pod/web", "ps"))
    kill(t)
    again = resume()
    again.cluster.clock.advance(1)  # type: ignore[attr-defined]
    assert "sleep 1000" not in str(again.exec("pod/web", "ps"))
    again.close()


def test_functions_say_that_their_cell_must_run_again_and_then_they_answer(t: Session) -> None:
    def register(session: Session) -> None:
        @session.image("counter:1")
        def counter(request: Any) -> str:
            request.memory["n"] = request.memory.get("n", 0) + 1
            request.memory["live"] = register  # nothing that can be written down
            return str(request.memory["n"])

        assert counter.name == "counter:1"

    def ask(session: Session) -> str:
        path = f"/api/v1/namespaces/{session.namespace}/pods/c:8080/proxy/"
        return bytes(session.client.api.send(Request("GET", path)).body).decode()  # type: ignore[arg-type]

    register(t)
    t.apply(POD.format("c", "counter:1"))
    t.wait("pod/c")
    assert ask(t) == "1"
    kill(t)
    said: list[str] = []
    again = resume(said)
    assert any("run the cells of counter:1 again" in line for line in said)
    assert '@t.image("counter:1")' in ask(again)
    assert '@t.image("counter:1")' in again.logs("pod/c")
    register(again)
    assert ask(again) == "2"
    again.rewind("1 ms")
    again.close()


def test_what_was_signed_is_the_same_certificate(t: Session) -> None:
    from k8s_tutor.embedded.http.authority import Authority  # noqa: PLC0415

    cluster: Any = t.cluster
    t.apply(POD.format("web", "nginx:1.25"))
    cluster._signer._authority.sign = lambda request, seconds: b"signed at random" + request
    given = cluster._signer.sign(b"csr", 600.0)
    ours = Authority(0.0, cluster._beginning.authority.kept).certificate
    kill(t)
    again = resume()
    other: Any = again.cluster
    assert other._signer.sign(b"csr", 600.0) == given
    assert other.credentials.ca == ours
    again.close()


# ---- Killed in the middle

SCRIPT = """
import os, sys
from k8s_tutor import connect
t = connect("embedded")
t.lesson("pods")
t.apply('{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c, image: "nginx:1.25"}]}}')
t.wait("pod/web")
for number in range(1000):
    t.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"note-{number}"}})
    os.write(2, f"{number}\\n".encode())
"""


def test_a_process_killed_in_the_middle_of_work_loses_nothing_that_was_answered(home: Path) -> None:
    environment = {**os.environ, "K8S_TUTOR_PACE": "realtime", "K8S_TUTOR_LANG": "en"}
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert worker.stderr is not None
    answered = [int(worker.stderr.readline()) for _ in range(40)][-1]
    if sys.platform == "win32":
        worker.kill()
    else:
        worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stderr.close()
    again = resume()
    notes = {one["metadata"]["name"] for one in again.objects("configmaps")}
    assert {f"note-{number}" for number in range(answered + 1)} <= notes
    assert again.get("pod/web")["status"]["phase"] == "Running"
    again.close()


def test_killed_while_a_webhook_was_asked_it_goes_on_as_if_that_had_not_answered(t: Session) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "note"}}
    door: Any = t.cluster.door  # type: ignore[attr-defined]
    t.apply(POD.format("web", "nginx:1.25"))
    t.apply(HOOK)
    t.cluster.clock.advance(2)  # type: ignore[attr-defined]

    def die(*_: Any) -> bytes:
        kept = journal(t).read_bytes()
        raise KeyboardInterrupt(kept)

    door._call_webhook = die
    with pytest.raises(KeyboardInterrupt) as caught:
        door.handle(Request("POST", "/api/v1/namespaces/default/configmaps", body=config))
    path, kept = journal(t), caught.value.args[0]
    kill(t)
    path.write_bytes(kept)
    again = resume()
    assert again.client.find("configmap", "note", "default") is None  # the hook's failure policy
    again.rewind("1 ms")
    again.close()


def test_a_torn_record_is_cut_off(t: Session) -> None:
    t.apply(POD.format("web", "nginx:1.25"))
    then = str(t.kubectl("get all -A -o yaml"))
    path = journal(t)
    kill(t)
    with path.open("ab") as file:
        file.write(b'[78,1767225600.5,311,"request",[{"Requ')
    again = resume()
    assert str(again.kubectl("get all -A -o yaml")) == then
    again.apply(POD.format("other", "nginx:1.25"))
    kill(again)
    assert resume().get("pod/other")


# ---- What cannot be written


class Full:
    """A disk that takes no more after some bytes."""

    def __init__(self, file: Any, left: int) -> None:
        self._file, self._left = file, left

    def write(self, data: bytes) -> int:
        if not self._left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(len(data), self._left)
        self._left -= taken
        return int(self._file.write(data[:taken]))

    def close(self) -> None:
        self._file.close()


def test_on_a_full_disk_the_cluster_goes_on_and_says_so_once() -> None:
    said: list[str] = []
    t = begin(said)
    t.apply(POD.format("web", "nginx:1.25"))
    kept: Any = t.cluster._journal  # type: ignore[attr-defined]
    kept._file = Full(kept._file, 100)
    t.apply(POD.format("other", "nginx:1.25"))
    t._before_cell("")
    t._before_cell("")
    assert len([line for line in said if "not kept on disk: No space left" in line]) == 1
    assert t.get("pod/other")
    kill(t)
    again = resume()
    assert [pod["metadata"]["name"] for pod in again.objects("pods")] == ["web"]
    again.close()


def test_where_nothing_can_be_written_at_all_the_cluster_goes_on(home: Path) -> None:
    (home / "clusters").write_text("in the way", encoding="utf-8")
    t = begin()
    t.apply(POD.format("web", "nginx:1.25"))
    assert "it is gone" in str(t.cluster.trouble())  # type: ignore[attr-defined]
    assert t.get("pod/web")
    t.close()


def test_a_journal_that_grows_too_large_is_written_no_further(t: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LARGEST", 1 << 20)
    t.apply(POD.format("web", "nginx:1.25"))
    note = {"apiVersion": "v1", "kind": "ConfigMap"}
    for number in range(3):
        t.client.create({**note, "metadata": {"name": f"{number}"}, "data": {"x": "x" * 400_000}}, "default")
    assert "it has grown to 1 MB" in str(t.cluster.trouble())  # type: ignore[attr-defined]
    assert journal(t).stat().st_size < 1 << 20


# ---- What is left, and what is not


def test_a_cluster_that_nobody_did_anything_in_leaves_nothing(home: Path, t: Session) -> None:
    t.objects("pods")
    t.close()
    assert not list(home.glob("clusters/*"))


def test_what_was_emptied_again_leaves_nothing(home: Path, t: Session) -> None:
    t.lesson("pods")
    t.leave()
    t.close()
    assert not list(home.glob("clusters/*"))


def test_in_awaited_pace_nothing_is_kept_unless_asked_for(home: Path) -> None:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda _: None)
    session.apply(POD.format("web", "nginx:1.25"))
    session.close()
    assert not list(home.glob("clusters/*"))


def test_the_last_few_of_a_learner_stay(home: Path) -> None:
    for number in range(files.KEPT + 2):
        session = begin()
        session.apply(POD.format(f"web-{number}", "nginx:1.25"))
        session.close()
        for path in home.glob("clusters/*.journal"):
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 10))
    files.sweep()
    assert len(list(home.glob("clusters/*.journal"))) == files.KEPT
    again = resume()
    assert again.get(f"pod/web-{files.KEPT + 1}")
    again.close()


def test_the_file_is_nobody_elses(t: Session) -> None:
    t.apply(POD.format("web", "nginx:1.25"))
    if os.name == "posix":
        assert journal(t).stat().st_mode & 0o777 == 0o600
        assert journal(t).parent.stat().st_mode & 0o777 == 0o700


# ---- Refusals


def test_nothing_there_is_said_with_what_is_kept(t: Session) -> None:
    with pytest.raises(UsageError, match="no cluster to go on with") as caught:
        t.resume()
    assert caught.value.next_step


def test_the_cluster_of_a_kernel_that_runs_is_never_taken_over(home: Path) -> None:
    environment = {**os.environ, "K8S_TUTOR_PACE": "realtime"}
    script = SCRIPT.replace("range(1000)", "range(1)") + "\nsys.stdin.read()"
    worker = subprocess.Popen(
        [sys.executable, "-c", script], env=environment,
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert worker.stderr is not None
    worker.stderr.readline()
    t = begin()
    with pytest.raises(UsageError) as caught:
        t.resume()
    assert "runs in another kernel" in str(caught.value)
    worker.communicate(b"")
    t.resume()
    assert t.get("pod/web")
    t.close()


def test_who_learns_under_another_name_is_offered_nothing(t: Session) -> None:
    t.apply(POD.format("web", "nginx:1.25"))
    t.close()
    other = begin()
    assert other.cluster.left_behind("anna") is None  # type: ignore[attr-defined]
    assert other.cluster.left_behind("") is not None  # type: ignore[attr-defined]
    other.close()


@pytest.mark.parametrize(("version", "why"), [("0.0.1", "k8s-tutor 0.0.1 wrote"), ("", "led elsewhere")])
def test_a_journal_that_leads_elsewhere_is_refused_and_all_stays(t: Session, version: str, why: str) -> None:
    cluster: Any = t.cluster
    if version:
        cluster._journal._beginning = replace(cluster._beginning, version=version)
    t.apply(POD.format("web", "nginx:1.25"))
    t.wait("pod/web")
    cluster.kubernetes.handle(Request("DELETE", "/api/v1/namespaces/default/pods/web"))  # past the door
    t.apply(POD.format("other", "nginx:1.25"))
    path = journal(t)
    kill(t)
    again = begin()
    again.apply(POD.format("mine", "nginx:1.25"))
    with pytest.raises(UsageError) as caught:
        again.resume()
    assert why in str(caught.value)
    assert again.get("pod/mine")
    assert path.exists()
    again.close()


def test_running_the_cell_twice_changes_nothing(t: Session) -> None:
    t.apply(POD.format("web", "nginx:1.25"))
    kill(t)
    said: list[str] = []
    again = resume(said)
    again.resume()
    assert said[-1].startswith("It goes on already")
    assert again.get("pod/web")
    again.close()


def test_what_was_done_before_resuming_is_kept_too(t: Session) -> None:
    t.apply(POD.format("web", "nginx:1.25"))
    kill(t)
    again = begin()
    again.apply(POD.format("mine", "nginx:1.25"))
    again.resume()
    assert len(files.find_journals("")) == 2
    again.close()


# ---- As data


@pytest.mark.parametrize(
    "value",
    [
        Request("PATCH", "/x", (("a", "b"),), {"$": [1, 1.0, None, {"bytes": "\ud800"}]}, headers=(("k", "v"),)),
        Request("POST", "/x", body=b"\x00\xff"),
        User("u", ("g",), "1", (("k", ("v", "w")),)),
        HttpRequest("GET", "/", {"Host": "x"}, b"body"),
        Answered(500, "b", log="l", exit_code=3),
        {1: "x", "tuple": (1, [2.5, b"x"]), None: {"deep": True}},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_entry_holds_comes_back_as_it_was(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_of_an_image_the_function_is_left_out_and_of_a_sender_what_listens() -> None:
    image = decode(encode(FunctionImage("a:1", "a", "src", 80, lambda _: Answered())))
    assert (image.name, image.program, image.source, image.port) == ("a:1", "a", "src", 80)
    assert decode(encode(Namespace("172.18.0.1"))).address == "172.18.0.1"
