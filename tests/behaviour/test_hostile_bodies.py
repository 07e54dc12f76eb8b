"""Bodies that nobody sends who means well: what a real server refuses, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import Request, Response

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

JSON, YAML = "application/json", "application/yaml"
HEAD = b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
PREFIX = "the object provided is unrecognized (must be of type ConfigMap): "
IN_JSON = PREFIX + "couldn't get version/kind; json parse error: "


def brackets(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def groups(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def json_with(data: bytes) -> bytes:
    return b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":%b}' % data


LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + step, 98 + step, b",".join([b"*%c" % (97 + step)] * 9)) for step in range(8)
)
MERGES = b"a0: &a0 {x: 1, y: 2}\n" + b"".join(
    b"a%d: &a%d {<<: [%s]}\n" % (step, step, b",".join([b"*a%d" % (step - 1)] * 9)) for step in range(1, 9)
)


def post(env: Environment, body: bytes, media: str = JSON) -> Response:
    return env.client.api.send(Request("POST", f"/api/v1/namespaces/{env.namespace}/configmaps", (), body, media))


def message(response: Response) -> str:
    assert isinstance(response.body, dict), response
    return str(response.body["message"]).rpartition(" (")[0] or str(response.body["message"])


DEEP = PREFIX + "yaml: {}exceeded max depth of 10000"
HALF = PREFIX + "yaml: line 4: found invalid Unicode character escape code"
INVALID = IN_JSON + "invalid character "
REFUSED = [
    pytest.param(YAML, HEAD + b"data: " + brackets(30_000), DEEP.format("line 4: "), id="yaml-lists"),
    pytest.param(YAML, brackets(30_000), DEEP.format(""), id="yaml-first-line"),
    pytest.param(YAML, b"foo:\n" + b"- " * 12_000 + b"a", DEEP.format("line 2: "), id="yaml-dashes"),
    pytest.param(JSON, json_with(brackets(30_000)), INVALID + "'[' exceeded max depth", id="json-lists"),
    pytest.param(JSON, json_with(groups(30_000)), INVALID + "'{' exceeded max depth", id="json-groups"),
    pytest.param(YAML, HEAD + LAUGHS, f"{PREFIX}yaml: document contains excessive aliasing", id="yaml-aliases"),
    pytest.param(YAML, HEAD + MERGES, f"{PREFIX}yaml: document contains excessive aliasing", id="yaml-merges"),
    pytest.param(YAML, HEAD + b"a: &a [*a]\n", f"{PREFIX}yaml: anchor 'a' value contains itself", id="yaml-itself"),
    pytest.param(YAML, HEAD + b"a: *b\n", f"{PREFIX}yaml: unknown anchor 'b' referenced", id="yaml-nobodys-alias"),
    pytest.param(YAML, HEAD + b'data: {a: "\xff"}', f"{PREFIX}yaml: invalid leading UTF-8 octet", id="yaml-no-text"),
    pytest.param(YAML, HEAD + b'data: {a: "\x00"}', f"{PREFIX}yaml: control characters are not allowed", id="yaml-nul"),
    pytest.param(YAML, HEAD + b'data: {a: "\\ud800"}', HALF, id="yaml-half"),
    pytest.param(YAML, HEAD + b"data: {a: .nan}", f"{PREFIX}json: unsupported value: NaN", id="yaml-nan"),
    pytest.param(YAML, HEAD + b"data: {a: -.inf}", f"{PREFIX}json: unsupported value: -Inf", id="yaml-infinity"),
    pytest.param(JSON, json_with(b"NaN"), INVALID + "'N' looking for beginning of value", id="json-nan"),
    pytest.param(JSON, json_with(b"-Infinity"), INVALID + "'I' in numeric literal", id="json-infinity"),
    pytest.param(JSON, b"\xff{}", INVALID + "'\xff' looking for beginning of value", id="json-no-text"),
]


@pytest.mark.parametrize(("media", "body", "words"), REFUSED)
def test_a_body_that_would_take_the_server_down_is_refused(
    env: Environment, media: str, body: bytes, words: str
) -> None:
    response = post(env, body, media)
    assert (response.code, message(response)) == (400, words)


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        pytest.param(b'"\xff\xe2\x82"', "\ufffd\ufffd\ufffd", id="no-utf8"),
        pytest.param(b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd", id="half-a-character-in-bytes"),
        pytest.param(b'"\\ud800"', "\ufffd", id="half-a-character-escaped"),
        pytest.param(b'"\\ud83d\\ude00"', "\U0001f600", id="two-halves"),
        pytest.param(b'"\\u0000"', "\0", id="nul"),
    ],
)
def test_what_is_no_text_is_stored_as_a_replacement_character(env: Environment, data: bytes, stored: str) -> None:
    assert post(env, json_with(b'{"a":%b}' % data)).code == 201
    assert env.get("configmaps", "a")["data"] == {"a": stored}
    assert env.client.list("configmaps", env.namespace)


def test_half_a_character_from_python_is_stored_as_a_replacement_character(env: Environment) -> None:
    env.client.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "\ud800"}}, env.namespace
    )
    assert env.get("configmaps", "a")["data"] == {"a": "\ufffd"}


@pytest.mark.parametrize("number", [b"1e400", b"9" * 5000, b"9" * 30])
def test_a_number_beyond_all_types_is_refused_where_it_counts(env: Environment, number: bytes) -> None:
    body = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","generation":%b}}' % number
    shown = number.decode()
    words = f"json: cannot unmarshal number {shown} into Go struct field ObjectMeta.metadata.generation of type int64"
    response = post(env, body)
    assert (response.code, response.body["message"]) == (
        400,
        f'ConfigMap in version "v1" cannot be handled as a ConfigMap: {words}',
    )


@pytest.mark.parametrize("number", [b"1e400", b"9" * 5000])
def test_a_number_in_a_field_that_nobody_knows_is_nobodys_business(env: Environment, number: bytes) -> None:
    assert post(env, b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"foo":%b}' % number).code == 201


def patch(env: Environment, name: str, body: bytes, media: str, **query: str) -> Response:
    path = f"/api/v1/namespaces/{env.namespace}/configmaps/{name}"
    return env.client.api.send(Request("PATCH", path, tuple(query.items()), body, f"application/{media}"))


def test_patches_have_the_same_limits(env: Environment) -> None:
    post(env, json_with(b"{}"))
    deep = {
        "merge-patch+json": b'{"data":' + groups(30_000) + b"}",
        "strategic-merge-patch+json": b'{"data":' + groups(30_000) + b"}",
        "json-patch+json": b'[{"op":"add","path":"/data/x","value":' + groups(30_000) + b"}]",
    }
    answers = [patch(env, "a", body, media) for media, body in deep.items()]
    assert [(answer.code, answer.body["message"]) for answer in answers] == [(400, "invalid JSON patch")] * 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"data: " + brackets(30_000), "yaml: line 4: exceeded max depth of 10000", id="deep"),
        pytest.param(LAUGHS, "yaml: document contains excessive aliasing", id="aliases"),
    ],
)
def test_an_apply_has_the_same_limits(env: Environment, body: bytes, words: str) -> None:
    answer = patch(env, "a", HEAD + body, "apply-patch+yaml", fieldManager="me")
    assert (answer.code, answer.body["message"]) == (400, f"error encoding patch: {words}")


def test_a_deletions_options_have_the_same_limits(env: Environment) -> None:
    path = f"/api/v1/namespaces/{env.namespace}/configmaps/none"
    answers = [
        env.client.api.send(Request("DELETE", path, (), body, media))
        for body, media in ((brackets(20_000), JSON), (b"a: " + brackets(20_000), YAML))
    ]
    assert [answer.body["message"] for answer in answers] == [
        "couldn't get version/kind; json parse error: invalid character '[' exceeded max depth",
        "yaml: exceeded max depth of 10000",
    ]


def test_a_json_patch_has_a_most_of_operations(env: Environment) -> None:
    post(env, json_with(b"{}"))
    operation = b'{"op":"test","path":"/data/x","value":1}'
    answer = patch(env, "a", b"[" + b",".join([operation] * 10_001) + b"]", "json-patch+json")
    words = "The allowed maximum operations in a JSON patch is 10000, got 10001"
    assert (answer.code, answer.body["reason"]) == (413, "RequestEntityTooLarge")
    assert answer.body["message"] == f"Request entity too large: {words}"


def test_a_json_patch_copies_three_megabytes_and_no_more(env: Environment) -> None:
    post(env, json_with(b'{"a":"%b"}' % (b"x" * 100_000)))
    operations = b",".join(b'{"op":"copy","from":"/data/a","path":"/data/b%d"}' % number for number in range(40))
    answer = patch(env, "a", b"[" + operations + b"]", "json-patch+json")
    assert (answer.code, answer.body["message"]) == (
        422,
        "the server rejected our request due to an error in our request",
    )


def test_copies_that_double_each_other_end_early(env: Environment) -> None:
    post(env, json_with(b'{"a":"x"}'))
    operations = b",".join(b'{"op":"copy","from":"/data","path":"/data/b%d"}' % number for number in range(1000))
    assert patch(env, "a", b"[" + operations + b"]", "json-patch+json").code == 422


DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.hostile.example.com}
spec:
  group: hostile.example.com
  scope: Namespaced
  names: {plural: things, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def test_an_object_is_as_large_as_etcd_takes_it(env: Environment) -> None:
    def thing(size: int) -> Response:
        body = b'{"kind":"Thing","apiVersion":"hostile.example.com/v1","metadata":{"name":"t%d"},"spec":"%b"}'
        path = f"/apis/hostile.example.com/v1/namespaces/{env.namespace}/things"
        return env.client.api.send(Request("POST", path, (), body % (size, b"x" * size), JSON))

    with env.defined(DEFINITION):
        assert thing(1_400_000).code == 201
        large, larger = thing(1_600_000), thing(3_000_000)
    assert (large.code, large.body["message"]) == (500, "etcdserver: request is too large")
    assert larger.code == 500
    assert larger.body["message"].startswith("rpc error: code = ResourceExhausted desc = trying to send message larger")


def test_free_form_numbers_are_as_go_keeps_them(env: Environment) -> None:
    def thing(name: str, value: bytes, media: str = JSON) -> Response:
        body = b'{"kind":"Thing","apiVersion":"hostile.example.com/v1","metadata":{"name":"%s"},"spec":%b}'
        path = f"/apis/hostile.example.com/v1/namespaces/{env.namespace}/things"
        return env.client.api.send(Request("POST", path, (), body % (name.encode(), value), media))

    with env.defined(DEFINITION):
        refused = thing("a", b"1e400")
        kept = [
            thing("b", b"9" * 30),
            thing("c", b"9" * 30, YAML),
            thing("d", b"1e400", YAML),
            thing("e", b"9223372036854775808"),
        ]
    words = "json: cannot unmarshal number 1e400 into Go value of type float64"
    assert (refused.code, refused.body["message"]) == (
        400,
        f'Thing in version "v1" cannot be handled as a Thing: {words}',
    )
    assert [answer.body["spec"] for answer in kept] == [1e30, 1e30, "1e400", 9223372036854776000]
