"""Every endpoint that real discovery names, asked with every method about an object that is not there.

All writes are dry runs and name nothing that exists, so that any cluster can be asked.

    python -m tests.behaviour.endpoints KUBECONFIG
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from k8s_tutor.api.protocol import Method, Request, Response
from k8s_tutor.objects.kinds import Kind, builtin_kinds

ANSWERS = Path(__file__).parent / "testdata" / "endpoints.jsonl"
ABSENT = "no-such-object"
DRY = (("dryRun", "All"),)
NOBODY = (*DRY, ("labelSelector", "no-such-label"))
MERGE = "application/merge-patch+json"
SUBRESOURCE_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")


def requests(kinds: Iterable[Kind], namespace: str) -> Iterator[Request]:
    for kind in kinds:
        collection, absent = kind.path(namespace), kind.path(namespace, ABSENT)
        yield Request("GET", collection, (("labelSelector", "no-such-label"),))
        yield Request("GET", collection, (("watch", "true"), ("resourceVersion", "no-number")))
        yield Request("POST", collection, DRY, {})
        yield Request("PUT", collection, DRY, {})
        yield Request("PATCH", collection, DRY, {}, MERGE)
        yield Request("DELETE", collection, NOBODY)
        yield from _on(absent)
        if kind.namespaced:
            yield Request("GET", kind.path(), (("labelSelector", "no-such-label"),))
            yield Request("POST", kind.path(), DRY, {})
            yield Request("DELETE", kind.path(), NOBODY)
        for subresource in kind.subresources:
            yield from _on(kind.path(namespace, ABSENT, subresource.name))


def _on(path: str) -> Iterator[Request]:
    for method in SUBRESOURCE_METHODS:
        if method == "PATCH":
            yield Request(method, path, DRY, {}, MERGE)
        elif method == "GET":
            yield Request(method, path)
        else:
            yield Request(method, path, DRY, {} if method != "DELETE" else None)


def words(request: Request) -> str:
    """The request as a row names it."""
    return f"{request.method} {request.target}"


def gist(response: Response, namespace: str) -> list[Any]:
    """What an answer says: its code, and its kind or the refusal's reason and message."""
    body = response.body.decode() if isinstance(response.body, bytes) else response.body
    if not isinstance(body, dict):
        return [response.code, str(body).replace(namespace, "NAMESPACE")]
    if body.get("kind") != "Status" or body.get("status") != "Failure":
        return [response.code, body.get("kind", "")]
    message = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", body.get("message", "")).replace(namespace, "NAMESPACE")
    return [response.code, body.get("reason", ""), message]


def record(kubeconfig: str) -> None:
    """Writes down what a real server answers; see `test_endpoints`."""
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415  # heavy, and only for recording

    context = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))["current-context"]
    api = ContextCluster(context, [Path(kubeconfig)]).api
    namespace = "every-endpoint"
    api.send(Request("POST", "/api/v1/namespaces", (), {"metadata": {"name": namespace}}))
    lines = []
    for request in requests(builtin_kinds(), namespace):
        answer = gist(api.send(request), namespace)
        lines.append(json.dumps([words(request).replace(namespace, "NAMESPACE"), *answer]))
    api.send(Request("DELETE", f"/api/v1/namespaces/{namespace}"))
    ANSWERS.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    record(sys.argv[1])
