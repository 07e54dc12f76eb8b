"""What a program hands to a client and JSON has no word for: a message, before anything is sent or stored."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.runner.in_process import InProcessAPI
from k8s_tutor.embedded.runner.pace import Pace, PaceMode
from k8s_tutor.errors import UsageError


@pytest.fixture
def client() -> Iterator[Client]:
    kubernetes = EmbeddedKubernetes(strict=True)
    pace = Pace(kubernetes.loop, PaceMode.AWAITED)
    yield Client(InProcessAPI(kubernetes, pace), kubernetes.kinds)
    pace.close()


def cyclic() -> Any:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


def deep() -> Any:
    value: Any = {}
    for _ in range(50_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {1},
        b"x",
        float("nan"),
        Decimal(1),
        datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        10**5000,
        {3: "x"},
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("verb", ["create", "apply", "patch"])
def test_a_value_that_is_no_json_is_told_and_not_stored(client: Client, verb: str, value: Any) -> None:
    _refused(client, verb, value)


@pytest.mark.parametrize("make", [cyclic, deep])
@pytest.mark.parametrize("verb", ["create", "apply", "patch"])
def test_a_value_without_end_is_told_and_not_stored(client: Client, verb: str, make: Any) -> None:
    _refused(client, verb, make())


def _refused(client: Client, verb: str, value: Any) -> None:
    client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, "default")
    before = client.list("configmaps")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}, "data": {"x": value}}
    send = {
        "create": lambda: client.create(body, "default"),
        "apply": lambda: client.apply(body, "default"),
        "patch": lambda: client.patch("configmaps", "a", body, "default"),
    }[verb]
    with pytest.raises(UsageError, match=r"cannot be sent to a cluster: at data\.x") as caught:
        send()
    assert len(str(caught.value)) < 500
    assert client.list("configmaps") == before


def test_half_a_character_in_a_name_is_a_name_that_nobody_has(client: Client) -> None:
    assert client.find("configmaps", "\ud800", "default") is None
