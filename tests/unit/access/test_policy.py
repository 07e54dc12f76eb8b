"""Policy rules: what they allow, and when one lot of rules holds all of another. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver.access.identities import Attributes, wanted
from k8s_tutor.embedded.apiserver.access.rbac import allows, described, uncovered
from k8s_tutor.embedded.core import User

EVE = User("eve", ("system:authenticated",))
WORDS = {
    "verbs": ["get", "list", "*"],
    "apiGroups": ["", "apps", "*"],
    "resources": ["pods", "pods/log", "*/log", "*"],
    "resourceNames": ["a", "b"],
}


def some(field: str, least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(WORDS[field]), min_size=least, max_size=3, unique=True)


def resource_rule(verbs: list[str], groups: list[str], resources: list[str], names: list[str]) -> dict:
    rule = {"verbs": verbs, "apiGroups": groups, "resources": resources}
    return {**rule, "resourceNames": names} if names else rule


resource_rules = st.builds(
    resource_rule, some("verbs"), some("apiGroups"), some("resources"), some("resourceNames", least=0)
)
path_rules = st.builds(
    lambda verbs, urls: {"verbs": verbs, "nonResourceURLs": urls},
    some("verbs"),
    st.lists(st.sampled_from(["/healthz", "/api/*", "*", "/api/v1"]), min_size=1, max_size=2),
)
rules = st.lists(resource_rules | path_rules, max_size=3)
questions = st.builds(
    lambda verb, group, resource, name: Attributes(EVE, verb, group, *resource, name=name),
    st.sampled_from(["get", "list", "delete"]),
    st.sampled_from(["", "apps", "batch"]),
    st.sampled_from([("pods", ""), ("pods", "log"), ("nodes", "log"), ("nodes", "")]),
    st.sampled_from(["", "a", "b", "c"]),
) | st.builds(
    lambda verb, path: Attributes(EVE, verb, path=path),
    st.sampled_from(["get", "post"]),
    st.sampled_from(["/healthz", "/api", "/api/v1", "/metrics"]),
)


@given(held=rules, asked=rules, question=questions)
def test_who_holds_all_of_some_rules_is_allowed_all_they_allow(held, asked, question) -> None:
    if not uncovered(held, asked) and any(allows(rule, question) for rule in asked):
        assert any(allows(rule, question) for rule in held)


@given(rules)
def test_all_rules_hold_themselves(held) -> None:
    assert uncovered(held, held) == []


@given(rules)
def test_everything_holds_all_rules(asked) -> None:
    everything = [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"verbs": ["*"], "nonResourceURLs": ["*"]},
    ]
    assert uncovered(everything, asked) == []


def test_rules_that_differ_in_their_verb_are_told_as_one() -> None:
    missing = uncovered([], [{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "secrets"]}])
    assert described(missing) == [
        '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    ]


def test_paths_are_told_one_by_one() -> None:
    missing = uncovered([], [{"verbs": ["get", "post"], "nonResourceURLs": ["/metrics"]}])
    assert described(missing) == [
        '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["post"]}',
    ]


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/api/v1/pods", Attributes(EVE, "list", "", "pods")),
        ("HEAD", "/api/v1/namespaces/n/pods/p", Attributes(EVE, "get", "", "pods", "", "n", "p")),
        ("GET", "/api/v1/watch/namespaces/n/pods", Attributes(EVE, "watch", "", "pods", "", "n")),
        ("GET", "/apis/apps/v1/deployments?watch=true", Attributes(EVE, "watch", "apps", "deployments")),
        ("GET", "/api/v1/namespaces/n/status", Attributes(EVE, "get", "", "namespaces", "status", "n", "n")),
        ("PUT", "/api/v1/namespaces/n/finalize", Attributes(EVE, "update", "", "namespaces", "finalize", "n", "n")),
        ("DELETE", "/api/v1/namespaces/n/pods", Attributes(EVE, "deletecollection", "", "pods", "", "n")),
        (
            "POST",
            "/api/v1/namespaces/n/services/s/proxy/a/b",
            Attributes(EVE, "create", "", "services", "proxy", "n", "s"),
        ),
        ("GET", "/api/v1", Attributes(EVE, "get", path="/api/v1")),
        ("GET", "/apis/apps/v1", Attributes(EVE, "get", path="/apis/apps/v1")),
    ],
)
def test_a_path_is_read_as_what_it_wants(method, target, expected) -> None:
    path, _, query = target.partition("?")
    pairs = tuple(tuple(pair.split("=")) for pair in query.split("&")) if query else ()
    assert wanted(EVE, Request(method, path, pairs)) == expected
