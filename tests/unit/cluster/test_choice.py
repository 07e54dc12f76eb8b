"""Which cluster `connect()` takes, and what it says."""

from __future__ import annotations

import pytest

from k8s_tutor.cluster import connect
from k8s_tutor.errors import UsageError
from k8s_tutor.state import read_settings, state_dir


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("K8S_TUTOR_CLUSTER", raising=False)
    monkeypatch.delenv("K8S_TUTOR_USER_KUBECONFIG", raising=False)


def _chosen(choice=None):
    found = connect.choose(choice)
    return found.cluster, str(found.why)


def test_the_argument_counts_first(monkeypatch):
    monkeypatch.setenv("K8S_TUTOR_CLUSTER", "kind")
    connect.save_choice("context:prod")
    assert _chosen("embedded") == ("embedded", "you asked for it")


def test_then_the_environment(monkeypatch):
    connect.save_choice("kind")
    monkeypatch.setenv("K8S_TUTOR_CLUSTER", "context:prod")
    assert connect.choose().cluster == "context:prod"


def test_then_the_saved_setting():
    connect.save_choice("context:prod")
    assert _chosen() == ("context:prod", "you saved that choice")
    connect.save_choice(None)
    assert read_settings() == {}


def test_a_machine_without_kind_gets_the_embedded_cluster(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _chosen() == ("embedded", "kind is not installed")


@pytest.mark.parametrize(
    ("word", "meant"),
    [("knid", '"kind"'), ("embeded", '"embedded"'), ("Kind", '"kind"'), ("contxt:", ""), ("", "")],
)
def test_an_unknown_choice_gets_a_did_you_mean(word, meant):
    with pytest.raises(UsageError) as caught:
        connect.save_choice(word or "zzzzzzzzzz")
    assert meant in caught.value.next_step


def test_a_bare_context_name_is_recognised(tmp_path):
    (tmp_path / "none").write_text(
        "clusters: [{name: c, cluster: {server: https://x}}]\ncontexts: [{name: prod, context: {cluster: c}}]\n",
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=r"did you mean .context:prod."):
        connect.choose("prod")


def test_damaged_settings_are_no_settings():
    (state_dir() / "settings.json").write_text("{", encoding="utf-8")
    assert read_settings() == {}
