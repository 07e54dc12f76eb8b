from typing import Any

from k8s_tutor.session.display import EventTable, make_rows


def _event(
    reason: str, nanoseconds: int, *, kind: str = "Normal", count: int = 1, message: str = "m"
) -> dict[str, Any]:
    return {
        "metadata": {"name": f"web.{nanoseconds:x}"},
        "involvedObject": {"kind": "Pod", "name": "web"},
        "reason": reason,
        "type": kind,
        "count": count,
        "message": message,
        "reportingComponent": "kubelet",
    }


def test_events_of_one_second_stand_in_the_order_their_names_tell() -> None:
    events = [_event("Started", 18_000_000_000_000_003), _event("Pulled", 18_000_000_000_000_001)]
    assert [row.reason for row in make_rows(events)] == ["Pulled", "Started"]


def test_equal_events_are_one_row_with_their_count() -> None:
    events = [_event("BackOff", 1, count=2), _event("BackOff", 5, count=3)]
    assert [(row.reason, row.times) for row in make_rows(events)] == [("BackOff", "x5")]


def test_a_table_about_one_object_does_not_repeat_its_name() -> None:
    table = EventTable(make_rows([_event("Pulled", 1, message="Container image")]), about="pod/web")
    assert str(table) == "· Pulled    kubelet  Container image"


def test_warnings_are_told_apart_without_colour() -> None:
    assert str(EventTable(make_rows([_event("Failed", 1, kind="Warning")]))).startswith("! Failed")


def test_no_events_is_a_sentence() -> None:
    assert str(EventTable([], about="pod/web")) == "No events about pod/web."


def test_messages_are_escaped_in_html() -> None:
    html = EventTable(make_rows([_event("Failed", 1, message="<script>")]))._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "<th scope='col'" in html


def test_events_of_the_new_group_are_read_too() -> None:
    event = {
        "metadata": {"name": "x"},
        "regarding": {"kind": "Node", "name": "n"},
        "note": "hello",
        "series": {"count": 4},
        "reason": "Ready",
    }
    row = make_rows([event])[0]
    assert (row.about, row.message, row.count) == ("node/n", "hello", 4)
