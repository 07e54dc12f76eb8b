"""The facts about Go's forms cover the types that OpenAPI tells of."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.builtintypes import wire_facts
from k8s_tutor.objects.schema import schema_facts


def test_every_field_of_every_type_has_a_wire_form() -> None:
    """Fails when one of the two files of facts is from another release: run `scripts/facts/wire.py` again."""
    types, wire = schema_facts()["types"], wire_facts()
    missing = [
        f"{name}.{field}"
        for name, row in types.items()
        if isinstance(row, dict)
        for field in row["fields"]
        if field not in ("apiVersion", "kind") and field not in wire.get(name, {})
    ]
    assert missing == []
