"""The janitor on a cluster a test, with hours that pass at once. `pip install k8s-tutor[test]`, then `pytest`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from janitor import KEEP_FOR, tidy
from kubernetes import client, config


@pytest.fixture
def api(kubeconfig: Path) -> Iterator[client.CoreV1Api]:
    with config.new_client_from_config(str(kubeconfig)) as connection:
        yield client.CoreV1Api(connection)


def keep(api: client.CoreV1Api, name: str, seconds: int) -> None:
    about = client.V1ObjectMeta(name=name, annotations={KEEP_FOR: str(seconds)})
    api.create_namespaced_config_map("default", client.V1ConfigMap(metadata=about))


def look_at(clock) -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC)


def test_what_is_good_for_an_hour_is_gone_after_an_hour(api, clock):
    keep(api, "receipt", 3600)
    keep(api, "recipe", 86400)
    clock.advance(3600)
    assert tidy(api, look_at(clock)) == ["receipt"]
    assert tidy(api, look_at(clock)) == []


def test_what_does_not_say_how_long_it_is_good_for_stays(api, clock):
    api.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="menu")))
    clock.advance(7200)
    assert tidy(api, look_at(clock)) == []


def test_every_test_has_a_cluster_of_its_own(api):
    names = {one.metadata.name for one in api.list_namespaced_config_map("default").items}
    assert not names & {"receipt", "recipe", "menu"}


def test_the_cluster_itself_goes_on_while_time_is_moved(api, kubeconfig, clock):
    container = client.V1Container(name="web", image="nginx:1.25")
    pod = client.V1Pod(metadata=client.V1ObjectMeta(name="web"), spec=client.V1PodSpec(containers=[container]))
    api.create_namespaced_pod("default", pod)
    clock.advance(30)
    assert api.read_namespaced_pod("web", "default").status.phase == "Running"
