from __future__ import annotations

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.build import LENSES, build
from k8s_tutor.graph.model import EdgeState, Graph, State
from k8s_tutor.graph.relations import RELATIONS
from k8s_tutor.language import msg
from k8s_tutor.observe.snapshot import Snapshot


def names(graph: Graph, kind: str) -> list[str]:
    return [node.name for node in graph.nodes if node.kind == kind]


def edges(graph: Graph, relation: str) -> list[tuple[str, str]]:
    return [
        (graph.by_id[edge.source].name, graph.by_id[edge.target].name)
        for edge in graph.edges
        if edge.relation == relation
    ]


def test_a_deployment_owns_its_replicaset_which_owns_the_pods(unready: Snapshot) -> None:
    graph = build(unready, "deploy/shop")
    assert sorted(edges(graph, "owner")) == [
        ("shop", "shop-758964bfdc"),
        ("shop-758964bfdc", "shop-758964bfdc-2cnhd"),
        ("shop-758964bfdc", "shop-758964bfdc-d77pv"),
        ("shop-758964bfdc", "shop-758964bfdc-pff6n"),
    ]


def test_a_service_leads_to_every_pod_and_the_line_to_the_unready_one_is_broken(unready: Snapshot) -> None:
    graph = build(unready, "service/shop")
    found = {graph.by_id[edge.target].name[-5:]: edge for edge in graph.edges}
    assert {name: edge.state for name, edge in found.items()} == {
        "2cnhd": EdgeState.BROKEN,
        "d77pv": EdgeState.SOLID,
        "pff6n": EdgeState.SOLID,
    }
    assert found["2cnhd"].cause is not None
    assert found["2cnhd"].cause == msg("readiness probe {code}", code="503")
    assert found["2cnhd"].field.endswith("endpoints[2].conditions.ready")


def test_a_selector_that_matches_nothing_leads_to_a_ghost(unready: Snapshot) -> None:
    graph = build(unready, "svc/lonely")
    ghost = next(node for node in graph.nodes if node.health.state is State.ABSENT)
    assert ghost.title is not None
    assert ghost.title == msg("no Pod has {labels}", labels="app=nobody")
    assert [edge.state for edge in graph.edges] == [EdgeState.BROKEN]


def test_a_load_balancer_without_an_address_waits_in_front_of_its_service(unready: Snapshot) -> None:
    graph = build(unready, "service/front")
    balancer = next(node for node in graph.nodes if node.kind == "LoadBalancer")
    assert (balancer.name, balancer.health.state) == ("", State.WAITING)
    assert edges(graph, "load-balancer") == [("", "front")]


def test_a_pod_shows_its_containers_and_the_node_it_runs_on(unready: Snapshot) -> None:
    graph = build(unready, "pod/pair")
    pod = next(node for node in graph.nodes if node.kind == "Pod")
    assert [part.name for part in pod.parts] == ["web", "helper"]
    assert edges(graph, "node") == [("pair", "worker2")]


def test_a_namespace_shows_what_matters_and_no_nodes_events_or_slices(unready: Snapshot) -> None:
    kinds = dict.fromkeys(node.kind for node in build(unready).nodes)
    assert sorted(kinds) == ["Deployment", "LoadBalancer", "Pod", "ReplicaSet", "Service"]


def test_more_than_five_pods_of_one_owner_fold_into_one_card(seven: Snapshot) -> None:
    pods = [node for node in build(seven, "deploy/shop").nodes if node.kind == "Pod"]
    assert [(pod.count, str(pod.health.word)) for pod in pods] == [(7, "7 ready")]


def test_pods_that_are_not_well_are_never_folded(seven: Snapshot) -> None:
    sick = [{**pod, "status": {**pod["status"], "conditions": []}} for pod in seven.of("pods")[-1:]]
    others = [obj for obj in seven.objects if obj["metadata"]["uid"] != sick[0]["metadata"]["uid"]]
    pods = [node for node in build(Snapshot([*others, *sick]), "deploy/shop").nodes if node.kind == "Pod"]
    assert sorted((pod.count, str(pod.health.state)) for pod in pods) == [(1, "unready"), (6, "good")]


def test_an_object_that_does_not_exist_is_drawn_as_missing(unready: Snapshot) -> None:
    (node,) = build(unready, "pod/nobody").nodes
    assert (node.name, node.health.state) == ("nobody", State.ABSENT)


def test_an_empty_namespace_says_so() -> None:
    (note,) = build(Snapshot(namespace="demo")).notes
    assert str(note) == "Nothing here yet: namespace demo holds nothing to draw."


@pytest.mark.parametrize("focus", ["web", "pod/", "nonsense/web"])
def test_a_focus_that_names_no_object_is_refused_with_an_example(unready: Snapshot, focus: str) -> None:
    with pytest.raises(UsageError) as error:
        build(unready, focus)
    assert "pod/web" in error.value.next_step


def test_an_unknown_lens_is_refused_with_those_there_are(unready: Snapshot) -> None:
    with pytest.raises(UsageError, match="there is no lens") as error:
        build(unready, lens="x-ray")
    assert "placement" in error.value.next_step


def test_lenses_name_relations_that_exist() -> None:
    known = {relation.id for relation in RELATIONS}
    assert all(known.issuperset((*lens.relations, *lens.around_focus)) for lens in LENSES)


@pytest.mark.parametrize(
    ("lens", "kinds"),
    [
        ("traffic", ["LoadBalancer", "Pod", "Service"]),
        ("endpoints", ["EndpointSlice", "LoadBalancer", "Pod", "Service"]),
        ("placement", ["Node", "Pod"]),
    ],
)
def test_a_lens_shows_its_kinds(unready: Snapshot, lens: str, kinds: list[str]) -> None:
    assert sorted({node.kind for node in build(unready, lens=lens).nodes}) == kinds


def test_a_custom_resource_owns_what_names_it_as_owner() -> None:
    owner = {"apiVersion": "x/v1", "kind": "EtcdCluster", "name": "db", "uid": "u1", "controller": True}
    cluster = {
        "apiVersion": "x/v1",
        "kind": "EtcdCluster",
        "metadata": {"name": "db", "namespace": "demo", "uid": "u1"},
    }
    meta = {"name": "db-0", "namespace": "demo", "uid": "u2", "ownerReferences": [owner]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta}
    assert edges(build(Snapshot([cluster, pod]), "etcdclusters/db"), "owner") == [("db", "db-0")]


def test_a_missing_config_map_is_shown_where_a_pod_wants_it() -> None:
    spec = {"containers": [{"name": "web", "envFrom": [{"configMapRef": {"name": "settings"}}]}]}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "demo", "uid": "u"},
        "spec": spec,
    }
    graph = build(Snapshot([pod]), "pod/web")
    assert [(node.name, node.health.state) for node in graph.nodes if node.kind == "ConfigMap"] == [
        ("settings", State.ABSENT)
    ]
    assert graph.edges[0].field == "spec.containers[0].env"


def test_a_pod_s_claim_leads_to_its_volume() -> None:
    meta = {"namespace": "demo", "uid": "u"}
    source = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
    spec = {"containers": [{"name": "db"}], "volumes": [source]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "name": "db"}, "spec": spec}
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {**meta, "name": "data", "uid": "c"},
        "spec": {"volumeName": "pvc-c"},
        "status": {"phase": "Bound"},
    }
    snapshot = Snapshot([pod, claim])
    for focus in ("pod/db", "pvc/data"):
        assert edges(build(snapshot, focus), "volume") == [("data", "pvc-c")]
    assert edges(build(snapshot, "pod/db"), "reference") == [("db", "data")]
    assert [node.name for node in build(snapshot).nodes] == ["db"]


@pytest.mark.parametrize("focus", ["", "service/shop"])
def test_only_a_pod_has_an_anatomy(unready: Snapshot, focus: str) -> None:
    with pytest.raises(UsageError) as error:
        build(unready, focus, "anatomy")
    assert "pod/web" in error.value.next_step


def test_an_endpoint_whose_pod_has_just_gone_is_not_drawn(unready: Snapshot) -> None:
    gone = unready.of("pods")[-1]["metadata"]["uid"]
    left = [obj for obj in unready.objects if obj["metadata"]["uid"] != gone]
    assert "Address" not in {node.kind for node in build(Snapshot(left)).nodes}


def test_what_one_may_not_look_at_is_said_and_not_taken_for_nothing() -> None:
    graph = build(Snapshot(namespace="team-a", missing=("pods", "nodes"), forbidden=("pods", "nodes")))
    (note,) = graph.notes
    assert str(note) == "Not to be seen in namespace team-a, as you have no right to list it: pods"


def test_an_object_one_may_not_look_at_is_not_said_to_be_missing() -> None:
    graph = build(Snapshot(namespace="team-a", missing=("pods",), forbidden=("pods",)), focus="pod/web")
    assert "Not to be seen in namespace" in str(graph.nodes[0].title)


def test_a_stateful_set_leads_to_the_claims_it_keeps_for_pods_that_are_gone() -> None:
    def made(kind: str, name: str, **spec: object) -> dict[str, object]:
        return {"kind": kind, "metadata": {"name": name, "namespace": "n", "uid": f"{kind}/{name}"}, "spec": spec}

    claims = [made("PersistentVolumeClaim", name) for name in ("data-db-0", "data-db-1", "data-db-x", "data-other-1")]
    workload = made("StatefulSet", "db", volumeClaimTemplates=[{"metadata": {"name": "data"}}])
    graph = build(Snapshot([workload, made("Pod", "db-0"), *claims], namespace="n"), lens="storage")
    assert edges(graph, "kept-claim") == [("db", "data-db-1")]
