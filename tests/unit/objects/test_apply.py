"""apply.json: scenarios of several managers played on a real API server (1.37), step by step (`capture_apply.py`)."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.clock import EPOCH, from_rfc3339, rfc3339
from k8s_tutor.objects.apply import ApplyConflict, ApplyError, Writer, apply, settled, track_update
from k8s_tutor.objects.apply.fieldset import difference, insert, intersection, paths, union
from k8s_tutor.objects.schema import builtin_schema, from_openapi

PLAYED = json.loads(Path(__file__).with_name("apply.json").read_text(encoding="utf-8"))
STEPS = [
    pytest.param(step, id=f"{name}-{number}-{step['verb']}-{step['manager']}")
    for name, steps in PLAYED["scenarios"].items()
    for number, step in enumerate(steps)
]
REFUSED = [step for step in STEPS if step.values[0]["after"]["kind"] == "Status"]
APPLIED = [step for step in STEPS if step not in REFUSED and step.values[0]["verb"] == "apply"]
WRITTEN = [step for step in STEPS if step not in REFUSED and step.values[0]["verb"] != "apply"]
CLOCK = from_openapi(PLAYED["clock"])
CONFIG = builtin_schema().kind("v1", "ConfigMap")
ME, YOU = (Writer(name, "v1") for name in ("me", "you"))


def schema_of(step):
    body = step["body"] if "kind" in step["body"] else step["before"]
    return builtin_schema().kind(body["apiVersion"], body["kind"]) or CLOCK


def writer_of(step):
    known = step["after"] if step["after"]["kind"] != "Status" else step["before"]
    ignored = ("spec", "metadata") if step["subresource"] else ("status",)
    return Writer(step["manager"], known["apiVersion"], step["subresource"], ignored)


def time_of(step):
    """When the server did it, as far as its answer tells."""
    entries = step["after"].get("metadata", {}).get("managedFields", [])
    return max([from_rfc3339(entry["time"]) for entry in entries if entry["manager"] == step["manager"]], default=EPOCH)


def played(step):
    apply_step = {"force": step["force"], "now": time_of(step), "schema": schema_of(step)}
    return apply(step["before"], step["body"], writer_of(step), **apply_step)


def owners(obj):
    entries = obj["metadata"].get("managedFields", [])
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries]


def missing(ours, theirs):
    """What of ours the server's object has not, or has otherwise; its defaults and identity are its own."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            f"{key}.{where}"
            for key, value in ours.items()
            if key != "managedFields" and value not in (None, {}, [])
            for where in (missing(value, theirs[key]) if key in theirs else ["gone"])
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [where for left, right in zip(ours, theirs, strict=True) for where in missing(left, right)]
    return [] if ours == theirs else [f"{ours} is not {theirs}"]


def lost(step, ours):
    """What stood before, is gone from ours, but not from the server's."""
    before, after = step["before"] or {}, step["after"]
    return [
        f"{part}.{key}"
        for part in ("data", "spec", "metadata")
        for key in before.get(part) or {}
        if before[part][key] == (after.get(part) or {}).get(key) and key not in (ours.get(part) or {})
    ]


@pytest.mark.parametrize("step", APPLIED)
def test_apply_leaves_the_owners_that_the_server_leaves(step):
    assert owners(played(step)) == owners(step["after"])


@pytest.mark.parametrize("step", APPLIED)
def test_apply_makes_the_object_that_the_server_makes(step):
    untouched = copy.deepcopy(step)
    ours = played(step)
    assert (
        missing({**ours, "metadata": {**ours["metadata"], "resourceVersion": None, "generation": None}}, step["after"])
        == []
    )
    assert lost(step, ours) == []
    assert step == untouched


@pytest.mark.parametrize("step", WRITTEN)
def test_other_writes_leave_the_owners_that_the_server_leaves(step):
    sent = step["body"].get("metadata", {}).get("managedFields")
    before = (step["before"] or {}).get("metadata", {}).get("managedFields")
    metadata = {**step["after"]["metadata"], "managedFields": sent or before}
    ours = track_update(
        step["before"],
        {**step["after"], "metadata": metadata},
        writer_of(step),
        now=time_of(step),
        schema=schema_of(step),
    )
    assert owners(ours) == owners(step["after"])


@pytest.mark.parametrize("step", REFUSED)
def test_apply_refuses_in_the_servers_words(step):
    if "is invalid" in step["after"]["message"]:
        pytest.skip("refused by validation, which is not apply's")
    with pytest.raises(ApplyError) as refused:
        played(step)
    ours, theirs = refused.value, step["after"]
    assert (ours.message, ours.code, ours.reason) == (theirs["message"], theirs["code"], theirs.get("reason", ""))
    if isinstance(ours, ApplyConflict):
        assert ours.causes == theirs["details"]["causes"]


def config(data, **metadata):
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **metadata}}
    return {**obj, "data": data} if data else obj


def applied(live, obj, writer, *, force=True, now=EPOCH):
    made = apply(live, obj, writer, force=force, now=now, schema=CONFIG)
    return settled(live, {key: value for key, value in made.items() if value not in (None, {})})


data = st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), max_size=3)


@given(st.lists(st.tuples(st.sampled_from([ME, YOU]), data), min_size=1, max_size=5))
def test_applying_again_changes_nothing(history):
    live = None
    for writer, values in history:
        live = applied(live, config(values), writer)
    assert applied(live, config(history[-1][1]), history[-1][0], now=EPOCH + 60) is live


@given(st.lists(st.tuples(st.sampled_from([ME, YOU]), data), min_size=1, max_size=5))
def test_what_was_applied_last_stands(history):
    live = None
    for writer, values in history:
        live = applied(live, config(values), writer)
    assert (live.get("data") or {}).items() >= history[-1][1].items()


@given(data, data)
def test_a_lone_applier_gets_exactly_what_it_says(first, second):
    live = applied(applied(None, config(first), ME), config(second), ME)
    assert (live.get("data") or {}) == second


def test_the_time_moves_only_with_a_change():
    first = applied(None, config({"x": "1"}), ME)
    second = applied(first, config({"x": "2"}), ME, now=EPOCH + 60)
    times = [obj["metadata"]["managedFields"][0]["time"] for obj in (first, second)]
    assert times == [rfc3339(EPOCH), rfc3339(EPOCH + 60)]


def test_an_eleventh_updater_turns_the_oldest_into_ancient_changes():
    live = config({})
    for number in range(11):
        after = config({**live.get("data", {}), f"k{number}": "1"}, managedFields=live["metadata"].get("managedFields"))
        writer = Writer(f"m{number:02}", "v1")
        live = track_update(live, after, writer, now=EPOCH + number, schema=CONFIG)
    names = [entry["manager"] for entry in live["metadata"]["managedFields"]]
    assert names == ["ancient-changes", *[f"m{number:02}" for number in range(2, 11)]]


elements = st.sampled_from(["f:a", "f:b", 'k:{"n":1}'])
field_paths = st.lists(st.lists(elements, min_size=1, max_size=3).map(tuple), max_size=5)


def field_set(some):
    found = {}
    for path in some:
        insert(found, path)
    return found


@given(field_paths, field_paths)
def test_field_sets_are_sets(one, other):
    left, right = field_set(one), field_set(other)
    assert set(paths(union(left, right))) == {*one, *other}
    assert set(paths(difference(left, right))) == {*one} - {*other}
    assert set(paths(intersection(left, right))) == {*one} & {*other}
