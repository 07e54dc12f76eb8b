"""Programs that a kubeconfig has run to log in: they answer, fail, hang, and their tokens end."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from k8s_tutor.clock import rfc3339
from k8s_tutor.cluster.login import _NAMED_AFTER, read_login
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.kubeconfig import KubeconfigEntry

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are written for sh")


def login(script: str, cluster=None, **plugin):
    user = {"exec": {"command": "sh", "args": ["-c", script], **plugin}}
    return read_login(KubeconfigEntry("prod", cluster or {"server": "https://prod"}, user), Path("none"))


def prints(**status: str) -> str:
    return f"echo '{json.dumps({'kind': 'ExecCredential', 'status': status})}'"


def test_its_token_is_ours():
    assert login(prints(token="abc")).headers() == {"Authorization": "Bearer abc"}


def test_its_certificate_is_ours():
    assert login(prints(clientCertificateData="CERT", clientKeyData="KEY")).certificate == b"CERT\nKEY\n"


def test_one_that_hangs_is_named_and_then_given_up(monkeypatch, capsys):
    monkeypatch.setattr("k8s_tutor.cluster.login._NAMED_AFTER", 0.2)
    monkeypatch.setattr("k8s_tutor.cluster.login._GIVEN_UP_AFTER", 0.5)
    begin = time.monotonic()
    with pytest.raises(ClusterUnavailable, match='cannot log in to "prod" with the program `sh`') as caught:
        login("exec sleep 60")
    assert time.monotonic() - begin < 3
    assert "has the program `sh` run, which has not answered" in capsys.readouterr().err
    assert "did not answer within" in caught.value.why
    assert "kubectl --context prod get namespaces" in caught.value.next_step


def test_it_is_named_after_five_seconds():
    assert _NAMED_AFTER == 5.0  # the test above does not wait that long


def test_what_one_that_fails_complains_of_is_told():
    with pytest.raises(ClusterUnavailable, match="cannot log in") as caught:
        login("echo log in first >&2; exit 1")
    assert caught.value.why == "log in first"


@pytest.mark.parametrize("script", ["true", "echo '[]'", "echo '{}'", "echo null", prints(token="")])
def test_one_that_prints_no_credentials_is_told(script):
    with pytest.raises(ClusterUnavailable, match="cannot log in") as caught:
        login(script)
    assert "no credentials" in caught.value.why


def test_one_that_is_not_installed_is_told_with_its_own_hint():
    with pytest.raises(ClusterUnavailable) as caught:
        login("", command="no-such-program", installHint="brew install it")
    assert "no-such-program" in caught.value.what
    assert caught.value.next_step == "brew install it"


@pytest.mark.parametrize(("seconds", "times"), [(-10, 3), (3600, 1)], ids=["ended", "good for an hour"])
def test_a_token_is_asked_anew_once_it_ends(tmp_path, seconds, times):
    ends = rfc3339(time.time() + seconds)
    count = tmp_path / "count"
    found = login(f"echo x >> {count}; {prints(token='abc', expirationTimestamp=ends)}")
    found.headers()
    found.headers()
    assert len(count.read_text(encoding="utf-8").splitlines()) == times


def test_it_is_told_what_kubectl_tells_it(tmp_path):
    said = tmp_path / "said"
    script = f'echo "$KUBERNETES_EXEC_INFO" > {said}; test "$ZONE" = here && {prints(token="abc")}'
    login(script, provideClusterInfo=True, apiVersion="v1beta1", env=[{"name": "ZONE", "value": "here"}])
    info = json.loads(said.read_text(encoding="utf-8"))
    assert info["apiVersion"] == "v1beta1"
    assert info["spec"]["cluster"] == {"server": "https://prod"}
