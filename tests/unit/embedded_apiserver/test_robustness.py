"""Whatever is sent, an answer comes, and the state stays whole."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.objects.kinds import builtin_kinds

scalars = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8) | st.floats(allow_nan=False)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["metadata", "spec", "status", "name", "labels", "template", "containers", "ports", "selector", "rules"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
objects = st.fixed_dictionaries(
    {"metadata": st.fixed_dictionaries({"name": st.sampled_from("ab")})},
    optional={
        "spec": values,
        "status": values,
        "data": values,
        "rules": values,
        "subsets": values,
        "endpoints": values,
    },
)
bodies = values | objects | st.binary(max_size=40)
methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"])
queries = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "limit",
                "continue",
                "resourceVersion",
                "labelSelector",
                "fieldSelector",
                "dryRun",
                "force",
                "fieldManager",
                "propagationPolicy",
                "gracePeriodSeconds",
                "fieldValidation",
            ]
        ),
        st.text(max_size=6) | st.sampled_from(["1", "All", "x", "Strict", "Orphan"]),
    ),
    max_size=2,
)
types = st.sampled_from(
    [
        "application/json",
        "application/yaml",
        "application/merge-patch+json",
        "application/json-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
        "text/plain",
    ]
)


@st.composite
def paths(draw: Any) -> str:
    kind = draw(st.sampled_from(list(builtin_kinds())))
    name = draw(st.sampled_from(["", "a", "b"]))
    parts = [part.name for part in kind.subresources]
    subresource = draw(st.sampled_from(["", *parts])) if name and parts else ""
    return str(kind.path(draw(st.sampled_from(["default", "nowhere", ""])), name, subresource))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(methods, paths(), queries, bodies, types), min_size=1, max_size=5))
def test_random_requests_never_break_the_server(requests: list) -> None:
    from tests.unit.embedded_apiserver.conftest import Api  # noqa: PLC0415

    api = Api()
    for method, path, query, body, content_type in requests:
        answer = api.server.handle(Request(method, path, tuple(query), body, content_type))
        if isinstance(answer, Response) and answer.code >= 400 and isinstance(answer.body, dict):
            assert answer.body["kind"] == "Status"
    for resource in api.store.resources():
        for obj in api.store.list(resource):
            assert api.store.by_uid(obj["metadata"]["uid"]) is obj
