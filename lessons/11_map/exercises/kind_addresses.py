"""At which addresses a kind is served, from what the server says of itself."""

from __future__ import annotations

from typing import TypeAlias

from k8s_tutor.exercises import (
    Call,
    Exercise,
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

Served: TypeAlias = list[tuple[str, list[dict[str, str]]]]


def _at(address: str, *resources: tuple[str, str]) -> tuple[str, list[dict[str, str]]]:
    return address, [{"name": name, "kind": kind} for name, kind in resources]


_SERVED: Served = [
    _at("v1", ("events", "Event"), ("pods", "Pod"), ("pods/eviction", "Eviction"), ("pods/status", "Pod")),
    _at("apps/v1", ("deployments", "Deployment"), ("deployments/scale", "Scale"), ("deployments/status", "Deployment")),
    _at("autoscaling/v2", ("horizontalpodautoscalers", "HorizontalPodAutoscaler")),
    _at("autoscaling/v1", ("horizontalpodautoscalers", "HorizontalPodAutoscaler")),
    _at("events.k8s.io/v1", ("events", "Event")),
]
# A kind, where it is served, what to say to who thinks otherwise.
_CASES = (
    ("HorizontalPodAutoscaler", ["autoscaling/v2", "autoscaling/v1"],
     msg("A kind may be served at more than one address; all of them count, in the order they came in.")),
    ("Event", ["v1", "events.k8s.io/v1"], msg("A kind may even be served in two groups. Which addresses list it?")),
    ("Deployment", ["apps/v1"],
     msg("`deployments/status` is a door of `deployments`: there is a slash in its name. Should it count again?")),
    ("Scale", [], msg("There is no object Scale: `deployments/scale` is a door of `deployments`.")),
    ("ThirdPartyResource", [], msg("Nobody serves that kind any more: an empty list.")),
)  # fmt: skip


def _look(call: Call) -> Seen | Verdict:
    for kind, expected, hint in _CASES:
        called = call(kind, _SERVED)
        if called.trouble:
            return explain_trouble(called, msg("for the kind {kind}", kind=kind))
        if not isinstance(called.value, list | tuple):
            return failed(
                msg("the function did not return a list."), msg("returned: {value}", value=called.shown),
                hint=msg("Begin with an empty list, put addresses into it, and return it."),
            )  # fmt: skip
        if list(called.value) != expected:
            facts = (msg("the kind: {kind}", kind=kind), msg("returned: {value}", value=called.shown))
            return failed(msg("wrong for {kind}.", kind=kind), *facts, hint=hint)
    return see(msg("tried on {count} kinds: the right addresses each time", count=len(_CASES)))


def _addresses(kind: str, served: Served) -> list[str]:
    return [
        address for address, resources in served
        if any(one["kind"] == kind and "/" not in one["name"] for one in resources)
    ]  # fmt: skip


EXERCISE = Exercise(
    id="map-2",
    title=msg("A kind's addresses"),
    task=msg(
        "`addresses(kind, served)` is given a kind, and a list of pairs: an address such as `apps/v1`, and the resources "
        "served there, each with a `name` and a `kind`. It returns the list of addresses at which the kind lives, each "
        "once, in their order. A resource with a slash in its name, such as `deployments/scale`, does not count."
    ),
    checks=(try_function("map-2", _look, "Pod", _SERVED),),
    solved=msg("the function finds every address."),
    hints=(
        msg("Two loops: over the pairs, and inside over the resources. When does an address belong into the list?"),
        msg('If one of its resources has the `kind`, and no `"/"` in its `name`. Then once is enough: `any(…)`.'),
        msg("`[address for address, resources in served if any(…)]`, with both conditions in the `any`"),
    ),
    solution='''@t.place("map-2")
def addresses(kind, served):
    """① Where does this kind live?"""
    return [address for address, resources in served
            if any(one["kind"] == kind and "/" not in one["name"] for one in resources)]''',
    alternative="""@t.place("map-2")
def addresses(kind, served):
    found = []
    for address, resources in served:
        kinds = {one["kind"] for one in resources if one["name"].count("/") == 0}
        if kind in kinds:
            found.append(address)
    return found""",
    mistakes=(
        Mistake(
            name="doors are counted",
            cell='@t.place("map-2")\ndef addresses(kind, served):\n'
            '    return [address for address, resources in served for one in resources if one["kind"] == kind]',
            says="Should it count again?",
        ),
        Mistake(
            name="a door is taken for an object",
            cell='@t.place("map-2")\ndef addresses(kind, served):\n'
            '    return [address for address, resources in served if any(one["kind"] == kind for one in resources)]',
            says="There is no object Scale",
        ),
        Mistake(
            name="the first one only",
            cell='@t.place("map-2")\ndef addresses(kind, served):\n    for address, resources in served:\n'
            '        if any(one["kind"] == kind and "/" not in one["name"] for one in resources):\n'
            "            return [address]\n    return []",
            says="all of them count",
        ),
        Mistake(
            name="a word instead of a list",
            cell='@t.place("map-2")\ndef addresses(kind, served):\n    for address, resources in served:\n'
            '        if any(one["kind"] == kind for one in resources):\n            return address',
            says="did not return a list",
        ),
    ),
    function=_addresses,
)
