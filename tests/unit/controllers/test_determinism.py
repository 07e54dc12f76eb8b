from __future__ import annotations

from k8s_tutor.api.protocol import Request
from k8s_tutor.objects.types import Obj
from tests.unit.engine import new_kubernetes

DEPLOYMENT: Obj = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 4,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "registry.k8s.io/pause:3.10.2"}]},
        },
    },
}


def history(seed: int) -> list[tuple[str, str, Obj]]:
    """Everything that ever happens when a Deployment is made and deleted again."""
    cluster = new_kubernetes(seed)
    cluster.loop.run_until(cluster.loop.now() + 2)
    path = "/apis/apps/v1/namespaces/default/deployments"
    cluster.handle(Request("POST", path, body=DEPLOYMENT))
    cluster.loop.run_until(cluster.loop.now() + 20)
    cluster.handle(Request("DELETE", f"{path}/web"))
    cluster.loop.run_until(cluster.loop.now() + 40)
    assert not cluster.store.list("pods", "default")
    return [(change.type, change.resource, change.obj) for change in cluster.store.history(0)]


def test_the_same_seed_and_requests_give_the_same_history_to_the_last_byte() -> None:
    assert history(7) == history(7)


def test_another_seed_gives_other_names() -> None:
    assert history(7) != history(8)
