"""An image of one's own is a function: pods run it, what it prints is their log, and what it does wrong is in there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from k8s_tutor.api.cluster import Asked, Cluster
from k8s_tutor.api.protocol import Request
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.session.own_images import make_image
from k8s_tutor.session.session import Session

STAND_IN = "ghcr.io/stefanprodan/podinfo:6.9.1"


class Shop:
    """A session with one pod of an image of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self.said: list[str] = []
        self.t = Session(cluster, say=self.said.append)

    def open(self, function: Callable[[Any], Any], name: str = "shop:1", **container: Any) -> None:
        """Makes the image, and a pod of it."""
        image = self.t.image(name, port=9898)(function)
        spec = {"terminationGracePeriodSeconds": 1, "containers": [{"name": "shop", "image": str(image), **container}]}
        self.t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "shop"}, "spec": spec})
        self.t.wait("pod/shop")

    def ask(self, path: str = "/", **query: str) -> tuple[int, object]:
        """Status and body of a request to the pod."""
        way = f"/api/v1/namespaces/{self.t.namespace}/pods/shop:9898/proxy{path}"
        response = self.t.cluster.api.send(Request("GET", way, tuple(query.items())))
        return response.code, response.body.decode() if isinstance(response.body, bytes) else response.body

    @property
    def log(self) -> str:
        return str(self.t.logs("pod/shop"))


@pytest.fixture
def shop(embedded_cluster: Cluster) -> Iterator[Shop]:
    made = Shop(embedded_cluster)
    yield made
    if made.t.client.find("pod", "shop", made.t.namespace):
        made.t.delete("pod/shop", now=True)


def test_a_pod_runs_the_function_and_answers_with_what_it_returns(shop: Shop) -> None:
    def menu(request: Asked) -> object:
        print(request.method, request.path, request.query)
        return {"hostname": request.pod, "greeting": request.env["GREETING"]}

    shop.open(menu, env=[{"name": "GREETING", "value": "hello"}])

    assert shop.ask("/today", drink="tea") == (200, '{\n  "hostname": "shop",\n  "greeting": "hello"\n}\n')
    assert shop.log.splitlines() == ["menu.py listens at port 9898", "GET /today {'drink': 'tea'}"]
    assert shop.said[0] == "Image shop:1 is on the nodes: menu.py, port 9898"


@pytest.mark.parametrize(
    ("value", "answer"),
    [("tea\n", (200, "tea\n")), ((404, "no such page"), (404, "no such page")), (["tea"], (200, '[\n  "tea"\n]\n'))],
)
def test_text_lists_and_a_status_are_answers(shop: Shop, value: object, answer: tuple[int, object]) -> None:
    shop.open(lambda _request: value)

    assert shop.ask() == answer


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "menu.py returned nothing (it printed, and did not return?)"),
        (7, "menu.py returned a int; a request is answered with a text or a dict"),
        (("ok", "tea"), "menu.py: 'ok' is no HTTP status"),
    ],
)
def test_what_is_no_answer_is_a_500_and_a_line_of_the_log(shop: Shop, value: object, words: str) -> None:
    def menu(_request: Asked) -> object:
        return value

    shop.open(menu)

    assert shop.ask()[0] == 500
    assert words in shop.log


def test_an_exception_is_a_traceback_of_the_functions_own_lines(shop: Shop) -> None:
    def menu(request: Asked) -> object:
        return {"/": "tea"}[request.path]

    shop.open(menu)

    assert shop.ask("/cake")[0] == 500
    assert shop.ask("/") == (200, "tea")
    assert shop.log.splitlines()[1:] == [
        "Traceback (most recent call last):",
        '  File "/app/menu.py", line 2, in menu',
        '    return {"/": "tea"}[request.path]',
        "KeyError: '/cake'",
    ]


def test_the_image_holds_the_functions_file_where_its_dockerfile_puts_it(shop: Shop) -> None:
    def menu(_request: Asked) -> object:
        return "tea"

    shop.open(menu)

    seen = [str(shop.t.exec("pod/shop", words)).strip() for words in ("pwd", "ls", "id -u", "cat menu.py")]
    assert seen == ["/app", "menu.py", "1000", 'def menu(_request: Asked) -> object:\n    return "tea"']


def test_a_function_without_end_is_stopped_and_its_container_answers_nobody_any_more(shop: Shop) -> None:
    asked: list[str] = []

    def menu(request: Asked) -> object:
        asked.append(request.path)
        while True:
            pass

    shop.open(menu)

    assert shop.ask("/first")[0] == 503
    assert shop.ask("/second")[0] == 503
    assert asked == ["/first"]
    assert "menu.py has not answered GET /first within 2 s, and answers nobody now" in shop.log


def test_exit_ends_the_container_and_the_kubelet_starts_it_again(shop: Shop) -> None:
    def menu(request: Asked) -> object:
        request.memory["visits"] = request.memory.get("visits", 0) + 1
        if request.path == "/end":
            sys.exit(3)
        return str(request.memory["visits"])

    shop.open(menu)
    assert [shop.ask()[1], shop.ask()[1]] == ["1", "2"]

    shop.ask("/end")
    shop.t.wait("pod/shop", lambda pod: pod["status"]["containerStatuses"][0]["restartCount"] == 1)
    shop.t.wait("pod/shop")

    status = shop.t.get("pod/shop")["status"]["containerStatuses"][0]
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert shop.ask() == (200, "1")


def test_a_new_function_of_the_same_name_is_for_containers_that_are_still_to_start(shop: Shop) -> None:
    shop.open(lambda _request: "old")
    shop.t.image("shop:1", port=9898)(lambda _request: "new")
    assert shop.ask() == (200, "old")

    shop.t.delete("pod/shop", now=True)
    shop.open(lambda _request: "new")
    assert shop.ask() == (200, "new")


def test_nodes_say_that_they_have_it_and_a_registry_does_not(shop: Shop) -> None:
    shop.open(lambda _request: "tea", "till:2")
    images = [image["names"] for node in shop.t.objects("nodes") for image in node["status"]["images"]]
    assert sum("docker.io/library/till:2" in names for names in images) == 3

    spec = {"containers": [{"name": "a", "image": "till:2", "imagePullPolicy": "Always"}]}
    shop.t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "always"}, "spec": spec})
    shop.t.wait("pod/always", "ErrImagePull")
    shop.t.delete("pod/always", now=True)


def _takes_nothing() -> str:
    return ""


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        ("shop", _takes_nothing, "The image shop has no tag. Why: Without a tag Kubernetes takes `:latest`"),
        ("shop:latest", _takes_nothing, "An image of your own cannot be called `:latest`."),
        ("Shop:1", _takes_nothing, "Shop:1 is no name of an image. Why: It is lower-case letters"),
        (_takes_nothing, _takes_nothing, "t.image: name is text, not <function _takes_nothing"),
        ("shop:1", "tea", "The image shop:1 is to be made of a function."),
        ("shop:1", _takes_nothing, "This function cannot be the image shop:1. Why: It is called with one thing"),
        ("nginx:1.22", lambda request: "", "nginx:1.22 is an image that there is already."),
    ],
)  # fmt: skip
def test_what_cannot_be_an_image_is_refused_with_a_way_out(shop: Shop, name: Any, function: Any, words: str) -> None:
    with pytest.raises(TutorError) as caught:
        shop.t.image(name)(function)

    assert words in " ".join(str(caught.value).split())


def test_a_port_is_a_port(shop: Shop) -> None:
    with pytest.raises(UsageError, match="0 is no port"):
        shop.t.image("shop:1", port=0)


# ---- Where containers are real


def _real(context: str, *images: str) -> tuple[Any, Any]:
    """A cluster without functions, and a client that knows its nodes."""
    nodes = [
        {"spec": {"taints": [{"key": "control-plane", "effect": "NoSchedule"}]}, "status": {}},
        {"spec": {}, "status": {"images": [{"names": [f"docker.io/library/{name}" for name in images]}]}},
    ]
    return SimpleNamespace(features=frozenset(), context=context), SimpleNamespace(list=lambda kind: nodes)


def test_on_kind_something_stands_in_and_the_way_to_an_own_image_is_told() -> None:
    said: list[str] = []
    image = make_image(*_real("kind-k8s-tutor"), "shop:1", 8080, STAND_IN, said.append)(lambda request: "tea")

    assert (str(image), image(Asked())) == (STAND_IN, "tea")
    (words,) = said
    assert f"a function in a notebook cannot be one of them. In place of shop:1 stands {STAND_IN}." in words
    assert words.endswith("docker build -t shop:1 . && kind load docker-image shop:1 --name k8s-tutor")


def test_on_kind_an_image_that_was_built_and_loaded_is_taken() -> None:
    said: list[str] = []
    image = make_image(*_real("kind-k8s-tutor", "shop:1"), "shop:1", 8080, STAND_IN, said.append)(lambda request: "tea")

    assert str(image) == "shop:1"
    assert said == ["shop:1 is on the nodes of this cluster: containers run that image, not this function."]
