"""Kubernetes' protobuf: recorded bodies mean what their JSON means, and no bytes do harm."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.protobuf import Message, message_named, protobuf_facts, read_object
from k8s_tutor.objects.protobuf_wire import Envelope, Malformed, open_envelope
from k8s_tutor.objects.schema import JsonType, Type, builtin_schema

DATA = Path(__file__).parent / "testdata" / "protobuf.jsonl"


PAIRS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


def without_nulls(value: Any) -> Any:
    """Go writes null for lists of none, which protobuf does not have."""
    return json.loads(
        json.dumps(value), object_hook=lambda obj: {key: item for key, item in obj.items() if item is not None}
    )


def field(number: int, payload: bytes) -> bytes:
    """A field with a length, short numbers and payloads only."""
    return bytes([number << 3 | 2, len(payload)]) + payload


def read(kind: str, message: bytes, api_version: str = "v1") -> Any:
    return read_object(Envelope(api_version, kind, memoryview(message)))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["about"].partition("--")[0].strip().replace(" ", "-"))
def test_a_recorded_body_means_what_its_json_means(pair: Any) -> None:
    found = read_object(open_envelope(base64.b64decode(pair["protobuf"])))
    assert without_nulls(found) == without_nulls(pair["json"])


def test_a_second_message_adds_to_the_first_and_a_second_value_replaces_it() -> None:
    found = read("ConfigMap", field(1, field(1, b"old") + field(3, b"here")) + field(1, field(1, b"new")))
    assert found["metadata"] == {"name": "new", "namespace": "here"}


def test_unknown_fields_are_stepped_over_groups_too() -> None:
    group = b"\xa3\x06" + b"\x08\x01" + b"\xa4\x06"
    assert read("ConfigMap", group + field(1, field(1, b"x")))["metadata"] == {"name": "x"}


def test_an_entry_without_a_value_has_the_empty_one() -> None:
    assert read("ConfigMap", field(2, field(1, b"k")))["data"] == {"k": ""}


def test_numbers_may_come_packed() -> None:
    groups = field(2, field(14, field(4, b"\x01\x02") + b"\x20\x03"))  # spec.securityContext.supplementalGroups
    assert read("Pod", groups)["spec"]["securityContext"]["supplementalGroups"] == [1, 2, 3]


def test_negative_numbers() -> None:
    assert read("Event", b"\x40" + b"\xff" * 9 + b"\x01")["count"] == -1


@pytest.mark.parametrize(
    ("seconds", "text"), [(b"\x08\x00", "1970-01-01T00:00:00Z"), (b"", None), (b"\x10\x05", "1970-01-01T00:00:00Z")]
)
def test_times(seconds: bytes, text: str | None) -> None:
    assert read("Event", field(6, seconds))["firstTimestamp"] == text


def test_text_that_is_no_utf8_is_marked() -> None:
    assert read("ConfigMap", field(2, field(1, b"k") + field(2, b"\xff\xfe")))["data"] == {"k": "\ufffd\ufffd"}


def test_a_kind_that_is_not_built_in_is_not_read() -> None:
    assert read("Gadget", b"", "example.com/v1") is None


def test_messages_nested_without_end_are_refused() -> None:
    inner = b""
    for _ in range(5_000):
        length, size = b"", len(inner)
        while size > 0x7F:
            length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
        inner = b"\xe2\x01" + length + bytes([size]) + inner  # field 28: not
    schema = message_named("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")
    assert schema is not None
    with pytest.raises(Malformed, match="more than 100 messages"):
        schema.decode(memoryview(inner))


@given(st.binary(max_size=200))
def test_no_envelope_does_harm(body: bytes) -> None:
    with suppress(Malformed):
        open_envelope(b"k8s\0" + body)


KINDS = sorted(protobuf_facts()["messages"])


@st.composite
def plausible(draw: st.DrawFn, name: str, depth: int = 0) -> bytes:
    """Bytes that are nearly such a message: known fields, some of them with nonsense in them."""
    message = message_named(name)
    assert message is not None
    found = b""
    for number in draw(st.lists(st.sampled_from(sorted(message.fields)), max_size=4)):
        value = message.fields[number].value
        if isinstance(value, Message) and depth < 4 and draw(st.booleans()):
            package = next(key for key in KINDS if message_named(key) is value)
            payload = draw(plausible(package, depth + 1))
        else:
            payload = draw(st.binary(max_size=12))
        found += varint(number << 3 | draw(st.sampled_from([value.wire_type] * 6 + [0, 1, 2, 5, 7])))
        found += varint(len(payload)) + payload
    return found


def varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found, number = found + bytes([number & 0x7F | 0x80]), number >> 7
    return found + bytes([number])


@settings(deadline=None)
@given(st.sampled_from(KINDS).flatmap(lambda name: st.tuples(st.just(name), plausible(name))))
def test_nearly_right_bytes_are_read_or_refused(case: tuple[str, bytes]) -> None:
    name, body = case
    message = message_named(name)
    assert message is not None
    with suppress(Malformed):
        json.dumps(message.decode(memoryview(body)), allow_nan=False)


def fields(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in message.fields.values():
        found |= fields(one.value) if one.json == "-" and isinstance(one.value, Message) else {one.json: one.value}
    return found


def differing(found: Type, message: Message, seen: set[str]) -> list[str]:
    """The fields that a type or its message has alone, in all the types it is made of."""
    if found.shape in (JsonType.LIST, JsonType.MAP):
        return differing(found.item, message, seen)
    if found.shape is not JsonType.OBJECT or message.finish or found.name in seen:
        return []
    seen.add(found.name)
    known = {name: item for name, item in found.fields.items() if name not in ("apiVersion", "kind")}
    mine = fields(message)
    other = [f"{found.name}: {name}" for name in sorted(known.keys() ^ (mine.keys() - {"apiVersion", "kind"}))]
    for name in known.keys() & mine.keys():
        if isinstance(mine[name], Message):
            other += differing(known[name], mine[name], seen)
    return other


def test_the_fields_are_those_of_the_schema() -> None:
    """Fails when the facts are of another release: run `scripts/facts/protobuf.py` again."""
    schema, seen = builtin_schema(), set[str]()
    other = []
    for api_version, kind in schema.kinds():
        found = schema.kind(api_version, kind)
        assert found is not None
        if message := message_named(found.name):
            other += differing(found, message, seen)
    assert len(seen) > 500
    assert other == []


def test_the_release_is_the_one_of_all_facts() -> None:
    """Kubernetes 1.37.2 publishes its modules as 0.37.2."""
    text = resources.files("k8s_tutor.objects.facts").joinpath("discovery.json").read_text(encoding="utf-8")
    served = json.loads(text)["version"]["gitVersion"]
    assert protobuf_facts()["release"].split(".")[1:] == served.split(".")[1:]


def test_every_kind_that_can_be_created_has_a_message() -> None:
    missing = [
        kind.kind
        for kind in builtin_kinds()
        if "create" in kind.verbs and read(kind.kind, b"", kind.api_version) is None
    ]
    assert missing == []
