"""Lists: selectors, pages, revisions."""

from __future__ import annotations

import pytest

CONFIGS = "/api/v1/namespaces/default/configmaps"


def names(body: dict) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


def test_items_of_a_built_in_list_do_not_repeat_their_kind(api) -> None:
    api.config("a")
    body = api.ok("GET", CONFIGS)
    assert (body["kind"], body["apiVersion"]) == ("ConfigMapList", "v1")
    assert "kind" not in body["items"][0]


def test_label_and_field_selectors_choose(api) -> None:
    api.config("a", tier="web")
    api.config("b", tier="db")
    assert names(api.ok("GET", f"{CONFIGS}?labelSelector=tier=web")) == ["a"]
    assert names(api.ok("GET", f"{CONFIGS}?fieldSelector=metadata.name!=a")) == ["b"]


def test_pages_show_the_list_as_it_was_when_the_first_page_was_read(api) -> None:
    for name in "abcd":
        api.config(name)
    first = api.ok("GET", f"{CONFIGS}?limit=2")
    assert (names(first), first["metadata"]["remainingItemCount"]) == (["a", "b"], 2)
    api.ok("DELETE", f"{CONFIGS}/c")
    second = api.ok("GET", f"{CONFIGS}?limit=2&continue={first['metadata']['continue']}")
    assert names(second) == ["c", "d"]
    assert "continue" not in second["metadata"]


def test_a_page_of_a_compacted_list_is_gone_but_can_be_resumed(api) -> None:
    for name in "abc":
        api.config(name)
    token = api.ok("GET", f"{CONFIGS}?limit=1")["metadata"]["continue"]
    api.config("d")
    api.store.compact(api.store.revision)
    gone = api.ask("GET", f"{CONFIGS}?limit=2&continue={token}")
    assert (gone.code, gone.body["reason"]) == (410, "Expired")
    assert names(api.ok("GET", f"{CONFIGS}?continue={gone.body['metadata']['continue']}")) == ["b", "c", "d"]


def test_a_page_is_gone_between_five_and_ten_minutes_later_as_etcd_is_compacted(api) -> None:
    for name in "abc":
        api.config(name)
    token = api.ok("GET", f"{CONFIGS}?limit=1")["metadata"]["continue"]
    for minutes, code in ((9, 200), (2, 410)):
        api.config(f"later-{minutes}")
        api.loop.run_until(api.loop.now() + minutes * 60)
        assert api.ask("GET", f"{CONFIGS}?limit=1&continue={token}").code == code
    old = "resourceVersion=2&resourceVersionMatch=Exact"
    assert api.fails("GET", f"{CONFIGS}?{old}") == (410, "The resourceVersion for the provided list is too old.")


def test_an_exact_revision_shows_the_past(api) -> None:
    api.config("a")
    then = api.store.revision
    api.config("b")
    query = f"resourceVersion={then}&resourceVersionMatch=Exact"
    assert names(api.ok("GET", f"{CONFIGS}?{query}")) == ["a"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("resourceVersion=9999", "Timeout: Too large resource version: 9999, current: {now}"),
        ("labelSelector=a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        (
            "fieldSelector=spec.x=1",
            '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
    ],
)
def test_a_list_nobody_can_give_is_refused_in_kubernetes_words(api, query: str, message: str) -> None:
    assert api.fails("GET", f"{CONFIGS}?{query}")[1] == message.format(now=api.store.revision)


def test_a_collection_can_be_deleted_by_selector(api) -> None:
    api.config("a", tier="web")
    api.config("b")
    assert names(api.ok("DELETE", f"{CONFIGS}?labelSelector=tier")) == ["a"]
    assert names(api.ok("GET", CONFIGS)) == ["b"]


def test_tables_come_for_lists_and_single_objects(api) -> None:
    api.config("a")
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    for target in (CONFIGS, f"{CONFIGS}/a"):
        table = api.ok("GET", target, accept=accept)
        assert table["kind"] == "Table"
        assert [row["cells"] for row in table["rows"]] == [["a", 1, "0s"]]


def test_bare_metadata_comes_when_asked_for(api) -> None:
    api.config("a")
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    body = api.ok("GET", CONFIGS, accept=accept)
    assert (body["kind"], set(body["items"][0])) == ("PartialObjectMetadataList", {"kind", "apiVersion", "metadata"})


def test_a_form_the_server_does_not_have_is_not_acceptable(api) -> None:
    code, message = api.fails("GET", CONFIGS, accept="text/html")
    assert (code, message.split("\n")[0]) == (406, "406: Not Acceptable")
