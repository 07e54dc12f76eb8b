import pytest

from k8s_tutor.clock import EPOCH, rfc3339
from k8s_tutor.errors import UsageError
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.reference import distance, nearest, parse_ref

OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web", "namespace": "d", "uid": "u1"}}


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("deploy/web", "deployment/web"),
        ("pod web", "pod/web"),
        ("Deployment.apps/web", "deployment/web"),
        ("po", "pods"),
        ("web", "web"),
    ],
)
def test_references_are_understood(words, meaning):
    assert str(parse_ref(words)) == meaning


def test_a_misspelt_kind_is_guessed():
    with pytest.raises(UsageError) as caught:
        parse_ref("deploiment/web")
    assert caught.value.next_step == "did you mean deployment?"


def test_too_many_words_are_no_reference():
    with pytest.raises(UsageError):
        parse_ref("pod web blue")


def test_swapped_letters_count_once():
    assert distance("conatiners", "containers") == 1
    assert nearest("Replcias", ["selector", "replicas"]) == "replicas"
    assert nearest("zzz", ["selector", "replicas"]) == ""


def test_an_owner_controls_only_what_carries_its_uid():
    pod = {"metadata": {"ownerReferences": [metadata.owner_reference(OWNER)]}}
    namesake = {**OWNER, "metadata": {**OWNER["metadata"], "uid": "u2"}}
    assert metadata.is_controlled_by(pod, OWNER)
    assert not metadata.is_controlled_by(pod, namesake)


def test_keys_read_back():
    assert metadata.Key.parse(str(metadata.key(OWNER))) == ("d", "web")
    assert metadata.Key.parse("node-1") == ("", "node-1")


def test_a_condition_keeps_its_time_until_its_status_changes():
    ready = {"type": "Ready", "status": "False", "reason": "Starting"}
    first = conditions.set_condition(None, ready, EPOCH)
    same = conditions.set_condition(first, {**ready, "reason": "Slow"}, EPOCH + 5)
    changed = conditions.set_condition(same, {**ready, "status": "True"}, EPOCH + 9)
    assert [rows[0]["lastTransitionTime"] for rows in (first, same, changed)] == [
        rfc3339(EPOCH),
        rfc3339(EPOCH),
        rfc3339(EPOCH + 9),
    ]
    assert same[0]["reason"] == "Slow"
    assert conditions.is_true({"status": {"conditions": changed}}, "Ready")
    assert conditions.remove(changed, "Ready") == []


@pytest.mark.parametrize("text", ["web", "web.example.com", "a-b.c"])
def test_valid_subdomains(text):
    assert metadata.dns1123_subdomain(text) == []


@pytest.mark.parametrize("text", ["Web", "a..b", "-a", "a_b", "", "a" * 254, "a\n"])
def test_invalid_subdomains(text):
    assert len(metadata.dns1123_subdomain(text)) == 1
