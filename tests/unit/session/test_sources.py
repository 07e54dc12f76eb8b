from pathlib import Path

import pytest

from k8s_tutor.errors import ManifestError, UsageError
from k8s_tutor.session.targets import read_objects

TEXT = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
)
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "x"},
    "spec": {"containers": [{"name": "a", "image": "b"}]},
}


def _names(source: object) -> list[str]:
    return [obj["metadata"]["name"] for obj in read_objects(source)]  # type: ignore[arg-type]


def test_text_may_hold_several_documents() -> None:
    assert _names(TEXT) == ["a", "b"]


def test_a_file_may_be_named_as_path_or_as_text(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert _names(path) == _names(str(path)) == ["a", "b"]


def test_one_dict_or_several() -> None:
    assert _names(POD) == ["x"]
    assert _names([POD, POD]) == ["x", "x"]


def test_one_line_of_yaml_is_no_file_name() -> None:
    assert _names("{apiVersion: v1, kind: ConfigMap, metadata: {name: a.yaml}}") == ["a.yaml"]


def test_a_mistake_in_a_dict_is_told_by_its_field() -> None:
    faulty = {**POD, "spec": {"containers": [{"name": "a", "imagee": "b"}]}}
    with pytest.raises(ManifestError) as caught:
        read_objects(faulty)
    assert "imagee" in caught.value.what
    assert "did you mean image?" in caught.value.next_step


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UsageError, match=r"There is no file nowhere\.yaml"):
        read_objects("nowhere.yaml")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_manifest_says_so(text: str) -> None:
    with pytest.raises(ManifestError, match="no object"):
        read_objects(text)


@pytest.mark.parametrize("thing", [3, [3], None])
def test_what_cannot_be_applied_at_all(thing: object) -> None:
    with pytest.raises(UsageError, match="cannot be applied"):
        read_objects(thing)  # type: ignore[arg-type]
