"""Creating, changing, deleting: what the server adds, refuses and keeps."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

CONFIGS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
POD = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
DEPLOYMENT = {
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD["spec"]},
    },
}


def test_a_new_object_gets_uid_time_and_version(api) -> None:
    metadata = api.config("a")["metadata"]
    assert UUID(metadata["uid"]).version == 4
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert metadata["resourceVersion"] == str(api.store.revision)


def test_generated_names_end_in_five_letters_that_cannot_be_misread(api) -> None:
    name = api.ok("POST", CONFIGS, {"metadata": {"generateName": "web-"}})["metadata"]["name"]
    assert re.fullmatch(r"web-[bcdfghjklmnpqrstvwxz2456789]{5}", name)


def test_the_same_seed_and_requests_make_the_same_cluster(api) -> None:
    from tests.unit.embedded_apiserver.conftest import Api  # noqa: PLC0415

    other = Api()
    assert api.ok("POST", PODS, POD) == other.ok("POST", PODS, POD)


def test_what_the_caller_sent_is_not_what_the_store_keeps(api) -> None:
    sent = {"metadata": {"name": "a", "labels": {"x": "1"}}}
    api.ok("POST", CONFIGS, sent)
    sent["metadata"]["labels"]["x"] = "2"
    assert api.ok("GET", f"{CONFIGS}/a")["metadata"]["labels"] == {"x": "1"}


def test_a_dry_run_answers_and_stores_nothing(api) -> None:
    before = api.store.revision
    assert api.ok("POST", f"{CONFIGS}?dryRun=All", {"metadata": {"name": "a"}})["metadata"]["name"] == "a"
    assert api.store.revision == before


def test_an_update_that_changes_nothing_is_no_revision(api) -> None:
    stored = api.config("a")
    assert api.ok("PUT", f"{CONFIGS}/a", stored)["metadata"]["resourceVersion"] == stored["metadata"]["resourceVersion"]


def test_an_update_based_on_an_old_version_conflicts(api) -> None:
    stored = api.config("a")
    api.patch(f"{CONFIGS}/a", {"data": {"key": "new"}})
    code, message = api.fails("PUT", f"{CONFIGS}/a", stored)
    assert code == 409
    assert message == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to '
        "the latest version and try again"
    )


def test_generation_counts_changes_of_the_spec_only(api) -> None:
    target = "/apis/apps/v1/namespaces/default/deployments"
    api.ok("POST", target, DEPLOYMENT)
    api.patch(f"{target}/web", {"metadata": {"labels": {"a": "b"}}})
    assert api.ok("GET", f"{target}/web")["metadata"]["generation"] == 1
    api.patch(f"{target}/web", {"spec": {"replicas": 3}})
    assert api.ok("GET", f"{target}/web")["metadata"]["generation"] == 2


def test_spec_and_status_change_through_their_own_doors_only(api) -> None:
    target = "/apis/apps/v1/namespaces/default/deployments"
    api.ok("POST", target, {**DEPLOYMENT, "status": {"replicas": 7}})
    api.patch(f"{target}/web", {"status": {"replicas": 8}, "spec": {"replicas": 2}})
    found = api.patch(f"{target}/web/status", {"status": {"replicas": 9}, "spec": {"replicas": 5}})
    assert (found["spec"]["replicas"], found["status"]) == (2, {"replicas": 9})


def test_a_finalizer_keeps_an_object_until_it_is_taken_away(api) -> None:
    api.ok("POST", CONFIGS, {"metadata": {"name": "a", "finalizers": ["example.com/guard"]}})
    held = api.ok("DELETE", f"{CONFIGS}/a")
    assert (held["kind"], held["metadata"]["deletionGracePeriodSeconds"]) == ("ConfigMap", 0)
    api.patch(f"{CONFIGS}/a", {"metadata": {"finalizers": None}})
    assert api.fails("GET", f"{CONFIGS}/a")[0] == 404


@pytest.mark.parametrize(("policy", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")])
def test_propagation_is_left_to_the_garbage_collector_as_a_finalizer(api, policy: str, finalizer: str) -> None:
    api.config("a")
    held = api.ok("DELETE", f"{CONFIGS}/a?propagationPolicy={policy}")
    assert held["metadata"]["finalizers"] == [finalizer]


def test_a_pod_without_a_node_goes_at_once(api) -> None:
    api.ok("POST", PODS, POD)
    api.ok("DELETE", f"{PODS}/p")
    assert api.fails("GET", f"{PODS}/p")[0] == 404


def bound(api) -> None:
    api.ok("POST", PODS, POD)
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}}
    api.ok("POST", f"{PODS}/p/binding", binding)


def test_a_pod_on_a_node_gets_its_grace_and_goes_when_the_kubelet_says_so(api) -> None:
    bound(api)
    metadata = api.ok("DELETE", f"{PODS}/p")["metadata"]
    assert (metadata["deletionGracePeriodSeconds"], metadata["deletionTimestamp"]) == (30, "2026-01-01T00:00:30Z")
    assert metadata["generation"] == 2
    api.ok("DELETE", f"{PODS}/p?gracePeriodSeconds=0")
    assert api.fails("GET", f"{PODS}/p")[0] == 404


def test_grace_can_only_be_shortened(api) -> None:
    bound(api)
    api.ok("DELETE", f"{PODS}/p?gracePeriodSeconds=20")
    api.ok("DELETE", f"{PODS}/p?gracePeriodSeconds=60")
    assert api.ok("GET", f"{PODS}/p")["metadata"]["deletionGracePeriodSeconds"] == 20
    api.ok("DELETE", f"{PODS}/p?gracePeriodSeconds=5")
    assert api.ok("GET", f"{PODS}/p")["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:05Z"


def test_a_pod_is_bound_once(api) -> None:
    bound(api)
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "m"}}
    assert api.fails("POST", f"{PODS}/p/binding", binding) == (
        409,
        'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    )


def test_events_are_one_storage_behind_two_apis(api) -> None:
    event = {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "namespace": "default", "name": "p"},
        "message": "hello",
        "reason": "Because",
    }
    api.ok("POST", "/api/v1/namespaces/default/events", event)
    found = api.ok("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e")
    assert (found["apiVersion"], found["note"], found["regarding"]["name"]) == ("events.k8s.io/v1", "hello", "p")


def test_services_get_different_addresses_from_the_dynamic_part_of_the_range(api) -> None:
    target = "/api/v1/namespaces/default/services"
    addresses = [
        api.ok("POST", target, {"metadata": {"name": f"s{i}"}, "spec": {"ports": [{"port": 80}]}})["spec"]["clusterIP"]
        for i in range(20)
    ]
    assert len(set(addresses)) == 20
    assert all(address.startswith("10.96.") and not address.startswith("10.96.0.") for address in addresses)


def test_an_address_is_given_once(api) -> None:
    target = "/api/v1/namespaces/default/services"
    body = {"spec": {"clusterIP": "10.96.0.50", "ports": [{"port": 80}]}}
    api.ok("POST", target, {"metadata": {"name": "a"}, **body})
    message = api.fails("POST", target, {"metadata": {"name": "b"}, **body})[1]
    assert message.endswith("failed to allocate IP 10.96.0.50: provided IP is already allocated")


def test_an_eviction_respects_the_disruption_budget(api) -> None:
    api.ok("POST", PODS, {**POD, "metadata": {"name": "p", "labels": {"app": "web"}}})
    ready = {"type": "Ready", "status": "True"}
    api.patch(f"{PODS}/p/status", {"status": {"phase": "Running", "conditions": [ready]}})
    budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    api.ok("POST", budgets, {"metadata": {"name": "b"}, "spec": spec})
    status = {"observedGeneration": 1, "disruptionsAllowed": 0, "desiredHealthy": 1, "currentHealthy": 1}
    api.patch(f"{budgets}/b/status", {"status": status})
    eviction = {"metadata": {"name": "p"}}
    code, message = api.fails("POST", f"{PODS}/p/eviction", eviction)
    assert (code, message) == (429, "Cannot evict pod as it would violate the pod's disruption budget.")
    api.patch(f"{budgets}/b/status", {"status": {"disruptionsAllowed": 1}})
    api.ok("POST", f"{PODS}/p/eviction", eviction)
    assert api.fails("GET", f"{PODS}/p")[0] == 404


def test_an_unexpected_error_is_a_status_and_not_an_exception(real_api, monkeypatch) -> None:
    monkeypatch.setattr(real_api.store, "get", lambda *_, **__: 1 / 0)
    code, message = real_api.fails("GET", f"{CONFIGS}/a")
    assert (code, message) == (500, "Internal error occurred: ZeroDivisionError: division by zero")
