"""Answers as bytes say what they say as values, and an object is encoded once a revision."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.encoding import Stored, encode_json, make_bare, make_item

PODS = "/api/v1/namespaces/default/pods"
CONFIGMAPS = "/api/v1/namespaces/default/configmaps"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
BARE_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)
OBJECTS = st.fixed_dictionaries(
    {"metadata": st.dictionaries(st.text(), JSON), "apiVersion": st.just("v1"), "kind": st.just("Pod")},
    optional={"spec": JSON, "items": JSON, "object": JSON},
)


@given(OBJECTS)
def test_every_form_of_a_stored_object_says_what_the_object_says(obj):
    stored = Stored(obj)
    for value in (stored, make_item(stored), make_bare(stored)):
        assert json.loads(encode_json(value)) == value
    assert json.loads(encode_json(make_item(stored))) == make_item(obj)
    assert json.loads(encode_json(make_bare(stored))) == make_bare(obj)


@given(st.lists(OBJECTS, max_size=3), JSON)
def test_answers_are_joined_from_what_is_remembered(objects, anything):
    stored = [Stored(obj) for obj in objects]
    answers = [
        {"kind": "PodList", "metadata": {}, "items": [make_item(obj) for obj in stored]},
        {"kind": "PodList", "items": stored, "metadata": anything},
        {"rows": [{"cells": [anything], "object": make_bare(obj)} for obj in stored]},
        *({"type": "ADDED", "object": obj} for obj in stored),
        anything,
    ]
    for answer in answers:
        assert json.loads(encode_json(answer)) == answer


@pytest.mark.parametrize("accept", ["application/json", TABLE, BARE_LIST])
@pytest.mark.parametrize("query", ["", "?limit=1", "?includeObject=Object", "?includeObject=None"])
def test_lists_are_the_same_as_bytes_and_as_values(api, accept, query):
    api.config("one", colour="blue")
    api.patch(f"{CONFIGMAPS}/one", {"data": {"colour": "grün"}})
    api.config("two")
    body = api.ok("GET", f"{CONFIGMAPS}{query}", accept=accept)
    assert json.loads(encode_json(body)) == body


def test_an_object_is_encoded_once_a_revision(api):
    api.config("one")
    first, again = (api.store.get("configmaps", "default", "one") for _ in range(2))
    assert first.body is again.body
    api.patch(f"{CONFIGMAPS}/one", {"data": {"key": "other"}})
    now = api.store.get("configmaps", "default", "one")
    assert b'"other"' in now.body
    assert b'"other"' not in first.body


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, dict, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_is_a_plain_dict_that_may_be_changed(api, copied):
    api.config("one")
    stored = api.store.get("configmaps", "default", "one")
    encode_json(stored)
    taken = copied(stored)
    assert type(taken) is dict
    taken["data"] = {"key": "changed"}
    assert json.loads(encode_json(taken))["data"] == {"key": "changed"}


def test_fields_come_in_the_order_of_a_real_api_server(api):
    api.ok("POST", CONFIGMAPS, {"data": {"a": "b"}, "metadata": {"name": "one"}, "kind": "ConfigMap"})
    text = encode_json(api.store.get("configmaps", "default", "one"))
    assert text.startswith(b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{')
