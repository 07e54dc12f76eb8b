"""A definition is the same in both versions."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.apiserver.removed.definitionconversion import as_new, as_old
from tests.unit.removed.conftest import NEW, OLD

COLUMN = st.fixed_dictionaries({"name": st.sampled_from("ab"), "type": st.just("string"), "jsonPath": st.just(".x")})
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "schema": st.sampled_from([{}, {"openAPIV3Schema": {"type": "object"}}, {"openAPIV3Schema": {}}]),
        "subresources": st.sampled_from([{"status": {}}, {}]),
        "additionalPrinterColumns": st.lists(COLUMN, min_size=1, max_size=2),
        "selectableFields": st.just([{"jsonPath": ".spec.x"}]),
    },
)
HOOK = {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://there/"}}
CONVERSION = st.sampled_from([{"strategy": "None"}, {"strategy": "Webhook", "webhook": HOOK}])


@st.composite
def definitions(draw: st.DrawFn) -> Any:
    rows = draw(st.lists(PARTS, min_size=1, max_size=3))
    versions = [{"name": f"v{index}", "served": True, "storage": not index, **row} for index, row in enumerate(rows)]
    spec = {"group": "x.example.com", "versions": versions, "conversion": draw(CONVERSION)}
    if draw(st.booleans()):
        spec["preserveUnknownFields"] = True
    return {"apiVersion": NEW, "kind": "CustomResourceDefinition", "metadata": {"name": "x"}, "spec": spec}


@given(definitions())
def test_there_and_back_again(definition: Any) -> None:
    old = as_old(definition)
    assert old["apiVersion"] == OLD
    assert as_new(old) == definition


@given(definitions())
def test_nothing_is_said_twice(definition: Any) -> None:
    spec = as_old(definition)["spec"]
    for top, below in (("validation", "schema"), ("subresources", "subresources")):
        assert not (top in spec and any(below in row for row in spec["versions"]))


@given(definitions())
def test_who_is_there_stays(definition: Any) -> None:
    old = as_old(definition)
    assert as_old(old) is old
    assert as_new(definition) is definition
