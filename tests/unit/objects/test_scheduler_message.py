from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects.nodeselectors import Clause, refusals


def test_a_message_is_its_clauses_and_what_is_said_of_preemption() -> None:
    found = refusals(
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    assert found.nodes == 3
    assert found.clauses == (Clause(1, "node(s) had untolerated taint(s)"), Clause(2, "Insufficient cpu"))
    assert found.preemption == "0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def test_a_comma_inside_a_reason_does_not_part_it() -> None:
    found = refusals("0/2 nodes are available: 2 node(s) had untolerated taint {a: b, c: d}.")
    assert [clause.reason for clause in found.clauses] == ["node(s) had untolerated taint {a: b, c: d}"]


def test_a_reason_for_all_nodes_at_once_has_no_number() -> None:
    found = refusals('0/3 nodes are available: persistentvolumeclaim "data" not found. not found')
    assert found.clauses[0].nodes == 0


@given(st.text())
def test_any_text_can_be_taken_apart(text: str) -> None:
    assert isinstance(refusals(text).clauses, tuple)
