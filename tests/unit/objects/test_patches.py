"""patches.json: what a real API server (1.37) made of each patch (`capture_patches.py`)."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects.jsonpatch import PatchError, json_patch, merge_diff, merge_patch
from k8s_tutor.objects.schema import builtin_schema
from k8s_tutor.objects.strategic import strategic_merge

PAIRS = json.loads(Path(__file__).with_name("patches.json").read_text(encoding="utf-8"))

scalars = st.one_of(st.booleans(), st.integers(-2, 2), st.sampled_from(["", "a", "b"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def patched(live, kind, patch):
    if kind == "strategic":
        return strategic_merge(live, patch, builtin_schema().kind(live["apiVersion"], live["kind"]))
    return {"json": json_patch, "merge": merge_patch}[kind](live, patch)


def unlike(ours, theirs, live):
    """Where the results differ, except in what the server's defaults added."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        before = live if isinstance(live, dict) else {}
        kept = [key for key in theirs if key not in ours and key in before]
        lost = [key for key, value in ours.items() if key not in theirs and value not in ({}, None)]
        inner = [
            f"{key}.{where}"
            for key in ours
            if key in theirs
            for where in unlike(ours[key], theirs[key], before.get(key))
        ]
        return kept + lost + inner
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [where for left, right in zip(ours, theirs, strict=True) for where in unlike(left, right, None)]
    return [] if ours == theirs else [f"{ours} is not {theirs}"]


@pytest.mark.parametrize("pair", PAIRS["answers"], ids=lambda pair: f"{pair['type']}-{json.dumps(pair['patch'])[:60]}")
def test_patches_do_what_the_server_does(pair):
    live = PAIRS["live"][pair["object"]]
    untouched = copy.deepcopy((live, pair["patch"]))
    answer = pair["answer"]
    if answer.get("message"):
        with pytest.raises(PatchError) as refused:
            patched(live, pair["type"], pair["patch"])
        assert vars(refused.value) == {"reason": "", **answer}
    else:
        assert unlike(patched(live, pair["type"], pair["patch"]), answer, live) == []
    assert (live, pair["patch"]) == untouched


@given(documents, documents)
def test_a_merge_diff_takes_one_document_to_the_other(before, after):
    assert merge_patch(before, merge_diff(before, after)) == after


@given(documents, documents)
def test_merging_twice_changes_nothing_more(document, patch):
    once = merge_patch(document, patch)
    assert merge_patch(once, patch) == once


@given(documents)
def test_equal_documents_need_no_patch(document):
    assert merge_diff(document, copy.deepcopy(document)) == {}
