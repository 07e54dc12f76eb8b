"""Learners' places: made, resumed, extended, emptied, removed; what they may, and what is refused in words."""

from __future__ import annotations

import io
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor import cli, kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, Response, StatusError
from k8s_tutor.cluster.progress import Lines
from k8s_tutor.course.progress import RECORD
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.errors import UsageError
from k8s_tutor.session.learner import may
from k8s_tutor.workshop.classroom import Classroom, read_definitions
from k8s_tutor.workshop.handout import Handouts, read_handout, welcome
from k8s_tutor.workshop.seats import make_names
from tests.unit.workshop.conftest import Sits

POD = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: 'nginx:1.22'}]}}"
KINDS = (
    "namespaces", "resourcequotas", "limitranges", "serviceaccounts", "roles", "rolebindings", "clusterroles",
    "clusterrolebindings", "customresourcedefinitions", "leases", "configmaps", "secrets", "pods", "services",
)  # fmt: skip


def everything(client: Client) -> set[str]:
    """All objects there are, by kind, namespace and name; without the leases of the cluster's own parts."""
    found = set()
    for kind in KINDS:
        for obj in client.list(kind):
            about = obj["metadata"]
            if about.get("namespace") not in ("kube-node-lease", "kube-system"):
                found.add(f"{kind} {about.get('namespace', '')}/{about['name']}")
    return found


class _Stopping:
    """An API that a person breaks off after so many changes."""

    def __init__(self, api: Any, changes: int) -> None:
        self._api, self._left = api, changes

    def send(self, request: Request) -> Response:
        self._left -= request.method != "GET"
        if self._left < 0:
            raise KeyboardInterrupt
        return self._api.send(request)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)


def test_names_are_given_or_made() -> None:
    seats = make_names("autumn", ["Anna Müller", "", " 王芳 "], 4)
    assert [seat.name for seat in seats] == ["Anna Müller", "王芳", "learner-03", "learner-04"]
    assert len({seat.namespace for seat in seats}) == 4
    assert seats[2].namespace == "autumn-learner-03"


@pytest.mark.parametrize(
    ("workshop", "names", "said"),
    [
        ("Autumn!", ["anna"], "cannot be a workshop's name"),
        ("autumn", ["anna", "ben", "anna"], "anna is there twice"),
        ("autumn", ["…"], "is no name of a learner"),
        ("autumn", [], "without learners is none"),
    ],
)
def test_a_list_that_cannot_be_is_refused(workshop: str, names: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make_names(workshop, names, 0)


def test_what_was_broken_off_is_made_whole_by_the_same_call(cluster: EmbeddedCluster, admin: Client) -> None:
    before, seats = everything(admin), make_names("resumed", ["Anna", "Ben"], 2)
    for changes in (12, 22):
        half = Classroom(Client(_Stopping(cluster.api, changes)), cluster.clock, "resumed", Lines())
        with pytest.raises(KeyboardInterrupt):
            half.create(seats, read_definitions())
    whole = Classroom(admin, cluster.clock, "resumed", Lines())
    whole.create(seats, read_definitions())
    made = everything(admin)
    whole.create(seats, read_definitions())
    assert everything(admin) == made
    assert {f"leases resumed-{seat.label}/{RECORD}" for seat in seats} <= made - before
    whole.remove()
    assert everything(admin) == before


def test_a_namespace_of_somebody_else_stops_it_before_anything_is_done(cluster: EmbeddedCluster, admin: Client) -> None:
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "theirs-ben"}})
    before = everything(admin)
    with pytest.raises(UsageError, match="namespace theirs-ben on this cluster that is not ours"):
        Classroom(admin, cluster.clock, "theirs", Lines()).create(make_names("theirs", ["anna", "ben"], 2), [])
    assert everything(admin) == before


def test_a_learner_may_all_that_lessons_need_at_home_and_nothing_elsewhere(room: Classroom, sits: Sits) -> None:
    anna = sits("Anna").client
    home, bens = anna.namespace, room.find("Ben").namespace
    for verb, resource, group in (
        ("create", "pods", ""), ("get", "pods/log", ""), ("create", "pods/exec", ""),
        ("patch", "leases", "coordination.k8s.io"),
        ("create", "etcdclusters", "tutor.example"), ("create", "roles", "rbac.authorization.k8s.io"),
    ):  # fmt: skip
        assert may(anna, verb, resource, group=group, namespace=home), (verb, resource)
        assert not may(anna, verb, resource, group=group), (verb, resource)
        assert not may(anna, verb, resource, group=group, namespace=bens), (verb, resource)
    for verb, resource in (("create", "namespaces"), ("list", "nodes"), ("patch", "resourcequotas")):
        assert not may(anna, verb, resource, namespace=home if resource == "resourcequotas" else "")
    assert anna.get("customresourcedefinitions", "ferries.tutor.example")["kind"] == "CustomResourceDefinition"
    with pytest.raises(StatusError, match="cannot list"):
        anna.list("customresourcedefinitions")


def test_who_has_not_the_rights_hears_which(sits: Sits) -> None:
    session = sits("Anna")
    with pytest.raises(UsageError) as refused:
        Classroom(session.client, session.cluster.clock, "mine", Lines()).create(make_names("mine", [], 1), [])
    assert "create namespaces" in refused.value.why
    assert "create serviceaccounts/token" in refused.value.why


def test_pods_that_would_reach_the_machine_are_refused(sits: Sits) -> None:
    with pytest.raises(StatusError, match="violates PodSecurity"):
        sits("Anna").client.create(
            {
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "deep"},
                "spec": {
                    "containers": [{"name": "web", "image": "nginx:1.22"}],
                    "volumes": [{"name": "machine", "hostPath": {"path": "/"}}],
                },
            }
        )  # fmt: skip


def test_a_learner_who_defines_a_prepared_kind_is_told_that_it_is_there(sits: Sits) -> None:
    session, heard = sits("Anna"), list[str]()
    session.client.on_warning = heard.append
    definition = next(one for one in read_definitions() if one["metadata"]["name"].startswith("etcd"))
    session.apply(definition)
    assert any("whole workshop" in line for line in heard)


def test_reset_takes_what_lessons_made_and_leaves_the_rest(room: Classroom, sits: Sits, admin: Client) -> None:
    session = sits("Anna")
    before = everything(admin)
    session.lesson("pods")
    session.apply(POD)
    own = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "diary"}}
    admin.create(own, session.namespace)
    assert room.reset(room.find("Anna")) == 1
    assert everything(admin) - before == {f"configmaps {session.namespace}/diary"}
    assert "k8s-tutor.dev/lesson-now" not in str(admin.get("leases", RECORD, session.namespace)["metadata"])


def test_an_instructor_who_ends_a_lesson_leaves_the_shared_definitions(room: Classroom, admin: Client) -> None:
    from k8s_tutor.session.definitions import Definitions  # noqa: PLC0415

    names = ("etcdclusters.tutor.example",)
    assert Definitions(admin, room.clock, names, "operators", "lesson-operators").remove() == 0
    assert admin.find("customresourcedefinitions", names[0]) is not None


# ---- what is handed out


def test_files_are_for_their_owner_alone_and_say_when_they_end(room: Classroom, handouts: Handouts) -> None:
    seat = room.find("Anna")
    token = room.issue(seat, 2)
    handouts.write(seat, token)
    assert token.until - room.clock.now() == pytest.approx(7200, abs=120)
    assert stat.S_IMODE(handouts.kubeconfig(seat).stat().st_mode) == 0o600
    page = (handouts.folder / f"{seat.label}.html").read_text(encoding="utf-8")
    assert f"k8s-tutor workshop join {seat.label}.kubeconfig" in page
    assert "It works until" in page
    assert "有效期到" in page


def test_a_learner_is_greeted_by_name(sits: Sits) -> None:
    name, words = welcome(sits("Anna").cluster)
    assert name == "Anna"
    assert "You are Anna, in namespace class-anna" in str(words)


def test_what_would_start_a_program_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "bad.kubeconfig"
    plugin = {"exec": {"command": "sh", "apiVersion": "client.authentication.k8s.io/v1"}}
    kubeconfig.write(path, kubeconfig.KubeconfigEntry("x", {"server": "https://127.0.0.1:1"}, plugin))
    with pytest.raises(UsageError, match="is no kubeconfig of a workshop"):
        read_handout(str(path))


def test_a_key_does_not_travel_in_the_open() -> None:
    with pytest.raises(UsageError, match="is not fetched") as refused:
        read_handout("http://example.org/anna.kubeconfig")
    assert "https://" in refused.value.next_step


def test_names_from_outside_are_no_html(room: Classroom, handouts: Handouts) -> None:
    seat = make_names("class", ["<script>alert(1)</script>"], 1)[0]
    handouts.write_all([seat], {})
    assert "<script>" not in (handouts.folder / "all.html").read_text(encoding="utf-8")


def test_a_sheet_needs_no_qr_code_and_names_the_address_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    Handouts(tmp_path, {}, "https://school.example/k8s/").write_all(make_names("class", ["anna"], 1), {"anna": 1.8e9})
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    assert "k8s-tutor workshop join https://school.example/k8s/anna.kubeconfig" in page
    assert "2. Open a terminal, and type the line above." in page
    assert "<img" not in page


# ---- the command line, as an instructor types it


@pytest.fixture
def typed(cluster: EmbeddedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What commands end in: a context of a kubeconfig that is a person's own, in a folder of their own."""
    copy = tmp_path / "instructor.kubeconfig"
    [entry] = kubeconfig.contexts([cluster.kubeconfig]).values()
    kubeconfig.write(copy, replace(entry, context="instructor"))
    monkeypatch.setenv("KUBECONFIG", str(copy))
    monkeypatch.chdir(tmp_path)
    return ["--context", "instructor", "--name", "typed"]


def test_a_workshop_from_beginning_to_end(
    admin: Client, typed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, folder = everything(admin), tmp_path / "k8s-tutor-workshop"
    (tmp_path / "names.txt").write_text("anna\nben\n", encoding="utf-8")
    assert cli.main(["workshop", "create", "--names", "names.txt", "--server", "https://192.0.2.7:6443", *typed]) == 0
    first = (folder / "anna.kubeconfig").read_text(encoding="utf-8")
    assert '"server": "https://192.0.2.7:6443"' in first
    assert cli.main(["workshop", "create", "--names", "names.txt", *typed]) == 0
    assert (folder / "anna.kubeconfig").read_text(encoding="utf-8") == first  # one that works stays
    assert cli.main(["workshop", "extend", "anna", "--hours", "40", *typed]) == 0
    renewed = folder / "anna.kubeconfig"
    assert renewed.read_text(encoding="utf-8") != first
    assert cli.main(["workshop", "status", "--json", *typed]) == 0
    assert '"label": "ben"' in capsys.readouterr().out
    for name in ("K8S_TUTOR_CLUSTER", "K8S_TUTOR_LEARNER", "KUBECONFIG"):  # what joining sets goes with the test
        monkeypatch.setenv(name, os.environ.get(name, ""))
    assert cli.main(["workshop", "join", "k8s-tutor-workshop/anna.kubeconfig", "--no-lab"]) == 0
    assert "You are anna, in namespace typed-anna of workshop typed" in capsys.readouterr().out
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "instructor.kubeconfig"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(["workshop", "remove", *typed]) == 1
    assert "--yes" in capsys.readouterr().err
    assert cli.main(["workshop", "remove", "--yes", *typed]) == 0
    assert everything(admin) == before
    assert not folder.exists()
