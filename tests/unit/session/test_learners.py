"""Sessions of several learners on one cluster, and of one who has rights on a single namespace. Embedded, by RBAC."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.cluster.context import ContextCluster
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import UsageError
from k8s_tutor.session import Session
from k8s_tutor.session.belongings import Owner
from k8s_tutor.session.learner import dns_label, who_learns
from tests.limited_user import CONTEXT, grant, limited_kubeconfig

WEB = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: 'nginx:1.22'}]}}"
DEPLOY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: web, image: 'nginx:1.22'}]}}
"""
CLAIMING = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  serviceName: db
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: web, image: 'nginx:1.22'}]}}
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}
"""
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: etcdclusters.tutor.example, labels: {app.kubernetes.io/managed-by: k8s-tutor}}
spec:
  group: tutor.example
  scope: Namespaced
  names: {kind: EtcdCluster, singular: etcdcluster, plural: etcdclusters}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

Sits = Callable[..., tuple[Session, list[str]]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    embedded = EmbeddedCluster(PaceMode.REALTIME, speed=20)
    yield embedded
    embedded.close()


@pytest.fixture
def admin(cluster: EmbeddedCluster) -> Client:
    return Client(cluster.api)


@pytest.fixture
def sits(cluster: EmbeddedCluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sits]:
    """Somebody sits down at the cluster: a session by its kubeconfig, with all rights, or on one namespace alone."""
    opened: list[Session] = []
    team = dns_label(f"team-{request.node.name}", 40)

    def sit(learner: str | None, *, limited: bool = False) -> tuple[Session, list[str]]:
        path = limited_kubeconfig(cluster, team, tmp_path / "limited") if limited else cluster.kubeconfig
        context = ContextCluster(CONTEXT if limited else cluster.context, [path])
        said: list[str] = []
        opened.append(Session(context, who_learns(learner, {}), say=said.append))
        return opened[-1], said

    yield sit
    for session in opened:
        if session._whereabouts.inside is not None:
            session.leave()
        session.close()


def _names(session: Session, kind: str) -> list[str]:
    return [one["metadata"]["name"] for one in session.objects(kind)]


# ---- many learners


def test_each_learner_has_a_namespace_and_touches_no_others(sits: Sits, admin: Client) -> None:
    anna, said = sits("anna")
    ben, _ = sits("ben")
    anna.lesson("pods")
    ben.lesson("pods")
    assert (anna.namespace, ben.namespace) == ("lesson-pods-anna", "lesson-pods-ben")
    assert said == ["Lesson Pods: namespace lesson-pods-anna is ready and empty."]
    anna.apply(WEB)
    ben.reset()
    ben.leave()
    assert _names(anna, "pods") == ["web"]
    labels = admin.get("namespaces", "lesson-pods-anna")["metadata"]["labels"]
    assert labels["k8s-tutor.dev/learner"] == "anna"
    assert labels["k8s-tutor.dev/lesson"] == "pods"


def test_nobody_in_particular_goes_by_their_login_where_others_may_be(sits: Sits) -> None:
    somebody, _ = sits(None)
    again, _ = sits(None)
    somebody.lesson("pods")
    again.lesson("pods")
    assert somebody.namespace.startswith("lesson-pods-")
    assert somebody.namespace == again.namespace


def test_a_namespace_of_another_learner_is_not_emptied(sits: Sits, admin: Client) -> None:
    labels = Owner("b", "pods-a").labels
    grant(admin, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lesson-pods-a-b", "labels": labels}})
    other, _ = sits("a-b")
    with pytest.raises(UsageError, match="lesson-pods-a-b is not yours") as caught:
        other.lesson("pods")
    assert "learner b" in caught.value.why


# ---- in no lesson


def test_after_leaving_one_is_in_no_lesson_and_hears_so(sits: Sits) -> None:
    anna, said = sits("anna")
    anna.lesson("pods")
    anna.leave()
    said.clear()
    anna.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: note}}")
    anna.delete("cm/note")
    assert [line for line in said if "You are in no lesson: this is done in namespace default." in line] == said[::2]
    for act in (anna.reset, anna.leave, lambda: anna.exercise("pods-1")):
        with pytest.raises(UsageError, match="No lesson has begun"):
            act()


def test_a_terminal_starts_where_the_lesson_is(sits: Sits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminals = tmp_path / "terminal"
    monkeypatch.setenv(kubeconfig.TERMINALS, str(terminals))
    monkeypatch.setenv("KUBECONFIG", "")
    anna, _ = sits("anna")
    anna.lesson("pods")
    for path in (Path(os.environ["KUBECONFIG"]), terminals):
        assert [entry.namespace for entry in kubeconfig.contexts([path]).values()] == ["lesson-pods-anna"]
    inside = Path(os.environ["KUBECONFIG"])
    anna.leave()
    assert os.environ["KUBECONFIG"] == str(anna.cluster.kubeconfig)
    assert [entry.namespace for entry in kubeconfig.contexts([terminals]).values()] == ["default"]
    assert not inside.exists()


def test_terminals_begin_with_the_persons_own_clusters_until_a_lesson_begins(
    sits: Sits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    kubeconfig.write(own, kubeconfig.KubeconfigEntry("work", {"server": "https://127.0.0.1:1"}, {}))
    monkeypatch.setenv("KUBECONFIG", str(own))
    with kubeconfig.terminals() as first:
        assert os.environ["KUBECONFIG"] == f"{first}{os.pathsep}{own}"
        assert kubeconfig.user_files() == [own]
        anna, _ = sits("anna")
        anna.lesson("pods")
        assert [entry.namespace for entry in kubeconfig.contexts([first]).values()] == ["lesson-pods-anna"]
        anna.leave()
        anna.close()
        assert not first.exists()
    assert os.environ["KUBECONFIG"] == str(own)


# ---- rights on one namespace


def test_a_session_starts_in_the_contexts_namespace(sits: Sits) -> None:
    anna, said = sits("anna", limited=True)
    assert anna.namespace.startswith("team-")
    anna.lesson("pods")
    assert f"it runs in namespace {anna.namespace}, as you may not create namespaces here" in said[0]


def test_only_what_the_lesson_has_made_is_removed(sits: Sits, admin: Client) -> None:
    anna, said = sits("anna", limited=True)
    where = anna.namespace
    for name in ("mine", "yours"):
        grant(admin, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": where}})
    anna.lesson("pods")
    anna.apply(WEB)
    anna.apply(DEPLOY)
    anna.wait("deploy/shop")
    anna.reset()
    assert _names(anna, "pods") == []
    anna.apply(WEB)
    anna.leave()
    assert [one["metadata"]["name"] for one in admin.list("pods", where)] == []
    assert {one["metadata"]["name"] for one in admin.list("configmaps", where)} >= {"mine", "yours"}
    assert "left alone: configmap/mine, configmap/yours" in said[-1]


def test_claims_of_a_statefulset_go_with_it(sits: Sits, admin: Client) -> None:
    anna, _ = sits("anna", limited=True)
    anna.lesson("pods")
    anna.apply(CLAIMING)
    anna.wait("pod/db-0", "exists")
    anna.reset()
    assert admin.list("persistentvolumeclaims", anna.namespace) == []


@pytest.mark.kubectl
def test_what_kubectl_makes_for_the_lesson_goes_with_it(sits: Sits, admin: Client) -> None:
    anna, _ = sits("anna", limited=True)
    anna.lesson("pods")
    anna.kubectl("create configmap by-kubectl --from-literal=a=b")
    anna.kubectl("run by-run --image=nginx:1.22 -o name")
    anna.kubectl("apply -f -", stdin="{apiVersion: v1, kind: ConfigMap, metadata: {name: applied}}")
    anna.leave()
    left = {one["metadata"]["name"] for kind in ("pods", "configmaps") for one in admin.list(kind, anna.namespace)}
    assert left == {"kube-root-ca.crt"}


def test_what_others_have_made_is_neither_applied_over_nor_begun_over(sits: Sits, admin: Client) -> None:
    anna, _ = sits("anna", limited=True)
    grant(admin, {**_pod("hello"), "metadata": {"name": "hello", "namespace": anna.namespace}})
    anna.lesson("pods")
    with pytest.raises(UsageError, match="that this lesson has not made"):
        anna.apply(_pod("hello"))
    with pytest.raises(UsageError, match="that this lesson has not made"):
        anna.exercise("pods-1")
    assert admin.find("pods", "hello", anna.namespace) is not None


def test_two_learners_cannot_be_in_one_namespace_at_once(sits: Sits) -> None:
    anna, _ = sits("anna", limited=True)
    ben, _ = sits("ben", limited=True)
    anna.lesson("pods")
    with pytest.raises(UsageError, match="Learner anna is in namespace") as caught:
        ben.lesson("pods")
    assert "judged by each other's Pods" in caught.value.why
    anna.leave()
    ben.lesson("pods")


def test_without_any_rights_a_lesson_says_what_to_ask_for(sits: Sits, cluster: EmbeddedCluster, tmp_path: Path) -> None:
    path = limited_kubeconfig(cluster, "elsewhere", tmp_path / "lost")
    [entry] = kubeconfig.contexts([path]).values()
    kubeconfig.write(path, kubeconfig.KubeconfigEntry("lost", entry.cluster, entry.user))
    lost = Session(ContextCluster("lost", [path]), who_learns("lost", {}), say=lambda _: None)
    with pytest.raises(UsageError, match="you may neither create namespaces, nor Pods in namespace default") as caught:
        lost.lesson("pods")
    assert "role `admin`" in caught.value.next_step
    assert "no right to list it: pods" in lost.graph().alt_text
    assert "Nothing here" not in lost.graph().alt_text
    lost.close()


# ---- definitions


def test_a_definition_stays_until_the_last_learner_has_left(sits: Sits, admin: Client) -> None:
    anna, said = sits("anna")
    ben, _ = sits("ben")
    anna.lesson("operators")
    anna.apply(DEFINITION)
    anna.wait("crd/etcdclusters.tutor.example", "Established")
    ben.lesson("operators")
    anna.reset()
    assert admin.find("customresourcedefinitions", "etcdclusters.tutor.example") is not None
    anna.leave()
    assert "etcdclusters.tutor.example belongs to the whole cluster and stays" in said[-1]
    ben.leave()
    assert admin.find("customresourcedefinitions", "etcdclusters.tutor.example") is None


def test_objects_of_the_kind_elsewhere_keep_a_definition(sits: Sits, admin: Client) -> None:
    anna, _ = sits("anna")
    anna.lesson("operators")
    anna.apply(DEFINITION)
    anna.wait("crd/etcdclusters.tutor.example", "Established")
    mine: dict[str, Any] = {"apiVersion": "tutor.example/v1", "kind": "EtcdCluster"}
    grant(admin, {**mine, "metadata": {"name": "precious", "namespace": "default"}})
    anna.leave()
    assert admin.find("etcdclusters", "precious", "default") is not None
    admin.delete("customresourcedefinitions", "etcdclusters.tutor.example")


def test_who_may_not_define_kinds_hears_what_goes_without(sits: Sits) -> None:
    anna, said = sits("anna", limited=True)
    anna.lesson("operators")
    words = "\n".join(said)
    assert "You may not define kinds on this cluster" in words
    assert "operators-1, operators-2, operators-3, operators-4 try functions of yours" in words


def test_who_finds_the_kind_defined_and_may_use_it_has_the_whole_lesson(sits: Sits, admin: Client) -> None:
    anna, said = sits("anna", limited=True)
    ben, _ = sits("ben")
    ben.lesson("operators")
    ben.apply(DEFINITION)
    ben.wait("crd/etcdclusters.tutor.example", "Established")
    _let_use(admin, anna.namespace)
    anna.lesson("operators")
    assert said[-1].endswith("this lesson runs whole.")
    anna.apply(DEFINITION)
    assert said[-1].endswith("etcdclusters.tutor.example unchanged")
    anna.apply("{apiVersion: tutor.example/v1, kind: EtcdCluster, metadata: {name: db}}")
    ben.leave()
    anna.leave()
    admin.delete("customresourcedefinitions", "etcdclusters.tutor.example")


def _pod(name: str) -> dict[str, Any]:
    spec = {"containers": [{"name": "web", "image": "nginx:1.22"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def _let_use(admin: Client, namespace: str) -> None:
    """What whoever runs the cluster grants: to get the definition, and to use its objects."""
    rbac = "rbac.authorization.k8s.io"
    rules = [
        {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": ["get"]},
        {"apiGroups": ["tutor.example"], "resources": ["*"], "verbs": ["*"]},
    ]
    named = {"apiVersion": f"{rbac}/v1", "metadata": {"name": f"etcd-users-{namespace}"}}
    grant(admin, {**named, "kind": "ClusterRole", "rules": rules})
    role = {"apiGroup": rbac, "kind": "ClusterRole", "name": f"etcd-users-{namespace}"}
    account = [{"kind": "ServiceAccount", "name": "somebody", "namespace": namespace}]
    grant(admin, {**named, "kind": "ClusterRoleBinding", "roleRef": role, "subjects": account})


def test_the_clinic_in_a_borrowed_namespace_needs_no_quota_and_leaves_nothing_behind(sits: Sits, admin: Client) -> None:
    anna, _ = sits("anna", limited=True)
    where = anna.namespace
    grant(admin, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "yours", "namespace": where}})
    anna.clinic(seed=1)
    assert admin.list("resourcequotas", where) == []
    assert {one["metadata"]["labels"]["k8s-tutor.dev/lesson"] for one in admin.list("deployments", where)} == {"clinic"}
    exec(anna._desk.exercise().solution, {"t": anna})
    verdict = anna.check("clinic")
    assert verdict.passed, verdict
    anna.leave()
    assert admin.list("deployments", where) == []
    assert "yours" in {one["metadata"]["name"] for one in admin.list("configmaps", where)}
