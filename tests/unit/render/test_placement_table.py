"""The table of a decision, in words and as HTML."""

from __future__ import annotations

import re

from k8s_tutor.api.runs import Decision, NodeVerdict, Refusal, Score
from k8s_tutor.language.message import msg
from k8s_tutor.objects.metadata import Key
from k8s_tutor.render.placement_table import PlacementTable

FILTERS = ("NodeUnschedulable", "TaintToleration", "NodeResourcesFit")
TAINTED = NodeVerdict("cp", Refusal("TaintToleration", ("node(s) had untolerated taint(s)",)))


def scored(name: str, left: int) -> NodeVerdict:
    alike = Score("TaintToleration", 10, 3)
    return NodeVerdict(name, scores=(alike, Score("NodeResourcesFit", left, 1, (left - 10, left + 10))))


def decision(*verdicts: NodeVerdict, node: str = "", message: str = "", attempt: int = 1) -> Decision:
    return Decision(Key("shop", "web"), "u", 0.0, attempt, verdicts, FILTERS, node, message)


def test_a_decision_in_words() -> None:
    told = str(PlacementTable(decision(TAINTED, scored("a", 40), scored("b", 60), node="b"))).splitlines()
    assert told == [
        "Pod web → b",
        "✖ cp: TaintToleration refuses: node(s) had untolerated taint(s)",
        "✔ a: passes all 3 filters; 70 points: NodeResourcesFit 40 (CPU 30 %, memory 50 % left), alike 30",
        "✔ b: passes all 3 filters; 90 points: NodeResourcesFit 60 (CPU 50 %, memory 70 % left), alike 30",
        "b has the most points: 90.",
    ]


def test_between_equals_it_says_who_decides() -> None:
    told = str(PlacementTable(decision(scored("a", 40), scored("b", 40), node="a")))
    assert "a and b have the most points: 70. Between equals this scheduler takes the first by name" in told


def test_one_node_is_not_scored() -> None:
    told = str(PlacementTable(decision(TAINTED, NodeVerdict("a"), node="a"))).splitlines()
    assert told[2:] == ["✔ a: passes all 3 filters", "a is the only node left: nothing to compare, no scores."]


def test_no_node_in_kubernetes_words() -> None:
    told = str(PlacementTable(decision(TAINTED, message="0/1 nodes are available: …", attempt=2), attempts=2))
    assert told.splitlines()[0] == "Pod web: no node (attempt 2 of 2)"
    assert told.splitlines()[-1] == "0/1 nodes are available: …"


def test_what_is_recomputed_says_so_and_has_no_scores() -> None:
    table = PlacementTable(decision(TAINTED, NodeVerdict("a"), node="a"), msg("Scores cannot be seen."), ("NodePorts",))
    assert str(table).splitlines()[-2:] == [
        "Scores cannot be seen. What stands here is recomputed from what the API shows now.",
        "Not recomputed: NodePorts.",
    ]
    html = table._repr_mimebundle_()["text/html"]
    assert "scores" not in html
    assert all(name in html for name in FILTERS)


def test_each_row_of_the_table_has_as_many_cells() -> None:
    table = PlacementTable(decision(TAINTED, scored("a", 40), scored("b", 60), node="b"))
    html = table._repr_mimebundle_()["text/html"]
    body = html[html.index("<tbody>") :]
    rows = re.findall(r"<tr[^>]*>.*?</tr>", body)
    assert {row.count("<td>") for row in rows} == {len(re.findall(r'scope="col"', html)) - 1}


def test_a_filter_after_the_refusal_was_not_asked() -> None:
    full = NodeVerdict("b", Refusal("NodeResourcesFit", ("Insufficient cpu",)))
    html = PlacementTable(decision(TAINTED, full, message="none"))._repr_mimebundle_()["text/html"]
    first = re.findall(r"<tr><th scope=\"row\">cp.*?</tr>", html)[0]
    assert re.sub(r"<[^>]+>", "|", first).replace("||", "|").count("–") == 1


def test_of_a_hundred_nodes_the_best_are_shown() -> None:
    rows = [scored(f"n{at:03}", at % 90) for at in range(100)]
    told = str(PlacementTable(decision(*rows, node="n089"))).splitlines()
    assert (told[1].startswith("✔ n089"), told[-2], len(told)) == (True, "and 88 more nodes", 15)


def test_names_cannot_break_the_table() -> None:
    html = PlacementTable(decision(NodeVerdict("<script>"), node="<script>"))._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
