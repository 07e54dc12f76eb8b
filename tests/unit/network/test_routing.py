"""Who answers a request: names, addresses, Services, ready endpoints, and the trace that tells it."""

from __future__ import annotations

from collections import Counter

import pytest

from k8s_tutor.embedded.network import Refused, TimedOut, UnknownHost


@pytest.fixture
def two(world, make_endpoint):
    """A Service `web` before two ready pods."""
    world.pod("a", "10.244.1.2")
    world.pod("b", "10.244.1.3", node="node-b")
    world.service(
        "web", "10.96.0.7", [make_endpoint("a", "10.244.1.2"), make_endpoint("b", "10.244.1.3", node="node-b")]
    )
    return world


def test_a_pod_answers_at_its_own_address(two):
    assert two.ask("10.244.1.3")[0] == "b"


def test_a_service_spreads_requests_over_its_pods(two):
    answers = Counter(two.ask("10.96.0.7")[0] for _ in range(200))

    assert set(answers) == {"a", "b"}
    assert min(answers.values()) > 70


def test_the_same_seed_gives_the_same_choices(make_world, make_endpoint):
    def answers():
        world = make_world(seed=7)
        world.pod("a", "10.244.1.2")
        world.pod("b", "10.244.1.3")
        world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2"), make_endpoint("b", "10.244.1.3")])
        return [world.ask("web")[0] for _ in range(30)]

    assert answers() == answers()


@pytest.mark.parametrize("name", ["web", "web.default", "web.default.svc", "web.default.svc.cluster.local"])
def test_a_service_is_found_by_name(two, name):
    assert two.ask(name)[0] in ("a", "b")


@pytest.mark.parametrize("name", ["nosuch", "web.other", "web.default.svc.cluster.local.de"])
def test_a_name_that_is_not_there(two, name):
    with pytest.raises(UnknownHost) as fault:
        two.ask(name)

    assert fault.value.host == name
    assert fault.value.trace.outcome == "unknown host"


def test_a_pod_that_is_not_ready_gets_nothing(world, make_endpoint):
    world.pod("a", "10.244.1.2")
    world.pod("b", "10.244.1.3")
    world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2", ready=False), make_endpoint("b", "10.244.1.3")])

    assert {world.ask("web")[0] for _ in range(30)} == {"b"}


def test_a_pod_that_ends_still_serves_when_there_is_no_other(world, make_endpoint):
    world.pod("a", "10.244.1.2")
    world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2", ready=False, serving=True, terminating=True)])

    assert world.ask("web")[0] == "a"


def test_a_service_without_ready_pods_refuses(world, make_endpoint):
    world.pod("a", "10.244.1.2")
    world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2", ready=False)])

    with pytest.raises(Refused):
        world.ask("web")


def test_a_port_the_service_does_not_have_is_silent(two):
    with pytest.raises(TimedOut) as fault:
        two.ask("web", 81, timeout=3)

    assert fault.value.seconds == 3


def test_a_port_nobody_listens_on_refuses_at_once(two):
    with pytest.raises(Refused) as fault:
        two.ask("10.244.1.2", 81)

    assert fault.value.seconds < 0.01


def test_an_address_nobody_has_is_silent(two):
    with pytest.raises(TimedOut):
        two.ask("10.244.7.7")


def test_an_answer_that_takes_too_long_times_out(world):
    world.pod("slow", "10.244.1.2", seconds=5)

    with pytest.raises(TimedOut):
        world.ask("10.244.1.2", timeout=2)
    assert world.ask("10.244.1.2", timeout=6)[1].seconds == pytest.approx(5, abs=0.1)


def test_affinity_keeps_a_client_with_one_pod(world, make_endpoint):
    for number in range(4):
        world.pod(f"p{number}", f"10.244.1.{number + 2}")
    ends = [make_endpoint(f"p{number}", f"10.244.1.{number + 2}") for number in range(4)]
    world.service("web", "10.96.0.7", ends, sessionAffinity="ClientIP")

    assert len({world.ask("web")[0] for _ in range(30)}) == 1


def test_affinity_ends_after_its_time(world, make_endpoint):
    for number in range(4):
        world.pod(f"p{number}", f"10.244.1.{number + 2}")
    ends = [make_endpoint(f"p{number}", f"10.244.1.{number + 2}") for number in range(4)]
    config = {"clientIP": {"timeoutSeconds": 60}}
    world.service("web", "10.96.0.7", ends, sessionAffinity="ClientIP", sessionAffinityConfig=config)

    seen = set()
    for _ in range(30):
        seen.add(world.ask("web")[0])
        world.loop.run_until(world.loop.now() + 61)

    assert len(seen) > 1


def test_a_node_port_is_open_on_every_node(world, make_endpoint):
    world.pod("a", "10.244.1.2")
    ports = [{"port": 80, "nodePort": 30080, "protocol": "TCP"}]
    world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2")], ports=ports, type="NodePort")

    assert world.ask("172.18.0.2", 30080)[0] == "a"
    assert world.ask("172.18.0.3", 30080)[0] == "a"


def test_a_local_policy_keeps_to_the_nodes_own_pods(world, make_endpoint):
    world.pod("a", "10.244.1.2")
    ports = [{"port": 80, "nodePort": 30080, "protocol": "TCP"}]
    spec = {"ports": ports, "type": "NodePort", "externalTrafficPolicy": "Local"}
    world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2", node="node-a")], **spec)

    assert world.ask("172.18.0.2", 30080)[0] == "a"
    with pytest.raises(Refused):
        world.ask("172.18.0.3", 30080)


def test_a_load_balancers_address_leads_to_the_pods(world, make_endpoint):
    world.pod("a", "10.244.1.2")
    ingress = [{"ip": "172.18.255.200"}]
    world.service("web", "10.96.0.7", [make_endpoint("a", "10.244.1.2")], ingress=ingress, type="LoadBalancer")

    body, trace = world.ask("172.18.255.200")

    assert body == "a"
    assert [hop.kind for hop in trace.hops] == ["client", "loadbalancer", "service", "endpoint", "pod"]


def test_a_headless_name_resolves_to_the_pods(world, make_endpoint):
    ends = [make_endpoint("a", "10.244.1.2"), make_endpoint("b", "10.244.1.3", ready=False)]
    ends[0]["hostname"] = "a"
    world.service("web", "None", ends)

    assert world.network.resolve("web", world.client) == ["10.244.1.2"]
    assert world.network.resolve("a.web", world.client) == ["10.244.1.2"]
    with pytest.raises(UnknownHost):
        world.network.resolve("b.web", world.client)


def test_names_of_pods_that_are_not_ready_are_told_if_the_service_says_so(world, make_endpoint):
    ends = [{**make_endpoint("a", "10.244.1.2", ready=False), "hostname": "a"}]
    world.service("web", "None", ends, publishNotReadyAddresses=True)

    assert world.network.resolve("a.web.default.svc.cluster.local", world.client) == ["10.244.1.2"]


def test_localhost_is_the_pod_itself(world):
    world.client.listen(8080, "me", world.pod("x", "10.244.1.2").listeners[80][1])

    assert world.ask("localhost", 8080)[0] == "x"


def test_a_trace_tells_every_hop(two):
    _, trace = two.ask("web")

    assert [hop.kind for hop in trace.hops] == ["client", "dns", "service", "endpoint", "pod"]
    assert trace.hops[1].note == "web is 10.96.0.7"
    assert trace.hops[2].name == "default/web"
    assert trace.hops[3].note == "1 of 2"
    assert trace.outcome == "200"
    assert trace.seconds > 0
