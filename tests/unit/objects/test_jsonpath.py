import pytest

from k8s_tutor.objects import jsonpath

POD = {
    "metadata": {"labels": {"a.b/c": "yes", "app": "web"}},
    "spec": {"containers": [{"name": "one", "image": "i1", "n": 1}, {"name": "two", "image": "i2", "n": 2}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("{.metadata.labels.app}", ["web"]),
        (".metadata.labels.a\\.b/c", ["yes"]),
        (".metadata.labels['a.b/c']", ["yes"]),
        ("$.spec.containers[*].name", ["one", "two"]),
        (".spec.containers[0].name", ["one"]),
        (".spec.containers[-1].name", ["two"]),
        (".spec.containers[0:1].name", ["one"]),
        (".spec.containers[7].name", []),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type!='Ready')].status", ["False"]),
        (".spec.containers[?(@.n>1)].name", ["two"]),
        (".spec.containers[?(@.image)].name", ["one", "two"]),
        ("..image", ["i1", "i2"]),
        (".spec.nothing.at.all", []),
        ("{.spec.containers[0]}", [{"name": "one", "image": "i1", "n": 1}]),
        ("{}", [POD]),
    ],
)
def test_paths_find(path, found):
    assert jsonpath.find(path, POD) == found


@pytest.mark.parametrize("path", [".spec[", ".spec[x y]", ".a]b["])
def test_broken_paths_are_refused(path):
    with pytest.raises(jsonpath.JsonPathError):
        jsonpath.find(path, POD)


def test_found_values_are_shown_as_kubectl_shows_them():
    shown = [jsonpath.show(value) for value in ("text", 5, True, {"b": [1], "a": None})]
    assert shown == ["text", "5", "true", '{"a":null,"b":[1]}']
