"""The scheduler's choice as a function: filter, score, take the best."""

from __future__ import annotations

from typing import Any

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Message,
    Mistake,
    Seen,
    Verdict,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)

__all__ = ["EXERCISE"]

Node = dict[str, Any]


def _node(name: str, cpu: int, requested: int, *taints: str, cordoned: bool = False) -> Node:
    return {"name": name, "cpu": cpu, "requested": requested, "taints": list(taints), "cordoned": cordoned}


# What it is, the wanted CPU, the nodes, the right answer, and what to say to who answers otherwise.
_CASES: tuple[tuple[Message, int, list[Node], str | None, Message], ...] = (
    (
        msg("two nodes of the same size"),
        500,
        [_node("ant", 4000, 2000), _node("bee", 4000, 1000)],
        "bee",
        msg("The one with more left is meant."),
    ),
    (
        msg("an emptier node with a taint"),
        500,
        [_node("ant", 4000, 3000), _node("bee", 4000, 0, "dedicated")],
        "ant",
        msg("First the filters: whoever may not come there does not compare."),
    ),
    (
        msg("an emptier node that is cordoned"),
        500,
        [_node("ant", 4000, 3000), _node("bee", 4000, 0, cordoned=True)],
        "ant",
        msg("A cordoned node takes no new Pods."),
    ),
    (
        msg("a Pod that fits nowhere"),
        5000,
        [_node("ant", 4000, 0), _node("bee", 4000, 0)],
        None,
        msg("Then there is no answer: return None."),
    ),
    (
        msg("a Pod that fits exactly"),
        1000,
        [_node("ant", 4000, 3500), _node("bee", 4000, 3000)],
        "bee",
        msg("What is left may be used to the last thousandth."),
    ),
    (
        msg("a small node that is empty, and a large one that is half full"),
        200,
        [_node("ant", 16000, 8000), _node("bee", 2000, 0)],
        "bee",
        msg("Compare shares, not amounts: 90 % of a small node is more than 49 % of a large one."),
    ),
    (
        msg("equals, listed the other way round"),
        500,
        [_node("bee", 4000, 1000), _node("ant", 4000, 1000)],
        "ant",
        msg("Between equals the first by name is asked for, whatever the order of the list."),
    ),
    (
        msg("a cluster without nodes"),
        500,
        [],
        None,
        msg("Nothing to choose from: return None."),
    ),
)


def _look(call: Call) -> Seen | Verdict:
    for what, wanted, nodes, expected, hint in _CASES:
        called = call(wanted, nodes)
        if called.trouble:
            return explain_trouble(called, msg("for {situation}", situation=what))
        if called.value != expected:
            return failed(
                msg("wrong for {situation}.", situation=what),
                msg("returned: {value}", value=called.shown),
                hint=hint,
            )
    return see(msg("tried on {count} clusters: each time the right node", count=len(_CASES)))


def _choose(wanted: int, nodes: list[Node]) -> str | None:
    able = [
        node
        for node in nodes
        if not node["taints"] and not node["cordoned"] and node["requested"] + wanted <= node["cpu"]
    ]
    if not able:
        return None
    best: Node = min(able, key=lambda node: ((node["requested"] + wanted) / node["cpu"], node["name"]))
    return str(best["name"])


EXERCISE = Exercise(
    id="start-four-3",
    title=msg("Who can, and who is best"),
    task=msg(
        "`choose(wanted, nodes)` returns the name of the node for a Pod that requests `wanted` thousandths of a CPU. A "
        "node that has a taint, is cordoned or has not enough left is out. Of the others the one wins that has the "
        "largest share left with the Pod on it; between equals the first by name. Where nobody can: `None`."
    ),
    checks=(try_function("start-four-3", _look, *_CASES[0][1:3]),),
    solved=msg("your scheduler filters, scores and chooses."),
    hints=(
        msg("Two steps: first a list of those that can; then the best of that list."),
        msg('The share left, with the Pod: `(node["cpu"] - node["requested"] - wanted) / node["cpu"]`.'),
        msg(
            "`min(able, key=lambda node: (share_used, name))` compares the shares first, and the names where they are "
            "equal. An empty list has no minimum: ask before."
        ),
    ),
    solution='''@t.place("start-four-3")
def choose(wanted, nodes):
    able = [node for node in nodes
            if not node["taints"] and not node["cordoned"] and node["requested"] + wanted <= node["cpu"]]
    if not able:
        return None
    return min(able, key=lambda node: ((node["requested"] + wanted) / node["cpu"], node["name"]))["name"]''',
    alternative='''@t.place("start-four-3")
def choose(wanted, nodes):
    best, most = None, -1.0
    for node in sorted(nodes, key=lambda node: node["name"]):
        left = node["cpu"] - node["requested"] - wanted
        if node["taints"] or node["cordoned"] or left < 0:
            continue
        if left / node["cpu"] > most:
            best, most = node["name"], left / node["cpu"]
    return best''',
    mistakes=(
        Mistake(
            name="the emptiest, whoever it is",
            cell='@t.place("start-four-3")\ndef choose(wanted, nodes):\n'
            '    return min(nodes, key=lambda node: node["requested"] / node["cpu"])["name"]',
            says="whoever may not come there does not compare",
        ),
        Mistake(
            name="amounts instead of shares",
            cell='@t.place("start-four-3")\ndef choose(wanted, nodes):\n'
            '    able = [n for n in nodes if not n["taints"] and not n["cordoned"] and n["cpu"] - n["requested"] >= wanted]\n'
            '    return max(able, key=lambda n: n["cpu"] - n["requested"])["name"] if able else None',
            says="Compare shares, not amounts",
        ),
        Mistake(
            name="the last thousandth is refused",
            cell='@t.place("start-four-3")\ndef choose(wanted, nodes):\n'
            '    able = [n for n in nodes if not n["taints"] and not n["cordoned"] and n["cpu"] - n["requested"] > wanted]\n'
            '    return min(able, key=lambda n: (n["requested"] / n["cpu"], n["name"]))["name"] if able else None',
            says="to the last thousandth",
        ),
        Mistake(
            name="equals as they come",
            cell='@t.place("start-four-3")\ndef choose(wanted, nodes):\n'
            '    able = [n for n in nodes if not n["taints"] and not n["cordoned"] and n["cpu"] - n["requested"] >= wanted]\n'
            '    return min(able, key=lambda n: (n["requested"] + wanted) / n["cpu"])["name"] if able else None',
            says="whatever the order of the list",
        ),
        Mistake(
            name="the minimum of nothing",
            cell='@t.place("start-four-3")\ndef choose(wanted, nodes):\n'
            '    able = [n for n in nodes if not n["taints"] and not n["cordoned"] and n["cpu"] - n["requested"] >= wanted]\n'
            '    return min(able, key=lambda n: (n["requested"] / n["cpu"], n["name"]))["name"]',
            says="ValueError",
        ),
    ),
    function=_choose,
)
