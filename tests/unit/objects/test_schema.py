import pytest

from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.quantity import age, human_duration
from k8s_tutor.objects.schema import JsonType, builtin_schema, from_openapi
from k8s_tutor.objects.validation import ProblemKind, problems

POD = builtin_schema().kind("v1", "Pod")
WIDGET = from_openapi(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "properties": {
                    "size": {"type": "integer"},
                    "port": {"x-kubernetes-int-or-string": True},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                },
            }
        },
    }
)


def test_fields_are_found_by_path():
    assert POD.at(("spec", "containers", 0, "ports", 0, "protocol")).default == "TCP"
    assert POD.at(("spec", "containers")).list_keys == ("name",)
    assert POD.at(("metadata", "labels", "anything")).shape is JsonType.STRING
    assert POD.at(("spec", "nothing", "here")) is None


def test_types_may_contain_themselves():
    definition = builtin_schema().kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    schema = definition.at(("spec", "versions", 0, "schema", "openAPIV3Schema"))
    assert schema.at(("properties", "a", "properties", "b")) is schema.at(("properties", "c"))


@pytest.mark.parametrize("kind", [kind for kind in builtin_kinds() if "create" in kind.verbs], ids=str)
def test_every_kind_that_can_be_created_has_a_type(kind):
    assert builtin_schema().kind(kind.api_version, kind.kind) is not None


def test_custom_kinds_have_types_too():
    obj = {"metadata": {"name": "a", "lables": {}}, "spec": {"port": True, "labels": {"a": 1}, "free": {"x": [1]}}}
    found = [(problem.kind, problem.path) for problem in problems(obj, WIDGET)]
    assert found == [
        (ProblemKind.UNKNOWN_FIELD, ("metadata", "lables")),
        (ProblemKind.WRONG_TYPE, ("spec", "port")),
        (ProblemKind.WRONG_TYPE, ("spec", "labels", "a")),
        (ProblemKind.MISSING_FIELD, ("spec",)),
    ]


# Each pair: seconds, and what kubectl shows for them.
@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (599, "9m59s"),
        (600, "10m"),
        (3 * 3600 - 1, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 61, "3h1m"),
        (8 * 3600, "8h"),
        (47 * 3600, "47h"),
        (48 * 3600, "2d"),
        (49 * 3600, "2d1h"),
        (8 * 86400, "8d"),
        (400 * 86400, "400d"),
        (731 * 86400, "2y1d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_durations_are_those_of_kubectl(seconds, shown):
    assert human_duration(seconds) == shown


def test_no_timestamp_has_no_age():
    assert age(None, 0) == "<unknown>"
