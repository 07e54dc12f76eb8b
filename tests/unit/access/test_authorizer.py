"""Decisions: RBAC as it changes, nodes and their own, acting as others."""

from __future__ import annotations

import pytest

from k8s_tutor.embedded.core import ADMIN, User

BOB = User("bob", ("system:authenticated",))
EVE = User("eve", ("system:authenticated",))
NODE = User("system:node:worker", ("system:nodes", "system:authenticated"))
MASTER = User("root", ("system:masters",))
PODS = "/api/v1/namespaces/default/pods"
READ_PODS = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}


def test_a_binding_counts_at_once_and_until_it_goes(cluster) -> None:
    cluster.allow(BOB, READ_PODS, namespace="default")
    assert cluster.ask(BOB, "GET", PODS).code == 200
    [binding] = cluster.store.list("rolebindings.rbac.authorization.k8s.io", "default")
    path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
    assert cluster.ask(ADMIN, "DELETE", f"{path}/{binding['metadata']['name']}").code == 200
    assert cluster.ask(BOB, "GET", PODS).code == 403


def test_a_role_for_one_namespace_is_no_role_for_the_cluster(cluster) -> None:
    cluster.allow(BOB, READ_PODS, namespace="default")
    assert cluster.why_not(BOB, "GET", "/api/v1/pods").endswith("at the cluster scope")
    assert cluster.ask(BOB, "GET", "/api/v1/namespaces/kube-system/pods").code == 403


def test_masters_need_no_binding_and_the_administrator_needs_his(cluster) -> None:
    path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubeadm:cluster-admins"
    assert cluster.ask(ADMIN, "DELETE", path).code == 200
    assert cluster.ask(ADMIN, "GET", PODS).code == 403
    assert cluster.ask(MASTER, "GET", PODS).code == 200


def test_permissions_come_before_whether_there_is_such_a_thing(cluster) -> None:
    assert cluster.ask(BOB, "GET", "/api/v1/nothings").code == 403
    assert cluster.ask(ADMIN, "GET", "/api/v1/nothings").code == 404


def test_a_socket_that_begins_with_get_needs_create_too(cluster) -> None:
    cluster.allow(BOB, {"verbs": ["get"], "apiGroups": [""], "resources": ["pods/exec"]})
    assert 'cannot create resource "pods/exec"' in cluster.why_not(BOB, "GET", f"{PODS}/web/exec")


def test_what_is_written_in_html_is_made_harmless(cluster) -> None:
    assert cluster.why_not(User("<b>"), "GET", PODS).startswith('pods is forbidden: User "&lt;b&gt;" cannot list')


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "/api/v1/namespaces/default/secrets", "No Object name found"),
        (
            "GET",
            "/api/v1/namespaces/default/secrets/s",
            "no relationship found between node 'worker' and this object",
        ),
        ("DELETE", "/api/v1/namespaces/default/secrets/s", "can only read resources of this type"),
        ("GET", "/api/v1/pods", "can only list/watch pods with spec.nodeName field selector"),
        ("GET", "/api/v1/nodes/other", "node 'worker' cannot read 'other', only its own Node object"),
        (
            "PUT",
            "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/other",
            "can only access node lease with the same name as the requesting node",
        ),
    ],
)
def test_a_node_is_told_why_not(cluster, method, path, reason) -> None:
    assert cluster.why_not(NODE, method, path).endswith(f": node: {reason}")


def test_a_node_reads_what_its_pods_name(cluster) -> None:
    cluster.make("/api/v1/namespaces/default/secrets", {"metadata": {"name": "s"}})
    cluster.make("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "c"}})
    cluster.make("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    container = {"name": "c", "image": "x", "envFrom": [{"secretRef": {"name": "s"}}]}
    volume = {"name": "v", "projected": {"sources": [{"configMap": {"name": "c"}}]}}
    spec = {"nodeName": "worker", "containers": [container], "volumes": [volume]}
    cluster.make(PODS, {"metadata": {"name": "web"}, "spec": spec})
    for path in ("secrets/s", "configmaps/c", "serviceaccounts/default", "pods/web"):
        assert cluster.ask(NODE, "GET", f"/api/v1/namespaces/default/{path}").code == 200
    other = User("system:node:other", NODE.groups)
    assert cluster.ask(other, "GET", "/api/v1/namespaces/default/secrets/s").code == 403


def test_who_may_impersonate_may_act_as_anybody_in_the_old_way(cluster) -> None:
    cluster.allow(BOB, {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"]})
    cluster.allow(EVE, READ_PODS)
    assert cluster.ask(BOB, "GET", PODS, acting_as=User("eve")).code == 200
    words = cluster.why_not(BOB, "GET", PODS, acting_as=User("eve", ("g",)))
    assert "impersonate-on:user-info:list" in words  # the first of the ways that failed


def test_constrained_impersonation_is_for_one_thing_only(cluster) -> None:
    group = "authentication.k8s.io"
    cluster.allow(
        BOB,
        {"verbs": ["impersonate:user-info"], "apiGroups": [group], "resources": ["users"], "resourceNames": ["eve"]},
        {"verbs": ["impersonate-on:user-info:list"], "apiGroups": [""], "resources": ["pods"]},
    )
    cluster.allow(EVE, {**READ_PODS, "resources": ["pods", "secrets"]})
    assert cluster.ask(BOB, "GET", PODS, acting_as=User("eve")).code == 200
    assert cluster.ask(BOB, "GET", "/api/v1/secrets", acting_as=User("eve")).code == 403
    assert cluster.ask(BOB, "GET", PODS, acting_as=User("adam")).code == 403


def test_acting_as_an_account_brings_its_groups(cluster) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    answer = cluster.ask(ADMIN, "POST", path, review, User("system:serviceaccount:default:web"))
    assert answer.body["status"]["userInfo"]["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:default",
        "system:authenticated",
    ]


def test_every_controller_has_the_account_it_has_on_a_real_cluster(cluster) -> None:
    from k8s_tutor.embedded.apiserver.access.authorizer import Authorizer  # noqa: PLC0415
    from k8s_tutor.embedded.apiserver.access.identities import Attributes  # noqa: PLC0415
    from k8s_tutor.embedded.controllers.controller import service_account  # noqa: PLC0415
    from k8s_tutor.embedded.controllers.runtime import all_controllers  # noqa: PLC0415
    from k8s_tutor.embedded.controllers.serviceaccounts import Signing  # noqa: PLC0415

    rbac = Authorizer(cluster.store).rbac
    strangers = [
        controller.name
        for controller in all_controllers(Signing())
        if len(rbac.grants(service_account(controller.name), "")) < 4  # what every account has, and its own
    ]
    assert strangers == []
    assert not rbac.decide(Attributes(service_account("no-such-controller"), "create", "", "pods")).allowed
