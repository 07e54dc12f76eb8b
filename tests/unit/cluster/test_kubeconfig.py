"""Kubeconfigs: theirs read, ours written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from k8s_tutor import kubeconfig
from k8s_tutor.errors import UsageError
from k8s_tutor.state import write_private

THEIRS = """
apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: c, cluster: {server: "https://prod:6443", certificate-authority: certs/ca.pem}}
users:
- {name: u, user: {token: secret, client-certificate: /abs/client.pem}}
contexts:
- {name: prod, context: {cluster: c, user: u, namespace: shop}}
- {name: broken, context: {cluster: nowhere, user: u}}
"""


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("K8S_TUTOR_USER_KUBECONFIG", raising=False)
    return tmp_path


@pytest.fixture
def theirs(home, monkeypatch) -> Path:
    path = home / "theirs"
    path.write_text(THEIRS, encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def test_a_context_is_read_with_file_names_that_mean_the_same_from_anywhere(theirs):
    entry = kubeconfig.entry("prod", kubeconfig.user_files())
    assert entry.cluster["certificate-authority"] == str(theirs.parent / "certs" / "ca.pem")
    assert entry.user["client-certificate"] == str(Path("/abs/client.pem"))
    assert (entry.user["token"], entry.namespace) == ("secret", "shop")


def test_an_unknown_context_gets_a_did_you_mean(theirs):
    with pytest.raises(UsageError, match=r"did you mean .context:prod.") as caught:
        kubeconfig.entry("prdo", kubeconfig.user_files())
    assert "contexts there: prod" in str(caught.value)


def test_of_two_contexts_with_one_name_the_first_file_counts(theirs, home, monkeypatch):
    other = home / "other"
    other.write_text(THEIRS.replace("https://prod", "https://other"), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(other), str(theirs), str(home / "missing")]))
    assert kubeconfig.entry("prod", kubeconfig.user_files()).cluster["server"] == "https://other:6443"


def test_a_broken_kubeconfig_is_named(theirs):
    theirs.write_text("clusters: [", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot read the kubeconfig"):
        kubeconfig.contexts([theirs])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permission bits")
def test_our_file_is_private(home):
    path = home / "state" / "kubeconfigs" / "ours"
    kubeconfig.write(path, kubeconfig.KubeconfigEntry("ours", {"server": "https://x"}, {"token": "t"}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["current-context"] == "ours"
    assert list(path.parent.iterdir()) == [path]


def test_adopting_ours_keeps_theirs_known_and_untouched(theirs, home):
    before = theirs.read_bytes()
    ours = home / "state" / "kubeconfigs" / "ours"
    kubeconfig.adopt(ours)
    assert os.environ["KUBECONFIG"] == str(ours)
    assert kubeconfig.user_files() == [theirs]
    kubeconfig.adopt(home / "state" / "kubeconfigs" / "second")
    kubeconfig.forget(ours)  # no longer the one in place
    assert os.environ["KUBECONFIG"] == str(home / "state" / "kubeconfigs" / "second")
    kubeconfig.forget(home / "state" / "kubeconfigs" / "second")
    assert os.environ["KUBECONFIG"] == str(theirs)
    assert theirs.read_bytes() == before


def test_without_kubeconfig_set_it_is_unset_again(home, monkeypatch):
    monkeypatch.delenv("KUBECONFIG", raising=False)
    kubeconfig.adopt(home / "state" / "kubeconfigs" / "ours")
    kubeconfig.forget(home / "state" / "kubeconfigs" / "ours")
    assert "KUBECONFIG" not in os.environ


def test_the_official_client_imported_earlier_is_told(theirs, home):
    config = pytest.importorskip("kubernetes.config.kube_config")
    kubeconfig.adopt(home / "state" / "kubeconfigs" / "ours")
    assert str(home / "state" / "kubeconfigs" / "ours") == config.KUBE_CONFIG_DEFAULT_LOCATION
    kubeconfig.forget(home / "state" / "kubeconfigs" / "ours")
    assert str(theirs) == config.KUBE_CONFIG_DEFAULT_LOCATION


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("clusters: 5", "`clusters` is not a list"),
        ("clusters: {a: b}", "`clusters` is not a list"),
        ("contexts: yes", "`contexts` is not a list"),
        ("users: [5]", "`users[0]` is not a mapping"),
        ("users: [null]", "`users[0]` is not a mapping"),
        ("clusters: [{name: c, cluster: 5}]", "`clusters[0].cluster` is not a mapping"),
        ("clusters: [{name: c, cluster: {server: 5}}]", "`clusters[0].cluster.server` is not text"),
        (
            "clusters: [{name: c, cluster: {certificate-authority-data: 5}}]",
            "`clusters[0].cluster.certificate-authority-data` is not text",
        ),
        ("users: [{name: u, user: {exec: kubelogin}}]", "`users[0].user.exec` is not a mapping"),
        ("users: [{name: u, user: {token: 12}}]", "`users[0].user.token` is not text"),
        ("contexts: [{name: x, context: {cluster: [c]}}]", "`contexts[0].context.cluster` is not text"),
        ("- 5", "its top level is not a mapping"),
    ],
)
def test_what_is_no_kubeconfig_is_said_to_be_none_and_where(theirs, text, where):
    theirs.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is not a kubeconfig") as caught:
        kubeconfig.contexts([theirs])
    assert caught.value.why == where
    assert "config view" in caught.value.next_step


def test_a_kubeconfig_in_memory_leaves_nothing_on_disk(home):
    assert kubeconfig.parse(THEIRS, "prod").user["token"] == "secret"
    with pytest.raises(UsageError, match="no context"):
        kubeconfig.parse("clusters: []", "prod")
    assert not (home / "state").exists()


def ended_process() -> int:
    return int(subprocess.run(["sh", "-c", "echo $$"], capture_output=True, check=True).stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="no sh")
@pytest.mark.parametrize("name", ["context-{}-prod", "lesson-{}-kind-x", "terminal-{}", ".context-{}-prod.half"])
def test_copies_of_kubeconfigs_go_with_their_process_even_where_that_was_killed(home, name):
    gone = kubeconfig.folder() / name.format(ended_process())
    stays = [kubeconfig.folder() / part for part in (f"context-{os.getpid()}-prod", "kind-x", "embedded-1")]
    for path in (gone, *stays):
        write_private(path, "secret")
    kubeconfig.sweep()
    assert sorted(kubeconfig.folder().iterdir()) == sorted(stays)


def test_a_copy_of_a_process_whose_number_another_one_has_by_now_goes_too(home):
    copy = kubeconfig.folder() / f"context-{os.getpid()}-prod"
    write_private(copy, "secret")
    os.utime(copy, (1_000_000_000, 1_000_000_000))  # written long before this process began
    kubeconfig.sweep()
    assert not copy.exists()
