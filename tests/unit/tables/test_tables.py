"""tables.json: objects of a real cluster (1.37) and the cells its API server showed for them (`capture.py`)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from k8s_tutor.embedded.apiserver import tables
from k8s_tutor.objects.kinds import Kind, builtin_kinds

FOUND = json.loads(Path(__file__).with_name("tables.json").read_text(encoding="utf-8"))
CLOCK = Kind("b-objects.example.com", "v1", "Clock", "clocks", "clock", namespaced=True)
KINDS = {kind.group_resource: kind for kind in reversed(list(builtin_kinds()))} | {"clocks": CLOCK}
POD = KINDS["pods"]


def rows():
    seen = Counter()
    for row in FOUND["rows"]:
        title = f"{row['resource']}-{row['object']['metadata']['name']}"
        seen[title] += 1
        if seen[title] == 1:
            yield pytest.param(row, id=title)


def shown(row, now):
    columns = FOUND["printerColumns"] if row["resource"] == "clocks" else None
    return tables.table(KINDS[row["resource"]], [row["object"]], now, printer_columns=columns)["rows"][0]


@pytest.mark.parametrize("row", list(rows()))
def test_cells_are_those_of_the_server(row):
    # the server looked at its clock up to a second after ours was read
    ours = [shown(row, row["now"] + later)["cells"] for later in (0, 1)]
    assert row["cells"] in ours


@pytest.mark.parametrize("row", [row for row in rows() if "conditions" in row.values[0]])
def test_rows_of_ended_pods_say_so(row):
    assert shown(row, 0)["conditions"] == row["conditions"]


def test_custom_columns_are_those_of_the_server():
    found = tables.table(CLOCK, [], 0, printer_columns=FOUND["printerColumns"])["columnDefinitions"]
    assert [{key: column[key] for key in ("name", "type", "format", "priority")} for column in found] == FOUND[
        "columns"
    ]


@pytest.mark.parametrize("kind", list(builtin_kinds()), ids=lambda kind: f"{kind.group_resource}/{kind.version}")
def test_every_kind_has_as_many_cells_as_columns_even_when_empty(kind):
    found = tables.table(kind, [{"metadata": {"name": "x"}}], 0)
    more = kind.plural == "ipaddresses"  # the real server sends an age that has no column
    assert len(found["rows"][0]["cells"]) == len(found["columnDefinitions"]) + more


def test_a_custom_kind_without_columns_shows_name_and_age():
    clock = {"metadata": {"name": "x", "creationTimestamp": "1970-01-01T00:00:00Z"}}
    found = tables.table(CLOCK, [clock], 300)
    assert [column["name"] for column in found["columnDefinitions"]] == ["Name", "Age"]
    assert found["rows"][0]["cells"] == ["x", "5m"]


def test_a_row_carries_what_was_asked_for():
    pod = {"metadata": {"name": "x", "resourceVersion": "7"}}
    objects = {ask: tables.table(POD, [pod], 0, include_object=ask)["rows"][0]["object"] for ask in ("Object", "None")}
    assert objects == {"Object": pod, "None": None}
    partial = tables.table(POD, [pod], 0)["rows"][0]["object"]
    assert partial["kind"] == "PartialObjectMetadata"
    assert partial["metadata"] == pod["metadata"]


def test_a_single_object_lends_the_table_its_version():
    assert tables.table(POD, [{"metadata": {"name": "x", "resourceVersion": "7"}}], 0)["metadata"] == {
        "resourceVersion": "7"
    }


def test_later_events_of_a_watch_leave_the_columns_out():
    assert tables.table(POD, [], 0, with_columns=False)["columnDefinitions"] is None
